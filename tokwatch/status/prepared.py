"""Answers of `check` and of the status line as queries that are ready to run.

Reading the settings takes longer than a shell prompt may: what they come to is kept in a file, with
what it rests on. Whoever finds that changed prepares anew. Standard library only, little of it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final, NamedTuple

from tokwatch import __version__

Values = dict[str, Any]  # JSON, as prepare.py wrote it
FILE: Final = "prepared.json"
LOGS: Final = "prepared-logs.json"
COLUMNS: Final = {
    "requests": (0,),
    "usd": (5,),
    "all": (1, 2, 3, 4),
    "input": (1,),
    "cache_read": (2,),
    "cache_write": (3,),
    "output": (4,),
}
"""Places of the sums that an amount is made of, in the order of `facets.Amount`."""
TOLD_MS: Final = 60_000
"""So long what was looked at closely may be told again, while the store stays as it is."""
MISSING, LOWER_BOUND, DERIVED = 6, 7, 8
DATABASE_ERRORS: Final = (OSError, ValueError, KeyError, TypeError, IndexError)


class Line(NamedTuple):
    """How one budget stands, as `check` tells it; amounts are nano-dollars or counts."""

    name: str
    subject: str
    unit: str
    tokens: str
    period: str
    start_ms: int
    end_ms: int | None
    limit: int
    spent: int
    lower_bound: bool
    is_estimate: bool
    scopes: tuple[tuple[str, str], ...]
    split: str = ""

    @property
    def left(self) -> int:
        """What is left; below zero when more was spent."""
        return self.limit - self.spent

    @property
    def share(self) -> float:
        """Spent of the limit."""
        return self.spent / self.limit

    @property
    def is_over(self) -> bool:
        """Tell whether the limit is reached or passed."""
        return self.spent >= self.limit


class Asked(NamedTuple):
    """The options and variables that decide which settings hold."""

    config: str | None
    data: str | None
    profile: str | None


def key_of(asked: Asked) -> list[object]:
    """Return what decides which settings hold, this version among it."""
    named = sorted(
        [name, value]
        for name, value in os.environ.items()
        if name.startswith("TOKWATCH_") or name in ("TZ", "HOME", "XDG_CONFIG_HOME")
    )
    where = os.getcwd() if asked.config or "TOKWATCH_CONFIG" in os.environ else ""
    return [__version__, list(asked), named, where]


def stamp(path: str) -> list[int] | None:
    """Return what changes with a file; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size, found.st_ino]


def data_folder(asked: Asked) -> str:
    """Return the folder of everything that tokwatch writes."""
    named = asked.data or os.environ.get("TOKWATCH_DATA")
    if named:
        return os.path.abspath(os.path.expanduser(named))
    from tokwatch.paths import user_data_folder

    return str(user_data_folder())


def store_stamps(path: str) -> list[list[int] | None]:
    """Return what changes with a SQLite store."""
    return [stamp(path), stamp(f"{path}-wal")]


def read_prepared(asked: Asked, now_ms: int) -> Values | None:
    """Return what was prepared for these options, where it still holds."""
    try:
        with open(os.path.join(data_folder(asked), FILE), "rb") as file:
            found: Values = json.load(file)
        files, stamps = found["files"], found["stamps"]
        holds = found["key"] == key_of(asked) and found["since_ms"] <= now_ms < found["until_ms"]
        if holds and all(stamp(path) == known for path, known in zip(files, stamps, strict=True)):
            return found
    except DATABASE_ERRORS:
        return None
    return None


def write_file(path: str, values: Values) -> None:
    """Write a file at once or not at all; that it could not be written only costs time."""
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        temporary = f"{path}.{os.getpid()}"
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(values, file, separators=(",", ":"))
        os.replace(temporary, path)


def _opened(store: str) -> object:
    """Open a store for reading: a SQLite file quickly, an address as the others do."""
    if "://" in store:
        from pathlib import Path

        from tokwatch.store.connect import open_database

        return open_database(store, Path(), read_only=True)
    import sqlite3
    from urllib.parse import quote

    path = quote(os.path.abspath(store))
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1.0)


class Answers:
    """Runs prepared queries on the store, which is opened for reading."""

    def __init__(self, prepared: Values) -> None:
        """Open the store; an sqlite3.Error or OSError tells that it cannot be."""
        self.prepared = prepared
        self._driver: Any = _opened(prepared["store"])  # a sqlite3 connection, or what acts as one

    def close(self) -> None:
        """Close the store."""
        self._driver.close()

    def sums(self, queries: Iterable[tuple[str, list[object]]]) -> list[int]:
        """Return the sums of some queries together."""
        found = [0] * 9
        for sql, values in queries:
            for row in self._driver.execute(sql, values).fetchall():
                found = [one + (more or 0) for one, more in zip(found, row, strict=True)]
        return found

    def value(self, query: tuple[str, list[object]], *more: object) -> int:
        """Return the only value of a query; 0 where it has none."""
        row = self._driver.execute(query[0], [*query[1], *more]).fetchone()
        return row[0] or 0 if row else 0

    def lines(self, names: Iterable[str] = (), session: str = "") -> list[Line] | None:
        """Return how budgets stand; None where one of them must be looked at more closely.

        Where a session is named, what each session has for itself is told of that one.
        """
        chosen = set(names)
        found = []
        for one in self.prepared["budgets"]:
            if chosen and one["name"] not in chosen and one["split"] not in chosen:
                continue
            queries, own = one["queries"], one["session"]
            if session and own is not None:
                sql, values = own
                scopes = [*one["scopes"], ["session", session]]
                one = one | {"scopes": scopes, "subject": f"session {session}"}
                queries = [(sql, [*values, session])]
            if queries is None:
                return self._told(chosen)
            found.append(line_of(one, self.sums(queries)))
        return found

    def _told(self, chosen: set[str]) -> list[Line] | None:
        """Return what the last close look found, if the store has not changed since."""
        told = self.prepared["told"]
        path, now_ms = self.prepared["store"], time.time_ns() // 1_000_000
        if store_stamps(path) != told["stamps"] or not 0 <= now_ms - told["at_ms"] < TOLD_MS:
            return None
        lines = [Line(*one) for one in told["lines"]]
        return [one for one in lines if not chosen or one.name in chosen or one.split in chosen]

    def quick_lines(self) -> list[Line]:
        """Return how those budgets stand that need no closer look."""
        quick = [one for one in self.prepared["budgets"] if one["queries"] is not None]
        return [line_of(one, self.sums(one["queries"])) for one in quick]


def line_of(budget: Values, sums: list[int]) -> Line:
    """Return the standing of a budget from the sums of its time."""
    is_money = budget["unit"] == "usd"
    which = budget["tokens"] if budget["unit"] == "tokens" else budget["unit"]
    return Line(
        name=budget["name"],
        subject=budget["subject"],
        unit=budget["unit"],
        tokens=budget["tokens"],
        period=budget["period"],
        start_ms=budget["start_ms"],
        end_ms=budget["end_ms"],
        limit=budget["limit"],
        spent=sum(sums[place] for place in COLUMNS[which]),
        lower_bound=sums[LOWER_BOUND] > 0 or (is_money and sums[MISSING] > 0),
        is_estimate=sums[DERIVED] > 0,
        scopes=tuple((one[0], one[1]) for one in budget["scopes"]),
        split=budget["split"],
    )


def is_ingested(data: str) -> bool:
    """Tell whether a process keeps the store up to date: then it holds the ingest lock."""
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    try:
        lock = os.open(os.path.join(data, "ingest.lock"), os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def logs_stand(data: str, prepared: Values) -> bool:
    """Tell that no log and no folder of logs has changed since the store was brought up to date."""
    try:
        with open(os.path.join(data, LOGS), "rb") as file:
            known: Values = json.load(file)
        if known["key"] != prepared["key"] or known["stamps"] != prepared["stamps"]:
            return False
        return all(stamp(path) == before for path, before in known["logs"].items())
    except DATABASE_ERRORS:
        return False
