"""Requests as their cache sees them: in order, with the rates that each was priced at."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.model.caching import CachedRequest, SessionName
from tokwatch.model.event import Grade
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import Slice
from tokwatch.store.read.measured import PROMPT
from tokwatch.store.view import (
    ALL,
    GHOST,
    View,
    among,
    between,
    conditions,
    event_conditions,
    joins,
    pieces,
    place_conditions,
)

_SIZE = (
    f"CASE WHEN t.grade = {Grade.DERIVED:d} THEN 0"
    f" WHEN t.requests > 1 THEN ({PROMPT}) / t.requests ELSE {PROMPT} END"
)
"""The prompt that decides the tier of a price, as when the event was priced."""

CARD = (
    "LEFT JOIN card c ON c.workspace = t.workspace AND c.model = t.model"
    " AND c.since_ms <= t.instant_ms AND t.instant_ms < c.until_ms"
    f" AND c.above_tokens < {_SIZE} AND {_SIZE} <= c.upto_tokens"
)
CACHED = (
    "t.key, t.instant_ms, t.first_ms, p.source, s.session, s.agent, p.project, m.name, "
    f"t.requests, CASE WHEN t.grade = {Grade.DERIVED:d} THEN 1 ELSE 0 END, "
    "coalesce(t.input, 0), t.cache_read, "
    "coalesce(t.cache_write_5m, 0), coalesce(t.cache_write_1h, 0), "
    "CASE WHEN c.input IS NULL THEN 0 ELSE 1 END, coalesce(c.input, 0), "
    "coalesce(c.cache_read, 0), coalesce(c.cache_write_5m, 0), coalesce(c.cache_write_1h, 0)"
)


def cached_requests(view: View, part: Slice = ALL) -> list[CachedRequest]:
    """Return the requests of a range, the oldest first."""
    found = event_conditions(view, part)
    rows = view.database.rows(
        f"SELECT {CACHED} FROM event t {joins({'s', 'p', 'm'}, scoped=True)} {CARD} "
        f"WHERE {found.text} ORDER BY t.instant_ms, t.key",
        found.values,
    )
    return [CachedRequest(*row) for row in rows]


def requests_before(
    view: View, sessions: Sequence[str], before_ms: int, most: int
) -> list[CachedRequest]:
    """Return the last requests of some sessions' agents before an instant, the oldest first.

    Of each agent in each place there are at most so many.
    """
    places = place_conditions(view, ALL)
    found: list[CachedRequest] = []
    for names in pieces(sessions):
        scopes = view.database.rows(
            "SELECT s.id FROM scope s JOIN place p ON p.id = s.place "
            f"WHERE s.workspace = ? AND {among('s.session', names)} AND {places.text}",
            [view.workspace, *names, *places.values],
        )
        for (scope,) in scopes:
            rows = view.database.rows(
                f"SELECT {CACHED} FROM event t {joins({'s', 'p', 'm'}, scoped=True)} {CARD} "
                f"WHERE t.scope = ? AND t.grade < {GHOST} AND t.instant_ms < ? "
                "ORDER BY t.instant_ms DESC, t.key DESC LIMIT ?",
                [scope, before_ms, most],
            )
            found += [CachedRequest(*row) for row in rows]
    return sorted(found, key=lambda request: (request.instant_ms, request.key))


def loose_sessions(
    view: View, sessions: Sequence[str], talkers: Sequence[str]
) -> list[SessionName]:
    """Return which sessions are called as their log is, but for those of some sources.

    What such a log holds may be anybody's requests, one after the other.
    """
    places = place_conditions(view, ALL)
    others = f"AND NOT {among('p.source', talkers)} " if talkers else ""
    found: set[SessionName] = set()
    for names in pieces(sessions):
        rows = view.database.rows(
            "SELECT DISTINCT p.source, s.session FROM scope s JOIN place p ON p.id = s.place "
            f"WHERE s.workspace = ? AND {among('s.session', names)} AND {places.text} {others}"
            "AND EXISTS (SELECT 1 FROM event t JOIN log l ON l.id = t.log WHERE t.scope = s.id "
            "AND replace(l.path, s.session, '') <> l.path)",
            [view.workspace, *names, *places.values, *talkers],
        )
        found.update(SessionName(*row) for row in rows)
    return sorted(found)


def day_counts(
    view: View, since_day: int = 0, until_day: int = OPEN_END_MS
) -> list[tuple[int, int, int]]:
    """Return (day, events, nano-dollars) by the store's own days, those without events left out.

    Days of which both are as before hold the same requests.
    """
    found = conditions(view, ALL)
    between(found, "t.day", since_day, until_day)
    rows = view.database.rows(
        "SELECT t.day, CAST(sum(t.events) AS BIGINT), CAST(sum(t.auto_nano) AS BIGINT) "
        f"FROM day t {joins(found.tables, scoped=False)} WHERE {found.text} "
        "GROUP BY 1 HAVING sum(t.events) > 0 ORDER BY 1",
        found.values,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def quarter_counts(view: View, part: Slice = ALL) -> list[tuple[int, int, int]]:
    """Return (quarter of an hour, events, nano-dollars), those without events left out."""
    found = conditions(view, part)
    between(found, "t.quarter_ms", part.since_ms, part.until_ms)
    rows = view.database.rows(
        "SELECT t.quarter_ms, CAST(sum(t.events) AS BIGINT), CAST(sum(t.auto_nano) AS BIGINT) "
        f"FROM quarter t {joins(found.tables, scoped=True)} WHERE {found.text} "
        "GROUP BY 1 HAVING sum(t.events) > 0 ORDER BY 1",
        found.values,
    )
    return [(row[0], row[1], row[2]) for row in rows]
