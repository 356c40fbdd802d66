"""Zed: usage of each prompt's last request, and the rest of the thread's total (FORMATS 2.11)."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import AT_S, made, writing
from tests.sources.agents.spoilt import shuffled, spoilt
from tests.sources.agents.zed_logs import (
    OLD_SCHEMA,
    PROJECT,
    SCHEMA,
    THREAD,
    TURN,
    Counts,
    content,
    path,
    save,
    usage,
)
from tests.sources.road import Road, Spent, reading
from tests.sources.test_hostile import EVIL, is_clean, names
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading
from tokwatch.sources.agents import zed_records, zed_threads

SOURCE = "zed"
FIRST: Counts = (10, 5, 0, 100)
SECOND: Counts = (4, 7, 100, 20)
THIRD: Counts = (3, 9, 120, 8)


def plus(*several: Counts) -> Counts:
    """Return the sums."""
    plain, output, read, written = (sum(parts) for parts in zip(*several, strict=True))
    return plain, output, read, written


def read(home: Path, thread: object, schema: str = SCHEMA, **fields: object) -> Reading:
    """Return a reading of one thread."""
    file = made(path(home), schema)
    with writing(file) as tables:
        save(tables, thread, THREAD, "10:00:00", "zstd", **fields)
    return reading(SOURCE, file, file.parent)


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return input, output, cache reads and cache writes."""
    return one.input, one.output, one.cache_read, one.cache_write_5m


def told(found: Reading) -> list[tuple[int, tuple[int | None, ...], int]]:
    """Return grade, classes and finality of what was found."""
    return [(one.grade, classes(one), one.final) for one in found.sightings]


def test_a_prompt_of_one_request_is_that_request(home: Path) -> None:
    """2.11: input does not include the cache."""
    found = read(home, content(FIRST, {"p1": FIRST}), folder_paths=f"{PROJECT}\n/home/ana/tax")
    (one,) = found.sightings

    assert told(found) == [(Grade.RECORD, FIRST, 1)]
    assert (one.reasoning, one.logged_nano, one.requests) == (None, None, 1)
    assert one.instant_ms == AT_S * 1000
    assert one.scope[:4] == (SOURCE, THREAD, "", PROJECT)
    assert one.model[:2] == ("zed.dev", "claude-sonnet-4-6")


def test_the_rest_of_the_total_is_derived(home: Path) -> None:
    """2.11: the map covers a third of the requests; what it lacks is added to reach the total."""
    found = read(home, content(plus(FIRST, SECOND, THIRD), {"p1": FIRST, "p2": THIRD}))

    assert told(found) == [
        *((Grade.DERIVED, SECOND, 1), (Grade.RECORD, FIRST, 1), (Grade.RECORD, THIRD, 1)),
    ]


def test_growth_by_one_request_is_that_request(home: Path, road: Road) -> None:
    """A prompt's entry is that of its last request: seen in time, each is a request of its own."""
    file = made(path(home), SCHEMA)
    seen = [(FIRST, FIRST), (plus(FIRST, SECOND), SECOND), (plus(FIRST, SECOND, THIRD), THIRD)]
    for place, (total, last) in enumerate(seen):
        with writing(file) as tables:
            save(tables, content(total, {"p1": last}), at=f"10:00:{place:02}")
        road.read()
    events = road.events()

    assert [event.usage.output for event in events] == [9, 7, 5]
    assert [event.usage.derived for event in events] == [0, 0, 0]
    assert road.total() == Spent(3, 17, 128, 0, 220, 21)


def test_growth_by_several_requests_is_split(home: Path, road: Road) -> None:
    file = made(path(home), SCHEMA)
    for place, (total, prompts) in enumerate(
        [(FIRST, {"p1": FIRST}), (plus(FIRST, SECOND, THIRD), {"p1": FIRST, "p2": THIRD})]
    ):
        with writing(file) as tables:
            save(tables, content(total, dict(prompts)), at=f"10:00:{place:02}")
        road.read()

    assert sorted((event.usage.output, event.usage.derived) for event in road.events()) == [
        *((5, 0), (7, 1), (9, 0)),
    ]


def test_a_thread_that_is_cut_back_keeps_what_it_spent(home: Path, road: Road) -> None:
    """An edited prompt takes its entry and those behind it away; the total goes on."""
    file = made(path(home), SCHEMA)
    steps: list[tuple[Counts, dict[str, Counts]]] = [
        (plus(FIRST, SECOND), {"p1": FIRST, "p2": SECOND}),
        (plus(FIRST, SECOND), {"p1": FIRST}),
        (plus(FIRST, SECOND, THIRD), {"p1": FIRST, "p3": THIRD}),
    ]
    for place, (total, prompts) in enumerate(steps):
        with writing(file) as tables:
            save(tables, content(total, prompts), at=f"10:00:{place:02}")
        road.read()

    assert road.total() == Spent(3, 17, 128, 0, 220, 21)


def test_without_a_total_entries_are_a_lower_bound(home: Path, road: Road) -> None:
    """Versions in between kept no total."""
    file = made(path(home), SCHEMA)
    for place, prompts in enumerate([{"p1": FIRST}, {"p1": SECOND, "p2": THIRD}]):
        with writing(file) as tables:
            save(tables, content(None, dict(prompts)), at=f"10:00:{place:02}")
        road.read()

    assert sorted(event.usage.output for event in road.events()) == [7, 9]
    assert [event.usage.lower_bound for event in road.events()] == [1, 1]


def test_a_total_that_stopped_growing_hides_no_prompt(home: Path, road: Road) -> None:
    """An old total is carried along: what it does not hold is a lower bound."""
    file = made(path(home), SCHEMA)
    for place, (total, prompts) in enumerate(
        [(FIRST, {"p1": FIRST}), (FIRST, {"p1": FIRST, "p2": THIRD}), (None, {"p1": FIRST})]
    ):
        with writing(file) as tables:
            save(tables, content(total, dict(prompts)), at=f"10:00:{place:02}")
        road.read()

    assert sorted((e.usage.output, e.usage.lower_bound) for e in road.events()) == [(5, 0), (9, 1)]


def test_a_total_of_the_first_prompt_alone_hides_no_other(home: Path) -> None:
    found = read(home, content(FIRST, {"p1": FIRST, "p2": THIRD}))

    assert told(found) == [(Grade.RECORD, FIRST, 1), (Grade.RECORD, THIRD, 0)]


def test_a_change_within_the_same_instant_is_seen(home: Path, road: Road) -> None:
    file = made(path(home), SCHEMA)
    for total in (FIRST, plus(FIRST, SECOND)):
        with writing(file) as tables:
            save(tables, content(total, {"p1": FIRST}))
        road.read()

    assert road.total().output == 12


def test_threads_with_an_instant_of_another_type_end(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They sort behind all others, so no mark ever passes them."""
    monkeypatch.setattr(zed_records, "_AT_ONCE", 2)
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        save(tables, content(FIRST, {"p1": FIRST}))
        for place in range(3):
            save(tables, content(FIRST, {}), f"odd{place}", updated_at=b"\xff")
    road.read()

    assert road.total().requests == 1


def test_a_thread_of_the_first_agent_has_a_list(home: Path) -> None:
    """Then each answer has an entry, by its place among the messages."""
    nothing = usage((0, 0, 0, 0))
    told_by_place = [nothing, usage(FIRST), nothing, usage(SECOND)]
    thread = content(plus(FIRST, SECOND), {}, request_token_usage=told_by_place, version="0.2.0")

    assert told(read(home, thread)) == [(Grade.RECORD, FIRST, 1), (Grade.RECORD, SECOND, 1)]


def test_a_thread_may_be_plain_json(home: Path) -> None:
    file = made(path(home), OLD_SCHEMA)
    with writing(file) as tables:
        save(tables, content(FIRST, {"p1": FIRST}), kind="json")

    assert told(reading(SOURCE, file, file.parent)) == [(Grade.RECORD, FIRST, 1)]


def test_a_sub_agents_thread_belongs_to_its_parent(home: Path) -> None:
    (one,) = read(home, content(FIRST, {"p1": FIRST}), parent_id="main").sightings

    assert one.scope[:3] == (SOURCE, "main", THREAD)


@pytest.mark.parametrize("data", [b"", b"junk", b"\x28\xb5\x2f\xfd\x00", "text", None, 7])
@pytest.mark.parametrize("kind", ["zstd", "json", "brotli"])
def test_a_damaged_thread_is_told_and_costs_no_other(
    home: Path, road: Road, data: object, kind: str
) -> None:
    file = made(path(home), SCHEMA.replace("BLOB NOT NULL", "BLOB"))
    with writing(file) as tables:
        save(tables, content(FIRST, {"p1": FIRST}), "good")
        save(tables, {}, "bad", data=data, data_type=kind)
    found = reading(SOURCE, file, file.parent)

    assert told(found) == [(Grade.RECORD, FIRST, 1)]
    assert (found.tally.lines, found.tally.bad_lines) == (2, 1)


def test_a_thread_that_is_far_too_large_is_passed_over(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.4: a small blob may unpack to gigabytes."""
    monkeypatch.setattr(zed_threads, "MAX_BYTES", 10_000)
    found = read(home, content(FIRST, {"p1": FIRST}, title="x" * 100_000))

    assert (found.sightings, found.tally.oversized_lines) == ([], 1)


def test_an_undated_thread_is_told_and_not_counted(home: Path) -> None:
    found = read(home, content(FIRST, {"p1": FIRST}), updated_at="soon")

    assert (found.sightings, found.tally.undated) == ([], 1)


def test_many_threads_are_read_in_pieces(
    home: Path, road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several of them with the same instant; one changes afterwards."""
    monkeypatch.setattr(zed_records, "_AT_ONCE", 4)
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        for place in range(25):
            thread = content(TURN, {"p1": TURN})
            save(tables, thread, f"t{place}", at=f"10:00:{place // 10:02}")
    road.read()
    with writing(file) as tables:
        save(tables, content(plus(TURN, TURN), {"p1": TURN}), "t3", at="11:00:00")
    road.read()

    assert road.total() == Spent(26, 780, 260, 0, 1560, 520, 0)


def test_where_it_looks(home: Path) -> None:
    """2.11: each platform, and the packed one."""
    packed = "~/.var/app/dev.zed.Zed/data/zed/threads"
    assert folders(SOURCE, home) == ["~/.local/share/zed/threads", packed]
    assert folders(SOURCE, home, "darwin") == ["~/Library/Application Support/Zed/threads"]
    assert folders(SOURCE, home, "win32", LOCALAPPDATA="/l") == ["/l/Zed/threads"]
    assert sourced(SOURCE).resume_command("x") == ""


HISTORY = st.lists(st.tuples(st.booleans(), *[st.integers(0, 300)] * 4), min_size=1, max_size=8)


@settings(max_examples=20)
@given(history=HISTORY, random=st.randoms(use_true_random=False))
def test_it_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[tuple[bool, int, int, int, int]],
    random: Random,
) -> None:
    """Keys in any order, odd spacing, read at any time: the sums are the thread's total."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    file = made(path(home), SCHEMA)
    prompts: dict[str, Counts] = {}
    total: Counts = (0, 0, 0, 0)
    for place, (is_new, *counts) in enumerate(history):
        plain, output, cached, written = counts
        name = f"p{place}" if is_new or not prompts else list(prompts)[-1]
        prompts[name] = (plain, output, cached, written)
        total = plus(total, prompts[name])
        spacing = random.choice([None, 1, "\t"])
        thread = json.dumps(shuffled(random, content(total, prompts)), indent=spacing).encode()
        with writing(file) as tables:
            save(tables, thread, at=f"10:{place:02}:00")
        if random.random() < 0.5:
            road.read()
    road.read()
    found = road.total()._replace(requests=0)
    road.close()

    assert found == Spent(0, total[0], total[3], 0, total[2], total[1])


@settings(max_examples=25)
@given(
    thread=spoilt(content(plus(FIRST, SECOND, THIRD), {"p1": FIRST, EVIL: THIRD}, evil=EVIL)),
    kind=st.sampled_from(["json", "zstd"]),
)
def test_a_spoilt_thread_raises_nothing_and_costs_no_other(
    tmp_path_factory: pytest.TempPathFactory, thread: object, kind: str
) -> None:
    file = made(path(tmp_path_factory.mktemp("home")), SCHEMA)
    with writing(file) as tables:
        save(tables, content(FIRST, {"p1": FIRST}), "good")
        save(tables, json.dumps(thread).encode(), "spoilt", kind=kind)
    found = reading(SOURCE, file, file.parent)

    assert [classes(one) for one in found.sightings if one.scope.session == "good"] == [FIRST]
    assert all(is_clean(name) for name in names(found))
