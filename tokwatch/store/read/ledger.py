"""What a tool's own totals say, beside what the transcripts show of the same requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tokwatch.model.reading import LedgerLine
from tokwatch.model.stored import Ancestor, Ledger
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import Rates, Usage
from tokwatch.store.read.measured import EVENT_SUMS
from tokwatch.store.read.usage import sums
from tokwatch.store.view import (
    ALL,
    GHOST,
    View,
    among,
    between,
    evened,
    log_conditions,
    place_conditions,
)

SLACK_MS = 5_000
"""A session's agents may write their last records a little after its totals."""

MOST_NAMES = 10_000
"""Names in one query: a database takes a limited number of parameters."""

ByModel = dict[str, Usage]
Told = dict[str, tuple[int, str, list[LedgerLine]]]
"""By session: the log that tells its newest totals, its source and those totals."""


def ledgers(
    view: View, sessions: Sequence[str] | None = None, until_ms: int = OPEN_END_MS
) -> list[Ledger]:
    """Return the totals that tools themselves kept by then, of some sessions or of all."""
    told = list(_told(view, sessions, until_ms).items())
    return [
        ledger
        for first in range(0, len(told), MOST_NAMES)
        for ledger in _beside_visible(view, dict(told[first : first + MOST_NAMES]))
    ]


def _beside_visible(view: View, told: Told) -> Iterator[Ledger]:
    """Yield totals with what is seen of the same requests."""
    ends = {session: lines[0].instant_ms + SLACK_MS for session, (_, _, lines) in told.items()}
    visible = _visible(view, ends)
    ancestors = _ancestors(view, {log: session for session, (log, _, _) in told.items()})
    for session, (_, source, lines) in told.items():
        older = tuple(
            Ancestor(name, until_ms, _visible_until(view, name, until_ms))
            for name, until_ms in ancestors.get(session, ())
        )
        seen = visible.get(session, {})
        yield Ledger(source, session, lines[0].instant_ms, tuple(lines), seen, older)


def rates(view: View, models: Sequence[str]) -> list[Rates]:
    """Return what models cost at the standard tier, for prompts of the usual size."""
    if not models:
        return []
    rows = view.database.rows(
        "SELECT m.name, c.since_ms, c.until_ms, c.input, c.cache_read, c.cache_write_5m, "
        "c.cache_write_1h, c.output, c.web_search FROM card c JOIN model m ON m.id = c.model "
        f"WHERE c.workspace = ? AND m.tier = 'standard' AND c.above_tokens < 0 "
        f"AND {among('m.name', models)} ORDER BY m.name, c.since_ms",
        [view.workspace, *models],
    )
    return [Rates(*row) for row in rows]


def _told(view: View, sessions: Sequence[str] | None, until_ms: int) -> Told:
    """Return each session's newest totals; several logs may hold some."""
    found = log_conditions(view)
    if sessions is not None:
        if not sessions:
            return {}
        # Ledgers are few: without their own workspace SQLite would look at every log instead.
        found.add("l.workspace = ?", view.workspace)
        found.among("l.session", evened(sessions))
    between(found, "l.instant_ms", 0, until_ms)
    rows = view.database.rows(
        "SELECT l.log, g.source, l.session, l.model, l.instant_ms, l.input, l.cache_read, "
        "l.cache_write_5m, l.cache_write_1h, l.output, l.reasoning, l.web_searches, l.cost_nano "
        f"FROM ledger l JOIN log g ON g.id = l.log WHERE {found.text} "
        "ORDER BY l.instant_ms, l.log, l.model",
        found.values,
    )
    told: Told = {}
    for log, source, *columns in rows:
        line = LedgerLine(*columns)
        if line.session not in told or told[line.session][0] != log:
            told[line.session] = (log, source, [])
        told[line.session][2].append(line)
    return told


def _visible(view: View, ends: dict[str, int]) -> dict[str, ByModel]:
    """Return sessions' usage by model, each up to an instant."""
    found: dict[str, ByModel] = {}
    places = place_conditions(view, ALL)
    named = evened(ends)
    rows = view.database.rows(
        f"SELECT s.session, m.name, {sums()} FROM scope s JOIN place p ON p.id = s.place "
        "JOIN total t ON t.workspace = s.workspace AND t.scope = s.id "
        f"JOIN model m ON m.id = t.model WHERE s.workspace = ? AND {among('s.session', named)} "
        f"AND {places.text} GROUP BY 1, 2",
        [view.workspace, *named, *places.values],
    )
    for session, model, *figures in rows:
        found.setdefault(session, {})[model] = Usage(*figures)
    for session in _continued(view, ends):
        found[session] = _visible_until(view, session, ends[session])
    return found


def _continued(view: View, ends: dict[str, int]) -> Iterable[str]:
    """Return the sessions that have requests after their instant."""
    named = evened(ends)
    rows = view.database.rows(
        "SELECT s.session, max((SELECT t.instant_ms FROM event t WHERE t.scope = s.id "
        f"AND t.grade < {GHOST} ORDER BY t.instant_ms DESC LIMIT 1)) FROM scope s "
        f"WHERE s.workspace = ? AND {among('s.session', named)} GROUP BY 1",
        [view.workspace, *named],
    )
    return [session for session, last_ms in rows if (last_ms or 0) > ends[session]]


def _visible_until(view: View, session: str, until_ms: int) -> ByModel:
    """Return a session's usage by model up to an instant, from its events."""
    places = place_conditions(view, ALL)
    rows = view.database.rows(
        f"SELECT m.name, {EVENT_SUMS} FROM scope s JOIN place p ON p.id = s.place "
        "JOIN event t ON t.scope = s.id JOIN model m ON m.id = t.model "
        f"WHERE s.workspace = ? AND s.session = ? AND {places.text} "
        f"AND t.grade < {GHOST} AND t.instant_ms <= ? GROUP BY 1",
        [view.workspace, session, *places.values, until_ms],
    )
    return {row[0]: Usage(*row[1:]) for row in rows}


def _ancestors(view: View, owners: dict[int, str]) -> dict[str, list[tuple[str, int]]]:
    """Return for each log's session the sessions whose requests the log begins with."""
    places = place_conditions(view, ALL)
    logs = evened(owners)
    rows = view.database.rows(
        "SELECT c.log, s.session, max(e.instant_ms) FROM copy c JOIN event e ON e.key = c.key "
        "JOIN scope s ON s.id = e.scope JOIN place p ON p.id = s.place "
        f"WHERE {among('c.log', logs)} AND e.grade < {GHOST} AND {places.text} "
        "GROUP BY 1, 2 ORDER BY 3",
        [*logs, *places.values],
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for log, session, until_ms in rows:
        if session != owners[log]:
            found.setdefault(owners[log], []).append((session, until_ms))
    return found
