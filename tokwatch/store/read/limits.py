"""What tools told of official limits: the newest reading of each, and the course of one."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from tokwatch.model.limits import PLAN_LIMIT, limit_name
from tokwatch.model.standing import QuotaReading
from tokwatch.model.units import DAY_MS, HOUR_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Row
from tokwatch.store.cuts import by_width
from tokwatch.store.read.measures import measures
from tokwatch.store.view import (
    ALL,
    Conditions,
    View,
    among,
    evened,
    event_conditions,
    joins,
    pieces,
)

LOOKBACK_MS: Final = 35 * DAY_MS
"""A limit that nothing was told of for so long is not shown."""
WIDTH_MS: Final = 4 * HOUR_MS
"""So much time is read at once, request by request."""
MOST_SHARE: Final = 100.0
"""Of a limit: an instant once stood where its percentage belongs."""


def quotas(view: View, part: Slice = ALL) -> list[QuotaReading]:
    """Return every reading of a range, the oldest first; what is no reading is left out."""
    found: list[QuotaReading] = []
    for one in measures(view, PLAN_LIMIT, part):
        tags = dict(one.tags)
        source, minutes = tags.get("source", ""), tags.get("minutes", "")
        resets, share = tags.get("resets", ""), one.value / 100
        is_told = source and minutes.isdecimal() and resets.isdecimal()
        if is_told and math.isfinite(share) and 0 <= share <= MOST_SHARE:
            name = tags.get("name", "") or limit_name(int(minutes))
            found.append(
                QuotaReading(
                    *(source, tags.get("account", ""), name, share, int(minutes)),
                    *(int(resets) * 1000, one.instant_ms),
                )
            )
    return found


def newest_quotas(view: View, at_ms: int) -> tuple[QuotaReading, ...]:
    """Return what was last told of each limit by a moment, by source and length."""
    newest: dict[tuple[str, str, str], QuotaReading] = {}
    for one in quotas(view, Slice(max(0, at_ms - LOOKBACK_MS), at_ms + 1)):
        newest[one.source, one.account, one.name] = one
    return tuple(
        sorted(
            newest.values(),
            key=lambda one: (one.source, one.account, one.window_minutes, one.name),
        )
    )


class RatedRequest(Struct, frozen=True):
    """One request as a rate limit sees it, and whose limit that is."""

    provider: str
    model: str
    key: str
    at_ms: int
    tokens: int
    """Without cache reads, which count towards no limit."""


def rated_requests(view: View, part: Slice) -> list[RatedRequest]:
    """Return the requests of a range, the oldest first."""
    rows = [row for of in by_width(part, WIDTH_MS) for row in _rated_rows(view, of)]
    # The names of few models and agents are looked up once each, not once a request.
    models: dict[int, tuple[str, str]] = {
        row[0]: (row[1], row[2])
        for row in view.database.rows(
            "SELECT m.id, m.provider, m.name FROM model m WHERE m.workspace = ?", (view.workspace,)
        )
    }
    keys = _key_names(view, {row[1] for row in rows})
    return [RatedRequest(*models[row[0]], keys[row[1]], *row[2:]) for row in rows]


def _rated_rows(view: View, part: Slice) -> list[Row]:
    """Return (model, scope, instant, tokens), the oldest first."""
    found = event_conditions(view, part)
    return view.database.rows(
        "SELECT t.model, t.scope, t.instant_ms, coalesce(t.input, 0)"
        " + coalesce(t.cache_write_5m, 0) + coalesce(t.cache_write_1h, 0) + coalesce(t.output, 0)"
        f" FROM event t {joins(found.tables, scoped=True)} WHERE {found.text}"
        " ORDER BY t.instant_ms, t.key",
        found.values,
    )


def _key_names(view: View, scopes: Collection[int]) -> dict[int, str]:
    """Return the names of the API keys that agents used."""
    found: dict[int, str] = {}
    for some in pieces(sorted(scopes)):
        found |= view.database.rows(
            "SELECT s.id, p.key_name FROM scope s JOIN place p ON p.id = s.place "
            f"WHERE {among('s.id', some)}",
            some,
        )
    return found


class TellingWindow(Struct, frozen=True):
    """A session's window as the tool's status line told it."""

    source: str
    session: str
    model: str
    tokens: int


def told_windows(view: View, sessions: Sequence[str] | None = None) -> list[TellingWindow]:
    """Return the windows that status lines told of some sessions, or of all."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    if view.user is not None:
        found.add("t.user_name = ?", view.user)
    if sessions is not None:
        if not sessions:
            return []
        named = evened(sessions)
        found.add(among("t.session", named), *named)
    rows = view.database.rows(
        "SELECT t.source, t.session, t.model, t.tokens FROM window_size t"
        f" WHERE {found.text} ORDER BY 1, 2, 3",
        found.values,
    )
    return [TellingWindow(*row) for row in rows]
