"""Times every way to read the store, the way the screens, their panes and the reports ask."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from functools import partial
from pathlib import Path

from bench.made_store import DAY_MS, make
from bench.page_answers import Timed, desk, pages_timed
from bench.timed_store import in_short
from tokwatch.analysis.facts import Facts
from tokwatch.model.calendar import Calendar
from tokwatch.model.snapshot import Span
from tokwatch.model.usage import Dimension, Slice
from tokwatch.monitor.gather import Question, gather
from tokwatch.store.connect import open_sqlite
from tokwatch.store.read import every as read

END_MS = 1_790_000_000_000 // DAY_MS * DAY_MS + 14 * 3_600_000
"""Two in the afternoon: half a day of today."""
TODAY_MS = END_MS // DAY_MS * DAY_MS
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
MILLION, DAYS = 1_000_000, {1: 180, 10: 730}
"""Days that the events are spread over, by millions of them."""

GOAL_MS = 25
"""What a query takes longer than this is named for."""

Ask = Callable[[read.View], object]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--millions", type=int, default=1, help="millions of events")
    parser.add_argument("--days", type=int, help="days that they are spread over")
    parser.add_argument("--rounds", type=int, default=9, help="times that each is asked")
    parser.add_argument("--part", choices=("reads", "pages", "all"), default="all")
    parser.add_argument("--keep", metavar="FOLDER", help="make the store there, or use it")


def run(args: argparse.Namespace) -> int:
    """Make the store, ask every question and print the median times."""
    days = args.days or DAYS.get(args.millions, 365)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(args.keep or scratch)
        if not (folder / "tokwatch.db").exists():
            make(folder, args.millions * MILLION, days, END_MS).close()
        database = open_sqlite(folder / "tokwatch.db", read_only=True)
        view = read.open_view(database, "local")
        print(f"{args.millions} million events over {days} days")
        if args.part != "pages":
            _print_reads(view, args.rounds)
        if args.part != "reads":
            _print_pages(view, folder, args.rounds)
        database.close()
    return 0


def _print_reads(view: read.View, rounds: int) -> None:
    print(f"reads: median of {rounds}, ms")
    for name, question in QUESTIONS.items():
        print(f"{name:<44}{_median_ms(view, question, rounds):9.2f}")


def _print_pages(view: read.View, folder: Path, rounds: int) -> None:
    print(f"pages: first answer and {rounds} later ones with a request each, ms of processor")
    print(f"{'':<30}{'first':>9}{'answers':>9}{'longest':>9}{'later':>9}{'longest':>9}{'query':>9}")
    writer = open_sqlite(folder / "tokwatch.db")
    with desk(view, writer, END_MS) as asked:
        for name, timed in pages_timed(asked, rounds):
            print(f"{name:<30}{_in_columns(timed)}", flush=True)
    writer.close()


def _in_columns(timed: Timed) -> str:
    ms = f"{timed.first:9.1f}{timed.parts:9}{timed.longest_part:9.1f}"
    ms = f"{ms}{timed.later:9.1f}{timed.longest:9.1f}{timed.query:9.1f}"
    return f"{ms}  {in_short(timed.sql)}" if timed.query > GOAL_MS else ms


def _median_ms(view: read.View, question: Ask, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        question(view)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _since(span_ms: int) -> Slice:
    return Slice(END_MS - span_ms)


def _overview(view: read.View, span: Span) -> object:
    """Ask all that a picture needs, as when it is drawn anew: the past is known."""
    ask = Question(END_MS, "UTC", UTC, span)
    if span not in _known:
        _known[span] = gather(view, ask)
    return gather(view, ask, _known[span])


_known: dict[Span, Facts | None] = {}
STORED = Calendar()
TODAY = Slice(TODAY_MS)
D = Dimension
QUESTIONS: dict[str, Ask] = {
    **{f"everything on the overview, {span}": partial(_overview, span=span) for span in Span},
    "bounds": read.bounds,
    "usage: today": lambda v: read.usage(v, TODAY, (), STORED),
    "usage: today by model": lambda v: read.usage(v, TODAY, (D.MODEL,), STORED),
    "report: 30 days by day and model": lambda v: read.usage(
        v, Slice(TODAY_MS - 29 * DAY_MS), (D.DAY, D.MODEL), STORED
    ),
    "usage: 25 h by quarter and model": lambda v: read.usage(
        v, _since(DAY_MS + HOUR_MS), (D.QUARTER, D.MODEL)
    ),
    "report: all by model": lambda v: read.usage(v, Slice(), (D.MODEL,)),
    "report: all by project": lambda v: read.usage(v, Slice(), (D.PROJECT,)),
    "report: all by project and model": lambda v: read.usage(v, Slice(), (D.PROJECT, D.MODEL)),
    "report: all by source": lambda v: read.usage(v, Slice(), (D.SOURCE,)),
    "report: all by day and model": lambda v: read.usage(v, Slice(), (D.DAY, D.MODEL), STORED),
    "daily_costs: 30 days": lambda v: read.daily_costs(v, Slice(TODAY_MS - 29 * DAY_MS), STORED),
    "daily_costs: all": lambda v: read.daily_costs(v, Slice(), STORED),
    "timeline: 1 h by minute": lambda v: read.timeline(v, _since(HOUR_MS), MINUTE_MS),
    "timeline: 4 h by minute": lambda v: read.timeline(v, _since(4 * HOUR_MS), MINUTE_MS),
    "timeline: 24 h by quarter": lambda v: read.timeline(v, _since(DAY_MS), 15 * MINUTE_MS),
    "timeline: 7 d by hour": lambda v: read.timeline(v, _since(7 * DAY_MS), HOUR_MS),
    "timeline: 14 d by quarter": lambda v: read.timeline(v, _since(14 * DAY_MS), 15 * MINUTE_MS),
    "spent: 1 h": lambda v: read.spent(v, _since(HOUR_MS)),
    "events: newest 100": lambda v: read.events(v, Slice(), 100),
    "sessions: newest 50": lambda v: read.sessions(v, Slice(), 50),
    "sessions: newest 100": lambda v: read.sessions(v, Slice(), 100),
    "sessions: newest 50 of today": lambda v: read.sessions(v, TODAY, 50),
    "count_sessions: today": lambda v: read.count_sessions(v, TODAY),
    "count_sessions: 30 days": lambda v: read.count_sessions(v, _since(30 * DAY_MS)),
    "count_sessions: all": lambda v: read.count_sessions(v),
    "ledgers": lambda v: read.ledgers(v),
    "model_names": read.model_names,
    "project_names": read.project_names,
    "log_counts": lambda v: read.log_counts(v),
    "report: usage by day, model in another zone": lambda v: read.usage(
        v, Slice(), (D.DAY, D.MODEL), Calendar("other")
    ),
    "report: all sessions": lambda v: read.usage(v, Slice(), (D.SOURCE, D.SESSION, D.MODEL)),
    "report: activity": lambda v: read.activity(v),
    "report: moments of 30 days": lambda v: read.moments(v, _since(30 * DAY_MS)),
}
