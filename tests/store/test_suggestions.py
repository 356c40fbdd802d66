"""Suggestions in a store: found again and again, answered once, proved, forgotten."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tokwatch.model.alert import Alert, AlertChange, Severity
from tokwatch.model.suggestion import (
    Grade,
    Klass,
    Suggestion,
    SuggestionState,
    TriggerCount,
    Verdict,
)
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.alerts import write_alerts
from tokwatch.store.connect import Database
from tokwatch.store.read.every import (
    View,
    open_alerts,
    open_view,
    savings,
    sent_requests,
    suggestions,
    trigger_counts,
)
from tokwatch.store.store import workspace_id
from tokwatch.store.suggestions import (
    answer,
    close_told,
    write_proofs,
    write_suggestions,
    write_triggers,
)

AT_MS = QUARTER_MS * 2_000_000
ONE = Suggestion(
    *("shell-cap project /shop", "shell-cap", "project /shop", Severity.WARNING, "cap it"),
    saving_nano_month=9_000_000_000,
    counted_nano_month=7_000_000_000,
    saving_share=0.25,
    confidence=Grade.HIGH,
    risk=Grade.LOW,
    klass=Klass.NUDGE,
    steps=("do", "this"),
    evidence="63 outputs",
    events=(3, 1),
    requests=40,
    agreed=("heavy-results",),
    rather="x",
    discount=0.5,
    copies="CAP=1",
    rate_before=12.5,
)
TWO = replace(ONE, key="tool-loop project /shop", kind="tool-loop", events=())


def written(database: Database, *found: Suggestion, at_ms: int = AT_MS) -> list[Suggestion]:
    """Write what a look found, and return all there is."""
    write_suggestions(database, workspace_id(database, "local") or 0, found, at_ms)
    return suggestions(view_of(database))


def view_of(database: Database) -> View:
    """Return everybody's view."""
    return open_view(database, "local")


def test_a_suggestion_comes_back_as_it_was_written(database: Database) -> None:
    one, two = written(database, ONE, TWO)

    assert one == replace(ONE, id=one.id, found_ms=AT_MS, seen_ms=AT_MS)
    assert two.key == TWO.key
    assert savings(view_of(database)).nano_month == 14_000_000_000
    assert savings(view_of(database)).top[0] == ("cap it", "high", 9_000_000_000)


def test_the_next_look_changes_what_was_found_and_leaves_what_was_said(database: Database) -> None:
    one, two = written(database, ONE, TWO)
    assert answer(database, 1, one.id, SuggestionState.ACCEPTED, AT_MS + 5)

    again, other = written(
        database, TWO, replace(ONE, saving_nano_month=1, rate_before=1.0, events=(9,)),
        at_ms=AT_MS + 9,
    )  # fmt: skip

    assert (again.id, again.found_ms, again.seen_ms) == (two.id, AT_MS, AT_MS + 9)
    assert (other.id, other.state, other.accepted_ms) == (one.id, "accepted", AT_MS + 5)
    assert (other.promised_nano_month, other.rate_before) == (9_000_000_000, 12.5)
    assert (other.saving_nano_month, other.events) == (1, (9,))


def test_what_is_not_found_any_more_is_forgotten_unless_it_was_answered(
    database: Database,
) -> None:
    one, _ = written(database, ONE, TWO)
    answer(database, 1, one.id, SuggestionState.DONE, AT_MS + 5)

    (left,) = written(database, at_ms=AT_MS + 9)

    assert (left.id, left.counted_nano_month, left.promised_nano_month) == (one.id, 0, 9 * 10**9)
    assert database.value("SELECT count(*) FROM suggestion_event") == 2
    assert savings(view_of(database)).count == 0


def test_an_answer_can_be_taken_back(database: Database) -> None:
    (one,) = written(database, ONE)
    for state in (SuggestionState.DISMISSED, SuggestionState.NEW):
        assert answer(database, 1, one.id, state, AT_MS)
        assert suggestions(view_of(database))[0].state is state
    assert not answer(database, 1, one.id + 1, SuggestionState.DONE, AT_MS)
    assert not answer(database, 2, one.id, SuggestionState.DONE, AT_MS)


def test_a_proof_is_kept_until_the_acceptance_is_taken_back(database: Database) -> None:
    (one,) = written(database, ONE)
    answer(database, 1, one.id, SuggestionState.ACCEPTED, AT_MS)
    (one,) = suggestions(view_of(database))
    proof = replace(one, rate_after=2.5, after_requests=60, realised_nano_month=7, 
                    verdict=Verdict.WORKED)  # fmt: skip
    write_proofs(database, 1, [proof, replace(proof, accepted_ms=AT_MS - 1, after_requests=1)])

    assert suggestions(view_of(database)) == [proof]
    for state in (SuggestionState.ACCEPTED, SuggestionState.DONE, SuggestionState.ACCEPTED):
        answer(database, 1, one.id, state, AT_MS + 60)
    assert suggestions(view_of(database)) == [proof]
    answer(database, 1, one.id, SuggestionState.NEW, AT_MS + 70)
    assert suggestions(view_of(database))[0].accepted_ms is None
    answer(database, 1, one.id, SuggestionState.ACCEPTED, AT_MS + 80)
    (again,) = suggestions(view_of(database))
    assert (again.verdict, again.accepted_ms) == (None, AT_MS + 80)
    assert again.promised_counted_nano_month == ONE.counted_nano_month


def test_triggers_count_when_they_begin_to_hold(database: Database) -> None:
    workspace_id(database, "local")
    on = TriggerCount("high cost", 1, AT_MS, 9.0, 2.0, True)
    write_triggers(database, 1, [on])
    write_triggers(database, 1, [replace(on, times=0, value=8.0, last_ms=AT_MS + 1)])
    write_triggers(database, 1, [replace(on, times=0, value=1.0, last_ms=0, is_on=False)])

    assert trigger_counts(view_of(database)) == [
        TriggerCount("high cost", 1, AT_MS + 1, 1.0, 2.0, False)
    ]


def test_alerts_of_suggestions_that_ask_for_nothing_are_closed(database: Database) -> None:
    workspace_id(database, "local")
    told = [
        Alert(0, "suggestion", key, Severity.CRITICAL, AT_MS, AT_MS, 1, 1, 0, key)
        for key in (ONE.key, TWO.key)
    ]
    write_alerts(database, 1, [AlertChange(one, True, True) for one in told])

    close_told(database, 1, [TWO.key], AT_MS + 1)
    assert [one.subject for one in open_alerts(view_of(database))] == [TWO.key]
    close_told(database, 1, [], AT_MS + 2)
    assert open_alerts(view_of(database)) == []


@pytest.mark.parametrize("most", [2, 9])
def test_requests_come_oldest_first_with_what_they_cost(database: Database, most: int) -> None:
    made = [Made(AT_MS + number, input=10 + number, output=5, logged_nano=7) for number in range(3)]
    view = build(database, made)

    found = sent_requests(view, Slice(AT_MS, AT_MS + 9), most=most)

    assert [one.cached.input for one in found] == [10, 11, 12][-most:]
    assert {(one.output, one.nano, one.kind) for one in found} == {(5, 7, "main")}
