"""Two weeks of simulated work in a home of its own, and the screen on it, at one fixed instant."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from tokwatch.config import Config, load
from tokwatch.demo.feed import SEED
from tokwatch.demo.folder import DemoFolder
from tokwatch.demo.logs import log_of
from tokwatch.demo.world import history
from tokwatch.monitor.monitor import Monitor
from tokwatch.sources.source import Surroundings
from tokwatch.ui.app import TokwatchApp

NOW: Final = datetime(2026, 11, 20, 14, 7, 31, tzinfo=UTC)
PROMPT: Final = Path(__file__).parent / "review.md"
"""What the workbench is shown with."""
SETTINGS: Final = """
[general]
timezone = "UTC"
[prices]
update = false
[limits]
tokens_per_minute = 400000
[budget.day]
usd = 80
per = "day"
[budget.week]
usd = 250
per = "week"
[budget.checkout]
usd = 40
per = "day"
project = "checkout-service"
[budget.writing]
tokens = 2000000
token_class = "output"
per = "week"
[goal.cache]
measure = "cache_hit_rate"
target = 0.9
[goal.request]
measure = "cost_per_request"
target = 0.10
"""


class Scratch(DemoFolder):
    """The demo's writer of logs, in a home that is given."""

    def __init__(self, home: Path) -> None:
        self._home = home

    @property
    def home(self) -> Path:
        """The home in which the simulated tools keep their logs."""
        return self._home


def settled(home: Path) -> Config:
    """Make this folder the home of the process, with work in it, and return its settings."""
    for name in [name for name in os.environ if name.startswith(("TOKWATCH_", "XDG_"))]:
        del os.environ[name]
    os.environ.pop("NO_COLOR", None)
    os.environ.update(HOME=str(home), USERPROFILE=str(home), TZ="UTC")
    time.tzset()
    file = home / ".config/tokwatch/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(SETTINGS)
    (home / PROMPT.name).write_text(PROMPT.read_text("utf-8"), "utf-8")
    scratch = Scratch(home)
    for course in history(NOW, UTC, Random(SEED)):
        scratch.write(log_of(course))
    return load(file, home / ".local/share/tokwatch", environ={})


def settled_more(config: Config, settings: str) -> Config:
    """Return the settings with more of them, which the file holds from then on."""
    with config.file.open("a") as file:
        file.write(settings)
    return load(config.file, config.data, environ={})


def screen(config: Config, home: Path) -> TokwatchApp:
    """Return the screen on that work; nothing is written to its logs any more."""
    feed = Monitor(config, _now, Surroundings(home, {}, sys.platform))
    return TokwatchApp(config, feed, _now)


def _now() -> datetime:
    return NOW
