"""The page of performance and quality on the real logs, counted once more by slow, plain rules."""

from __future__ import annotations

import dataclasses
from collections import Counter
from itertools import pairwise
from typing import Final

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.samples.conftest import NOW
from tests.samples.plain_quality import APART, Facts, facts_of
from tokwatch.analysis.distribution import Spread
from tokwatch.analysis.outcomes import Ratio
from tokwatch.analysis.quality import By, Narrow, Quality
from tokwatch.model.snapshot import Span
from tokwatch.pages.quality import QualityAsk, QualityPage
from tokwatch.pages.sight import Sight
from tokwatch.store.connect import Database
from tokwatch.store.view import View

NOW_MS: Final = int(NOW.timestamp() * 1000)
FEBRUARY_MS: Final = 1_771_800_000_000
MARK_MS: Final = 1_775_000_000_000
COLUMNS: Final = {By.MODEL: "model", By.AGENT: "kind", By.SOURCE: "source"}
QUARTER_MS: Final = 900_000


def whole(ask: QualityAsk, sight: Sight) -> QualityPage:
    while (page := ask.answer(sight)).goes_on:
        pass
    return page


def asked(view: View, span: Span, at_ms: int) -> Sight:
    return replace(sight_of(view, at_ms, span), now_ms=NOW_MS + 1)


def check_spread(found: Spread | None, values: list[float], name: str) -> None:
    """Compare with average, ends, and the least values that a share of all do not exceed."""
    if not values:
        assert found is None, name
        return
    assert found is not None, name
    numbers = Counter(values)

    def least(percent: int) -> float:
        below = 0
        for value in sorted(numbers):
            below += numbers[value]
            if below * 100 >= percent * len(values):
                return value
        raise AssertionError(name)

    assert (found.count, found.least, found.most) == (len(values), min(values), max(values)), name
    assert (found.p50, found.p90, found.p99) == (least(50), least(90), least(99)), name
    assert found.mean == pytest.approx(sum(values) / len(values), rel=1e-12), name


def check_shares(found: tuple[Ratio, ...], facts: Facts) -> None:
    assert {one.aim.name: (one.part, one.whole) for one in found} == facts.shares()
    for one in found:
        times = 1_000_000 if one.aim.is_money else 1
        assert one.value == (one.part * times / one.whole if one.whole else None)


def check(found: Quality, facts: Facts) -> None:
    """Compare measures, shares and errors with those of the plain facts."""
    assert found.requests == sum(one.requests for one in facts.requests)
    assert found.sums == sum(one.requests for one in facts.requests if one.requests != 1)
    assert found.sessions == len(facts.sessions)
    assert found.read == sum(one.was_read for one in facts.sessions)
    for one in found.measures[:8]:
        name = one.definition.name
        values = [value for _, value in facts.values(name)]
        check_spread(one.spread, values, name)
        assert one.whole == facts.whole(name), name
        assert [bar.values for bar in one.bars] == [
            sum(bar.since <= value < bar.until for value in values) for bar in one.bars
        ]
        assert sum(bar.values for bar in one.bars) == len(values), name
        assert [point.value for point in one.highest] == sorted(values, reverse=True)[:10]
    check_shares(found.ratios, facts)
    troubles = Counter(one.trouble for one in facts.errors)
    assert {one.trouble: one.count for one in found.errors} == troubles
    assert {one.trouble: one.ended for one in found.errors} == {
        name: sum(one.trouble == name and not one.attempt for one in facts.errors)
        for name in troubles
    }


@pytest.mark.parametrize(("span", "at_ms"), [(Span.ALL, NOW_MS), (Span.MONTH, FEBRUARY_MS)])
def test_everything_of_a_range_with_its_trends(
    view: View, samples: Database, span: Span, at_ms: int
) -> None:
    sight = asked(view, span, at_ms)
    page = whole(QualityAsk(), sight)
    facts = facts_of(samples, sight.range.start_ms // QUARTER_MS * QUARTER_MS, at_ms + 1)
    assert len(facts.requests) > 700
    assert len(facts.turns) > 50
    assert len(facts.values("latency")) > 500
    check(page.whole, facts)

    starts = page.whole.division.starts
    assert starts[0] == page.since_ms
    assert len({after - before for before, after in pairwise(starts)}) == 1
    for number, (since_ms, until_ms) in enumerate(pairwise((*starts, at_ms + 1))):
        part = facts.between(since_ms, until_ms)
        for one in page.whole.measures[:8]:
            values = sorted(value for _, value in part.values(one.definition.name))
            for trend, percent in ((one.p50, 50), (one.p90, 90)):
                expected = [v for i, v in enumerate(values, 1) if i * 100 >= percent * len(values)]
                assert trend[number] == (expected[0] if values else None), one.definition.name
        answers, attempts = part.shares()["success rate"]
        success = page.whole.ratios[0].trend[number]
        assert success == (answers / attempts if attempts else None)


@pytest.mark.parametrize("by", list(By))
def test_each_group_and_what_it_is_narrowed_to(view: View, samples: Database, by: By) -> None:
    sight = asked(view, Span.ALL, NOW_MS)
    facts = facts_of(samples, sight.range.start_ms, NOW_MS + 1)
    page, column = whole(QualityAsk(by), sight), COLUMNS[by]
    names = {getattr(one, column) for one in (*facts.requests, *facts.errors)}
    assert {one.name for one in page.whole.groups} == names
    ask = QualityAsk(by, (), None)
    for group in page.whole.groups:
        mine = facts.only(column, group.name)
        assert group.requests == sum(one.requests for one in mine.requests), group.name
        for name, found in group.spreads.items():
            check_spread(found, [value for _, value in mine.values(name)], name)
        shares = mine.shares()
        assert (group.success.part, group.success.whole) == shares["success rate"], group.name
        assert (group.per_million.part, group.per_million.whole) == shares["$ per M tokens"]
        assert group.errors == sum(one.trouble not in APART for one in mine.errors)
        assert group.limits == sum(one.trouble == "rate limit" for one in mine.errors)
    largest = page.whole.groups[0].name
    narrow = dataclasses.replace(ask, trail=(Narrow(by, largest),))
    check(whole(narrow, sight).whole, facts.only(column, largest))


def test_before_and_after_an_instant(view: View, samples: Database) -> None:
    sight = asked(view, Span.ALL, NOW_MS)
    page = whole(QualityAsk(mark_ms=MARK_MS), sight)
    facts = facts_of(samples, sight.range.start_ms, NOW_MS + 1)
    assert page.before is not None
    assert page.after is not None
    check(page.before, facts.between(0, MARK_MS))
    check(page.after, facts.between(MARK_MS, NOW_MS + 1))
    assert min(page.before.requests, page.after.requests) > 500


def test_measures_of_ones_own(view: View, samples: Database) -> None:
    sight = asked(view, Span.ALL, NOW_MS)
    page = whole(QualityAsk(), sight)
    told: dict[str, list[float]] = {}
    rows = samples.rows(
        "SELECT name, value FROM measure WHERE instant_ms >= ? AND instant_ms <= ? ORDER BY id",
        (sight.range.start_ms, NOW_MS),
    )
    for name, value in rows:
        told.setdefault(name, []).append(value)
    assert told
    assert [one.definition.name for one in page.whole.measures[8:]] == sorted(told)
    for one in page.whole.measures[8:]:
        check_spread(one.spread, told[one.definition.name], one.definition.name)
