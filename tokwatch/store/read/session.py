"""One session's requests in order, those of its agents and of the sessions it spawned too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tokwatch.model.caching import CachedRequest
from tokwatch.model.session import Kin, SessionRequest
from tokwatch.model.units import OPEN_END_MS
from tokwatch.store.connect import Row
from tokwatch.store.read.cache import CACHED, CARD
from tokwatch.store.view import (
    ALL,
    GHOST,
    LOG_PATH,
    View,
    among,
    joins,
    place_conditions,
)

MOST_DEPTH: Final = 16
"""How far up and down sessions are followed that spawned one another."""
MOST_KIN: Final = 2_000
_TOLD: Final = (
    "m.provider, m.tier, p.branch, coalesce(t.output, 0), coalesce(c.output, 0), "
    "coalesce(t.reasoning, 0), "
    f"t.web_searches, t.final, t.computed_nano, t.logged_nano, t.window_tokens, {LOG_PATH}, "
    "t.offset_bytes"
)
_CACHED_FIELDS: Final = len(CachedRequest._fields)


class RequestsMark(NamedTuple):
    """What differs once requests of a session came, grew or were priced anew."""

    requests: int
    newest_ms: int
    output: int
    computed_nano: int


def family(view: View, source: str, session: str) -> tuple[Kin, ...]:
    """Return the agents of a session's family, the first session's first.

    A session that another one spawned is of that one's family.
    """
    first = _first(view, source, session)
    known = {first: Kin(first, "", _kind(view, source, first), "")}
    level = [first]
    for _ in range(MOST_DEPTH):
        spawned = [
            Kin(*row)
            for row in view.database.rows(
                "SELECT session, agent, kind, parent FROM agent WHERE workspace = ? AND source = ?"
                f" AND agent = '' AND kind <> '' AND {among('parent', level)} ORDER BY session",
                (view.workspace, source, *level),
            )
        ]
        fresh = [kin for kin in spawned if kin.session not in known][: MOST_KIN - len(known)]
        known |= {kin.session: kin for kin in fresh}
        level = [kin.session for kin in fresh]
        if not level:
            break
    return tuple(_agents(view, source, known))


def session_requests(
    view: View, source: str, sessions: Sequence[str], until_ms: int = OPEN_END_MS
) -> list[SessionRequest]:
    """Return all requests of some sessions before an instant, the oldest first."""
    scopes = _scopes(view, source, sessions)
    if not scopes:
        return []
    rows = view.database.rows(
        f"SELECT {CACHED}, {_TOLD} FROM event t {joins({'s', 'p', 'm'}, scoped=True)} {CARD} "
        f"LEFT JOIN log l ON l.id = t.log WHERE {among('t.scope', scopes)} AND t.grade < {GHOST} "
        "AND t.instant_ms < ? ORDER BY t.instant_ms, t.key",
        (*scopes, until_ms),
    )
    return [_request(row) for row in rows]


def requests_mark(
    view: View, source: str, sessions: Sequence[str], until_ms: int = OPEN_END_MS
) -> RequestsMark:
    """Return what tells whether any of the requests of some sessions changed."""
    scopes = _scopes(view, source, sessions)
    if not scopes:
        return RequestsMark(0, 0, 0, 0)
    rows = view.database.rows(
        "SELECT CAST(count(*) AS BIGINT), coalesce(max(t.instant_ms), 0),"
        " CAST(coalesce(sum(t.output), 0) AS BIGINT),"
        " CAST(coalesce(sum(t.computed_nano), 0) AS BIGINT) FROM event t"
        f" WHERE {among('t.scope', scopes)} AND t.grade < {GHOST} AND t.instant_ms < ?",
        (*scopes, until_ms),
    )
    return RequestsMark(*rows[0])


def _request(row: Row) -> SessionRequest:
    *told, path, offset = row[_CACHED_FIELDS:]
    cached = CachedRequest._make(row[:_CACHED_FIELDS])
    return SessionRequest._make((cached, *told, path or "", offset))


def _first(view: View, source: str, session: str) -> str:
    """Return the session at the top of a family."""
    seen = {session}
    for _ in range(MOST_DEPTH):
        parent = view.database.value(
            "SELECT parent FROM agent WHERE workspace = ? AND source = ? AND session = ?"
            " AND agent = '' AND kind <> '' AND parent <> ''",
            (view.workspace, source, session),
        )
        if parent is None or parent in seen or not _scopes(view, source, (parent,)):
            break
        seen.add(parent)
        session = parent
    return session


def _kind(view: View, source: str, session: str) -> str:
    kind: str | None = view.database.value(
        "SELECT kind FROM agent WHERE workspace = ? AND source = ? AND session = ? AND agent = ''",
        (view.workspace, source, session),
    )
    return kind or ""


def _agents(view: View, source: str, sessions: dict[str, Kin]) -> Iterable[Kin]:
    """Yield the agents of sessions that the view may see, each session's own first."""
    places = place_conditions(view, ALL)
    rows = view.database.rows(
        "SELECT DISTINCT s.session, s.agent, coalesce(a.kind, '') FROM scope s"
        " JOIN place p ON p.id = s.place LEFT JOIN agent a ON a.workspace = s.workspace"
        " AND a.source = p.source AND a.session = s.session AND a.agent = s.agent"
        f" WHERE s.workspace = ? AND {among('s.session', sessions)} AND p.source = ?"
        f" AND {places.text} ORDER BY 1, 2",
        (view.workspace, *sessions, source, *places.values),
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for session, agent, kind in rows:
        found.setdefault(session, []).append((agent, kind))
    for session, kin in sessions.items():
        for agent, kind in found.get(session, ()):
            yield Kin(session, agent, kind or ("" if agent else kin.kind), kin.parent)


def _scopes(view: View, source: str, sessions: Sequence[str]) -> list[int]:
    """Return the scopes of sessions that the view may see."""
    if not sessions:
        return []
    places = place_conditions(view, ALL)
    rows = view.database.rows(
        "SELECT s.id FROM scope s JOIN place p ON p.id = s.place WHERE s.workspace = ?"
        f" AND {among('s.session', sessions)} AND p.source = ? AND {places.text}",
        (view.workspace, *sessions, source, *places.values),
    )
    return [row[0] for row in rows]
