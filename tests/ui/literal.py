"""Literal snapshots, and a feed that publishes what a test hands it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tokwatch.analysis.audit import Audit
from tokwatch.config import Config
from tokwatch.model.evidence import Shown
from tokwatch.model.snapshot import (
    Burn,
    CacheRate,
    Chart,
    Context,
    Forecast,
    Page,
    RootStatus,
    Series,
    SessionRow,
    SessionState,
    Snapshot,
    SourceMode,
    SourceStatus,
    Span,
    Spend,
)
from tokwatch.model.suggestion import Savings, SuggestionState
from tokwatch.model.units import NANO
from tokwatch.model.usage import NO_USAGE, Usage
from tokwatch.pages.sight import Ask

NOW = datetime(2025, 11, 18, 14, 2, 31, tzinfo=UTC)


class FakeFeed:
    """Publishes literal snapshots and remembers what was asked of it."""

    def __init__(self, *snapshots: Snapshot, titles: dict[str, str] | None = None) -> None:
        self.waiting = list(snapshots)
        self.shown: list[tuple[Span, datetime | None]] = []
        self.titled: list[str] = []
        self.asked: list[Ask | None] = []
        self.pages: dict[type, object] = {}
        """Literal pages by the type of the question that they answer."""
        self.explained: list[Shown] = []
        self.explanation: Audit | None = None
        self.stopped = False
        self.retried = 0
        self.paused: list[str] = []
        self.configs: list[Config] = []
        self.done: list[tuple[str, int]] = []
        """What was done to alerts, and said to suggestions."""
        self._titles = titles or {}
        self._publish: Callable[[Snapshot], None] = lambda snapshot: None

    def configure(self, config: Config) -> None:
        """Remember the settings."""
        self.configs.append(config)

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Publish what is waiting."""
        self._publish = publish
        for snapshot in self.waiting:
            publish(snapshot)

    def publish(self, snapshot: Snapshot) -> None:
        """Publish one more snapshot."""
        self._publish(snapshot)

    def stop(self) -> None:
        """Remember that the screen let go."""
        self.stopped = True

    def show(self, span: Span, until: datetime | None) -> None:
        """Remember the range that was asked for."""
        self.shown.append((span, until))

    def look(self, ask: Ask | None) -> None:
        """Remember the question, and publish the newest snapshot with its literal answer."""
        self.asked.append(ask)
        if ask is not None and (content := self.pages.get(type(ask))) is not None:
            self._publish(replace(self.waiting[-1], page=Page(ask, content)))

    def retry(self) -> None:
        """Remember that every source was to be looked at again."""
        self.retried += 1

    def pause_endpoint(self, name: str) -> bool:
        """Remember which endpoint was paused, as the process that polls."""
        self.paused.append(name)
        return True

    def acknowledge(self, alert: int, *, snoozes: bool = False) -> bool:
        """Remember that an alert was acknowledged or snoozed."""
        self.done.append(("snooze" if snoozes else "acknowledge", alert))
        return True

    def answer(self, suggestion: int, state: SuggestionState) -> bool:
        """Remember what was said to a suggestion."""
        self.done.append((str(state), suggestion))
        return True

    def explain(self, shown: Shown) -> Audit | None:
        """Return the literal explanation, and remember what it was asked for."""
        self.explained.append(shown)
        return self.explanation

    def titles(self, rows: Sequence[SessionRow]) -> dict[str, str]:
        """Return the titles that the test gave, and remember who asked."""
        self.titled += [row.key for row in rows]
        return {row.key: self._titles[row.key] for row in rows if row.key in self._titles}


def dollars(amount: float) -> int:
    """Return nano-dollars."""
    return round(amount * NANO)


def usage(cost: float, hit: float | None = 0.8, **fields: int) -> Usage:
    """Return a usage of about a million tokens at this hit rate."""
    prompt = 1_000_000
    if hit is None:
        known = {"input": prompt, "blind_prompt": prompt}
    else:
        read = int(prompt * hit)
        known = {"input": 4_000, "cache_read": read, "cache_write_5m": prompt - read - 4_000}
    base = Usage(requests=214, output=20_480, computed_nano=dollars(cost), auto_nano=dollars(cost))
    return replace(base, **{**known, **fields})


def row(
    key: str,
    label: str,
    project: str = "checkout-svc",
    model: str = "claude-opus-4-5-20251101",
    cost: float = 1.0,
    *,
    share: float | None = 0.47,
    rate: float = 0.0,
    state: SessionState = SessionState.LIVE,
    minutes: int = 0,
    hit: float | None = 0.8,
    depth: int = 0,
    basis: str = "logged",
    trend: Sequence[float] = (),
    **fields: int,
) -> SessionRow:
    """Return a row of the session table."""
    context = None
    if share is not None:
        level = "critical" if share >= 0.85 else "warning" if share >= 0.75 else "ok"
        context = Context(int(200_000 * share), 200_000, basis, share, level)
    return SessionRow(
        key=key,
        source="claude-code",
        session=f"{key}-0000-4000-8000-000000000000",
        agent="Explore" if depth else "",
        label=label,
        depth=depth,
        project=project,
        model=model,
        cost_nano=dollars(cost),
        nano_per_hour=dollars(rate),
        usage=usage(cost, hit, **fields),
        hidden=None,
        context=context,
        trend_nano=tuple(dollars(value) for value in trend),
        state=state,
        last=NOW - timedelta(minutes=minutes),
        resume="" if depth else f"claude --resume {key}",
        path=f"~/.claude/projects/{project}/{key}.jsonl",
    )


IDLE, ENDED = SessionState.IDLE, SessionState.ENDED
RISE = (0.1, 0.1, 0.2, 0.3, 0.5, 0.8, 0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.3)
FLAT = (0.3, 0.3, 0.2, 0.2, 0.3, 0.2, 0.3, 0.2, 0.2, 0.3, 0.2, 0.2, 0.2)
FALL = (0.5, 0.6, 0.5, 0.3, 0.2, 0.1, 0, 0, 0, 0, 0, 0, 0)

ROWS = (
    row("7f3a", "7f3a·4c1", cost=14.02, share=0.93, rate=9.80, hit=0.38, trend=RISE),
    row("b01e", "b01e·9d2", "tokwatch", "claude-sonnet-4-5", 6.31, rate=1.10, hit=0.91, trend=FLAT),
    row("b01e/a9", "Explore", "tokwatch", "claude-haiku-4-5", 0.22, share=0.14, rate=0.40,
        hit=0.88, depth=1, trend=FLAT),
    row("b01e/c4", "Plan", "tokwatch", "claude-haiku-4-5", 0.09, share=0.08, rate=0.0,
        hit=0.71, depth=1, minutes=3, state=IDLE, trend=FALL),
    row("5512", "5512·e77", "infra-tf", "gpt-5.2", 4.90, share=0.33, hit=0.64, state=IDLE,
        minutes=12, basis="inferred", trend=FALL),
    row("c2d9", "c2d9·001", "docs", "claude-sonnet-4-5", 1.77, share=0.78, hit=0.83, state=ENDED,
        minutes=75, trend=FALL, lower_bound=2),
    row("9e10", "9e10·b3f", "mobile", "gemini-3-pro", 0.95, share=0.18, hit=None, state=ENDED,
        minutes=190, basis="table"),
    row("aa42", "aa42·7c0", "evals", "deepinfra/mixtral", 0.0, share=None, hit=None, state=ENDED,
        minutes=260, uncosted_tokens=1_020_480),
)  # fmt: skip


def wave(scale: float, phase: float, buckets: int = 120) -> tuple[int, ...]:
    """Return a series that rises and falls, the same at every call."""
    return tuple(
        dollars(scale * max(0.0, math.sin(i / 17 + phase) + 0.5 * math.sin(i / 5 + phase * 3)))
        for i in range(buckets)
    )


def source(
    name: str,
    title: str,
    mode: SourceMode = SourceMode.LIVE,
    *,
    events: int = 4_210,
    bad_lines: int = 0,
    error: str = "",
) -> SourceStatus:
    """Return the status of one source."""
    is_there = mode is not SourceMode.ABSENT
    return SourceStatus(
        name,
        title,
        mode,
        roots=(RootStatus(f"~/.{name}", is_there),),
        files=12,
        events=events,
        bad_lines=bad_lines,
        error=error,
        last_event=NOW if is_there else None,
    )


BUSY = Snapshot(
    now=NOW,
    zone="UTC",
    savings=Savings(),
    day="2025-11-18",
    span=Span.HOURS,
    spend=Spend(
        usage(41.27, 0.72, requests=1_204),
        dollars(41.27),
        2.1,
        tuple(dollars(value) for value in (0.5, 0.6, 0.4, 0, 0, 0, 0, 1, 2, 3, 2, 4, 9, 7, 6)),
    ),
    burn=Burn(dollars(11.4), dollars(38.1), 148_200, tuple(map(dollars, FLAT + RISE))),
    cache=CacheRate(0.72, -19.2, (0.95, 0.9, 0.91, 0.88, 0.9, 0.8, 0.6, 0.5, 0.38, 0.4, 0.52)),
    forecast=Forecast(
        dollars(67), dollars(58), dollars(79), dollars(23.4), NOW + timedelta(hours=2, minutes=58),
        dollars(41), dollars(212.1), dollars(803.55),
    ),
    chart=Chart(
        NOW - timedelta(hours=4),
        120,
        (
            Series("claude-opus-4-5", wave(0.4, 0.3)),
            Series("claude-sonnet-4-5", wave(0.25, 1.1)),
            Series("gpt-5.2", wave(0.12, 2.0)),
            Series("other", wave(0.06, 0.0)),
        ),
    ),
    sessions=ROWS,
    sessions_in_range=17,
    sessions_live=2,
    sources=(
        source("claude-code", "Claude Code"),
        source("codex", "Codex CLI"),
        source("gemini-cli", "Gemini CLI", SourceMode.ABSENT, events=0),
    ),
    empty=False,
    unpriced_models=("deepinfra/mixtral",),
    lower_bound_share=0.012,
    version=1,
)  # fmt: skip

FIRST_RUN = Snapshot(
    now=NOW,
    sources=(
        SourceStatus("claude-code", "Claude Code", SourceMode.ABSENT, (
            RootStatus("~/.claude/projects", False), RootStatus("~/.config/claude/projects", False),
        )),
        SourceStatus("codex", "Codex CLI", SourceMode.LIVE, (
            RootStatus("~/.codex/sessions", True),
        )),
    ),
)  # fmt: skip

QUIET = replace(BUSY, spend=Spend(NO_USAGE), burn=Burn(), cache=CacheRate(), forecast=Forecast())
