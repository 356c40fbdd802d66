"""`python -m bench habits --home FOLDER`: what other habits would cost on your logs.

Prints Markdown, for docs/tuning.md: each habit by session where tokwatch tells it by session, with
median and quartiles, else for all requests together.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.measured import BenchError
from tokwatch.analysis.calendar import calendar_of
from tokwatch.analysis.ranges import range_of
from tokwatch.analysis.what_if import Way
from tokwatch.config import Config, load
from tokwatch.model.caching import Chain
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS, NANO
from tokwatch.monitor.rules import rules_of
from tokwatch.pages.cache import CacheAsk, SessionCache
from tokwatch.pages.response_cache import ResponseAsk
from tokwatch.pages.session import SessionAsk, SessionPage
from tokwatch.pages.sight import Sight
from tokwatch.pages.what_if import WhatIfAsk
from tokwatch.store.connect import open_database
from tokwatch.store.read.every import bounds
from tokwatch.store.view import View, open_view
from tokwatch.suggestions.suggesting import look

LEAST_REQUESTS: Final = 10
"""Of a session: smaller ones tell little."""
MONTH_MS: Final = 30 * DAY_MS
MODELS: Final = ("claude-haiku-4-5", "claude-sonnet-5", "claude-opus-4-8", "gpt-5.5", "gpt-5-mini")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the logs are."""
    parser.add_argument("--home", metavar="FOLDER", help="a home with logs of coding agents")


def run(args: argparse.Namespace) -> int:
    """Read the logs into a store of their own, and print what other habits would have changed."""
    if args.home is None:
        raise BenchError("--home FOLDER is needed")
    with tempfile.TemporaryDirectory(prefix="tokwatch-bench-") as folder:
        config = _read(Path(args.home).resolve(), Path(folder))
        database = open_database("", config.data, read_only=True)
        try:
            _told(open_view(database, "local"), config)
        finally:
            database.close()
    return 0


def _read(home: Path, data: Path) -> Config:
    kept = ("PATH", "PYTHONPATH", "LANG", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    subprocess.run(
        [sys.executable, "-m", "tokwatch", "--data", str(data), "report", "tool", "--json"],
        env={**environment, "HOME": str(home), "TZ": "UTC"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return load(data=data, environ={"TOKWATCH_GENERAL__TIMEZONE": "UTC"})


def _told(view: View, config: Config) -> None:
    now_ms = round(datetime.now(UTC).timestamp() * 1000)
    sight = _sight(view, config, now_ms)
    pages = _sessions(view, sight)
    costs = {chain: _cost(page) for chain, page in pages.items()}
    cache = CacheAsk()
    answer = cache.answer(sight)
    while not answer.is_whole:
        answer = cache.answer(sight)
    cost = sum(page.whole.auto_nano for page in pages.values() if not page.chain.agent)
    print(f"{len(pages)} agents with {LEAST_REQUESTS} requests or more, ${cost / NANO:,.2f}\n")
    _line("habit", "of", "change of the cost")
    print("|---|---|---|")
    _caching(answer.sessions, pages)
    for strategy, changes in _truncated(pages, costs).items():
        _line(f"truncation: {strategy}", f"{len(changes)} agents", _spread(changes))
    _models(sight)
    _responses(sight)
    _suggested(view, config, now_ms)


def _sight(view: View, config: Config, at_ms: int) -> Sight:
    first, last = bounds(view) or (at_ms, at_ms)
    calendar = calendar_of(UTC, "UTC", first - 40 * DAY_MS, max(last, at_ms) + DAY_MS)
    return Sight(
        view=view,
        config=config,
        at_ms=at_ms,
        now_ms=at_ms,
        span=Span.ALL,
        range=range_of(Span.ALL, at_ms, calendar, first),
        calendar=calendar,
        zone_name="UTC",
        zone=UTC,
        rows=rules_of(config).rows,
    )


def _sessions(view: View, sight: Sight) -> dict[Chain, SessionPage]:
    """Return each agent with enough requests, all of it."""
    rows = view.database.rows(
        "SELECT p.source, s.session, s.agent FROM event e JOIN scope s ON s.id = e.scope"
        " JOIN place p ON p.id = s.place WHERE e.grade < 2 AND e.requests = 1"
        f" GROUP BY 1, 2, 3 HAVING count(*) >= {LEAST_REQUESTS}"
    )
    pages = {}
    for chain in (Chain(*row) for row in rows):
        ask = SessionAsk(*chain)
        page = ask.answer(sight)
        while not page.is_whole:
            page = ask.answer(sight)
        if _cost(page):
            pages[chain] = page
    return pages


def _cost(page: SessionPage) -> int:
    return 0 if page.row is None else page.row.usage.auto_nano


def _caching(sessions: Iterable[SessionCache], pages: dict[Chain, SessionPage]) -> None:
    """Print what caching saved, and what other lifetimes of writes would have cost."""
    wholes = {(page.chain.source, page.chain.session): page.whole for page in pages.values()}
    saved, lost, short, long = [], [], [], []
    for one in sessions:
        whole, told = wholes.get((one.name.source, one.name.session)), one.sum
        if whole is None or not whole.auto_nano or not told.read:
            continue
        saved.append(-told.net_nano / (whole.auto_nano + told.net_nano))
        lost.append(told.lost_nano / whole.auto_nano)
        if told.write_5m:
            long.append(told.long_nano / whole.auto_nano)
        if told.write_1h:
            short.append(told.short_nano / whole.auto_nano)
    _line("prompt caching, against none", f"{len(saved)} sessions", _spread(saved))
    _line("caches that broke and need not have", f"{len(lost)} sessions", _spread(lost))
    _line("writes of 5 minutes for 1 hour", f"{len(long)} sessions", _spread(long))
    _line("writes of 1 hour for 5 minutes", f"{len(short)} sessions", _spread(short))


def _truncated(pages: dict[Chain, SessionPage], costs: dict[Chain, int]) -> dict[str, list[float]]:
    changes: dict[str, list[float]] = defaultdict(list)
    for chain, page in pages.items():
        for one in (page.inside and page.inside.simulations) or ():
            if one.cut and not one.unpriced:
                changes[str(one.strategy)].append(-one.saved_nano / costs[chain])
    return changes


def _models(sight: Sight) -> None:
    """Print all requests under other models, without cache, and in batch."""
    ask = WhatIfAsk()
    page = ask.answer(sight)
    while page.goes_on:
        page = ask.answer(sight)
    told = page.what_if
    if told is None:
        return
    for row in told.rows:
        if row.candidate.model.name in MODELS and row.candidate.model.tier == "standard":
            cached, batch = row.nano[Way.CACHED], row.nano[Way.BATCH]
            if cached is None:
                continue
            change = f"{cached / told.computed_nano - 1:+.0%}"
            if batch is not None:
                change += f", in batch {batch / told.computed_nano - 1:+.0%}"
            change += f"; {row.too_large:,} prompts do not fit" if row.too_large else ""
            _line(f"all with {row.candidate.model.name}", f"{told.requests:,} requests", change)


def _responses(sight: Sight) -> None:
    """Print what response caches would have answered."""
    ask = ResponseAsk()
    page = ask.answer(sight)
    while page.left:
        page = ask.answer(sight)
    for one in page.simulations:
        rate = one.large.rate or 0.0
        near = one.near.rate or 0.0
        told = f"answers {rate:.1%} of the requests, {near:.1%} with near-duplicates"
        _line(f"response cache: {one.kind}", f"{page.known} requests", told)


def _suggested(view: View, config: Config, at_ms: int) -> None:
    """Print what the analysers found in each month with use, beside what it cost."""
    kinds: dict[str, list[int]] = defaultdict(list)
    first, _ = bounds(view) or (at_ms, at_ms)
    months, cost = 0, 0
    for end_ms in range(at_ms, first, -MONTH_MS):
        spent = view.database.rows(
            "SELECT sum(computed_nano) FROM event WHERE instant_ms >= ? AND instant_ms < ?",
            (end_ms - MONTH_MS, end_ms),
        )[0][0]
        if not spent:
            continue
        months, cost = months + 1, cost + spent
        for one in look(view, config, end_ms).found:
            kinds[one.kind].append(one.counted_nano_month)
    for kind, saved in sorted(kinds.items(), key=lambda one: -sum(one[1])):
        share = f"-{sum(saved) / cost:.1%} of what these months cost"
        _line(f"suggestion `{kind}`", f"{len(saved)} found in {months} months", share)


def _spread(changes: Sequence[float]) -> str:
    """Return median and quartiles of shares, with their signs."""
    if len(changes) < 2:
        return "n/a"
    low, middle, high = statistics.quantiles(changes, n=4, method="inclusive")
    return f"{middle:+.1%} ({low:+.1%} to {high:+.1%})"


def _line(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)
