"""Measures, shares, errors and groups, against slow computations from their definitions."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.analysis.told import DIVISION, tolds
from tokwatch.analysis.measured import Measured
from tokwatch.analysis.outcomes import Ratio
from tokwatch.analysis.quality import By, Narrow, Quality, narrowed, quality, split
from tokwatch.model.performance import Answered, IncidentTold, Lifetime, Told, TurnTold


def measure(found: Quality, name: str) -> Measured:
    """Return the measure of a name."""
    return next(one for one in found.measures if one.definition.name == name)


def ratio(found: Quality, name: str) -> Ratio:
    """Return the share of a name."""
    return next(one for one in found.ratios if one.aim.name == name)


def slow_latency(one: Answered) -> int | None:
    """Return what a log tells, else the time since what stands before the answer."""
    if one.requests != 1 or one.is_from_cache or (one.status or 0) >= 400:
        return None
    if one.duration_ms is not None:
        return one.duration_ms
    if one.begun_ms is None or one.begun_ms > one.at_ms:
        return None
    return one.at_ms - one.begun_ms


def slow_percentile(values: list[float], percent: int) -> float:
    return next(
        value
        for value in sorted(values)
        if sum(other <= value for other in values) * 100 >= percent * len(values)
    )


def check(found: Measured, values: list[float]) -> None:
    """Hold a measure to the values that it should be made of."""
    if not values:
        assert found.spread is None
        return
    spread = found.spread
    assert spread is not None
    assert (spread.count, spread.least, spread.most) == (len(values), min(values), max(values))
    assert spread.total == pytest.approx(sum(values))
    assert (spread.p50, spread.p90, spread.p99) == tuple(
        slow_percentile(values, percent) for percent in (50, 90, 99)
    )
    assert sum(bar.values for bar in found.bars) == len(values)
    assert sum(one.known for one in found.told) == len(values)
    assert sum(one.whole for one in found.told) == found.whole
    assert [one.value for one in found.highest] == sorted(values, reverse=True)[:10]


@given(tolds())
def test_every_measure_is_what_its_definition_says(told: Told) -> None:
    found = quality(told, DIVISION)
    single = [one for one in told.answered if one.requests == 1]
    latencies = [(one, ms) for one in single if (ms := slow_latency(one)) is not None]

    check(measure(found, "latency"), [ms for _, ms in latencies])
    check(
        measure(found, "speed"),
        [one.output * 1000 / ms for one, ms in latencies if one.output and ms],
    )
    check(
        measure(found, "first token"),
        [
            one.first_token_ms
            for one in single
            if one.first_token_ms is not None and not one.is_from_cache and (one.status or 0) < 400
        ],
    )
    check(measure(found, "cost"), [one.nano for one in single if one.nano is not None])
    check(measure(found, "prompt"), [one.prompt for one in single])
    check(measure(found, "output"), [one.output for one in single if one.output is not None])
    check(measure(found, "session"), [one.last_ms - one.first_ms for one in told.lifetimes])
    finished = [turn for turn in told.turns if turn.finished]
    check(measure(found, "turn"), [turn.end_ms - turn.begin_ms for turn in finished])
    for one in told.custom:
        check(measure(found, one.name), [value for _, value in one.values])


@given(tolds())
def test_trends_are_percentiles_of_each_stretch(told: Told) -> None:
    found = measure(quality(told, DIVISION), "prompt")
    ends = (*DIVISION.starts[1:], DIVISION.until_ms)

    for place, (start, end) in enumerate(zip(DIVISION.starts, ends, strict=True)):
        values: list[float] = [
            one.prompt for one in told.answered if one.requests == 1 and start <= one.at_ms < end
        ]
        assert found.p50[place] == (slow_percentile(values, 50) if values else None)
        assert found.p90[place] == (slow_percentile(values, 90) if values else None)


def slow_attempts(told: Told) -> tuple[int, int, int, int]:
    """Return answers, failures, refusals by a limit, and attempts that another one followed."""
    telling = {
        one.source for one in told.answered if one.status is not None or one.retries is not None
    }
    answers = failures = limits = again = 0
    for one in told.answered:
        status = one.status or 0
        if status >= 400:
            limits += status == 429
            failures += status != 429
        elif one.source in telling or (one.source, one.session) in told.detailed:
            answers += one.requests
        failures += one.retries or 0
        again += one.retries or 0
    for failed in told.incidents:
        limits += failed.trouble == "rate limit"
        failures += failed.trouble not in ("rate limit", "interrupted")
        again += failed.trouble != "interrupted" and failed.attempt > 0
    return answers, failures, limits, again


@given(tolds())
def test_every_share_is_what_its_definition_says(told: Told) -> None:
    found = quality(told, DIVISION)
    answers, failures, limits, again = slow_attempts(told)
    ended = [turn for turn in told.turns if not turn.is_open]
    last = [turn for turn in ended if turn.is_newest and not turn.agent]
    known = {(one.source, one.session) for one in told.lifetimes} & told.detailed
    priced = [one for one in told.answered if one.nano is not None]
    slow = {
        "success rate": (answers, answers + failures),
        "rate limited": (limits, answers + failures + limits),
        "tried again": (again, answers + failures + limits),
        "turns finished": (sum(turn.finished for turn in ended), len(ended)),
        "turns interrupted": (sum(turn.interrupted for turn in ended), len(ended)),
        "sessions finished": (sum(turn.finished for turn in last), len(last)),
        "sessions overflowed": (len(known & told.overflowed), len(known)),
        "$ per M tokens": (
            sum(one.nano or 0 for one in priced),
            sum(one.prompt + (one.output or 0) for one in priced),
        ),
    }
    assert {one.aim.name: (one.part, one.whole) for one in found.ratios} == slow
    for one in found.ratios:
        assert sum(by.whole for by in one.told) == one.whole
        factor = 1_000_000 if one.aim.is_money else 1
        assert one.value == (one.part * factor / one.whole if one.whole else None)


@given(tolds())
def test_errors_are_counted_by_kind_and_in_time(told: Told) -> None:
    found = quality(told, DIVISION).errors
    statuses = {429: "rate limit", 529: "overloaded", 500: "server", 400: "other"}
    slow = Counter(one.trouble for one in told.incidents)
    slow.update(statuses[one.status or 0] for one in told.answered if (one.status or 0) >= 400)
    retried = sum(one.retries or 0 for one in told.answered)
    if retried:
        slow["retried"] = retried

    assert {kind.trouble: kind.count for kind in found} == dict(slow)
    for kind in found:
        assert sum(kind.trend) == kind.count
        assert sum(number for _, number in kind.told) == kind.count
    apart = [kind.trouble in ("rate limit", "interrupted") for kind in found]
    assert apart == sorted(apart)


@given(tolds(), st.sampled_from(By))
def test_groups_add_up_to_the_whole(told: Told, by: By) -> None:
    found = quality(told, DIVISION, by)

    assert sum(group.requests for group in found.groups) == found.requests
    for name in ("latency", "cost", "turn"):
        spread = measure(found, name).spread
        mine = [one for group in found.groups if (one := group.spreads[name])]
        if by is not By.MODEL or name != "turn":
            mine_count = sum(one.count for one in mine)
            others = _of_no_group(told, by, name, {group.name for group in found.groups})
            assert mine_count + others == (spread.count if spread else 0)
    answers, failures, limits, _ = slow_attempts(told)
    if by is By.SOURCE:
        assert sum(group.success.part for group in found.groups) == answers
    assert sum(group.errors for group in found.groups) == failures
    assert sum(group.limits for group in found.groups) == limits


def _of_no_group(told: Told, by: By, name: str, groups: set[str]) -> int:
    """Return the turns of sources or agents that made no request and had no error."""
    if name != "turn":
        return 0
    names = [turn.source if by is By.SOURCE else turn.kind for turn in told.turns if turn.finished]
    return sum(one not in groups for one in names)


@given(tolds(), st.integers(0, 100_000))
def test_before_and_after_add_up_to_the_whole(told: Told, at_ms: int) -> None:
    before, after = split(told, at_ms)
    sides = [quality(side, DIVISION) for side in (before, after)]
    whole = quality(told, DIVISION)

    for one, was, now in zip(whole.measures, sides[0].measures, sides[1].measures, strict=True):
        counts = [side.spread.count if side.spread else 0 for side in (one, was, now)]
        assert counts[0] == counts[1] + counts[2]
        assert one.definition == was.definition == now.definition
    assert whole.requests == sides[0].requests + sides[1].requests
    assert all(one.at_ms < at_ms for one in before.answered)
    assert all(one.at_ms >= at_ms for one in after.answered)


@given(tolds(), st.sampled_from(("opus", "haiku")))
def test_narrowed_to_a_model_there_is_nothing_of_another(told: Told, model: str) -> None:
    found = quality(narrowed(told, [Narrow(By.MODEL, model)]), DIVISION)
    mine = [one for one in told.answered if one.model == model]

    assert found.requests == sum(one.requests for one in mine)
    assert {group.name for group in found.groups} <= {model, ""}
    check(measure(found, "cost"), [o.nano for o in mine if o.requests == 1 and o.nano is not None])
    assert not any(one.definition.custom_unit for one in found.measures)


def request(at_ms: int, model: str, agent: str = "", **told: object) -> Answered:
    """Return a plain request."""
    plain = Answered(at_ms, at_ms, "codex", "s1", agent, "main", model, 1, 10, 5, 9, True, False)
    return plain._replace(**told)  # type: ignore[arg-type]  # fields by name


def test_an_error_belongs_to_the_model_that_answers_next_else_last() -> None:
    errors = [
        IncidentTold(at_ms, "codex", "s1", agent, "main", "server", 500, 1)
        for at_ms, agent in ((5, ""), (25, ""), (35, ""), (15, "a1"))
    ]
    told = Told(
        answered=(request(10, "one"), request(20, "two", "a1"), request(30, "three")),
        incidents=tuple(errors),
        detailed=frozenset({("codex", "s1")}),
    )

    found = quality(told, DIVISION)

    assert {group.name: group.errors for group in found.groups} == {"one": 1, "two": 1, "three": 2}


def test_an_error_of_an_agent_without_requests_has_no_model() -> None:
    lost = IncidentTold(5, "codex", "s1", "a9", "main", "server", 500, 0)
    found = quality(Told(incidents=(lost,)), DIVISION)

    assert [(group.name, group.requests, group.errors) for group in found.groups] == [("", 0, 1)]
    assert ratio(found, "success rate").value == 0


def test_a_turn_that_may_still_go_on_is_in_no_share() -> None:
    running = TurnTold("codex", "s1", "", "main", 1, 2, False, False, is_newest=True)
    broken = running._replace(begin_ms=0, is_newest=False)
    found = quality(Told(turns=(broken, running)), DIVISION)

    finished = ratio(found, "turns finished")
    assert (finished.part, finished.whole) == (0, 1)
    assert ratio(found, "sessions finished").whole == 0


def test_only_read_conversations_and_telling_sources_count_for_success() -> None:
    told = Told(
        answered=(
            request(1, "m"),
            request(2, "m", source="silent"),
            request(3, "m", source="gateway", status=200),
            request(4, "m", source="gateway"),
        ),
        detailed=frozenset({("codex", "s1")}),
    )
    found = ratio(quality(told, DIVISION), "success rate")

    assert {one.source: one.whole for one in found.told} == {"codex": 1, "gateway": 2}


def test_a_session_overflowed_on_the_side_where_it_ended() -> None:
    told = Told(
        answered=(request(1, "m"), request(900, "m")),
        lifetimes=(Lifetime("codex", "s1", 1, 900), Lifetime("codex", "s2", 1, 2)),
        detailed=frozenset({("codex", "s1"), ("codex", "s2"), ("codex", "gone")}),
        overflowed=frozenset({("codex", "s1"), ("codex", "gone")}),
    )

    found = [ratio(quality(one, DIVISION), "sessions overflowed") for one in split(told, 500)]
    unread = ratio(quality(replace(told, detailed=frozenset()), DIVISION), "sessions overflowed")

    assert [(one.part, one.whole) for one in found] == [(0, 1), (1, 1)]
    assert unread.value is None
