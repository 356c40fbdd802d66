"""Reads the hidden calls of sessions."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from tokwatch.analysis.hidden import hidden_models, hidden_usage
from tokwatch.model.stored import SessionFact
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import Slice, Usage
from tokwatch.store.read.ledger import ledgers, rates
from tokwatch.store.read.sessions import activity
from tokwatch.store.view import View


def hidden_of(view: View, sessions: Sequence[SessionFact], at_ms: int) -> dict[str, Usage]:
    """Return the hidden calls of some sessions that were told by a moment, by session."""
    told = ledgers(view, sorted({fact.session for fact in sessions}), at_ms + 1)
    return hidden_usage(told, rates(view, hidden_models(told))) if told else {}


def read_hidden(view: View, part: Slice) -> dict[str, Usage]:
    """Return hidden calls by session.

    A tool's own totals are of a whole session: only sessions that lie in the range count.
    """
    told = ledgers(view)
    if part.models:
        told = [
            replace(one, lines=tuple(line for line in one.lines if line.model in part.models))
            for one in told
        ]
    found = hidden_usage(told, rates(view, hidden_models(told)))
    if part == Slice(models=part.models):
        return found
    within = {
        one.session
        for one in activity(view, replace(part, since_ms=0, until_ms=OPEN_END_MS, models=()))
        if part.since_ms <= one.first_ms and one.last_ms < part.until_ms
    }
    return {session: usage for session, usage in found.items() if session in within}
