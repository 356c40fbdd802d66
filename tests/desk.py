"""A home with its store, and what reads both: for tests of the detail pass."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.sources.agents import claude_talk as claude
from tests.sources.claude_lines import prompt
from tests.sources.road import CANARY, write
from tokwatch.config import Config, load
from tokwatch.ingest.details import DetailPass, open_details
from tokwatch.ingest.ingest import Ingest, open_ingest
from tokwatch.log import OwnLog
from tokwatch.store.connect import Database
from tokwatch.store.read.every import SessionDetail, open_view, session_detail
from tokwatch.store.store import open_store

DAY_S = 24 * 60 * 60
NOW_S = datetime.now(UTC).timestamp()
FIRST = "2f4b6d8e-0000-4000-8000-000000000001"
SECOND = "2f4b6d8e-0000-4000-8000-000000000002"


def log(home: Path, session: str, *lines: bytes, days_ago: float = 0, agent: str = "") -> Path:
    """Write a session's log, or one of an agent of its, last used so many days ago."""
    folder = home / ".claude" / "projects" / "-home-ana-shop"
    beside = folder / session / "subagents" / f"agent-{agent}.jsonl"
    path = write(beside if agent else folder / f"{session}.jsonl", *lines)
    age(path, days_ago)
    return path


def age(path: Path, days_ago: float) -> None:
    """Let a log be last used so many days ago."""
    os.utime(path, (NOW_S - days_ago * DAY_S,) * 2)


def talk(session: str, count: int = 3) -> list[bytes]:
    """Return a session of so many prompts and answers."""
    lines = []
    for number in range(count):
        lines.append(prompt(f"{CANARY} {number}", uuid=f"{session}{number}", session=session))
        lines.append(claude.said(claude.text("x" * 400), name=f"{session}{number}"))
    return lines


@dataclass
class Desk:
    """A home, its store, and what reads both."""

    home: Path
    config: Config
    database: Database
    ingest: Ingest
    details: DetailPass
    told: list[int]

    def look(self, *, read: bool = True) -> None:
        """Walk over all logs, read what is new and offer them all."""
        found = self.ingest.walk()
        if read:
            for _ in self.ingest.read(found.pending):
                pass
        self.details.offer(found.logs, round(NOW_S * 1000))
        self.details.forget_old()

    def step(self, opened: tuple[str, str] | None = None, *, is_idle: bool = True) -> None:
        """Read one piece, without a rest before it."""
        self.details._rest_until = 0.0
        self.details.step(opened, is_idle=is_idle)

    def read_all(self) -> None:
        """Read whatever is new."""
        self.look()
        while self.details.rest_s() != math.inf:
            self.step()

    def of(self, session: str) -> SessionDetail:
        """Return what the store has of a session."""
        return session_detail(open_view(self.database, "local"), "claude-code", session)


@contextmanager
def opened_desk(home: Path, data: Path, days: str = "7") -> Iterator[Desk]:
    """Open a store in `data` that reads a home."""
    config = load(data=data, environ={"TOKWATCH_DETAIL__DAYS": days})
    database = open_store("", config.data)
    told: list[int] = []
    own = OwnLog(config.data, config.log)
    ingest = open_ingest(config, database)
    details = open_details(config, database, ingest, own, lambda: told.append(1))
    yield Desk(home, config, database, ingest, details, told)
    own.close()
    database.close()
