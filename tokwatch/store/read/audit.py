"""Where numbers come from: logs, merged sightings, both costs, and single requests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from tokwatch.model.event import Grade, ModelName, Scope
from tokwatch.model.evidence import (
    BothCosts,
    Evidence,
    Focus,
    Kept,
    LogsOf,
    Merged,
    Place,
    UsageOf,
)
from tokwatch.model.facets import Facet, Portion
from tokwatch.model.units import OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Usage
from tokwatch.store.connect import Row
from tokwatch.store.newest import GROWTH, newest_first
from tokwatch.store.read.measured import EVENT_SUMS
from tokwatch.store.read.tools import called_tool
from tokwatch.store.read.usage import sums
from tokwatch.store.read.witnesses import Witnessed, witnessed
from tokwatch.store.slices import EVENTS, OF_PLACE, OF_SCOPE, QUARTERS, Grain, within
from tokwatch.store.view import (
    GHOST,
    IMPORTED,
    SCOPE,
    Conditions,
    View,
    among,
    between,
    conditions,
    joins,
    log_conditions,
    of_active_scopes,
    pieces,
    place_conditions,
)

ALL = Focus()
_SCOPED = joins({"s", "p"}, scoped=True)


class _Copy(NamedTuple):
    """What one log tells of a request that several logs tell of."""

    log: int
    place: Place
    counts: Row
    """Input, cache reads, cache writes of 5 minutes and of 1 hour, output, reasoning."""


def audit_usage(view: View, focus: Focus = ALL) -> list[UsageOf]:
    """Return what was used, by source and model.

    From roll-ups where the range has their edges, so that pruned requests count too.
    """
    part = focus.part
    is_rolled = _is_rolled(focus)
    if is_rolled:
        found = _conditions(view, focus, QUARTERS)
        between(found, "t.quarter_ms", part.since_ms, part.until_ms)
        table, at, measures = "quarter", "t.quarter_ms", sums()
    else:
        found = _events(view, focus)
        table, at, measures = "event", "t.instant_ms", EVENT_SUMS
    having = " HAVING sum(t.events) > 0" if is_rolled else ""
    rows = view.database.rows(
        f"SELECT p.source, m.provider, m.name, min({at}), max({at}), {measures} FROM {table} t"
        f" {joins({'s', 'p', 'm'}, scoped=True)} WHERE {found.text} GROUP BY 1, 2, 3{having}"
        " ORDER BY 1, 2, 3",
        found.values,
    )
    return [
        UsageOf(source, provider, model, Usage(*figures), first_ms, last_ms)
        for source, provider, model, first_ms, last_ms, *figures in rows
    ]


def audit_kept(view: View, focus: Focus = ALL) -> list[Kept]:
    """Return by source the events that are stored singly; of what was pruned none are."""
    found = _events(view, focus)
    by_scope = (
        "SELECT t.scope AS scope, count(*) AS events, sum(t.requests) AS requests FROM event t"
        f" {joins(found.tables, scoped=True)} WHERE {found.text} GROUP BY 1"
    )
    rows = view.database.rows(
        "SELECT p.source, CAST(sum(t.events) AS BIGINT), CAST(sum(t.requests) AS BIGINT)"
        f" FROM ({by_scope}) t {_SCOPED} GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return [Kept(*row) for row in rows]


def audit_sessions(view: View, focus: Focus = ALL) -> dict[str, int]:
    """Return how many sessions were used, by source."""
    part = focus.part
    if _is_rolled(focus):
        found = _conditions(view, focus, QUARTERS)
        found.add("t.events > 0")
        between(found, "t.quarter_ms", part.since_ms, part.until_ms)
        table = "quarter"
    else:
        found, table = _events(view, focus), "event"
    rows = view.database.rows(
        "SELECT source, CAST(count(*) AS BIGINT) FROM (SELECT DISTINCT p.source, s.session"
        f" FROM {table} t {_SCOPED} WHERE {found.text}) used GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return dict(rows)


def audit_logs(view: View, focus: Focus = ALL) -> list[LogsOf]:
    """Return by source how the logs were read that hold the audited requests, or all logs."""
    found = log_conditions(view)
    found.among("g.source", focus.part.sources)
    if not focus.is_all:
        events = _events(view, focus)
        found.add(
            f"g.id IN (SELECT t.log FROM event t {_SCOPED} WHERE {events.text} UNION"
            f" SELECT c.log FROM event t {_SCOPED} JOIN copy c ON c.key = t.key"
            f" WHERE {events.text})",
            *events.values,
            *events.values,
        )
    counts = ("lines", "repeated", "glued_lines", "bad_lines", "oversized_lines")
    added = ", ".join(
        f"CAST(sum(g.{name}) AS BIGINT)" for name in (*counts, "undated", "synthetic", "unknown")
    )
    rows = view.database.rows(
        f"SELECT g.source, g.machine, CAST(count(*) AS BIGINT), {added}, max(g.sample) FROM log g"
        f" WHERE {found.text} GROUP BY 1, 2 ORDER BY 1, 2",
        found.values,
    )
    by_source: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_source[row[0]].append(row)
    return [_logs_of(source, group) for source, group in by_source.items()]


def _logs_of(source: str, rows: Sequence[Row]) -> LogsOf:
    """Return the logs of a source, its machines' together."""
    machines = tuple(row[1] for row in rows)
    counts = [sum(column) for column in zip(*(row[2:-1] for row in rows), strict=True)]
    return LogsOf._make((source, machines, *counts, max(row[-1] for row in rows)))


def audit_merged(view: View, focus: Focus = ALL) -> list[Merged]:
    """Return by source and grade the sightings that other logs' records stand for.

    Without a range or a session these are all; else those of the audited requests.
    """
    counter = _all_merged(view, focus) if focus.is_all else _merged_into(view, focus)
    return [
        Merged(source, Grade(grade), number)
        for (source, grade), number in sorted(counter.items())
        if number
    ]


def _all_merged(view: View, focus: Focus) -> Counter[tuple[str, int]]:
    """Count what logs share, less what of it is counted; links of totals may count twice."""
    found = _conditions(view, focus, EVENTS)
    merged: Counter[tuple[str, int]] = Counter()
    for table, sign, kept in (("copy", 1, ""), ("event", -1, " AND t.copies > 1")):
        for source, grade, number in view.database.rows(
            f"SELECT p.source, t.grade, CAST(count(*) AS BIGINT) FROM {table} t {_SCOPED}"
            f" WHERE {found.text}{kept} GROUP BY 1, 2",
            found.values,
        ):
            merged[source, grade] += sign * number
    return merged


def _merged_into(view: View, focus: Focus) -> Counter[tuple[str, int]]:
    found = _events(view, focus)
    mine = Conditions()
    if view.user is not None:
        mine.add(" AND o.user_name = ?", view.user)
    rows = view.database.rows(
        f"SELECT o.source, c.grade, CAST(count(*) AS BIGINT) FROM event t {_SCOPED}"
        " JOIN copy c ON c.key = t.key AND c.log <> t.log"
        " JOIN scope w ON w.id = c.scope JOIN place o ON o.id = w.place"
        f" WHERE {found.text}{mine.text} GROUP BY 1, 2",
        [*found.values, *mine.values],
    )
    return Counter({(source, grade): number for source, grade, number in rows})


def audit_costs(view: View, focus: Focus = ALL) -> list[BothCosts]:
    """Return by source what those requests cost that have both costs."""
    found = _events(view, focus)
    rows = view.database.rows(
        "SELECT p.source, CAST(sum(t.requests) AS BIGINT), CAST(sum(t.logged_nano) AS BIGINT),"
        f" CAST(sum(t.computed_nano) AS BIGINT) FROM event t {_SCOPED} WHERE {found.text}"
        " AND t.logged_nano IS NOT NULL AND t.computed_nano IS NOT NULL GROUP BY 1"
        " HAVING sum(t.requests) > 0 ORDER BY 1",
        found.values,
    )
    return [BothCosts(*row) for row in rows]


def audit_overlaps(view: View, focus: Focus = ALL) -> dict[str, int]:
    """Return by source the requests that another agent's log may tell, too."""
    found = _events(view, focus)
    rows = view.database.rows(
        "SELECT p.source, CAST(sum(t.requests) AS BIGINT) FROM (SELECT DISTINCT key FROM"
        " request_fact WHERE workspace = ? AND name = 'may_overlap') f"
        f" JOIN event t ON t.key = f.key {_SCOPED} WHERE {found.text} GROUP BY 1 ORDER BY 1",
        (view.workspace, *found.values),
    )
    return dict(rows)


def audit_doubts(view: View, focus: Focus = ALL) -> dict[str, int]:
    """Return by source the requests that are a lower bound and derived at once."""
    found = _events(view, focus)
    rows = view.database.rows(
        f"SELECT p.source, CAST(sum(t.requests) AS BIGINT) FROM event t {_SCOPED}"
        f" WHERE {found.text} AND t.final = 0 AND t.grade = {int(Grade.DERIVED)} GROUP BY 1"
        " ORDER BY 1",
        found.values,
    )
    return dict(rows)


def audit_events(view: View, focus: Focus = ALL, limit: int = 1000) -> list[Evidence]:
    """Return single requests, the newest first, with every place that tells of each."""
    if _is_of_scopes(focus) or focus.keys:
        return evidence_of(view, _events(view, focus), limit)
    found: list[Evidence] = []
    for piece in newest_first(view, focus.part, limit, GROWTH):
        within_piece = _events(view, replace(focus, part=piece))
        found += evidence_of(view, within_piece, limit - len(found))
        if len(found) >= limit:
            break
    return found


def evidence_of(view: View, found: Conditions, limit: int) -> list[Evidence]:
    """Return the newest events t that fulfil some conditions, with the places that tell of them."""
    rows = view.database.rows(
        f"SELECT t.key, t.instant_ms, {SCOPE}, m.provider, m.name, m.tier, t.requests, t.input,"
        " t.cache_read, t.cache_write_5m, t.cache_write_1h, t.output, t.reasoning, t.logged_nano,"
        " t.computed_nano, t.final, l.machine, l.path, t.offset_bytes, t.grade, l.inode, t.log,"
        " t.copies"
        f" FROM event t {joins({'s', 'p', 'm'}, scoped=True)} LEFT JOIN log l ON l.id = t.log"
        f" WHERE {found.text} ORDER BY t.instant_ms DESC, t.key DESC LIMIT ?",
        [*found.values, limit],
    )
    shared = _places(view, [row[0] for row in rows if row[-1] > 1])
    return [_evidence(row, shared.get(row[0], ())) for row in rows]


def _evidence(row: Row, copies: Sequence[_Copy]) -> Evidence:
    machine, path, offset, grade, inode, log, _ = row[24:]
    place = Place(machine or "", path or "", offset, Grade(grade), inode != str(IMPORTED))
    telling = _telling(row[15:21], log, grade, copies)
    if telling is not None:
        log, place = telling.log, telling.place
    others = tuple(copy.place for copy in copies if copy.log != log)
    names = (Scope(*row[2:11]), ModelName(*row[11:14]))
    return Evidence._make((*row[:2], *names, *row[14:23], bool(row[23]), place, others))


def _telling(counts: Row, log: int, grade: int, copies: Sequence[_Copy]) -> _Copy | None:
    """Return the copy that says the numbers, where the session's own log says others.

    A request belongs to the log that has it first and counts as its most final copy tells.
    """
    equal = [copy for copy in copies if copy.place.grade == grade and copy.counts == tuple(counts)]
    if not equal or any(copy.log == log for copy in equal):
        return None
    return equal[0]


def _places(view: View, keys: Sequence[int]) -> dict[int, list[_Copy]]:
    """Return where logs tell of shared requests, and what."""
    mine = place_conditions(view, ALL.part)
    found: defaultdict[int, list[_Copy]] = defaultdict(list)
    for some in pieces(keys):
        for key, log, machine, path, offset, grade, inode, *counts in view.database.rows(
            "SELECT t.key, t.log, l.machine, l.path, t.offset_bytes, t.grade, l.inode, t.input,"
            " t.cache_read, t.cache_write_5m, t.cache_write_1h, t.output, t.reasoning FROM copy t"
            f" JOIN log l ON l.id = t.log {_SCOPED} WHERE {mine.text} AND {among('t.key', some)}"
            " ORDER BY t.key, l.machine, l.path",
            [*mine.values, *some],
        ):
            place = Place(machine, path, offset, Grade(grade), inode != str(IMPORTED))
            found[key].append(_Copy(log, place, tuple(counts)))
    return found


def audit_witnesses(view: View, focus: Focus = ALL, limit: int = 1000) -> list[Witnessed]:
    """Return the audited requests that several sources tell of, the newest first."""
    found = _events(view, focus)
    found.tables |= {"s", "p"}
    return witnessed(view, found, limit)


def _conditions(view: View, focus: Focus, grain: Grain) -> Conditions:
    """Return what rows of a table t with a scope s and a place p must fulfil, but for time."""
    # The few scopes picked are of the workspace: naming it would mislead SQLite's planner.
    found = conditions(view, focus.part, scoped=_is_of_scopes(focus))
    if focus.session:
        found.tables.add("s")
        found.add("s.workspace = ?", view.workspace)
        found.add("s.session = ?", focus.session)
    if focus.agent is not None:
        found.tables.add("s")
        found.add("s.agent = ?", focus.agent)
    if focus.picks:
        within(found, view, Portion(focus.part, focus.picks, focus.calendar), grain)
    for facet, value in focus.picks:
        if facet is Facet.TOOL:
            called_tool(found, view, focus.part, value)
    if focus.keys:
        found.add(among("t.key", focus.keys), *focus.keys)
    return found


def _is_of_scopes(focus: Focus) -> bool:
    """Tell whether a focus is on places or agents, whose scopes are few."""
    is_picked = any(facet in OF_PLACE or facet in OF_SCOPE for facet, _ in focus.picks)
    return bool(focus.session) or is_picked


def _events(view: View, focus: Focus) -> Conditions:
    """Return what events t must fulfil: no ghosts, and within the range."""
    found = _conditions(view, focus, EVENTS)
    found.add(f"t.grade < {GHOST}")
    between(found, "t.instant_ms", focus.part.since_ms, focus.part.until_ms)
    if not (_is_of_scopes(focus) or focus.keys):
        of_active_scopes(found, view, focus.part)
    return found


def _is_rolled(focus: Focus) -> bool:
    """Tell whether roll-ups can be cut as a focus asks; they know no tools."""
    if focus.keys or any(facet is Facet.TOOL for facet, _ in focus.picks):
        return False
    return _is_edge(focus.part.since_ms) and _is_edge(focus.part.until_ms)


def _is_edge(at_ms: int) -> bool:
    """Tell whether roll-ups can be cut at an instant."""
    return at_ms <= 0 or at_ms >= OPEN_END_MS or at_ms % QUARTER_MS == 0
