"""Makes a large store directly with SQL: sessions in bursts, spread evenly over the days."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tokwatch.store.connect import WRITERS_CACHE_MB, Database
from tokwatch.store.sql import MEASURES
from tokwatch.store.store import open_store, set_setting, workspace_id

DAY_MS = 86_400_000
SESSION_EVENTS = 85
"""Requests of a session, its agents' included: the mean of real logs."""
PROJECTS, BRANCHES = 40, 3
MAKING_CACHE_MB = 2_000
"""Keys are spread over the whole table: what does not fit is written again and again."""
MODELS = (
    *("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-5"),
    *("claude-sonnet-5", "gpt-5.5", "gpt-5.4", "gpt-5.3-codex", "claude-fable-5"),
)
EVENT_COLUMNS = (
    *("key", "workspace", "instant_ms", "first_ms", "scope", "model", "requests", "input"),
    *("cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "web_searches"),
    *("logged_nano", "window_tokens", "grade", "final", "copied", "offset_bytes", "log"),
    *("copies", "computed_nano"),
)
_PROMPT = "input + cache_read + cache_write_5m + cache_write_1h"
_SUMS = (
    "count(*), sum(requests), sum(input), sum(cache_read), sum(cache_write_5m), "
    "sum(cache_write_1h), sum(output), sum(reasoning), sum(web_searches), 0, "
    "sum(computed_nano), sum(computed_nano), 0, 0, sum(1 - final), 0, 0"
)


def make(folder: Path, events: int, days: int, end_ms: int) -> Database:
    """Write a store of so many events that ends at an instant."""
    database = open_store("", folder)
    workspace = workspace_id(database, "local")
    assert workspace is not None
    database.cache(MAKING_CACHE_MB)
    with database.transaction():
        set_setting(database, workspace, "zone", "UTC")
        _write_names(database, workspace, events // SESSION_EVENTS + 1)
        marks = ", ".join("?" * len(EVENT_COLUMNS))
        database.executemany(
            f"INSERT INTO event ({', '.join(EVENT_COLUMNS)}) VALUES ({marks})",
            _events(workspace, events, days, end_ms),
        )
        _write_rollups(database)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.cache(WRITERS_CACHE_MB)
    return database


def _write_names(database: Database, workspace: int, sessions: int) -> None:
    add = database.executemany
    add(
        "INSERT INTO place (id, workspace, source, project, branch, user_name, tag, machine) "
        "VALUES (?, ?, ?, ?, ?, '', '', '')",
        (
            (
                number + 1,
                workspace,
                "codex" if number % 4 == 0 else "claude-code",
                f"/home/ana/project-{number // BRANCHES}",
                f"branch-{number % BRANCHES}",
            )
            for number in range(PROJECTS * BRANCHES)
        ),
    )
    add(
        "INSERT INTO model (id, workspace, provider, name, tier, priced_as, note) "
        "VALUES (?, ?, ?, ?, 'standard', '', '')",
        (
            (number + 1, workspace, "openai" if "gpt" in name else "anthropic", name)
            for number, name in enumerate(MODELS)
        ),
    )
    add(
        "INSERT INTO scope (id, workspace, place, session, agent) VALUES (?, ?, ?, ?, ?)",
        (
            (number * 2 + half + 1, workspace, number % (PROJECTS * BRANCHES) + 1, *names)
            for number in range(sessions)
            for half, names in enumerate(
                ((f"session-{number:08}", ""), (f"session-{number:08}", "a1"))
            )
        ),
    )
    _write_logs(database, workspace, sessions)


def _write_logs(database: Database, workspace: int, sessions: int) -> None:
    database.executemany(
        "INSERT INTO log (id, workspace, machine, path, source, session, parent, head, tail, "
        "state, version, bad_lines) "
        "VALUES (?, ?, '', ?, 'claude-code', ?, '', x'', x'', x'', 1, 0)",
        (
            (number + 1, workspace, f"/logs/{number}.jsonl", f"session-{number:08}")
            for number in range(sessions)
        ),
    )


def _events(
    workspace: int, events: int, days: int, end_ms: int
) -> Iterator[tuple[int | None, ...]]:
    """Yield event rows; each session is a burst, a fifth of it by a sub-agent."""
    dice = random.Random(7)
    sessions = events // SESSION_EVENTS + 1
    step_ms = days * DAY_MS // sessions
    for number in range(events):
        session, place = divmod(number, SESSION_EVENTS)
        if place == 0:
            at_ms = end_ms - (sessions - session) * step_ms
            context, model = 15_000, dice.randrange(len(MODELS))
        at_ms = min(at_ms + dice.randrange(5_000, 120_000), end_ms)
        context += dice.randrange(500, 3_000)
        write, output = dice.randrange(100, 3_000), dice.randrange(20, 900)
        sub = dice.random() < 0.2
        yield (
            *(dice.getrandbits(63), workspace, at_ms, at_ms, session * 2 + 1 + sub),
            *((model + sub) % len(MODELS) + 1, 1, dice.randrange(4, 400), context, write, 0),
            *(output, output // 3, 0, None, None, 1, int(dice.random() > 0.3), 0),
            *(number * 900, session + 1, 1, context * 500 + write * 6_250 + output * 25_000),
        )


def _write_rollups(database: Database) -> None:
    names = ", ".join(MEASURES)
    database.execute(
        f"INSERT INTO quarter (workspace, quarter_ms, scope, model, {names}) "
        f"SELECT workspace, instant_ms / 900000 * 900000, scope, model, {_SUMS} FROM event "
        "GROUP BY 1, 2, 3, 4"
    )
    sums = ", ".join(f"sum(q.{name})" for name in MEASURES)
    database.execute(
        f"INSERT INTO day (workspace, day, place, model, {names}) SELECT q.workspace, "
        f"q.quarter_ms / {DAY_MS}, s.place, q.model, {sums} FROM quarter q "
        "JOIN scope s ON s.id = q.scope GROUP BY 1, 2, 3, 4"
    )
    database.execute(
        f"INSERT INTO total (workspace, scope, model, {names}) SELECT q.workspace, q.scope, "
        f"q.model, {sums} FROM quarter q GROUP BY 1, 2, 3"
    )


LANDED = 1_999_999_999
"""Number of the place, the scope and the log of requests that land while a store is read."""
_LANDED_KEY = 1 << 62


def land(database: Database, workspace: int, at_ms: int) -> None:
    """Write one request with its sums, as an ingest does."""
    row = (
        *(_LANDED_KEY + at_ms, workspace, at_ms, at_ms, LANDED, 1, 1, 20, 150_000, 900, 0),
        *(400, 100, 0, None, None, 1, 1, 0, at_ms, LANDED, 1, 30_000_000),
    )
    figures = (1, 1, 20, 150_000, 900, 0, 400, 100, 0, 0, 30_000_000, 30_000_000, 0, 0, 0, 0, 0)
    more = ", ".join(f"{name} = {name} + excluded.{name}" for name in MEASURES)
    marks, names = ", ".join("?" * len(figures)), ", ".join(MEASURES)
    with database.transaction():
        database.execute(
            "INSERT INTO place (id, workspace, source, project, branch, user_name, tag, machine) "
            "VALUES (?, ?, 'claude-code', '/home/ana/landed', '', '', '', '') "
            "ON CONFLICT DO NOTHING",
            (LANDED, workspace),
        )
        database.execute(
            "INSERT INTO scope (id, workspace, place, session, agent) "
            "VALUES (?, ?, ?, 'landed', '') ON CONFLICT DO NOTHING",
            (LANDED, workspace, LANDED),
        )
        database.execute(
            f"INSERT INTO event ({', '.join(EVENT_COLUMNS)}) "
            f"VALUES ({', '.join('?' * len(row))}) ON CONFLICT DO NOTHING",
            row,
        )
        for table, columns, key in (
            ("quarter", "quarter_ms, scope", (at_ms // 900_000 * 900_000, LANDED)),
            ("day", "day, place", (at_ms // DAY_MS, LANDED)),
            ("total", "scope", (LANDED,)),
        ):
            keys = ", ".join("?" * len(key))
            database.execute(
                f"INSERT INTO {table} (workspace, {columns}, model, {names}) "
                f"VALUES (?, {keys}, 1, {marks}) ON CONFLICT DO UPDATE SET {more}",
                (workspace, *key, *figures),
            )


def forget(database: Database) -> None:
    """Take away what landed."""
    with database.transaction():
        for table in ("event", "quarter", "total"):
            database.execute(f"DELETE FROM {table} WHERE scope = ?", (LANDED,))
        database.execute("DELETE FROM day WHERE place = ?", (LANDED,))
        database.execute("DELETE FROM scope WHERE id = ?", (LANDED,))
        database.execute("DELETE FROM place WHERE id = ?", (LANDED,))
