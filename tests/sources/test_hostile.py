"""Log text is hostile: values of any type, names with anything in them, bytes of any kind."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator

import pytest

from tests.sources import claude_lines, codex_lines
from tests.sources.claude_lines import answer, usage
from tests.sources.codex_lines import Counts, meta, totals, turn
from tests.sources.conftest import Read
from tests.sources.road import Fields, Road, outputs, write
from tokwatch.model.reading import Reading

ODD_COUNTS: list[object] = [
    *(None, True, False, "12", "", [], {}, [5], {"n": 5}),
    *(-1, -(2**63), 2**33, 2**63, 2**64, 10**30, 0, -0.0, 1e300, -1e300),
]
ODD_VALUES: list[object] = [None, True, 0, -1, 1.5, 10**30, "", "x", [], [1], {}, {"a": {"b": []}}]
EVIL = "\u001b[31m\u009b1m\u0007\r\n\u202e\u200b\ufeff[bold red]<b>x</b>\ud800\u2028\x00"
CALL: Counts = (1_000, 600, 50, 20)
DEEP = b"[" * 100_000


def names(found: Reading) -> Iterator[str]:
    """Yield every text of a reading that reaches the store or the screen."""
    for sighting in found.sightings:
        yield from sighting.scope
        yield from sighting.model
    for line in found.ledger:
        yield from (line.session, line.model)
    for note in found.notes:
        yield from note
    yield from (found.lineage.session, found.lineage.parent)


def is_clean(name: str) -> bool:
    """Tell whether a name has no control, format, separator or surrogate character."""
    return all(unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} for c in name) and not any(
        "\u200b" <= c <= "\u200f" or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"
        for c in name
    )


@pytest.mark.parametrize("value", ODD_COUNTS, ids=repr)
@pytest.mark.parametrize(
    "name", ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
)
def test_an_odd_count_is_nothing(claude: Read, name: str, value: object) -> None:
    """Section 2: missing, negative, absurd and of another type; the rest of the line counts."""
    counts = usage(0, 70, 0) | {"cache_creation": None, name: value}

    (sighting,) = claude(answer(counts=counts)).sightings

    assert (sighting.input, sighting.cache_read, sighting.cache_write_5m) == (0, 0, 0)
    assert sighting.output == 70


@pytest.mark.parametrize("spelling", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_a_count_that_is_no_number_is_nothing(claude: Read, spelling: str) -> None:
    """Section 2: NaN and infinity are clamped to nothing."""
    line = answer(counts=usage(777, 70)).replace(b"777", spelling.encode())

    (sighting,) = claude(line).sightings

    assert (sighting.input, sighting.output) == (0, 70)


@pytest.mark.parametrize(("value", "count"), [(5.0, 5), (5.9, 5), (1e3, 1_000)])
def test_a_fraction_of_a_token_is_cut_off(claude: Read, value: float, count: int) -> None:
    """Section 2: a count written as a float is a count."""
    (sighting,) = claude(answer(counts=usage(value, 70))).sightings

    assert sighting.input == count


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
@pytest.mark.parametrize(
    "name", ["cache_creation", "server_tool_use", "output_tokens_details", "iterations", "speed"]
)
def test_an_odd_part_of_usage_leaves_the_rest(claude: Read, name: str, value: object) -> None:
    """Section 2: every field is optional and of any type."""
    assert outputs(claude(answer(counts=usage(1, 70) | {name: value}))) == [70]


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
@pytest.mark.parametrize(
    "name",
    [
        *("cwd", "gitBranch", "agentId", "isSidechain", "requestId", "costUSD", "version"),
        *("requestSessionId", "isAbortedMidStream", "sessionId", "uuid", "parentUuid"),
    ],
)
def test_an_odd_field_leaves_the_rest(claude: Read, name: str, value: object) -> None:
    """Section 2: every field is optional and of any type."""
    odd: Fields = {name: value}

    found = claude(answer("a", 5, **odd), answer("b", 7))

    assert outputs(found) == [5, 7]
    assert found.tally.bad_lines == 0


@pytest.mark.parametrize("value", [*ODD_VALUES, 5.5, "msg"], ids=repr)
@pytest.mark.parametrize("name", ["id", "model", "stop_reason", "content", "role"])
def test_an_odd_part_of_a_message_leaves_the_rest(claude: Read, name: str, value: object) -> None:
    """Section 2: an id that is none makes the line a request of its own."""
    record = json.loads(answer("a", 5))
    record["message"][name] = value

    assert outputs(claude(claude_lines.line(record), answer("b", 7))) == [5, 7]


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
def test_a_message_of_another_type_is_none(claude: Read, value: object) -> None:
    """Section 2: neither is its usage."""
    usage_of_another_type = json.loads(answer("c"))
    usage_of_another_type["message"]["usage"] = value if value != {} else None
    line = claude_lines.line(usage_of_another_type)

    found = claude(answer(message=value or 0), line, answer("b", 7))

    assert outputs(found)[-1:] == [7]
    assert found.tally.bad_lines == 0


@pytest.mark.parametrize("value", [1_785_578_400_000, 1_785_578_400_000.5])
def test_an_instant_in_epoch_milliseconds_is_read(claude: Read, value: float) -> None:
    """Section 2: a timestamp of another type may still be one."""
    (sighting,) = claude(answer(at=value)).sightings

    assert sighting.instant_ms == 1_785_578_400_000


@pytest.mark.parametrize("value", [True, -5, 0, 10**30, [], {}, "NaN"], ids=repr)
def test_an_instant_of_another_type_is_none(claude: Read, value: object) -> None:
    """Section 0, 7: then the line is undated."""
    found = claude(answer(at=value), answer("b", 7))

    assert (outputs(found), found.tally.undated) == ([7], 1)


@pytest.mark.parametrize("line", [b"5\n", b'"text"\n', b"[]\n", b"null\n", b"{}\n", b"true\n"])
def test_json_that_is_no_record_tells_nothing(claude: Read, codex: Read, line: bytes) -> None:
    """4.2: it is no fault either."""
    assert outputs(claude(line, answer("b", 7))) == [7]
    assert outputs(codex(line, meta(), totals(CALL))) == [50]


@pytest.mark.parametrize(
    "line",
    [
        DEEP + b"\n",
        b'{"type":"assistant","message":' + DEEP + b"\n",
        b'{"message":{"content":' + DEEP + b"]" * 100_000 + b"}}\n",
        b'{"type":"progress","data":{"message":{"message":{"usage":' + DEEP + b"\n",
        b'{"type":"progress","usage":"usage","data":' + DEEP + b"]" * 100_000 + b"}\n",
        b'{"type":"cost-state","modelUsage":' + DEEP + b"\n",
        b'{"timestamp":"","type":"event_msg","payload":{"type":"token_count","info":'
        + DEEP
        + b"\n",
        b'{"timestamp":"","type":"turn_context","payload":{"x":' + DEEP + b"]" * 100_000 + b"}}\n",
    ],
    ids=range(8),
)
def test_nesting_without_end_is_a_broken_line(claude: Read, codex: Read, line: bytes) -> None:
    """4.7: no depth of brackets stops the reading of a log."""
    found = claude(line, answer("b", 7))
    rollout = codex(meta(), line, totals(CALL))

    assert (outputs(found), outputs(rollout)) == ([7], [50])
    assert found.tally.bad_lines + rollout.tally.bad_lines >= 1


def test_names_reach_nobody_as_they_are(claude: Read, codex: Read) -> None:
    """4.7: control, direction and surrogate characters are taken out, markup is only text."""
    transcript = claude(
        answer("a" + EVIL, model="m" + EVIL, cwd=EVIL, gitBranch=EVIL, agentId="g" + EVIL)
    )
    rollout = codex(
        meta("t" + EVIL, cwd=EVIL, git={"branch": EVIL}, model_provider=EVIL, forked_from_id=EVIL),
        turn("m" + EVIL),
        totals(CALL),
    )

    assert all(is_clean(name) for found in (transcript, rollout) for name in names(found))
    assert transcript.sightings[0].model.name == "m[31m1m[bold red]<b>x</b>"
    assert rollout.lineage.session == "t[31m1m[bold red]<b>x</b>"


def test_lone_surrogates_are_stored_without_harm(road: Road, claude: Read) -> None:
    """4.7: JSON may spell half a character, which no database takes."""
    claude(answer("a\ud800b", model="m\udfff", cwd="/\ud83d"))
    road.read()

    assert [event.model.name for event in road.events()] == ["m"]


def test_very_long_names_are_cut(claude: Read) -> None:
    """4.7: sizes are capped."""
    (sighting,) = claude(answer(model="m" * 10_000, cwd="/" * 10_000)).sightings

    assert len(sighting.model.name) == len(sighting.scope.project) == 400


@pytest.mark.parametrize("value", ODD_COUNTS, ids=repr)
@pytest.mark.parametrize("name", ["input_tokens", "cached_input_tokens", "total_tokens"])
def test_an_odd_count_of_a_thread_is_nothing(codex: Read, name: str, value: object) -> None:
    """Section 2: the rest of the totals counts."""
    plain = codex_lines.counts((0, 0, 50, 0)) | {name: value}
    line = codex_lines.event("token_count", info={"total_token_usage": plain})

    (sighting,) = codex(meta(), line).sightings

    assert (sighting.input, sighting.cache_read, sighting.output) == (0, 0, 50)


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
@pytest.mark.parametrize(
    "name",
    ["id", "timestamp", "cwd", "git", "source", "forked_from_id", "model_provider", "agent_role"],
)
def test_an_odd_part_of_session_meta_leaves_the_rest(codex: Read, name: str, value: object) -> None:
    """Section 2: every field is optional and of any type."""
    odd: Fields = {name: value}

    found = codex(meta(**odd), turn(), totals(CALL, CALL))

    assert outputs(found) == [50]
    assert found.lineage.session
    assert found.tally.bad_lines == 0


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
@pytest.mark.parametrize("kind", ["session_meta", "turn_context", "event_msg", "compacted"])
def test_an_odd_payload_tells_nothing(codex: Read, kind: str, value: object) -> None:
    """Section 2: neither is it a fault."""
    bare = codex_lines.line(kind, {}) if value is None else b""
    odd = json.dumps({"timestamp": codex_lines.AT, "type": kind, "payload": value}).encode()

    found = codex(odd + b"\n", bare, meta(), totals(CALL))

    assert outputs(found) == [50]
    assert found.tally.bad_lines == 0


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
@pytest.mark.parametrize("name", ["info", "total_token_usage", "last_token_usage", "window"])
def test_an_odd_part_of_totals_leaves_the_next(codex: Read, name: str, value: object) -> None:
    """Section 2: the next total tells what this one did not."""
    info: dict[str, object] = {
        "total_token_usage": codex_lines.counts(CALL),
        "model_context_window": 272_000,
    }
    odd = codex_lines.event("token_count", info=info | {name: value})
    if name == "info":
        odd = codex_lines.event("token_count", info=value)

    found = codex(meta(), odd, totals((2_000, 600, 90, 20)))

    assert sum(out or 0 for out in outputs(found)) == 90


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
@pytest.mark.parametrize("name", ["model", "turn_id", "cwd"])
def test_an_odd_turn_leaves_the_model_as_it_was(codex: Read, name: str, value: object) -> None:
    """Section 2: a model that is no text is none."""
    odd: Fields = {name: value}

    found = codex(meta(), turn("gpt-5.5"), turn(**odd), totals(CALL))

    assert {sighting.model.name for sighting in found.sightings} <= {"gpt-5.5", "x"}


def test_what_hostile_logs_hold_is_stored_and_read_back(road: Road, claude: Read) -> None:
    """4.7: the whole road, from evil bytes to sums."""
    claude(
        DEEP + b"\n",
        b"\xff\xfe\n",
        answer("a", 5, model=EVIL + "m", cwd=EVIL + "p", gitBranch=EVIL),
        answer("b", 7, counts=usage(-5, 10**30)),
    )
    road.read()

    assert (road.total().output, road.total().requests) == (5, 2)
    assert all(is_clean(event.scope.project) for event in road.events())


def test_a_transcript_of_random_kinds_of_files_is_no_fault(road: Road, home: object) -> None:
    """4.7: an image that was named .jsonl."""
    del home
    where = road.ingest.all_roots()[0].path
    write(where / "p" / "x.jsonl", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    write(where / "p" / "empty.jsonl")

    found = road.read()

    assert road.events() == []
    assert found.errors == road.ingest.read_errors == {}
