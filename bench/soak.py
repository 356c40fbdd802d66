"""A day of many live sessions, replayed fast: memory, threads and open files must not grow.

The same sessions were as busy the day before, and had spent by then what others of their age have:
what grows is held, not a day that fills up with requests or with alerts.
The monitor runs twice on the same logs: without a screen, and with the screen on a terminal.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from bench.figures import Row, Table, figure, show
from bench.live_logs import PRICES, Answers, Session, history
from bench.measured import CLONE, BenchError, environment, measure, tokwatch
from bench.terminal import Terminal
from bench.vitals import Vitals, vitals

DAY_S: Final = 86_400
HOURS: Final = 24
LOOKS_AN_HOUR: Final = 12
HOURS_SHOWN: Final = (1, 2, 6, 12, 18, 24)
MOST_GROWTH: Final = 0.05
SETTLES_S: Final = 150
"""Real seconds of the same before the day: its workers keep to those. Suggestions are looked for
after 20 and again after 90, the calibration after 60: within the first hour of a real day.
"""
ENDS_AFTER: Final = 120
"""Responses after which, on average, a session ends and another begins."""
BEGAN_DAYS: Final = 5
"""Within so many days those that are live at first began."""
OUTPUT: Final = 900
"""Tokens of a response: a session of more than 111 costs what an alert is for."""

Course = list[Vitals]
"""A process over the day, looked at at equal distances."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How a process changed from the second hour to the last."""

    rss: float
    """Share by which its memory grew; the medians of both hours are compared."""
    own: float
    """The same without what is mapped of files."""
    threads: int
    files: int
    """Those that stay open: a log that is read, or a child's pipe, is open for a moment."""

    def __str__(self) -> str:
        """Return it in words."""
        memory = f"memory {self.rss:+.1%}, without files {self.own:+.1%}"
        return f"{memory}, threads {self.threads:+}, open files {self.files:+}"

    @property
    def is_too_much(self) -> bool:
        """Whether it holds more and more."""
        return max(self.rss, self.own) > MOST_GROWTH or self.threads > 0 or self.files > 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--minutes", type=float, default=10, help="how long the day takes")
    parser.add_argument("--live", type=int, default=1_000, help="sessions that answer")
    parser.add_argument("--ended", type=int, default=20_000, help="sessions of the days before")
    parser.add_argument("--rate", type=float, default=100, help="answers a second")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Replay a day, print what the processes held, and fail where that grew."""
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        courses = _replay(args, Path(folder))
    growths = {name: growth(course) for name, course in courses.items()}
    title = f"soak: a day in {args.minutes:g} minutes, {args.live:,} live, {args.ended:,} ended"
    notes = tuple(
        f"{name}: {grown} after the first hour ({hours_in_words(courses[name])})"
        for name, grown in growths.items()
    )
    columns = ("RSS MB", "without files", "threads", "open files")
    rows = tuple(_row(name, course) for name, course in courses.items())
    show(Table(title, columns, rows, notes), as_json=args.json)
    return 1 if any(grown.is_too_much for grown in growths.values()) else 0


def growth(course: Sequence[Vitals]) -> Growth:
    """Return how a process changed after the first hour of a day."""
    hour = len(course) // HOURS
    if hour == 0:
        raise BenchError("the day was too short to be looked at every hour")
    second, last = course[hour : 2 * hour], course[-hour:]
    return Growth(
        median(each.rss_mb for each in last) / median(each.rss_mb for each in second) - 1,
        median(each.own_mb for each in last) / median(each.own_mb for each in second) - 1,
        min(each.threads for each in last) - min(each.threads for each in second),
        min(each.files for each in last) - min(each.files for each in second),
    )


def hours_in_words(course: Sequence[Vitals]) -> str:
    """Return the memory that is no file's of some hours."""
    hour = len(course) // HOURS
    middles = {
        number: median(each.own_mb for each in course[(number - 1) * hour : number * hour])
        for number in HOURS_SHOWN
    }
    return ", ".join(f"hour {number} {middle:.0f} MB" for number, middle in middles.items())


def _row(name: str, course: Sequence[Vitals]) -> Row:
    after = course[len(course) // HOURS :]
    return Row(
        name,
        (
            figure([each.rss_mb for each in after]),
            figure([each.own_mb for each in after]),
            figure([each.threads for each in after]),
            figure([each.files for each in after]),
        ),
    )


def _replay(args: argparse.Namespace, scratch: Path) -> dict[str, Course]:
    """Write the days before, then let both processes live through the day."""
    seconds = args.minutes * 60
    began_s = time.time() - DAY_S * (1 + SETTLES_S / seconds)
    projects = scratch / "home" / ".claude" / "projects"
    history(projects, args.ended, 2, days=30, until_s=began_s)
    day = Day(Answers(projects), args.live, DAY_S / (seconds * args.rate))
    day.begin(began_s - DAY_S)
    day.live_until(began_s - DAY_S, began_s)
    settings = scratch / "config.toml"
    settings.write_text(PRICES, encoding="utf-8")
    env = environment(scratch / "home", scratch)
    courses: dict[str, Course] = {"monitor": [], "with the screen": []}
    for name in courses:
        known = tokwatch(scratch / name, "--config", str(settings), "report", "daily", "--json")
        measure(known, env)
    with ExitStack() as stack:
        command = [sys.executable, "-m", "bench.replayed", "--settings", str(settings)]
        command += ["--began", str(began_s), "--speed", str(DAY_S / seconds), "--data"]
        headless = subprocess.Popen(
            [*command, str(scratch / "monitor")], env=env, cwd=CLONE, stdin=subprocess.PIPE
        )
        stack.callback(headless.wait)
        assert headless.stdin is not None
        stack.callback(headless.stdin.close)
        screen = stack.enter_context(
            Terminal([*command, str(scratch / "with the screen"), "--screen"], env)
        )
        pids = dict(zip(courses, (headless.pid, screen.pid), strict=True))
        for _ in _looks(day, DAY_S / seconds, began_s):
            screen.pieces.clear()
            for name, pid in pids.items():
                courses[name].append(vitals(pid))
    return courses


class Day:
    """The sessions that are live, and their answers one after the other, at a steady rate."""

    def __init__(self, answers: Answers, live: int, step_s: float) -> None:
        """Take so many sessions; between two answers of any of them lie so many seconds."""
        self._answers, self._step_s, self._dice = answers, step_s, random.Random(5)
        self._sessions: list[Session] = [
            answers.session(f"live-{number % 60:02}") for number in range(live)
        ]
        self._count = 0

    def begin(self, until_s: float) -> None:
        """Let each session have spent, in the days before an instant, what comes with its age."""
        for session in self._sessions:
            answers = 1 + round(self._dice.expovariate(1 / ENDS_AFTER))
            at_s = until_s - self._dice.random() * BEGAN_DAYS * DAY_S
            self._answers.answer(
                session, datetime.fromtimestamp(at_s, UTC), output=answers * OUTPUT
            )

    def live_until(self, since_s: float, until_s: float) -> None:
        """Write the answers that are due until an instant, counted from another one."""
        while (at_s := since_s + self._count * self._step_s) < until_s:
            self._count += 1
            place = self._dice.randrange(len(self._sessions))
            if self._dice.randrange(ENDS_AFTER) == 0:
                self._sessions[place] = self._answers.session(self._sessions[place].name)
            self._answers.answer(
                self._sessions[place], datetime.fromtimestamp(at_s, UTC), output=OUTPUT
            )


def _looks(day: Day, speed: float, began_s: float) -> Iterator[None]:
    """Let the live sessions answer for a day, and yield whenever it is time for a look."""
    until_s, every_s = SETTLES_S + DAY_S / speed, DAY_S / speed / (HOURS * LOOKS_AN_HOUR)
    started, looks = time.monotonic(), 0
    while (gone_s := time.monotonic() - started) < until_s:
        day.live_until(began_s - DAY_S, began_s + gone_s * speed)
        if gone_s >= SETTLES_S + looks * every_s:
            looks += 1
            yield
        time.sleep(0.01)
