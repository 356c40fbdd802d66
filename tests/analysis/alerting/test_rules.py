"""Each rule fires on its case and not on one that is nearly it; expressions as functions."""

from __future__ import annotations

from math import nan

import pytest

from tokwatch.analysis.alerting.judge import Quiet, Reading, Whose, is_named, judge
from tokwatch.analysis.alerting.rules import ReadyRule, ready_rules
from tokwatch.config.alerting import DEFAULTS, Rule
from tokwatch.config.measures import MEASURES
from tokwatch.model.alert import Severity
from tokwatch.model.alert_facts import Narrow

AT_MS = 1_763_470_000_000
CASES: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    "budget-50": ({"budget_share": 0.5}, {"budget_share": 0.49}),
    "budget-80": ({"budget_share": 0.8}, {"budget_share": 0.79}),
    "budget-90": ({"budget_share": 0.9}, {"budget_share": 0.89}),
    "budget-100": ({"budget_share": 1.0}, {"budget_share": 0.999}),
    "spend-spike": (
        {"spend_times_usual": 3.1, "spend_over_scatter": 1.1, "spend_above_usual_usd": 1.1},
        {"spend_times_usual": 9.0, "spend_over_scatter": 0.9, "spend_above_usual_usd": 9},
    ),
    "token-spike": (
        {"tokens_times_usual": 3.1, "tokens_over_scatter": 1.1, "tokens_per_hour": 1_000_001},
        {"tokens_times_usual": 2.9, "tokens_over_scatter": 3, "tokens_per_hour": 9_000_000},
    ),
    "cache-low": (
        {"cache_hit_rate": 0.19, "known_prompt_tokens": 500_000},
        {"cache_hit_rate": 0.01, "known_prompt_tokens": 499_999},
    ),
    "cache-drop": ({"session_cache_drop": 31}, {"session_cache_drop": 30}),
    "session-cost": ({"session_cost_usd": 10.01}, {"session_cost_usd": 10}),
    "session-cost-high": ({"session_cost_usd": 50.01}, {"session_cost_usd": 50}),
    "context-high": ({"context_share": 0.76}, {"context_share": 0.75}),
    "context-full": ({"context_share": 0.86}, {"context_share": 0.85}),
    "burn": (
        {"burn_usd_per_hour": 25.1, "burn_times_usual": 5.1, "burn_over_scatter": 1.71},
        {"burn_usd_per_hour": 80, "burn_times_usual": 8, "burn_over_scatter": 1.7},
    ),
    "runaway": (
        {"turn_requests": 101, "turn_cost_usd": 5.1},
        {"turn_requests": 300, "turn_cost_usd": 4.9},
    ),
    "tool-loop": ({"loop_calls": 6}, {"loop_calls": 5}),
    "rewrite": ({"rewritten_tokens": 100_001}, {"rewritten_tokens": 100_000}),
    "tokens-per-minute": ({"tokens_per_minute_share": 0.81}, {"tokens_per_minute_share": 0.8}),
    "quota-pace": (
        {"quota_pace": 1.21, "quota_share": 0.51},
        {"quota_pace": 5, "quota_share": 0.5},
    ),
    "quota-full": ({"quota_share": 0.91}, {"quota_share": 0.9}),
    "source-failing": ({"source_failing": 1}, {"source_failing": 0}),
    "source-silent": ({"source_silent_days": 4.1}, {"source_silent_days": nan}),
    "endpoint-failing": ({"endpoint_failing": 1}, {"endpoint_failing": 0}),
    "unpriced-model": ({"unpriced_tokens": 1}, {"unpriced_tokens": 0}),
    "estimate-error": (
        {"estimate_error": 0.21, "estimated_requests": 20},
        {"estimate_error": 0.9, "estimated_requests": 19},
    ),
    "token-estimate-error": (
        {"token_estimate_error": 0.21, "token_estimate_pairs": 20},
        {"token_estimate_error": 0.9, "token_estimate_pairs": 19},
    ),
    "error-rate": ({"error_rate": 0.06, "attempts": 20}, {"error_rate": 0.9, "attempts": 19}),
    "retry-rate": ({"retry_rate": 0.06, "attempts": 20}, {"retry_rate": 0.05, "attempts": 99}),
    "rate-limit": ({"rate_limit_errors": 1}, {"rate_limit_errors": 0}),
    "latency": (
        {"latency_p90_seconds": 121, "timed_requests": 20},
        {"latency_p90_seconds": 999, "timed_requests": 19},
    ),
    "response-cache-low": (
        {"response_cache_hit_rate": 0.19, "response_requests": 20},
        {"response_cache_hit_rate": 0.2, "response_requests": 99},
    ),
    "optimisation-failures": (
        {"optimisation_failure_rate": 0.06, "optimisations": 20},
        {"optimisation_failure_rate": 0.5, "optimisations": 19},
    ),
}


def reading(kind: str, values: dict[str, float], subject: str = "all", **more: object) -> Reading:
    """Return a reading of which nothing else is known."""
    unknown = {name: nan for name, one in MEASURES.items() if one.kind == kind}
    return Reading(subject, "", unknown | values, lambda _: (7, 8), **more)  # type: ignore[arg-type]  # of the fields' own types


def fired(rules: tuple[ReadyRule, ...], *readings: Reading) -> list[tuple[str, str]]:
    """Return what fires, by rule and subject."""
    found = judge(rules, {rules[0].kind: readings}, AT_MS)
    return [(one.rule, one.subject) for one in found.firings]


def test_readings_that_were_nothing_are_remembered_only_while_they_last() -> None:
    rules = ready_rules({"session-cost": DEFAULTS["session-cost"]})
    loud, ended, lasting = (
        reading("session", {"session_cost_usd": usd}, subject)
        for usd, subject in ((11, "loud"), (1, "ended"), (2, "lasting"))
    )
    quiet: Quiet = {}
    judge(rules, {"session": (loud, ended, lasting)}, AT_MS, (), quiet)
    assert quiet == {"session": {"ended": ended, "lasting": lasting}}

    found = judge(rules, {"session": (loud, lasting)}, AT_MS, (), quiet)
    assert quiet == {"session": {"lasting": lasting}}
    assert [one.subject for one in found.firings] == ["loud"]

    judge(rules, {}, AT_MS, (), quiet)
    assert quiet == {"session": {"lasting": lasting}}, "nobody looked"
    dearer = reading("session", {"session_cost_usd": 12}, "lasting")
    found = judge(rules, {"session": (dearer,)}, AT_MS, (), quiet)
    assert [one.subject for one in found.firings] == ["lasting"]
    assert quiet == {"session": {}}


def test_there_is_a_case_for_every_rule() -> None:
    assert list(CASES) == list(DEFAULTS)


@pytest.mark.parametrize("name", CASES)
def test_a_rule_fires_on_its_case_and_not_on_what_is_nearly_it(name: str) -> None:
    rules = ready_rules({name: DEFAULTS[name]})
    case, near = CASES[name]

    assert fired(rules, reading(rules[0].kind, case)) == [(name, "all")]
    assert fired(rules, reading(rules[0].kind, near)) == []
    assert fired(rules, reading(rules[0].kind, {})) == []


@pytest.mark.parametrize("name", CASES)
def test_what_fires_tells_its_value_its_threshold_and_its_requests(name: str) -> None:
    rules = ready_rules({name: DEFAULTS[name]})
    case, _ = CASES[name]

    (found,) = judge(rules, {rules[0].kind: [reading(rules[0].kind, case)]}, AT_MS).firings

    assert found.value == case[rules[0].measure]
    assert found.threshold == DEFAULTS[name].threshold
    assert found.severity == Severity(DEFAULTS[name].severity)
    assert found.events == (7, 8)


def holds_at(rule: Rule, measure: str, value: float) -> tuple[bool, bool]:
    """Return whether a rule fires at a value, and whether it still counts."""
    (ready,) = ready_rules({"mine": rule})
    values = {measure: value}
    return ready.fires(values), ready.counts(values)


def test_it_counts_down_to_80_percent_of_the_threshold() -> None:
    rule = Rule("session_cost_usd > threshold", 10)

    assert [holds_at(rule, "session_cost_usd", value) for value in (10.1, 10, 8.1, 8)] == [
        (True, True), (False, True), (False, True), (False, False),
    ]  # fmt: skip


def test_below_a_threshold_it_counts_the_other_way_round() -> None:
    rule = Rule("cache_hit_rate < 0.2")

    assert [holds_at(rule, "cache_hit_rate", value) for value in (0.19, 0.2, 0.249, 0.25)] == [
        (True, True), (False, True), (False, True), (False, False),
    ]  # fmt: skip


def test_a_clear_level_of_ones_own_stands() -> None:
    rule = Rule("session_cost_usd > threshold", 10, clear=2)

    assert holds_at(rule, "session_cost_usd", 2.1) == (False, True)
    assert holds_at(rule, "session_cost_usd", 2) == (False, False)


def test_the_measure_may_stand_on_the_right() -> None:
    assert holds_at(Rule("3 < loop_calls"), "loop_calls", 4) == (True, True)
    assert holds_at(Rule("3 < loop_calls"), "loop_calls", 2.5) == (False, True)


def test_all_operators_do_what_they_say() -> None:
    rule = Rule("not (error_rate <= 0.1) and (attempts - 2) / requests_per_hour * 2 >= 3 + -1")
    (ready,) = ready_rules({"mine": rule})

    assert ready.fires({"error_rate": 0.2, "attempts": 12, "requests_per_hour": 10})
    assert not ready.fires({"error_rate": 0.1, "attempts": 12, "requests_per_hour": 10})
    assert not ready.fires({"error_rate": 0.2, "attempts": 11, "requests_per_hour": 10})
    assert not ready.fires({"error_rate": 0.2, "attempts": 11, "requests_per_hour": 0})
    assert not ready.fires({"error_rate": nan, "attempts": 12, "requests_per_hour": 10})


def test_a_measure_of_ones_own_is_looked_at_by_its_name() -> None:
    (ready,) = ready_rules({"mine": Rule('measure.score < 0.5 and measure["a b"] > 1')})

    assert ready.names == ("measure.score", "measure.a b")
    assert ready.fires({"measure.score": 0.4, "measure.a b": 2})


def test_a_rule_that_is_off_is_not_judged() -> None:
    assert ready_rules({"mine": Rule("error_rate > 1", on=False)}) == ()


def test_one_line_is_enough_for_one_measure() -> None:
    rules = ready_rules({name: DEFAULTS[name] for name in ("context-high", "context-full")})

    assert fired(rules, reading("session", {"context_share": 0.8})) == [("context-high", "all")]
    assert fired(rules, reading("session", {"context_share": 0.9})) == [("context-full", "all")]


def test_a_mere_notice_does_not_stand_for_a_warning() -> None:
    names = [f"budget-{share}" for share in (50, 80, 90, 100)]
    rules = ready_rules({name: DEFAULTS[name] for name in names})

    found = fired(rules, reading("budget", {"budget_share": 1.2}))

    assert [rule for rule, _ in found] == ["budget-90", "budget-100"]


@pytest.mark.parametrize(
    ("narrow", "is_within"),
    [
        (Rule("session_cost_usd > 1", projects=("shop",)), True),
        (Rule("session_cost_usd > 1", projects=("/code/sh*",)), True),
        (Rule("session_cost_usd > 1", projects=("shop2",)), False),
        (Rule("session_cost_usd > 1", models=("claude-opus*",)), True),
        (Rule("session_cost_usd > 1", models=("gpt*",)), False),
        (Rule("session_cost_usd > 1", models=("opus",)), True),
        (Rule("session_cost_usd > 1", models=("sonnet",)), False),
        (Rule("session_cost_usd > 1", agents=("Explore",)), True),
        (Rule("session_cost_usd > 1", agents=("Plan",)), False),
        (Rule("session_cost_usd > 1", users=("ana",)), True),
        (Rule("session_cost_usd > 1", users=("ben",)), False),
        (Rule("session_cost_usd > 1", projects=("shop",), users=("ben",)), False),
    ],
)
def test_a_rule_can_be_narrowed(narrow: Rule, is_within: bool) -> None:
    whose = Whose("/code/shop", ("claude-opus-4-5", "haiku"), ("main", "Explore"), "ana")
    one = reading("session", {"session_cost_usd": 2}, whose=whose)

    assert bool(fired(ready_rules({"mine": narrow}), one)) is is_within


def test_a_rule_about_use_takes_the_reading_of_its_own_part() -> None:
    rules = ready_rules({"mine": Rule("cost_usd_per_hour > 1", projects=("shop",))})
    everything = reading("use", {"cost_usd_per_hour": 5})
    part = reading("use", {"cost_usd_per_hour": 2}, "use shop", narrow=Narrow(projects=("shop",)))

    assert fired(rules, everything, part) == [("mine", "use shop")]


def test_a_project_is_named_by_its_path_or_by_the_end_of_it() -> None:
    assert is_named("C:\\code\\shop", ("shop",))
    assert is_named("/code/shop/", ("shop",))
    assert not is_named("/code/shop-2", ("shop",))
