"""What came of suggestions: the waste for each request before and since."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.analysis.suggesting.made import DAY_S, START_MS, facts, request
from tokwatch.analysis.suggesting.proof import discounts, proved
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.alert import Severity
from tokwatch.model.suggestion import (
    Claim,
    Finding,
    Grade,
    Klass,
    Suggestion,
    SuggestionState,
    Verdict,
)

SETTINGS = Suggestions(verdict_requests=10, verdict_days=2)
AFTER = facts([request(one, one * 3_600) for one in range(20)])
WASTE = 1_000_000
ONE = Suggestion(
    *("a project /code/shop", "a", "project /code/shop", Severity.NOTICE, "a", 0, 0, 0.1),
    *(Grade.HIGH, Grade.LOW, Klass.FIX, ("do it",)),
    state=SuggestionState.ACCEPTED,
    accepted_ms=START_MS,
    promised_nano_month=60_000_000,
    rate_before=float(WASTE),
)


def left(waste: int) -> list[Finding]:
    """Return what is found when this much is wasted by each request."""
    claims = tuple(Claim(one.key, waste) for one in AFTER.sent)
    return [Finding("a", "project /code/shop", "a", claims, frozenset(AFTER.by_key), ("do it",))]


@pytest.mark.parametrize(
    ("waste", "verdict"),
    [
        (0, Verdict.WORKED),
        (300_000, Verdict.WORKED),
        (600_000, Verdict.PARTLY),
        (900_000, Verdict.NONE),
        (1_500_000, Verdict.NONE),
    ],
)
def test_the_verdict_is_how_much_of_the_waste_is_gone(waste: int, verdict: Verdict) -> None:
    told = proved(ONE, AFTER, left(waste) if waste else [], SETTINGS)

    assert told.verdict is verdict
    # 20 requests in ten days are 60 in a month.
    assert told.realised_nano_month == (WASTE - waste) * 60
    assert told.after_requests == 20


def test_it_is_too_early_before_enough_requests_and_days() -> None:
    few = Suggestions(verdict_requests=50)
    soon = replace(ONE, accepted_ms=START_MS + 9 * DAY_S * 1000)

    assert proved(ONE, AFTER, [], few).verdict is Verdict.EARLY
    assert proved(soon, AFTER, [], SETTINGS).verdict is Verdict.EARLY
    assert proved(ONE, facts([]), [], SETTINGS).realised_nano_month is None


def test_what_promised_no_money_worked_when_it_is_not_found_any_more() -> None:
    one = replace(ONE, rate_before=0.0)

    assert proved(one, AFTER, [], SETTINGS).verdict is Verdict.WORKED
    assert proved(one, AFTER, left(0), SETTINGS).verdict is Verdict.NONE


def test_kinds_that_keep_failing_are_discounted_more_and_more() -> None:
    failed = replace(ONE, verdict=Verdict.NONE, rate_after=float(WASTE))
    worked = replace(ONE, verdict=Verdict.WORKED, rate_after=0.0)

    assert discounts([worked]) == {}
    assert discounts([replace(failed, verdict=Verdict.EARLY)]) == {}
    assert discounts([failed]) == {"a": 0.5}
    assert discounts([failed, failed, failed]) == {"a": 0.25}
    assert discounts([failed, worked])["a"] == pytest.approx(2 / 3)
    assert discounts([failed] * 40) == {"a": 0.1}
