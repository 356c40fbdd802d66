"""Everything that is stored of one request."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.model.evidence import Evidence
from tokwatch.model.usage import Dimension
from tokwatch.store.read.audit import evidence_of
from tokwatch.store.read.facts import ToldFact, request_facts
from tokwatch.store.read.witnesses import Statement, statements
from tokwatch.store.view import ALL, SCOPE_COLUMNS, View, event_conditions, joins


class StoredRequest(NamedTuple):
    """One request, as it is counted and as each log tells of it."""

    evidence: Evidence
    kind: str
    """"main", or the sort of sub-agent."""
    first_ms: int
    """Of its first record; `evidence.at_ms` is of its last."""
    web_searches: int
    window: int | None
    """As logged."""
    priced_as: str
    """The entry of the price list; empty without a price."""
    note: str
    """What to know about the price."""
    facts: tuple[ToldFact, ...]
    statements: tuple[Statement, ...]
    """What each log says; empty where only one tells of it."""


def stored_request(view: View, key: int) -> StoredRequest | None:
    """Return a request by the key of its event; None where there is none."""
    found = event_conditions(view, ALL)
    found.add("t.key = ?", key)
    events = evidence_of(view, found, 1)
    if not events:
        return None
    kind = SCOPE_COLUMNS[Dimension.KIND]
    rows = view.database.rows(
        f"SELECT {kind}, t.first_ms, t.web_searches, t.window_tokens, m.priced_as, m.note "
        f"FROM event t {joins({'s', 'p', 'm', 'a'}, scoped=True)} WHERE {found.text}",
        found.values,
    )
    facts = tuple(request_facts(view, key))
    return StoredRequest._make((events[0], *rows[0], facts, statements(view, key)))
