"""A day of many live sessions, replayed fast: memory, threads and open files must not grow.

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
MOST_GROWTH: Final = 0.05
ENDS_AFTER: Final = 120
"""Responses after which, on average, a session ends and another begins."""

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

    def __str__(self) -> str:
        """Return it in words."""
        memory = f"memory {self.rss:+.1%}, without files {self.own:+.1%}"
        return f"{memory}, threads {self.threads:+}, open files {self.files:+}"

    @property
    def is_too_much(self) -> bool:
        """Whether it holds more and more; mapped pages of the store go when others need room."""
        return self.own > MOST_GROWTH or self.threads > 0 or self.files > 0


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
    notes = tuple(f"{name}: {grown} after the first hour" for name, grown in growths.items())
    columns = ("RSS MB", "without files", "threads", "open files")
    rows = tuple(_row(name, course) for name, course in courses.items())
    show(Table(title, columns, rows, notes), as_json=args.json)
    return 1 if any(grown.is_too_much for grown in growths.values()) else 0


def growth(course: Sequence[Vitals]) -> Growth:
    """Return how a process changed after the first hour of a day."""
    hour = len(course) // HOURS
    if hour == 0:
        raise BenchError("the day was too short to be looked at every hour")
    first, second, last = course[:hour], course[hour : 2 * hour], course[-hour:]
    later = course[hour:]
    return Growth(
        median(each.rss_mb for each in last) / median(each.rss_mb for each in second) - 1,
        median(each.own_mb for each in last) / median(each.own_mb for each in second) - 1,
        max(each.threads for each in later) - max(each.threads for each in first),
        max(each.files for each in later) - max(each.files for each in first),
    )


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
    began_s = time.time() - DAY_S
    projects = scratch / "home" / ".claude" / "projects"
    history(projects, args.ended, 2, days=30, until_s=began_s)
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
        for _ in _answers(args, Answers(projects), seconds, began_s):
            screen.pieces.clear()
            for name, pid in pids.items():
                courses[name].append(vitals(pid))
    return courses


def _answers(
    args: argparse.Namespace, answers: Answers, seconds: float, began_s: float
) -> Iterator[None]:
    """Let the live sessions answer for a day, and yield whenever it is time for a look."""
    dice = random.Random(5)
    sessions: list[Session] = [
        answers.session(f"live-{number % 60:02}") for number in range(args.live)
    ]
    started, count, looks = time.monotonic(), 0, 0
    while (gone := time.monotonic() - started) < seconds:
        while count < gone * args.rate:
            count += 1
            place = dice.randrange(len(sessions))
            if dice.randrange(ENDS_AFTER) == 0:
                sessions[place] = answers.session(sessions[place].name)
            at_s = began_s + gone * DAY_S / seconds
            answers.answer(sessions[place], datetime.fromtimestamp(at_s, UTC), output=900)
        if gone >= looks * seconds / (HOURS * LOOKS_AN_HOUR):
            looks += 1
            yield
        time.sleep(0.01)
