"""How long one judgement of all rules takes, with many sessions at work."""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Iterator
from random import Random
from typing import Final

from bench.figures import Figure, Row, Table, figure, show
from tokwatch.analysis.alerting.judge import Quiet, judge
from tokwatch.analysis.alerting.life import Patience, advanced
from tokwatch.analysis.alerting.recent import Recent
from tokwatch.analysis.alerting.rules import ready_rules
from tokwatch.analysis.alerting.sessions import Sessions
from tokwatch.analysis.alerting.use import use_reading
from tokwatch.config.alerting import DEFAULTS
from tokwatch.model.alert_facts import (
    EVERYTHING,
    SessionTotal,
    SlowFacts,
    TurnSoFar,
    WatchedRequest,
)
from tokwatch.model.caching import CachedRequest
from tokwatch.model.calendar import Calendar

START_MS: Final = 1_763_470_000_000
SECOND_MS: Final = 1_000
BUDGET_MS: Final = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the benchmark."""
    parser.add_argument("--sessions", type=int, default=1_000, help="sessions at work")
    parser.add_argument("--ticks", type=int, default=200, help="judgements that are measured")
    parser.add_argument("--changed", type=int, default=50, help="requests between two of them")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Measure and print; 1 where it takes longer than it may."""
    whole, parts = _measured(args.sessions, args.ticks, args.changed)
    rows = (Row("all of a tick", (whole,)), *(Row(name, (one,)) for name, one in parts.items()))
    title = (
        f"one tick of {len(DEFAULTS)} rules, {args.sessions:,} live sessions, in ms of processor"
    )
    note = f"{args.changed} requests come between two ticks; it may take {BUDGET_MS:g} ms"
    show(Table(title, ("ms",), rows, (note,)), as_json=args.json)
    return int(whole.median > BUDGET_MS)


def _measured(sessions: int, ticks: int, changed: int) -> tuple[Figure, dict[str, Figure]]:
    requests = _requests(sessions)
    rules, recent, known, patience = ready_rules(DEFAULTS), Recent(), Sessions(), Patience()
    waits = {rule.name: rule.for_ms for rule in rules}
    active = {rule.name for rule in rules}
    first = [next(requests) for _ in range(sessions * 5)]
    at_ms = first[-1].cached.instant_ms
    known.take(recent.take(first, at_ms))
    known.tell(
        {key: SessionTotal(5_000_000_000, 1) for key in known.tracks},
        {key: TurnSoFar(20, 0, (1, 2, 3), 1) for key in known.tracks},
    )
    known.readings(at_ms)
    taken: dict[str, list[float]] = {"take requests": [], "read measures": [], "judge": []}
    quiet: Quiet = {}
    gc.collect()
    for _ in range(ticks):
        at_ms += SECOND_MS
        new = [next(requests) for _ in range(changed)]
        marks = [time.thread_time()]
        known.take(recent.take(new, at_ms))
        marks.append(time.thread_time())
        use = use_reading(recent, EVERYTHING, SlowFacts(), None, Calendar(), at_ms)
        readings = {"session": known.readings(at_ms), "use": [use]}
        marks.append(time.thread_time())
        found = patience.sift(judge(rules, readings, at_ms, (), quiet), waits, ())
        advanced([], found, active, 3_600_000)
        marks.append(time.thread_time())
        for name, since, until in zip(taken, marks, marks[1:], strict=False):
            taken[name].append((until - since) * 1000)
    whole = [sum(parts) for parts in zip(*taken.values(), strict=True)]
    return figure(whole), {name: figure(values) for name, values in taken.items()}


def _requests(sessions: int) -> Iterator[WatchedRequest]:
    """Yield requests of sessions in turn, a few in a second."""
    dice, key = Random(1), 0
    while True:
        key += 1
        at_ms = START_MS + key * 20
        prompt = 50_000 + dice.randrange(5_000)
        session = f"s{dice.randrange(sessions)}"
        cached = CachedRequest(
            *(key, at_ms, at_ms, "claude-code", session, "", "/code/shop", "claude-opus-4-5", 1, 0),
            *(5_000, prompt - 10_000, 5_000, 0, 1),
            *(15_000, 1_500, 18_750, 30_000),
        )
        yield WatchedRequest(cached, "main", "", "anthropic", 500, 90_000_000, 0, 200_000, "")
