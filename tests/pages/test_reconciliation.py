"""Logs beside reports for the shown range: which days, which numbers, read a few at a time."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.model.endpoint import Bucket, EndpointState
from tokwatch.model.reconciliation import Figures, Why
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS
from tokwatch.pages.reconciliation import (
    FRESH_MS,
    KEPT_MS,
    MOST_DAYS,
    ReconcileAsk,
    ReconcilePage,
)
from tokwatch.pages.sight import Sight
from tokwatch.store.connect import Database
from tokwatch.store.endpoints import write_polled
from tokwatch.store.view import View

HOUR_MS = 3_600_000
TODAY = 20_535
NOW_MS = TODAY * DAY_MS + 15 * HOUR_MS
CENT = 10_000_000
AGREES = Bucket("usage", 0, HOUR_MS, "claude-opus-4-5-20251101", "anthropic")._replace(
    requests=1, input=100, cache_read=800, cache_write_5m=60, cache_write_1h=40, output=50
)
"""What agrees with a request that `Made` makes."""


def told(view: View, *buckets: Bucket, name: str = "org", part: str = "usage") -> None:
    """Write what an endpoint told, just now."""
    state = EndpointState(name, part, "anthropic-admin", succeeded_ms=NOW_MS)
    write_polled(view.database, view.workspace, state, (), buckets)


def at(day: int, hour: int) -> int:
    """Return an hour so many days before today."""
    return (TODAY - day) * DAY_MS + hour * HOUR_MS


@pytest.fixture
def sight(database: Database) -> Sight:
    """Return a week of a store with three requests and two reports, seen at three o'clock."""
    made = [Made(at(2, 9), key="laptop"), Made(at(1, 9), key="laptop"), Made(at(0, 9))]
    view = build(database, made, zone="Asia/Tokyo")
    told(
        view,
        AGREES._replace(begin_ms=at(2, 9), key="laptop"),
        AGREES._replace(begin_ms=at(1, 9), key="laptop"),
        AGREES._replace(begin_ms=at(1, 8), key="ci", output=1_050),
    )
    bill = [Bucket("cost", at(day, 0), DAY_MS, cost_nano=(3 - day) * CENT) for day in (2, 1, 0)]
    told(view, *bill, part="cost")
    return sight_of(view, NOW_MS, Span.WEEK)


def lines(page: ReconcilePage) -> list[tuple[int, str, int | None, int | None, list[Why]]]:
    """Return how many days ago, report, gaps in tokens and nano-dollars, and reasons."""
    return [
        (TODAY - row.pair.day, row.pair.report, row.pair.gap.tokens, row.pair.gap.cost_nano,
         [reason.why for reason in row.reasons])
        for row in page.found.rows
    ]  # fmt: skip


def test_every_day_since_the_first_figure_stands_beside_its_logs(sight: Sight) -> None:
    page = ReconcileAsk().answer(sight)

    assert (page.days, page.left, page.has_told) == (range(TODAY - 2, TODAY + 1), 0, True)
    assert lines(page) == [
        (2, "usage", 0, None, []),
        (2, "cost", None, 0, []),
        (1, "usage", 2_050, None, [Why.KEY]),
        (1, "cost", None, CENT, [Why.KEY]),
        (0, "usage", -1_050, None, [Why.PAST]),
        (0, "cost", None, 2 * CENT, [Why.RATES]),
    ]
    [usage] = [row for row in page.found.rows if row.pair.gap.tokens == 2_050]
    assert usage.pair.logs == Figures(1, 100, 800, 100, 50, CENT)
    assert usage.pair.says == Figures(2, 200, 1_600, 200, 1_100, None)
    assert usage.pair.keys == (("ci", 2_050), ("laptop", 1_050))
    assert usage.pair.logged_keys == (("laptop", 1_050),)
    assert usage.reasons[0].names == ("ci",)


def test_a_shorter_range_has_the_days_that_it_touches(sight: Sight) -> None:
    day = sight_of(sight.view, NOW_MS, Span.DAY)
    hour = sight_of(sight.view, NOW_MS, Span.HOUR)
    before = sight_of(sight.view, at(40, 3), Span.DAY)

    assert ReconcileAsk().answer(day).days == range(TODAY - 1, TODAY + 1)
    assert ReconcileAsk().answer(hour).days == range(TODAY, TODAY + 1)
    page = ReconcileAsk().answer(before)
    assert (list(page.days), page.found.rows, page.has_told) == ([], (), True)


def test_a_long_range_is_read_in_parts_the_newest_days_first(sight: Sight) -> None:
    told(sight.view, AGREES._replace(begin_ms=at(19, 9)))
    ask, month = ReconcileAsk(), sight_of(sight.view, NOW_MS, Span.MONTH)

    first = ask.answer(month)
    second, third = ask.answer(month), ask.answer(month)

    assert [page.left for page in (first, second, third)] == [20 - MOST_DAYS, 4, 0]
    assert [page.goes_on for page in (first, second, third)] == [True, True, False]
    assert {days for days, *_ in lines(first)} == {0, 1, 2}
    assert {days for days, *_ in lines(third)} == {0, 1, 2, 19}


def test_what_is_past_is_read_again_after_a_while_and_today_soon(sight: Sight) -> None:
    ask = ReconcileAsk()
    before = ask.answer(sight)
    told(sight.view, AGREES._replace(begin_ms=at(0, 9)), AGREES._replace(begin_ms=at(2, 7)))

    soon = ask.answer(replace(sight, now_ms=NOW_MS + FRESH_MS - 1))
    later = ask.answer(replace(sight, now_ms=NOW_MS + FRESH_MS))
    at_last = ask.answer(replace(sight, now_ms=NOW_MS + KEPT_MS))

    def gaps(page: ReconcilePage) -> list[int | None]:
        return [gap for _, report, gap, *_ in lines(page) if report == "usage"]

    assert [gaps(page) for page in (before, soon, later, at_last)] == [
        [0, 2_050, -1_050],
        [0, 2_050, -1_050],
        [0, 2_050, 0],
        [1_050, 2_050, 0],
    ]


def test_without_reports_and_without_logs_it_says_so(database: Database) -> None:
    view = build(database, [])
    sight = sight_of(view, NOW_MS, Span.WEEK)
    assert ReconcileAsk().answer(sight) == ReconcilePage(
        ReconcileAsk().answer(sight).found, range(0), 0, 0, has_told=False
    )

    told(view, AGREES._replace(begin_ms=at(1, 9)))

    assert lines(ReconcileAsk().answer(sight)) == [(1, "usage", 1_050, None, [Why.ELSEWHERE])]
