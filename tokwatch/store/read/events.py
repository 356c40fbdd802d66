"""Single events: for lists, for blocks, and for charts finer than a quarter of an hour."""

from __future__ import annotations

from tokwatch.model.event import ModelName, Scope
from tokwatch.model.stored import EventFact, Moment, Spent
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import CostMode, Slice, Usage
from tokwatch.store.connect import Row
from tokwatch.store.later import rest_of_quarter, without
from tokwatch.store.newest import Wanted, newest_events
from tokwatch.store.read.measured import CELL_COST, COST, MEASURED, MISSING, OF_EVENT, TOTAL
from tokwatch.store.view import (
    ALL,
    LOG_PATH,
    SCOPE,
    View,
    between,
    bucket_of,
    conditions,
    event_conditions,
    joins,
)

EVENT_COLUMNS = (
    f"t.key, t.instant_ms, {SCOPE}, m.provider, m.name, m.tier, t.window_tokens, "
    f"{LOG_PATH}, t.offset_bytes, {', '.join(MEASURED)}"
)
"""What `event_of` takes; s, p, m and the log l are joined."""
WHOLE_EVENT = Wanted(EVENT_COLUMNS, frozenset("spm"), "LEFT JOIN log l ON l.id = t.log")


def event_of(row: Row) -> EventFact:
    """Return an event from its columns."""
    return EventFact(
        row[0],
        row[1],
        Scope(*row[2:11]),
        ModelName(*row[11:14]),
        Usage(*row[17:]),
        row[14],
        row[15] or "",
        row[16],
    )


def events(view: View, part: Slice = ALL, limit: int = 100) -> list[EventFact]:
    """Return the newest events, the newest first."""
    return [event_of(row) for row in newest_events(view, part, WHOLE_EVENT, limit)]


def moments(
    view: View,
    part: Slice = ALL,
    mode: CostMode = CostMode.AUTO,
) -> list[Moment]:
    """Return every event as an instant, a model, tokens and a cost, the oldest first."""
    found = event_conditions(view, part)
    rows = view.database.rows(
        "SELECT t.instant_ms, m.name, coalesce(t.input, 0), coalesce(t.output, 0), "
        "coalesce(t.cache_write_5m, 0) + coalesce(t.cache_write_1h, 0), "
        f"coalesce(t.cache_read, 0), {COST[mode]}, {OF_EVENT.get(MISSING[mode], '0')}, "
        f"{OF_EVENT['lower_bound']}, {OF_EVENT['derived']} "
        f"FROM event t {joins(found.tables | {'m'}, scoped=True)} WHERE {found.text} "
        "ORDER BY t.instant_ms, t.key",
        found.values,
    )
    return [Moment(*row) for row in rows]


def spent(view: View, part: Slice = ALL, mode: CostMode = CostMode.AUTO) -> list[Spent]:
    """Return who spent what in each event of a range, the oldest first; for short ranges."""
    found = event_conditions(view, part)
    rows = view.database.each(
        f"SELECT t.instant_ms, p.source, s.session, s.agent, m.name, {TOTAL}, {COST[mode]} "
        f"FROM event t {joins({'s', 'p', 'm'}, scoped=True)} WHERE {found.text} "
        "ORDER BY t.instant_ms, t.key",
        found.values,
    )
    names: dict[str, str] = {}
    same = names.setdefault  # a session answers often: each name is kept once
    return [
        Spent(
            at_ms,
            same(source, source),
            same(session, session),
            same(agent, agent),
            same(model, model),
            tokens,
            nano,
        )
        for at_ms, source, session, agent, model, tokens, nano in rows
    ]


def timeline(
    view: View, part: Slice, bucket_ms: int, mode: CostMode = CostMode.AUTO
) -> list[tuple[int, str, int]]:
    """Return (bucket's start, model, nano-dollars), the oldest first.

    Buckets are whole divisions of UTC time; those finer than a roll-up's are made from events.
    """
    rows = _in_buckets(view, part, bucket_ms, mode, is_fine=bucket_ms % QUARTER_MS > 0)
    if not bucket_ms % QUARTER_MS and (rest := rest_of_quarter(part)) is not None:
        rows = without(rows, _in_buckets(view, rest, bucket_ms, mode, is_fine=True), 2)
    named = view.database.rows("SELECT id, name FROM model WHERE workspace = ?", (view.workspace,))
    models = {row[0]: row[1] for row in named}
    merged: dict[tuple[int, str], int] = {}
    for at_ms, model, nano in rows:
        key = (at_ms, models[model])
        merged[key] = merged.get(key, 0) + nano
    return [(*key, nano) for key, nano in sorted(merged.items())]


def _in_buckets(
    view: View, part: Slice, bucket_ms: int, mode: CostMode, *, is_fine: bool
) -> list[Row]:
    """Return (bucket's start, model's row id, nano-dollars), from events or from roll-ups."""
    if is_fine:
        found, cost, at = event_conditions(view, part), COST[mode], "t.instant_ms"
    else:
        found, cost, at = conditions(view, part), f"t.{CELL_COST[mode]}", "t.quarter_ms"
        between(found, at, part.since_ms, part.until_ms)
    table = "event" if is_fine else "quarter"
    return view.database.rows(
        f"SELECT {bucket_of(at, bucket_ms)}, t.model, CAST(sum({cost}) AS BIGINT) "
        f"FROM {table} t {joins(found.tables, scoped=True)} WHERE {found.text} GROUP BY 1, 2",
        found.values,
    )
