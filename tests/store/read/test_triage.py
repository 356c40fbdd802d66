"""What triage reads, against plain sums over the same requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.made_detail import block, write
from tests.store.read.test_usage import MARCH_MS, random_requests
from tokwatch.analysis.sums import grouped, total
from tokwatch.model.detail import Detail, Part
from tokwatch.model.history import Failure, KnownBefore
from tokwatch.model.units import DAY_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Cell, CostMode, Dimension, Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import (
    costs_over_time,
    dimensions_usage,
    failures,
    known_before,
    memory_files,
    timeline,
    usage,
)

D = Dimension
EVERYTHING = (
    *(D.SESSION, D.PROJECT, D.MODEL, D.KIND, D.SOURCE, D.PROVIDER, D.USER, D.TAG, D.MACHINE),
    *(D.BRANCH, D.TIER, D.AGENT),
)
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def by_name(cells: list[Cell]) -> dict[tuple[object, ...], object]:
    return dict(sorted(grouped(cells, lambda cell: cell.group).items()))


@pytest.mark.parametrize("by", [EVERYTHING, (D.MODEL, D.SESSION), (D.BRANCH,), (D.PROVIDER,)])
def test_usage_by_many_dimensions_is_that_of_the_reports(
    database: Database, by: tuple[Dimension, ...]
) -> None:
    agents = [("claude-code", "s1", "a1", "Explore", "")]
    view = build(database, random_requests(), agents=agents)
    part = Slice(MARCH_MS + DAY_MS + QUARTER_MS, MARCH_MS + 9 * DAY_MS)

    found = dimensions_usage(view, part, by)

    assert by_name(found) == by_name(usage(view, part, by))
    assert total(cell.usage for cell in found) == usage(view, part)[0].usage


def test_of_a_long_stretch_totals_count_where_an_agent_was_at_work_in_it_alone(
    database: Database,
) -> None:
    part = Slice(MARCH_MS + DAY_MS, MARCH_MS + 9 * DAY_MS)
    inside = [Made(MARCH_MS + 2 * DAY_MS + hour * HOUR_MS, "in") for hour in range(30)]
    across = [Made(MARCH_MS + day * DAY_MS, "across", model="opus") for day in range(12)]
    both = [replace(one, session="both", model="haiku") for one in inside[:2]]
    both += [replace(one, session="both") for one in across]
    view = build(database, [*inside, *across, *both])

    found = dimensions_usage(view, part, (D.SESSION, D.MODEL))

    within = [one for one in (*inside, *across, *both) if part.since_ms <= one.at_ms]
    within = [one for one in within if one.at_ms < part.until_ms]
    names = sorted({(one.session, one.model) for one in within})
    assert by_name(found) == {
        name: total(one.usage for one in within if (one.session, one.model) == name)
        for name in names
    }
    # What lies in it alone is told by the totals, the others by the quarters of an hour.
    database.execute("UPDATE total SET output = output + 5")
    again = by_name(dimensions_usage(view, part, (D.SESSION, D.MODEL)))
    differing = {name for name, told in again.items() if told != by_name(found)[name]}
    assert differing == {("in", "claude-opus-4-5")}


def test_usage_of_an_empty_stretch_is_empty(database: Database) -> None:
    view = build(database, random_requests())
    assert dimensions_usage(view, Slice(0, MARCH_MS), EVERYTHING) == []


def test_a_stretch_that_ends_within_a_quarter_ends_there(database: Database) -> None:
    made = [
        replace(one, at_ms=MARCH_MS + place * 50_000) for place, one in enumerate(random_requests())
    ]
    view = build(database, made)
    for place in (3, 17, 18, 40, 199):
        part = Slice(MARCH_MS, made[place].at_ms + 1)
        told = [one for one in made[: place + 1] if one.grade < 2]
        found = dimensions_usage(view, part, (D.MODEL, D.SESSION))
        assert total(cell.usage for cell in found) == total(one.usage for one in told)
        assert by_name(found) == by_name(usage(view, part, (D.MODEL, D.SESSION)))
        costs = costs_over_time(view, part, 4 * QUARTER_MS)
        assert sum(nano for _, nano in costs) == sum(one.usage.auto_nano for one in told)
        lines = timeline(view, part, QUARTER_MS)
        assert sum(nano for *_, nano in lines) == sum(one.usage.auto_nano for one in told)


NARROW: list[tuple[tuple[tuple[Dimension, str], ...], Callable[[Made], bool]]] = [
    ((), lambda one: True),
    (((D.SESSION, "s2"),), lambda one: one.session == "s2"),
    (((D.KIND, "sub-agent"),), lambda one: bool(one.agent)),
    (((D.KIND, "main"), (D.MODEL, "opus")), lambda one: (one.agent, one.model) == ("", "opus")),
    (
        ((D.PROJECT, "/code/docs"), (D.BRANCH, "dev"), (D.SOURCE, "codex")),
        lambda one: (one.project, one.branch, one.source) == ("/code/docs", "dev", "codex"),
    ),
    (((D.PROVIDER, "vertex"), (D.USER, "")), lambda one: one.provider == "vertex"),
    (((D.SESSION, "none"),), lambda one: False),
]


@pytest.mark.parametrize("bucket_ms", [MINUTE_MS, QUARTER_MS, 4 * QUARTER_MS])
@pytest.mark.parametrize("mode", CostMode)
def test_costs_over_time_are_plain_sums(database: Database, bucket_ms: int, mode: CostMode) -> None:
    made = random_requests()
    view = build(database, made)
    since_ms, until_ms = MARCH_MS + 4 * QUARTER_MS, MARCH_MS + 3 * DAY_MS
    for only, is_wanted in NARROW:
        sums: dict[int, int] = {}
        for one in made:
            if one.grade < 2 and is_wanted(one) and since_ms <= one.at_ms < until_ms:
                at_ms = one.at_ms // bucket_ms * bucket_ms
                sums[at_ms] = sums.get(at_ms, 0) + one.usage.cost_nano(mode)

        found = costs_over_time(view, Slice(since_ms, until_ms), bucket_ms, mode, only)

        assert found == sorted(sums.items()), only


def _tell(database: Database, *facts: tuple[int, str, int]) -> None:
    for key, name, value in facts:
        database.execute(
            "INSERT INTO request_fact (workspace, key, log, name, value) VALUES (1, ?, 1, ?, ?)",
            (key, name, value),
        )


def test_failures_are_requests_with_retries_or_an_error(database: Database) -> None:
    made = [Made(MARCH_MS + number, session=f"s{number % 2}", agent="a") for number in range(6)]
    view = build(database, made)
    _tell(
        database, (1, "retries", 3), (1, "http_status", 429), (1, "duration_ms", 9),
        (2, "retries", 2), (3, "retries", 0), (5, "http_status", 500),
    )  # fmt: skip

    found = failures(view, Slice(MARCH_MS, MARCH_MS + 6), ["s0"])

    assert found == [
        Failure(1, MARCH_MS, "claude-code", "s0", "a", 3, 429),
        Failure(5, MARCH_MS + 4, "claude-code", "s0", "a", 0, 500),
    ]
    assert failures(view, Slice(MARCH_MS, MARCH_MS + 4), ["s0"]) == found[:1]
    assert failures(view, Slice(), []) == []
    assert failures(view, Slice(), ["s9"]) == []


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_what_was_in_use_before(database: Database, zone: str) -> None:
    plain = Made(MARCH_MS, session="s", model="m", project="/p")
    made = [
        replace(plain, at_ms=MARCH_MS - 40 * DAY_MS, session="old", model="old", project="/old"),
        replace(plain, at_ms=MARCH_MS - QUARTER_MS, session="just", model="just", project="/just"),
        replace(plain, at_ms=MARCH_MS - QUARTER_MS, session="ghost", model="g", grade=2),
        replace(plain, at_ms=MARCH_MS),
        replace(plain, at_ms=MARCH_MS + DAY_MS, session="late", model="late", project="/late"),
    ]
    view = build(database, made, zone=zone)

    known = known_before(view, MARCH_MS, ["old", "just", "s", "late", "ghost"])

    assert known == KnownBefore(
        frozenset({"old", "just"}), frozenset({"/old", "/just"}), frozenset({"old", "just"})
    )
    assert known_before(view, MARCH_MS - 41 * DAY_MS, ["old"]) == KnownBefore()


def test_a_session_of_another_branch_was_in_use_all_the_same(database: Database) -> None:
    before = Made(MARCH_MS - DAY_MS, session="s", branch="main")
    view = build(database, [before, replace(before, at_ms=MARCH_MS, branch="dev")])

    assert known_before(view, MARCH_MS, ["s"]).sessions == {"s"}


def test_memory_files_are_named_ones_of_the_sessions(database: Database) -> None:
    logs: list[dict[str, object]] = [
        {"path": path, "session": session} for path, session in (("/a", "s1"), ("/b", "s2"))
    ]
    view = build(database, [Made(MARCH_MS, path="/a")], logs=logs)
    memory = block(0, MARCH_MS, part=Part.MEMORY, subject=7, digest=8, tokens=90)
    blocks = (
        memory,
        memory._replace(number=1, instant_ms=MARCH_MS + 5, digest=9),
        memory._replace(number=2, subject=0),
        memory._replace(number=3, part=Part.TOOL_RESULT),
    )
    write(database, "/a", Detail(blocks=blocks))
    write(database, "/b", Detail(blocks=(memory,)))

    found = memory_files(view, ["s1"], OPEN_END_MS)

    assert [(one.at_ms, one.session, one.subject, one.digest, one.tokens) for one in found] == [
        (MARCH_MS, "s1", 7, 8, 90),
        (MARCH_MS + 5, "s1", 7, 9, 90),
    ]
    assert memory_files(view, ["s1"], MARCH_MS + 5) == found[:1]
    assert memory_files(view, [], OPEN_END_MS) == []
