"""What rules look at, and what they found: requests as they come, sessions, alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokwatch.model.alert import Alert, Delivery, DeliveryState, Severity
from tokwatch.model.alert_facts import (
    EVERYTHING,
    Estimates,
    ModelGap,
    Narrow,
    SessionKey,
    SessionTotal,
    ToldFact,
    TurnSoFar,
    WatchedRequest,
)
from tokwatch.model.caching import CachedRequest, Chain
from tokwatch.model.usage import CostMode, Dimension, Slice
from tokwatch.store.connect import Row
from tokwatch.store.read.cache import CACHED, CARD
from tokwatch.store.read.detail import SESSION, add_owner
from tokwatch.store.read.measured import CELL_COST, COST, PROMPT
from tokwatch.store.view import (
    ALL,
    GHOST,
    LOG_PATH,
    SCOPE_COLUMNS,
    Conditions,
    View,
    among,
    between,
    conditions,
    evened,
    event_conditions,
    joins,
    pieces,
    place_conditions,
)

MOST_CALLS: Final = 60
"""Tool calls of a turn that are looked at, the newest."""
_KIND: Final = SCOPE_COLUMNS[Dimension.KIND]
_UNCOSTED: Final = "coalesce(t.computed_nano, t.logged_nano) IS NULL"
_ALERT: Final = (
    "a.id, a.rule, a.subject, a.severity, a.opened_ms, a.updated_ms, a.value, a.worst, "
    "a.threshold, a.title, a.closed_ms, a.acknowledged_ms, a.snoozed_until_ms, "
    "a.clear_since_ms, a.times, a.user_name"
)


def watched_requests(
    view: View, part: Slice = ALL, mode: CostMode = CostMode.AUTO
) -> list[WatchedRequest]:
    """Return the requests of a range as rules need them, the oldest first."""
    found = event_conditions(view, part)
    rows = view.database.rows(
        f"SELECT {CACHED}, {_KIND}, p.user_name, m.provider, coalesce(t.output, 0), {COST[mode]}, "
        f"CASE WHEN {_UNCOSTED} THEN {PROMPT} + coalesce(t.output, 0) ELSE 0 END, "
        f"t.window_tokens, coalesce({LOG_PATH}, '') "
        f"FROM event t {joins({'s', 'p', 'm', 'a'}, scoped=True)} {CARD} "
        f"LEFT JOIN log l ON l.id = t.log WHERE {found.text} ORDER BY t.instant_ms, t.key",
        found.values,
    )
    return [WatchedRequest(CachedRequest(*row[:19]), *row[19:]) for row in rows]


def session_totals(
    view: View, sessions: Sequence[SessionKey], mode: CostMode = CostMode.AUTO
) -> dict[SessionKey, SessionTotal]:
    """Return what sessions have cost so far."""
    if not sessions:
        return {}
    places, named = place_conditions(view, ALL), evened(session for _, session in sessions)
    rows = view.database.rows(
        f"SELECT p.source, s.session, CAST(sum(t.{CELL_COST[mode]}) AS BIGINT), "
        "CAST(sum(t.input + t.cache_read + t.cache_write_5m + t.cache_write_1h + t.output) "
        "AS BIGINT) FROM scope s JOIN place p ON p.id = s.place "
        "JOIN total t ON t.workspace = s.workspace AND t.scope = s.id "
        f"WHERE s.workspace = ? AND {among('s.session', named)} AND {places.text} "
        "GROUP BY 1, 2",
        [view.workspace, *named, *places.values],
    )
    wanted = set(sessions)
    return {
        (row[0], row[1]): SessionTotal(row[2], row[3]) for row in rows if (row[0], row[1]) in wanted
    }


def turns_so_far(
    view: View, sessions: Sequence[SessionKey], mode: CostMode = CostMode.AUTO
) -> dict[SessionKey, TurnSoFar]:
    """Return the running turn of each session's main agent, where its conversation was read."""
    if not sessions:
        return {}
    found = Conditions()
    found.add("g.workspace = ?", view.workspace)
    named = evened(session for _, session in sessions)
    found.add(among(SESSION, named), *named)
    if view.user is not None:
        add_owner(found, SESSION, (), "p.user_name = ?", (view.user,))
    rows = view.database.rows(
        f"SELECT k.id, g.source, {SESSION}, t.begin_ms, t.requests FROM log g "
        "JOIN strand k ON k.log = g.id AND k.agent = '' "
        "JOIN turn t ON t.strand = k.id AND t.number = "
        "(SELECT max(x.number) FROM turn x WHERE x.strand = k.id) "
        f"WHERE {found.text} ORDER BY t.begin_ms, k.id",
        found.values,
    )
    wanted = set(sessions)
    newest = {(row[1], row[2]): row for row in rows if (row[1], row[2]) in wanted}
    return {key: _turn(view, row, mode) for key, row in newest.items()}


def _turn(view: View, row: Row, mode: CostMode) -> TurnSoFar:
    strand, source, session, begin_ms, requests = row
    nano: int | None = view.database.value(
        f"SELECT CAST(sum({COST[mode]}) AS BIGINT) FROM event t "
        "WHERE t.scope IN (SELECT s.id FROM scope s JOIN place p ON p.id = s.place "
        "WHERE s.workspace = ? AND s.session = ? AND s.agent = '' AND p.source = ?) "
        f"AND t.instant_ms >= ? AND t.grade < {GHOST}",
        (view.workspace, session, source, begin_ms),
    )
    calls = view.database.rows(
        "SELECT b.digest, b.request FROM block b WHERE b.strand = ? AND b.part = 'tool call' "
        "AND b.instant_ms >= ? ORDER BY b.number DESC LIMIT ?",
        (strand, begin_ms, MOST_CALLS),
    )
    digests = tuple(call[0] for call in reversed(calls))
    return TurnSoFar(requests, nano or 0, digests, calls[0][1] if calls else 0)


def told_facts(view: View, part: Slice = ALL) -> list[ToldFact]:
    """Return what logs told of the requests of a range, and what failed, the oldest first."""
    found = event_conditions(view, part)
    rows = view.database.rows(
        "SELECT t.instant_ms, t.key, f.name, max(f.value), p.project, m.name, "
        f"{_KIND}, p.user_name FROM event t JOIN request_fact f ON f.key = t.key "
        f"{joins({'s', 'p', 'm', 'a'}, scoped=True)} WHERE {found.text} "
        "GROUP BY 1, 2, 3, 5, 6, 7, 8",
        found.values,
    )
    return sorted([*(ToldFact(*row) for row in rows), *_incidents(view, part)])


def _incidents(view: View, part: Slice) -> list[ToldFact]:
    """Return failed attempts, with the request that came next in their agent's log."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    found.add("t.kind <> 'interrupted'")
    between(found, "t.instant_ms", part.since_ms, part.until_ms)
    if view.user is not None:
        add_owner(found, SESSION, (), "p.user_name = ?", (view.user,))
    scope = (
        "(SELECT min(s.id) FROM scope s JOIN place q ON q.id = s.place WHERE "
        f"s.workspace = g.workspace AND s.session = {SESSION} AND s.agent = k.agent "
        "AND q.source = g.source AND q.machine = g.machine"
        f"{'' if view.user is None else ' AND q.user_name = ?'})"
    )
    nearest = (
        "coalesce((SELECT e.key FROM event e WHERE e.scope = i.scope "
        f"AND e.instant_ms >= i.instant_ms AND e.grade < {GHOST} ORDER BY e.instant_ms LIMIT 1), "
        "(SELECT e.key FROM event e WHERE e.scope = i.scope "
        f"AND e.instant_ms < i.instant_ms AND e.grade < {GHOST} ORDER BY e.instant_ms DESC LIMIT 1)"
        ", 0)"
    )
    rows = view.database.rows(
        f"SELECT i.instant_ms, {nearest}, i.limited, coalesce(p.project, ''), "
        f"coalesce({_KIND}, 'main'), coalesce(p.user_name, '') FROM "
        f"(SELECT t.instant_ms, {scope} AS scope, "
        "CASE WHEN t.kind = 'rate limit' THEN 1 ELSE 0 END AS limited "
        "FROM incident t JOIN strand k ON k.id = t.strand JOIN log g ON g.id = k.log "
        f"WHERE {found.text}) i LEFT JOIN scope s ON s.id = i.scope "
        "LEFT JOIN place p ON p.id = s.place "
        "LEFT JOIN agent a ON a.workspace = s.workspace AND a.source = p.source "
        "AND a.session = s.session AND a.agent = s.agent",
        [*(() if view.user is None else (view.user,)), *found.values],
    )
    return [
        ToldFact(at_ms, key, "incident", limited, project, "", kind, user)
        for at_ms, key, limited, project, kind, user in rows
    ]


def estimate_sums(view: View, part: Slice = ALL, narrow: Narrow = EVERYTHING) -> Estimates:
    """Return computed against logged costs, of a range's requests that have both."""
    found = event_conditions(view, part)
    found.add("t.logged_nano > 0 AND t.computed_nano IS NOT NULL")
    _narrowed(found, narrow)
    rows = view.database.rows(
        "SELECT CAST(count(*) AS BIGINT), "
        "CAST(coalesce(sum(abs(t.computed_nano - t.logged_nano)), 0) AS BIGINT), "
        "CAST(coalesce(sum(t.logged_nano), 0) AS BIGINT) "
        f"FROM event t {joins(found.tables, scoped=True)} WHERE {found.text}",
        found.values,
    )
    return Estimates(*rows[0])


def quarters_of(
    view: View,
    part: Slice = ALL,
    narrow: Narrow = EVERYTHING,
    mode: CostMode = CostMode.AUTO,
) -> list[tuple[int, int, int]]:
    """Return (quarter of an hour, nano-dollars, tokens) of a part of use, the oldest first."""
    found = conditions(view, part)
    between(found, "t.quarter_ms", part.since_ms, part.until_ms)
    _narrowed(found, narrow)
    rows = view.database.rows(
        f"SELECT t.quarter_ms, CAST(sum(t.{CELL_COST[mode]}) AS BIGINT), "
        "CAST(sum(t.input + t.cache_read + t.cache_write_5m + t.cache_write_1h + t.output) "
        f"AS BIGINT) FROM quarter t {joins(found.tables, scoped=True)} WHERE {found.text} "
        "GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _narrowed(found: Conditions, narrow: Narrow) -> None:
    """Ask for names; a narrow here holds names, not patterns."""
    for column, names in (
        ("p.project", narrow.projects),
        ("m.name", narrow.models),
        (_KIND, narrow.agents),
        ("p.user_name", narrow.users),
    ):
        if names:
            found.add(among(column, names), *names)
            found.tables.update({"s", column[0]} if column != _KIND else {"s", "p", "a"})


def model_gaps(view: View, part: Slice = ALL) -> list[ModelGap]:
    """Return the models without a price, with their newest requests."""
    found = event_conditions(view, part)
    found.add(_UNCOSTED)
    rows = view.database.rows(
        f"SELECT m.name, CAST(sum({PROMPT} + coalesce(t.output, 0)) AS BIGINT), max(t.key) "
        f"FROM event t {joins(found.tables | {'m'}, scoped=True)} WHERE {found.text} "
        "GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return [ModelGap(row[0], row[1], (row[2],)) for row in rows if row[1]]


def source_days(view: View, part: Slice = ALL) -> dict[str, tuple[int, ...]]:
    """Return the days (UTC, since 1970) with use of each source."""
    found = conditions(view, part)
    between(found, "t.quarter_ms", part.since_ms, part.until_ms)
    rows = view.database.rows(
        f"SELECT DISTINCT p.source, t.quarter_ms / 86400000 FROM quarter t "
        f"{joins(found.tables | {'p'}, scoped=True)} WHERE {found.text} AND t.events > 0 "
        "ORDER BY 1, 2",
        found.values,
    )
    days: dict[str, tuple[int, ...]] = {}
    for source, day in rows:
        days[source] = (*days.get(source, ()), day)
    return days


def alerts(view: View, closed_since_ms: int = 0, limit: int = 1_000) -> list[Alert]:
    """Return the open alerts, and those closed since an instant; the open and the newest first."""
    found = _own(view)
    found.add("(a.closed_ms IS NULL OR a.closed_ms >= ?)", closed_since_ms)
    rows = view.database.rows(
        f"SELECT {_ALERT} FROM alert a WHERE {found.text} "
        "ORDER BY CASE WHEN a.closed_ms IS NULL THEN 0 ELSE 1 END, a.opened_ms DESC, a.id DESC "
        "LIMIT ?",
        [*found.values, limit],
    )
    return _with_events(view, rows)


def open_alerts(view: View) -> list[Alert]:
    """Return the open alerts, the newest first."""
    found = _own(view)
    found.add("a.closed_ms IS NULL")
    rows = view.database.rows(
        f"SELECT {_ALERT} FROM alert a WHERE {found.text} ORDER BY a.opened_ms DESC, a.id DESC",
        found.values,
    )
    return _with_events(view, rows)


def _own(view: View) -> Conditions:
    found = Conditions()
    found.add("a.workspace = ?", view.workspace)
    if view.user is not None:
        found.add("a.user_name = ?", view.user)
    return found


def _with_events(view: View, rows: Sequence[Row]) -> list[Alert]:
    if not rows:
        return []
    keys: dict[int, tuple[int, ...]] = {}
    numbers = evened(row[0] for row in rows)
    for alert, key in view.database.rows(
        f"SELECT e.alert, e.key FROM alert_event e WHERE {among('e.alert', numbers)} "
        "ORDER BY e.alert, e.place",
        numbers,
    ):
        keys[alert] = (*keys.get(alert, ()), key)
    return [_alert(row, keys.get(row[0], ())) for row in rows]


def _alert(row: Row, events: tuple[int, ...]) -> Alert:
    names = _ALERT.replace("a.", "").replace("user_name", "user").split(", ")
    told = dict(zip(names, row, strict=True))
    return Alert(**(told | {"severity": Severity(told["severity"]), "events": events}))


def deliveries(view: View, since_ms: int = 0) -> list[Delivery]:
    """Return how alerts were told since an instant, the newest first."""
    found = _own(view)
    found.add("d.at_ms >= ?", since_ms)
    rows = view.database.rows(
        "SELECT d.id, d.alert, d.channel, d.state, d.tries, d.at_ms, d.error "
        f"FROM alert_delivery d JOIN alert a ON a.id = d.alert WHERE {found.text} "
        "ORDER BY d.at_ms DESC, d.id DESC",
        found.values,
    )
    return [
        Delivery(row[0], row[1], row[2], DeliveryState(row[3]), row[4], row[5], row[6])
        for row in rows
    ]


def chains_of(view: View, keys: Sequence[int]) -> dict[int, Chain]:
    """Return whose requests some keys are; one that was pruned is left out."""
    found: dict[int, Chain] = {}
    for some in pieces(keys):
        conditions = event_conditions(view, ALL)
        conditions.add(among("t.key", some), *some)
        rows = view.database.rows(
            "SELECT t.key, p.source, s.session, s.agent FROM event t "
            f"{joins({'s', 'p'}, scoped=True)} WHERE {conditions.text}",
            conditions.values,
        )
        found |= {row[0]: Chain(row[1], row[2], row[3]) for row in rows}
    return found
