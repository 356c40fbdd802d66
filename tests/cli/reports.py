"""Runs `tokwatch report` on a store, the way a user does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.store.build import Made, build
from tokwatch.cli import main
from tokwatch.model.reading import LedgerLine
from tokwatch.store.store import open_store

MARCH_MS = 1_774_224_000_000
"""2026-03-23 00:00 UTC, a Monday."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
Run = Callable[..., "Printed"]


class Printed:
    """What a run said, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:  # whatever was printed
        """What was printed, decoded, without the version of its schema."""
        document = json.loads(self.out)
        document.pop("schemaVersion", None)  # an agent's hook is answered without
        return document


class World:
    """A data folder, and the command line on it."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def holds(self, made: Iterable[Made], ledger: Iterable[tuple[str, LedgerLine]] = ()) -> None:
        """Make a store of these requests."""
        database = open_store("", self.data)
        build(database, made, ledger=tuple(ledger))
        database.close()

    def report(self, *arguments: str) -> Printed:
        """Run a report without looking at logs first."""
        return self.run("report", *arguments, "--no-refresh")

    def run(self, *arguments: str) -> Printed:
        """Run any command on the folder."""
        code = main(["--data", str(self.data), *arguments])
        out, err = self._capsys.readouterr()
        return Printed(code, out, err)
