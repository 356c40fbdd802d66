"""The snapshot as a whole."""

from __future__ import annotations

from msgspec.structs import replace

from tests.analysis.made import FACTS, MIDNIGHT, NOW, cell, session, spent
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.overview import OverviewRules, overview
from tokwatch.analysis.ranges import Range
from tokwatch.model.snapshot import EMPTY, Snapshot
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import CostMode

FRAME = Snapshot(now=instant(NOW))
RULES = OverviewRules()


def test_an_empty_store_keeps_the_frame_and_says_so() -> None:
    found = overview(None, replace(FRAME, follower_of=7), RULES)
    assert found.empty
    assert (found.follower_of, found.version) == (7, 1)


def test_the_frame_is_filled() -> None:
    facts = replace(
        FACTS,
        cells=(cell(MIDNIGHT, input=100, lower_bound=1), cell(MIDNIGHT, derived=1)),
        recent=(spent(1),),
        range=Range(MIDNIGHT, DAY_MS // 24, 24),
        chart=((MIDNIGHT, "opus", 5),),
        sessions=(session(), session("s1", "a1"), session("old", ago_ms=DAY_MS)),
        session_count=9,
    )
    found = overview(facts, FRAME, RULES)
    assert (found.day, found.is_today, found.empty, found.zone) == (
        "2026-03-23",
        True,
        False,
        "UTC",
    )
    assert found.spend.usage.input == 100
    assert (found.lower_bound_share, found.derived_share) == (0.5, 0.5)
    assert found.chart.series[0].nano[0] == 5
    assert (len(found.sessions), found.sessions_in_range, found.sessions_live) == (3, 9, 1)
    assert found.burn.nano_per_hour > 0


def test_a_moment_of_another_day_is_not_today() -> None:
    assert not overview(FACTS, Snapshot(now=instant(NOW + DAY_MS)), RULES).is_today


def test_models_without_a_price_are_named() -> None:
    cells = (
        cell(MIDNIGHT, model="new", uncosted_tokens=5, unpriced_tokens=5),
        cell(MIDNIGHT, model="logged", unpriced_tokens=5),
        cell(MIDNIGHT),
    )
    facts = replace(FACTS, cells=cells)
    assert overview(facts, FRAME, RULES).unpriced_models == ("new",)
    rules = replace(RULES, rows=replace(RULES.rows, mode=CostMode.CALCULATE))
    assert overview(facts, FRAME, rules).unpriced_models == ("logged", "new")


def test_nothing_new_is_the_same_snapshot() -> None:
    facts = replace(FACTS, cells=(cell(MIDNIGHT),), sessions=(session(),))
    before = overview(facts, FRAME, RULES)
    assert overview(facts, FRAME, RULES, before) is before


def test_a_change_raises_the_version_and_keeps_what_is_equal() -> None:
    facts = replace(FACTS, cells=(cell(MIDNIGHT),), sessions=(session(),))
    before = overview(facts, FRAME, RULES)
    after = overview(replace(facts, recent=(spent(1),)), FRAME, RULES, before)
    assert after.version == before.version + 1
    assert after.burn != before.burn
    assert after.spend is before.spend
    assert after.chart is before.chart


def test_the_first_snapshot_differs_from_none() -> None:
    assert overview(None, Snapshot(), RULES, EMPTY) is EMPTY
    assert overview(FACTS, FRAME, RULES, EMPTY).version == 1
