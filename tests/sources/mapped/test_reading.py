"""What a mapping makes of a log: requests, facts of them, and counts of what it leaves out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sources.mapped.logs import NAME, RULES, mapping, plain, read, record
from tests.sources.road import CANARY
from tokwatch.model.event import Grade, ModelName, Scope, Sighting, response_key
from tokwatch.model.reading import Reading

AT_MS = 1_785_578_401_000
"""2026-08-01 10:00:01 UTC, the time of the first record."""


def only(found: Reading) -> Sighting:
    """Return the one request of a reading."""
    (sighting,) = found.sightings
    return sighting


def plain_record(**changes: object) -> dict[str, object]:
    """Return a record of the smallest mapping."""
    return {"ts": "2026-08-01T10:00:01Z", "model": "gpt-5.5", "input": 10, **changes}


def test_each_field_comes_from_its_path(home: Path) -> None:
    found = only(read(mapping(), home, record(cost=0.25)))

    assert found[1:3] == (AT_MS, AT_MS)
    assert found.scope == Scope(NAME, "s1")
    assert found.model == ModelName("", "gpt-5.5", "standard")
    assert found[6:12] == (300, 600, 60, 40, 50, 20)
    assert (found.logged_nano, found.grade, found.final) == (250_000_000, Grade.RECORD, 1)


def test_all_names_of_a_request_can_be_mapped(home: Path) -> None:
    names = ("provider", "tier", "session", "agent", "project", "branch", "user", "tag", "key")
    found = only(
        read(
            plain(**{name: f"who.{name}" for name in names}),
            home,
            plain_record(who={name: f"a {name}" for name in names}),
        )
    )

    assert found.scope == Scope(
        *(NAME, "a session", "a agent", "a project", "a branch", "a user", "a tag", ""),
        key="a key",
    )
    assert found.model == ModelName("a provider", "gpt-5.5", "a tier")


def test_a_key_itself_is_never_kept(home: Path) -> None:
    found = read(
        plain(key="key", id="id"),
        home,
        *(plain_record(key=f"sk-{number}", id=number) for number in (1, 2, 2)),
    )

    keys = {one.scope.key for one in found.sightings}
    assert len(keys) == 2
    assert all(re.fullmatch("key [0-9a-f]{8}", key) for key in keys)


def test_constants_hold_where_a_record_does_not_tell(home: Path) -> None:
    constants = """[MAPPING.constants]
    model = "llama"
    provider = "ollama"
    project = "/home/me/bot"
    cache_read = 0
    """
    fields = {"input": "in", "model": "model", "output": "out"}
    found = read(
        mapping("", fields, constants),
        home,
        {"ts": "2026-08-01T10:00:01Z", "in": 5},
        {"ts": "2026-08-01T10:00:01Z", "in": 5, "model": "qwen", "out": None},
    )

    assert [one.model for one in found.sightings] == [
        ModelName("ollama", "llama"),
        ModelName("ollama", "qwen"),
    ]
    assert found.sightings[0].scope.project == "/home/me/bot"
    assert found.sightings[0][6:10] == (5, 0, None, None)


def test_of_several_paths_the_first_with_a_value_counts(home: Path) -> None:
    text = plain().replace('input = "input"', 'input = ["usage.in", "input"]')
    found = read(
        text,
        home,
        plain_record(input=7, usage={"in": 5}),
        plain_record(input=7, usage={"in": None}),
        plain_record(input=7),
    )

    assert [one.input for one in found.sightings] == [5, 7, 7]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ('"usage.in"', {"usage.in": 4}),
        ("'in out'.n", {"in out": {"n": 4}}),
        ("steps[1].in", {"steps": [{"in": 1}, {"in": 4}]}),
        ("steps[-1].in", {"steps": [{"in": 1}, {"in": 4}]}),
        ("@meta.$in-n", {"@meta": {"$in-n": 4}}),
        ("größe", {"größe": 4}),
    ],
)
def test_keys_may_be_quoted_and_lists_counted(
    home: Path, path: str, where: dict[str, object]
) -> None:
    text = plain().replace('input = "input"', f"input = '''{path}'''")

    found = read(text, home, plain_record(**where))

    assert only(found).input == 4


@pytest.mark.parametrize(
    ("unit", "logged"),
    [("usd", 0.25), ("cents", 25), ("micro_usd", 250_000), ("nano_usd", "250000000")],
)
def test_a_cost_is_read_in_its_unit(home: Path, unit: str, logged: object) -> None:
    text = mapping(f'{RULES}cost_unit = "{unit}"')

    assert only(read(text, home, record(cost=logged))).logged_nano == 250_000_000


def test_a_cost_alone_makes_a_request(home: Path) -> None:
    text = mapping("", {"model": "model", "cost": "cost"})

    found = only(read(text, home, plain_record(cost=0.5)))

    assert (found.logged_nano, found.input, found.output) == (500_000_000, None, None)


def test_facts_are_told_in_their_units(home: Path) -> None:
    fields = (
        *("duration", "first_token", "retries", "http_status", "tokens_saved"),
        *("response_cache_hit", "response_cache_saved"),
    )
    text = plain(**{name: f"f.{name}" for name in fields}).replace(
        'time = "ts"', 'time = "ts"\nduration_unit = "s"\ncost_unit = "cents"'
    )
    values = (1.5, 0.25, 2, 429, 77, "True", 3)

    found = read(text, home, plain_record(f=dict(zip(fields, values, strict=True))))

    assert {fact.name: fact.value for fact in found.facts} == {
        "duration_ms": 1_500,
        "first_token_ms": 250,
        "retries": 2,
        "http_status": 429,
        "tokens_saved": 77,
        "response_cache_hit": 1,
        "response_cache_nano": 30_000_000,
    }
    assert {fact.key for fact in found.facts} == {only(found).key}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{ event = "done" }', [1]),
        ('{ event = ["done", "cut"] }', [1, 2]),
        ("{ ok = true }", [1]),
        ("{ ok = 1 }", [3]),
        ('{ event = "done", ok = false }', []),
        ('{ "meta.kind" = "chat" }', [2]),
    ],
)
def test_only_records_that_hold_what_is_wanted_count(
    home: Path, condition: str, expected: list[int]
) -> None:
    text = plain().replace('time = "ts"', f'time = "ts"\nwhere = {condition}')

    found = read(
        text,
        home,
        plain_record(input=1, event="done", ok=True),
        plain_record(input=2, event="cut", meta={"kind": "chat"}),
        plain_record(input=3, event="lost", ok=1),
    )

    assert [one.input for one in found.sightings] == expected
    assert found.tally.unknown == 0


def test_the_last_record_of_a_request_counts(home: Path) -> None:
    grown = record(2, request={"id": "r1", "session": "s1"})
    grown["usage"] = grown["usage"] | {"completion_tokens": 80}

    found = read(mapping(), home, record(1), grown)

    assert (only(found).output, only(found).first_ms) == (80, AT_MS)
    assert (only(found).instant_ms, found.tally.repeated) == (AT_MS + 1_000, 1)


def test_the_same_id_in_another_session_is_another_request(home: Path) -> None:
    other = record(1, request={"id": "r1", "session": "s2"})

    assert len(read(mapping(), home, record(1), other).sightings) == 2


def test_without_an_id_each_record_is_a_request(home: Path) -> None:
    found = read(plain(), home, plain_record(), plain_record())

    assert len({one.key for one in found.sightings}) == 2


def test_a_providers_id_names_the_request_wherever_it_is_told(home: Path) -> None:
    text = plain(response_id="rid", id="input").replace(
        'time = "ts"', 'time = "ts"\nwitness = true'
    )

    found = only(read(text, home, plain_record(rid="msg_01")))

    assert (found.key, found.grade) == (response_key("msg_01"), Grade.WITNESS)


def test_without_a_session_each_log_is_one(home: Path) -> None:
    assert only(read(plain(), home, plain_record())).scope.session == "a"


@pytest.mark.parametrize(
    ("changes", "tallied"),
    [
        ({"ts": None}, "undated"),
        ({"ts": "soon"}, "undated"),
        ({"ts": 1_785_578_401}, "undated"),
        ({"input": "many"}, "unknown"),
        ({"input": {"n": 3}}, "unknown"),
        ({"input": True}, "unknown"),
    ],
)
def test_records_that_cannot_be_counted_are_counted_as_such(
    home: Path, changes: dict[str, object], tallied: str
) -> None:
    found = read(plain(), home, plain_record(**changes), plain_record())

    assert len(found.sightings) == 1
    assert getattr(found.tally, tallied) == 1


def test_a_wanted_record_without_counts_is_of_an_unknown_shape(home: Path) -> None:
    text = plain().replace('time = "ts"', 'time = "ts"\nwhere = { event = "done" }')
    strange = {"event": "done", "usage_v2": {CANARY: CANARY}}

    found = read(text, home, strange, {"event": "other"}, plain_record(event="done"))

    assert (len(found.sightings), found.tally.unknown) == (1, 1)
    assert found.tally.sample == "event, usage_v2"


@pytest.mark.parametrize("count", [-5, 2**40, 1e300, float("inf")])
def test_nonsense_is_nothing(home: Path, count: float) -> None:
    assert only(read(plain(), home, plain_record(input=count))).input == 0


def test_names_are_made_safe(home: Path) -> None:
    found = only(read(plain(), home, plain_record(model="gpt\x1b[31m\ud800-5")))

    assert found.model.name == "gpt[31m-5"


def test_lines_that_are_no_records_stop_nothing(home: Path) -> None:
    found = read(plain(), home, [1, 2], "input", None, 5, {"input": None}, plain_record())

    assert len(found.sightings) == 1


def test_reading_goes_on_behind_the_cursor(home: Path) -> None:
    first = read(mapping(), home, record(1))
    second = read(mapping(), home, record(1), record(2), cursor=first.cursor)

    assert [one.scope.session for one in second.sightings] == ["s1"]
    assert not second.from_start


def test_a_mapping_of_measures_alone_counts_no_request(home: Path) -> None:
    text = mapping("", {}, '[MAPPING.measure.score]\nvalue = "score"\n')
    found = read(text, home, plain_record(score=1))

    assert (found.sightings, len(found.measures)) == ([], 1)
