"""Suggestions with what they rest on and what came of them, and the requests they are made of."""

from __future__ import annotations

import json
from sys import intern
from typing import Any, Final

from tokwatch.model.alert import Severity
from tokwatch.model.caching import CachedRequest
from tokwatch.model.suggestion import (
    Grade,
    Klass,
    Savings,
    Suggestion,
    SuggestionState,
    TriggerCount,
    Verdict,
)
from tokwatch.model.suggestion_facts import Sent
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import CostMode, Dimension, Slice
from tokwatch.store.connect import Row
from tokwatch.store.newest import Wanted, newest_events
from tokwatch.store.read.cache import CACHED, CARD
from tokwatch.store.read.measured import COST
from tokwatch.store.view import (
    ALL,
    SCOPE_COLUMNS,
    Conditions,
    View,
    among,
)

_KIND: Final = SCOPE_COLUMNS[Dimension.KIND]
_COLUMNS: Final = (
    "t.id, t.name, t.kind, t.subject, t.severity, t.title, t.saving_nano, t.counted_nano, "
    "t.saving_share, t.requests, t.discount, t.state, t.found_ms, t.seen_ms, t.accepted_ms, "
    "t.promised_nano, t.rate_before, t.rate_after, t.after_requests, t.realised_nano, t.verdict, "
    "t.body, t.promised_counted_nano"
)


def sent_requests(
    view: View, part: Slice = ALL, mode: CostMode = CostMode.AUTO, most: int = OPEN_END_MS
) -> list[Sent]:
    """Return the newest requests of a range as suggestions need them, the oldest of them first."""
    wanted = Wanted(
        f"{CACHED}, {_KIND}, m.provider, m.tier, coalesce(t.output, 0), "
        f"coalesce(t.reasoning, 0), coalesce(c.output, 0), {COST[mode]}",
        frozenset("spma"),
        CARD,
    )
    rows = newest_events(view, part, wanted, min(most, OPEN_END_MS))
    told: list[Sent] = []
    while rows:  # as many are held as there are, not twice
        told.append(_sent(rows.pop()))
    return told


def _sent(row: Row) -> Sent:
    """Return a request; of names that thousands share, each is held once."""
    cached = CachedRequest._make((*row[:3], *map(intern, row[3:8]), *row[8:19]))
    kind, provider, tier = map(intern, row[19:22])
    return Sent(cached, kind, provider, tier, *row[22:])


def suggestions(view: View) -> list[Suggestion]:
    """Return every suggestion, the best first, those that were found before behind them."""
    found = _own(view)
    rows = view.database.rows(
        f"SELECT {_COLUMNS} FROM suggestion t WHERE {found.text} "
        "ORDER BY t.seen_ms DESC, t.rank, t.id",
        found.values,
    )
    if not rows:
        return []
    keys: dict[int, tuple[int, ...]] = {}
    for number, key in view.database.rows(
        f"SELECT e.suggestion, e.key FROM suggestion_event e WHERE {among('e.suggestion', rows)} "
        "ORDER BY e.suggestion, e.place",
        [row[0] for row in rows],
    ):
        keys[number] = (*keys.get(number, ()), key)
    return [_suggestion(row, keys.get(row[0], ())) for row in rows]


def _own(view: View) -> Conditions:
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    found.add("t.user_name = ?", view.user or "")
    return found


def _suggestion(row: Row, events: tuple[int, ...]) -> Suggestion:
    # JSON that this program has written.
    body: dict[str, Any] = json.loads(row[21])
    return Suggestion(
        *(row[1], row[2], row[3], Severity(row[4]), row[5], row[6], row[7], row[8]),
        confidence=Grade(body["confidence"]),
        risk=Grade(body["risk"]),
        klass=Klass(body["klass"]),
        steps=tuple(body["steps"]),
        evidence=body["evidence"],
        events=events,
        requests=row[9],
        agreed=tuple(body["agreed"]),
        rather=body["rather"],
        discount=row[10],
        copies=body["copies"],
        state=SuggestionState(row[11]),
        id=row[0],
        found_ms=row[12],
        seen_ms=row[13],
        accepted_ms=row[14],
        promised_nano_month=row[15],
        promised_counted_nano_month=row[22],
        rate_before=row[16],
        rate_after=row[17],
        after_requests=row[18],
        realised_nano_month=row[19],
        verdict=Verdict(row[20]) if row[20] else None,
    )


def savings(view: View, most: int = 3) -> Savings:
    """Return the best suggestions that ask for something, and what all would save a month."""
    found = _own(view)
    found.add("t.state IN ('new', 'accepted')")
    sums = view.database.rows(
        "SELECT CAST(count(*) AS BIGINT), CAST(coalesce(sum(t.counted_nano), 0) AS BIGINT) "
        f"FROM suggestion t WHERE {found.text}",
        found.values,
    )
    if not sums[0][0]:
        return Savings(is_looked=bool(trigger_counts(view)))
    rows = view.database.rows(
        f"SELECT t.title, t.body, t.saving_nano FROM suggestion t WHERE {found.text} "
        "AND t.saving_nano > 0 ORDER BY t.rank, t.id LIMIT ?",
        [*found.values, most],
    )
    top = tuple((row[0], str(json.loads(row[1])["confidence"]), row[2]) for row in rows)
    return Savings(top, sums[0][0], sums[0][1])


def trigger_counts(view: View) -> list[TriggerCount]:
    """Return how often each trigger has made tokwatch look."""
    found = _own(view)
    rows = view.database.rows(
        "SELECT t.name, t.times, t.last_ms, t.value, t.threshold, t.is_on "
        f"FROM suggestion_trigger t WHERE {found.text} ORDER BY 1",
        found.values,
    )
    return [TriggerCount(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in rows]
