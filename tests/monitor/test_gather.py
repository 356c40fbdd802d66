"""Facts of the overview, read from a store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS, random_requests
from tokwatch.analysis.facts import Facts
from tokwatch.analysis.overview import OverviewRules, overview
from tokwatch.analysis.sums import total
from tokwatch.model.reading import LedgerLine
from tokwatch.model.snapshot import Snapshot, Span
from tokwatch.model.units import DAY_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Cell
from tokwatch.monitor.gather import MOST_SESSIONS, Question, gather
from tokwatch.store.connect import Database
from tokwatch.store.store import open_store

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
NOW = MARCH_MS + 13 * DAY_MS + 14 * HOUR_MS
ASK = Question(NOW, "UTC", UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return a new store."""
    database = open_store("", tmp_path)
    yield database
    database.close()


def test_an_empty_store_has_no_facts(database: Database) -> None:
    assert gather(build(database, []), ASK) is None


def test_an_empty_store_has_facts_where_endpoints_may_have_told_of_use(database: Database) -> None:
    facts = gather(build(database, []), replace(ASK, even_empty=True))

    assert facts is not None
    assert (facts.cells, facts.sessions, facts.session_count) == ((), (), 0)
    assert not overview(facts, Snapshot(), OverviewRules()).empty


@pytest.mark.parametrize("span", list(Span))
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_charts_and_tiles_add_up_to_the_requests(database: Database, span: Span, zone: str) -> None:
    made = [one for one in random_requests(400) if one.at_ms <= NOW]
    view = build(database, made, zone=zone)
    facts = gather(view, replace(ASK, zone_name=zone, zone=ZoneInfo(zone), span=span))
    assert facts is not None
    found = overview(facts, Snapshot(), OverviewRules())
    counted = [one for one in made if one.grade < 2]
    begin = facts.calendar.begin_ms(facts.day)
    assert found.spend.usage == total(one.usage for one in counted if one.at_ms >= begin)
    within = [one for one in counted if one.at_ms >= facts.range.start_ms]
    assert sum(sum(series.nano) for series in found.chart.series) == sum(
        one.usage.auto_nano for one in within
    )
    week = facts.calendar.begin_ms(facts.day - 6)
    assert found.forecast.week_nano == sum(
        one.usage.auto_nano for one in counted if one.at_ms >= week
    )


def test_the_last_active_day_stands_for_a_day_without_use(database: Database) -> None:
    facts = gather(build(database, [Made(MARCH_MS + 5)]), replace(ASK, span=Span.ALL))
    assert facts is not None
    found = overview(facts, Snapshot(), OverviewRules())
    assert (found.day, found.is_today, found.spend.usage.requests) == ("2026-03-23", False, 1)


def test_a_moment_in_the_past_sees_nothing_after_itself(database: Database) -> None:
    made = [Made(NOW - HOUR_MS), Made(NOW), Made(NOW + QUARTER_MS, session="s2")]
    facts = gather(build(database, made), replace(ASK, span=Span.DAY))
    assert facts is not None
    assert [event.at_ms for event in facts.recent] == [NOW - HOUR_MS, NOW]
    assert sum(cell.usage.requests for cell in facts.cells) == 2
    assert [fact.session for fact in facts.sessions] == ["s1"]
    assert facts.session_count == 1


def test_the_past_is_read_once(database: Database) -> None:
    view = build(database, [Made(NOW - DAY_MS), Made(NOW)])
    ask = replace(ASK, span=Span.MONTH)
    first = gather(view, ask)
    again = gather(view, replace(ask, at_ms=NOW + MINUTE_MS), first)
    assert first is not None
    assert again is not None
    assert again.past is first.past
    tomorrow = gather(view, replace(ask, at_ms=NOW + DAY_MS), first)
    other_range = gather(view, replace(ask, span=Span.ALL), first)
    assert tomorrow is not None
    assert other_range is not None
    assert tomorrow.past is not first.past or tomorrow.day == first.day
    assert other_range.past is not first.past


def test_the_past_serves_every_range_of_less_than_days(database: Database) -> None:
    view = build(database, [Made(NOW - DAY_MS), Made(NOW)])
    first = gather(view, ASK)
    other = gather(view, replace(ASK, span=Span.WEEK), first)
    assert first is not None
    assert other is not None
    assert other.past is first.past


def test_many_sessions_are_counted_again_after_a_while(database: Database) -> None:
    count = MOST_SESSIONS + 5
    made = [Made(NOW - number * MINUTE_MS, session=f"s{number}") for number in range(count)]
    view = build(database, made)
    ask = replace(ASK, span=Span.MONTH)
    first = gather(view, ask)
    assert first is not None
    assert (first.session_count, len(first.sessions)) == (count, MOST_SESSIONS)
    soon = gather(view, replace(ask, at_ms=NOW + 9_000), replace(first, session_count=777))
    assert soon is not None
    assert soon.session_count == 777
    later = gather(view, replace(ask, at_ms=NOW + 10_000), replace(first, session_count=777))
    assert later is not None
    assert later.session_count == count


def test_hidden_calls_come_with_their_sessions(database: Database) -> None:
    line = LedgerLine("s1", "claude-opus-4-5", NOW, 100, 800, 60, 40, 57, 10, 0, 0)
    view = build(database, [Made(NOW)], ledger=[("/logs/a.jsonl", line)])
    facts = gather(view, ASK)
    assert facts is not None
    assert facts.hidden["s1"].output == 7


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moved=st.integers(0, 3 * DAY_MS),
    later=st.lists(st.tuples(st.integers(-2 * DAY_MS, 3 * DAY_MS), st.sampled_from("ab"))),
    zone=st.sampled_from(["UTC", "Asia/Kathmandu"]),
)
def test_only_what_changed_is_summed_again(
    tmp_path: Path, moved: int, later: list[tuple[int, str]], zone: str
) -> None:
    """Facts from the ones before equal facts from nothing, whatever was added since."""
    made = [one for one in random_requests(60) if one.at_ms <= NOW]
    news = [Made(NOW + at_ms, model=model) for at_ms, model in later]
    ask = replace(ASK, zone_name=zone, zone=ZoneInfo(zone))
    since_ms = min((one.at_ms for one in news), default=OPEN_END_MS)
    again = replace(ask, at_ms=NOW + moved)
    with TemporaryDirectory(dir=tmp_path) as scratch:
        earlier, now = (open_store("", Path(scratch, name)) for name in ("earlier", "now"))
        before = gather(build(earlier, made, zone=zone), ask)
        view = build(now, made + news, zone=zone)

        assert cells(gather(view, again, before, since_ms)) == cells(gather(view, again))
        earlier.close()
        now.close()


def cells(facts: Facts | None) -> list[Cell]:
    """Return the sums by quarter, in a fixed order."""
    assert facts is not None
    return sorted(facts.cells, key=lambda cell: cell.group)
