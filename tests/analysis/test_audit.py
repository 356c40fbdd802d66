"""What an audit makes of what was read."""

from __future__ import annotations

import pytest

from tokwatch.analysis.audit import AuditFacts, Disagreement, Gap, audit, gaps
from tokwatch.model.event import Grade, ModelName, Scope
from tokwatch.model.evidence import BothCosts, Evidence, Kept, LogsOf, Merged, Place, UsageOf
from tokwatch.model.usage import CostMode, Usage

LOGS = LogsOf("claude-code", ("",), 3, 100, 40, 1, 2, 3, 4, 5, 6, "cost")


def used(source: str, model: str = "m", **fields: int) -> UsageOf:
    """Return what a model used."""
    return UsageOf(source, "anthropic", model, Usage(**fields), 5, 9)


def test_records_are_events_and_what_was_merged_into_them() -> None:
    """A log's own earlier lines are no records; what was pruned is neither."""
    facts = AuditFacts(
        used=[used("claude-code", requests=9)],
        logs=[LOGS],
        merged=[Merged("claude-code", Grade.RECORD, 4), Merged("claude-code", Grade.GHOST, 2)],
        kept=[Kept("codex", 99, 99), Kept("claude-code", 8, 7)],
    )
    [source] = audit(facts).sources

    assert (source.records, source.kept.events, source.pruned) == (14, 8, 2)


def test_duplicates_are_told_by_cause() -> None:
    merged = [
        Merged("claude-code", grade, number)
        for grade, number in (
            (Grade.RECORD, 10),
            (Grade.DERIVED, 5),
            (Grade.ECHO, 3),
            (Grade.GHOST, 2),
            (Grade.WITNESS, 1),
        )
    ]
    facts = AuditFacts(logs=[LOGS], merged=[*merged, Merged("codex", Grade.RECORD, 99)])

    [source] = audit(facts).sources

    found = source.duplicates
    assert (found.repeated_lines, found.copies, found.echoes) == (40, 15, 3)
    assert (found.ghosts, found.witnesses, found.total) == (2, 1, 61)


def test_the_source_with_most_requests_comes_first() -> None:
    facts = AuditFacts(used=[used("a", requests=1), used("b", requests=9)], logs=[LOGS])

    assert [one.source for one in audit(facts).sources] == ["b", "a", "claude-code"]
    assert audit(facts).usage.requests == 10


def test_what_is_neither_a_lower_bound_nor_derived_is_exact() -> None:
    usage = used("a", requests=10, lower_bound=3, derived=2)

    [source] = audit(AuditFacts(used=[usage])).sources

    assert source.exact == 5


def test_what_is_a_lower_bound_and_derived_is_not_exact_once() -> None:
    usage = used("a", requests=10, lower_bound=3, derived=2)

    [source] = audit(AuditFacts(used=[usage], doubts={"a": 2, "b": 9})).sources

    assert source.exact == 7


def test_what_another_agents_log_may_tell_too_is_of_its_source() -> None:
    used_by = [used("a", requests=9), used("b", requests=2)]

    first, second = audit(AuditFacts(used=used_by, overlaps={"a": 3})).sources

    assert (first.overlaps, second.overlaps) == (3, 0)


def test_models_without_a_price_are_listed_with_their_tokens() -> None:
    facts = AuditFacts(
        used=[used("a", "known", requests=1), used("a", "new", requests=1, unpriced_tokens=7)]
    )

    assert audit(facts).sources[0].unpriced == (("anthropic/new", 7),)


def test_witnesses_count_for_every_source_that_tells_of_the_request() -> None:
    agree = Disagreement(1, "s", "m", ("claude-code", "litellm"), ())
    differ = Disagreement(2, "s", "m", ("claude-code", "litellm"), ("output",))
    facts = AuditFacts(logs=[LOGS], used=[used("litellm")], witnessed=[agree, differ])

    found = audit(facts)

    assert [(one.witnessed, one.disagreeing) for one in found.sources] == [(2, 1), (2, 1)]
    assert found.disagreements == (differ,)


def test_costs_hidden_calls_and_sessions_find_their_source() -> None:
    costs = BothCosts("claude-code", 2, 10, 8)
    facts = AuditFacts(
        logs=[LOGS],
        costs=[costs],
        hidden={"claude-code": Usage(input=5)},
        sessions={"claude-code": 4},
        days={"claude-code": [1, 2, 9]},
    )

    [source] = audit(facts).sources

    assert source.costs == costs
    assert source.hidden == Usage(input=5)
    assert (source.sessions, source.active_days) == (4, 3)
    assert source.gaps == (Gap(3, 8),)


@pytest.mark.parametrize(
    ("days", "expected"),
    [([], ()), ([4], ()), ([4, 5, 6], ()), ([4, 6, 9], (Gap(5, 5), Gap(7, 8)))],
)
def test_gaps_are_the_days_between(days: list[int], expected: tuple[Gap, ...]) -> None:
    assert gaps(days) == expected
    assert [gap.days for gap in expected] == [gap.last_day - gap.first_day + 1 for gap in expected]


@pytest.mark.parametrize(
    ("logged", "computed", "mode", "counted"),
    [
        (7, 5, CostMode.AUTO, ("logged", 7)),
        (7, 5, CostMode.CALCULATE, ("computed", 5)),
        (None, 5, CostMode.AUTO, ("computed", 5)),
        (None, 5, CostMode.DISPLAY, ("", 0)),
        (0, 5, CostMode.AUTO, ("logged", 0)),
        (None, None, CostMode.AUTO, ("", 0)),
    ],
)
def test_which_cost_counts_depends_on_the_mode(
    logged: int | None, computed: int | None, mode: CostMode, counted: tuple[str, int]
) -> None:
    place = Place("", "/logs/a", 0, Grade.RECORD)
    names = (Scope("codex", "s"), ModelName("", "m"))
    event = Evidence(1, 2, *names, 1, 1, 1, 1, 1, 1, 1, logged, computed, True, place, ())

    assert event.counted(mode) == counted
