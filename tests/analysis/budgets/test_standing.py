"""Windows, standings, the time at which a budget runs out, goals and quotas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from tokwatch.analysis.budgets.goals import GoalUse, goal_standing
from tokwatch.analysis.budgets.quotas import guessed_limit, quota_standing
from tokwatch.analysis.budgets.running_out import NEVER, Pace, RunOut, run_out
from tokwatch.analysis.budgets.standing import Use, left_after, standing_of, tightest
from tokwatch.analysis.budgets.windows import Window, block_window, calendar_window, run_window
from tokwatch.analysis.calendar import calendar_of
from tokwatch.model.budget import Budget, BudgetUnit, Goal, Length, Scope, TokenClass, is_model
from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import Amount, Spell
from tokwatch.model.standing import QuotaReading, Standing
from tokwatch.model.units import DAY_MS, NANO, QUARTER_MS

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
NOON_MS = int(datetime(2026, 3, 18, 12, tzinfo=UTC).timestamp() * 1000)
MIDNIGHT_MS = NOON_MS - 12 * HOUR_MS
DAY = Window(MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS)
DAILY = Budget("daily", BudgetUnit.USD, 80 * NANO, Length.DAY)
USED = Amount(10, 1_000, 5_000, 2_000, 500, 41 * NANO)


def standing(**changes: object) -> Standing:
    """Return the standing of a day's budget at noon."""
    return replace(standing_of(DAILY, DAY, USED, NOON_MS, NEVER), **changes)


def test_a_standing_says_what_is_spent_left_and_how_fast() -> None:
    one = standing()

    assert (one.spent, one.left) == (41 * NANO, 39 * NANO)
    assert one.share == pytest.approx(41 / 80)
    assert one.pace == pytest.approx(2 * 41 / 80)
    assert not one.is_over


def test_at_its_limit_a_budget_is_over() -> None:
    assert standing_of(DAILY, DAY, USED._replace(nano=80 * NANO), NOON_MS, NEVER).is_over


@pytest.mark.parametrize(
    ("tokens", "spent"),
    [
        (TokenClass.ALL, 8_500),
        (TokenClass.INPUT, 1_000),
        (TokenClass.CACHE_READ, 5_000),
        (TokenClass.CACHE_WRITE, 2_000),
        (TokenClass.OUTPUT, 500),
    ],
)
def test_a_budget_of_tokens_counts_its_class(tokens: TokenClass, spent: int) -> None:
    budget = Budget("b", BudgetUnit.TOKENS, 10_000, Length.DAY, tokens=tokens)

    assert standing_of(budget, DAY, USED, NOON_MS, NEVER).spent == spent


def test_unpriced_tokens_make_money_a_lower_bound_and_nothing_else() -> None:
    blind = USED._replace(missing=77)
    requests = Budget("b", BudgetUnit.REQUESTS, 20, Length.DAY)

    assert standing_of(DAILY, DAY, blind, NOON_MS, NEVER).lower_bound
    assert not standing_of(requests, DAY, blind, NOON_MS, NEVER).lower_bound


def test_early_in_its_time_and_without_an_end_there_is_no_pace() -> None:
    early = standing_of(DAILY, DAY, USED, MIDNIGHT_MS + 20 * MINUTE_MS, NEVER)
    endless = standing_of(DAILY, Window(MIDNIGHT_MS, None), USED, NOON_MS, NEVER)

    assert early.pace is None
    assert endless.pace is None


def test_the_tightest_is_the_one_most_spent_and_sessions_come_last() -> None:
    month = standing(name="month", share=0.6)
    session = standing(name="s", share=3.0, period="session")

    assert tightest((standing(), month, session)) is month
    assert tightest((session,)) is session
    assert tightest(()) is None


def test_what_was_left_after_each_request_adds_up_to_what_is_left() -> None:
    shop = standing(name="shop", scopes=(Scope("project", "shop"),), left=5 * NANO, limit=10 * NANO)
    names = {"project": frozenset(("shop",))}
    other = {"project": frozenset(("api",))}
    uses = [
        Use("c", NOON_MS, Amount(1, nano=NANO), names),
        Use("b", NOON_MS - 1, Amount(1, nano=2 * NANO), other),
        Use("a", NOON_MS - 2, Amount(1, nano=3 * NANO), names),
        Use("old", MIDNIGHT_MS - 1, Amount(1, nano=NANO), names),
    ]

    found = left_after([standing(), shop], uses)

    assert found == {
        "c": ("daily", 39 * NANO),
        "b": ("daily", 40 * NANO),
        "a": ("daily", 42 * NANO),
    }
    assert left_after([shop], uses) == {"c": ("shop", 5 * NANO), "a": ("shop", 6 * NANO)}


def test_a_family_of_models_counts_each_of_them() -> None:
    family = standing(name="opus", scopes=(Scope("model", "opus"),))
    uses = [
        Use("b", NOON_MS, Amount(1, nano=NANO), {"model": frozenset(("claude-opus-4-8",))}),
        Use("a", NOON_MS - 1, Amount(1, nano=NANO), {"model": frozenset(("claude-haiku-4-5",))}),
    ]

    assert left_after([family], uses) == {"b": ("opus", 39 * NANO)}


@pytest.mark.parametrize(
    ("named", "model", "is_meant"),
    [
        ("claude-opus-4-8", "claude-opus-4-8", True),
        ("claude-opus-4", "claude-opus-4-8", False),
        ("opus", "claude-opus-4-8", True),
        ("Opus", "us.anthropic.claude-opus-4-5-v1:0", True),
        ("opus", "opusculum-1", False),
        ("gpt-5*", "gpt-5.5-codex", True),
        ("*haiku*", "claude-opus-4-8", False),
    ],
)
def test_a_model_is_named_in_full_by_a_pattern_or_by_a_word(
    named: str, model: str, is_meant: bool
) -> None:
    assert is_model(model, named) is is_meant


@pytest.mark.parametrize(
    ("per", "first", "end"),
    [
        (Length.DAY, "2026-03-29", "2026-03-30"),
        (Length.WEEK, "2026-03-23", "2026-03-30"),
        (Length.MONTH, "2026-03-01", "2026-04-01"),
    ],
)
def test_days_weeks_and_months_are_those_of_the_calendar(per: Length, first: str, end: str) -> None:
    zone = ZoneInfo("Europe/Berlin")  # the clocks change on this day
    at = datetime(2026, 3, 29, 15, tzinfo=zone)
    at_ms = int(at.timestamp() * 1000)
    calendar = calendar_of(zone, "Europe/Berlin", at_ms - 60 * DAY_MS, at_ms + 60 * DAY_MS)

    found = calendar_window(per, at_ms, calendar, "monday")

    wanted = [datetime.fromisoformat(day).replace(tzinfo=zone) for day in (first, end)]
    assert found == Window(*(int(day.timestamp() * 1000) for day in wanted))


def test_a_block_is_that_of_its_first_request_or_of_the_next_one() -> None:
    used = [NOON_MS - 90 * MINUTE_MS, NOON_MS - 15 * MINUTE_MS]

    assert block_window(used, NOON_MS, 5) == Window(NOON_MS - 2 * HOUR_MS, NOON_MS + 3 * HOUR_MS)
    assert block_window([], NOON_MS + 1, 5) == Window(NOON_MS, NOON_MS + 5 * HOUR_MS)


def test_a_run_goes_on_until_a_long_pause() -> None:
    used = [NOON_MS - minutes * MINUTE_MS for minutes in (95, 90, 40, 20, 5)]

    assert run_window(used, NOON_MS, 30) == Window(NOON_MS - 40 * MINUTE_MS, None)
    assert run_window(used, NOON_MS, 60) == Window(NOON_MS - 95 * MINUTE_MS, None)
    assert run_window([], NOON_MS, 30) == Window(NOON_MS, None)


def test_it_runs_out_at_the_present_rate_within_the_band_of_other_rates() -> None:
    found = run_out(
        *(20, NOON_MS, NOON_MS + 12 * HOUR_MS, Pace(HOUR_MS, 10)),
        [Pace(QUARTER_MS, 5), Pace(3 * HOUR_MS, 15)],
    )

    assert found == RunOut(NOON_MS + 2 * HOUR_MS, NOON_MS + HOUR_MS, NOON_MS + 4 * HOUR_MS)


def test_what_lasts_beyond_the_end_does_not_run_out() -> None:
    slow = run_out(100, NOON_MS, NOON_MS + HOUR_MS, Pace(HOUR_MS, 10), [Pace(QUARTER_MS, 50)])

    assert slow == RunOut(None, NOON_MS + HOUR_MS // 2, None)
    assert run_out(100, NOON_MS, None, Pace(HOUR_MS, 0), []) == NEVER


def test_the_band_is_that_of_earlier_hours_like_the_last() -> None:
    # On ten days the hour to noon and every one after it used 8; the afternoons were as busy.
    history = [
        (MIDNIGHT_MS - back * DAY_MS + quarter * QUARTER_MS, 2)
        for back in range(1, 11)
        for quarter in range(40, 80)
    ]
    today = [(MIDNIGHT_MS + quarter * QUARTER_MS, 2) for quarter in range(40, 48)]

    end_ms = NOON_MS + 6 * HOUR_MS
    found = run_out(16, NOON_MS, end_ms, Pace(HOUR_MS, 8), [], [*history, *today])

    assert found.middle_ms == NOON_MS + 2 * HOUR_MS
    assert found.earliest_ms is not None
    assert NOON_MS + HOUR_MS < found.earliest_ms <= found.middle_ms
    assert found.latest_ms is None or found.latest_ms >= found.middle_ms


def goal(measure: str, target: float, *, higher: bool = False) -> Goal:
    """Return a goal for a week."""
    return Goal("g", measure, target, Length.WEEK, higher)


def use(**amounts: int) -> GoalUse:
    """Return what was used."""
    return GoalUse(Amount(**amounts), 2, 0)


WEEK = Window(MIDNIGHT_MS - 2 * DAY_MS, MIDNIGHT_MS + 5 * DAY_MS)
BEFORE = Window(WEEK.start_ms - 28 * DAY_MS, WEEK.start_ms)


def test_a_goal_shows_the_way_from_its_baseline() -> None:
    one = goal_standing(
        goal("cache_hit_rate", 0.4, higher=True),
        *(WEEK, use(requests=1, input=70, cache_read=30)),
        *(BEFORE, use(requests=1, input=80, cache_read=20)),
    )

    assert (one.value, one.baseline) == (0.3, 0.2)
    assert one.is_met is False
    assert one.progress == pytest.approx(0.5)


def test_a_goal_that_is_reached_is_done_and_one_further_off_goes_back() -> None:
    cheap = goal("cost_per_request", 0.15)
    before = use(requests=10, nano=2 * NANO)
    met = goal_standing(cheap, WEEK, use(requests=10, nano=NANO), BEFORE, before)
    worse = goal_standing(cheap, WEEK, use(requests=10, nano=3 * NANO), BEFORE, before)

    assert (met.is_met, met.progress) == (True, 1.0)
    assert worse.progress is not None
    assert worse.progress < 0


def test_a_cost_with_unpriced_tokens_reaches_no_goal() -> None:
    cheap = goal("cost_per_request", 0.15)

    blind = goal_standing(cheap, WEEK, use(requests=10, missing=5), BEFORE, use())

    assert blind.is_met is None
    assert blind.progress is None


def test_a_sum_is_compared_with_as_long_a_time() -> None:
    one = goal_standing(goal("requests", 5), WEEK, use(requests=9), BEFORE, use(requests=40))

    assert one.baseline == pytest.approx(10)
    assert one.progress == pytest.approx(0.2)


def test_a_quota_goes_as_fast_as_its_share_against_its_time() -> None:
    reading = QuotaReading("codex", "", "5h", 0.6, 300, NOON_MS + 3 * HOUR_MS, NOON_MS)

    fast = quota_standing(reading, NOON_MS + MINUTE_MS)
    slow = quota_standing(replace(reading, used_share=0.2), NOON_MS)
    gone = quota_standing(reading, NOON_MS + 4 * HOUR_MS)

    assert fast.pace == pytest.approx(1.5)
    assert fast.runs_out_ms == pytest.approx(NOON_MS + 4 / 3 * HOUR_MS, abs=1)
    assert slow.pace == pytest.approx(0.5)
    assert slow.runs_out_ms is None
    assert gone.has_reset
    assert gone.runs_out_ms is None


def test_a_limit_is_guessed_from_whole_past_blocks_alone() -> None:
    spells = [
        Spell(NOON_MS - hours * HOUR_MS, hours * NANO, hours * 100, 1)
        for hours in (10, 20, 30, 40, 50, 60)
    ]

    found = guessed_limit([*spells, Spell(NOON_MS, 0, 10**9, 1)], NOON_MS, 5)

    assert found is not None
    assert found.blocks == 6
    assert 5_000 <= found.tokens <= 6_000
    assert guessed_limit(spells[:4], NOON_MS, 5) is None


def test_calendars_of_windows_need_no_zone_file() -> None:
    found = calendar_window(Length.DAY, NOON_MS, Calendar(), "monday")

    assert found.end_ms is not None
    assert timedelta(milliseconds=found.end_ms - found.start_ms) == timedelta(days=1)
