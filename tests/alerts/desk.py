"""A store, settings and a clock under the hands of a test, for all who watch for alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.store.build import Made, build
from tokwatch.alerts.alerting import Rounds, open_rounds
from tokwatch.config import Config, load
from tokwatch.model.alert import Alert
from tokwatch.model.snapshot import SourceStatus
from tokwatch.model.units import QUARTER_MS
from tokwatch.store.connect import Database
from tokwatch.store.read.every import View, open_alerts, open_view

START_MS = QUARTER_MS * 1_960_000
MINUTE_MS = 60_000


@dataclass
class Desk:
    """A store, settings and a clock that a test moves."""

    folder: Path
    database: Database
    at_ms: int = START_MS
    settings: str = ""
    states: list[SourceStatus] = field(default_factory=list)

    @property
    def view(self) -> View:
        """Everybody's view."""
        return open_view(self.database, "local")

    @property
    def config(self) -> Config:
        """The settings as they stand."""
        file = self.folder / "config.toml"
        file.write_text(f'[general]\ntimezone = "UTC"\n{self.settings}', "utf-8")
        return load(file, self.folder, environ={})

    def clock(self) -> datetime:
        """Return the moment."""
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)

    def rounds(self) -> Rounds:
        """Begin to watch."""
        made = open_rounds(self.config, lambda: self.states, self.clock)
        assert made is not None
        return made

    def after(self, ms: int, *rounds: Rounds) -> None:
        """Let time pass, and everybody who watches look."""
        self.at_ms += ms
        for one in rounds:
            one.turn()

    def now(self) -> dict[str, Alert]:
        """Return the open alerts by rule."""
        return {one.rule: one for one in open_alerts(self.view)}


def watched(desk: Desk, made: list[Made]) -> dict[str, Alert]:
    """Fill the store, look once, and return what is open."""
    build(desk.database, made)
    rounds = desk.rounds()
    desk.after(MINUTE_MS, rounds)
    rounds.close()
    return desk.now()
