"""Who used how many tokens when, what the store would hold of it, and answers that are spoilt."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.endpoint_server import NOON_MS, Answer
from tokwatch.gateways.poll import Polled
from tokwatch.gateways.stream import NUMBER
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS, NANO

HOUR_MS = 3_600_000
CENT_NANO = NANO // 100
EVENTS = {"Content-Type": "text/event-stream"}


@dataclass
class World:
    """Who used how many tokens when; a cent for each."""

    used: list[tuple[int, int]] = field(default_factory=list)
    clock_ms: Callable[[], int] = lambda: NOON_MS
    """The endpoint's own."""

    @property
    def total(self) -> int:
        """All tokens."""
        return sum(tokens for _, tokens in self.used)

    @property
    def today_ms(self) -> int:
        """When the UTC day began."""
        return self.clock_ms() // DAY_MS * DAY_MS

    def since(self, begin_ms: int | None) -> list[tuple[int, int, int]]:
        """Return number, instant and tokens of each use from an instant on, in order of time."""
        since_ms = begin_ms or 0
        found = [(number, *use) for number, use in enumerate(self.used) if use[0] >= since_ms]
        return sorted(found, key=lambda use: use[1])

    def sums(self, begin_ms: int | None, width_ms: int) -> dict[int, int]:
        """Return the tokens of each stretch of time."""
        found: dict[int, int] = {}
        for _, at_ms, tokens in self.since(begin_ms):
            begin = at_ms - at_ms % width_ms
            found[begin] = found.get(begin, 0) + tokens
        return found


@dataclass
class Ledger:
    """What the store would hold after some polls."""

    buckets: dict[tuple[object, ...], Bucket] = field(default_factory=dict)
    rows: dict[object, dict[str, Any]] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)

    def take(self, polled: Polled) -> None:
        """Write what a poll brought, as the store does."""
        self.gauges |= {one.name: one.value for one in polled.measures}
        if polled.told is None:
            return
        for report, since_ms, until_ms in polled.told.replaced:
            for key in [key for key in self.buckets if key[0] == report]:
                if since_ms <= self.buckets[key].begin_ms < until_ms:
                    del self.buckets[key]
        self.buckets |= {bucket[:10]: bucket for bucket in polled.told.buckets}
        for grown in polled.told.grown:
            before = self.buckets.get(grown[:10], Bucket(*grown[:10]))
            counts = ((a or 0) + (b or 0) for a, b in zip(before[10:], grown[10:], strict=True))
            self.buckets[grown[:10]] = Bucket._make((*grown[:10], *counts))
        for row in polled.told.rows:
            self.rows[row.get(NUMBER) or row.get("request_id") or row["id"]] = row


BEFORE = 12
"""Tokens of the world at first: 7 the day before, 5 an hour ago."""


def at_first() -> World:
    return World([(NOON_MS - 26 * HOUR_MS, 7), (NOON_MS - HOUR_MS, 5)])


def spoilt(answer: Answer) -> Answer:
    """Return an answer of the same shape with every value of another type."""
    if answer.headers == EVENTS:
        return Answer(answer.body, headers={"Content-Type": "application/json"})
    if isinstance(answer.body, bytes):
        return Answer(re.sub(rb" \d+\n", b" many\n", answer.body))
    return Answer(_spoilt(answer.body))


def _spoilt(value: object) -> object:
    match value:
        case dict():
            return {key: _spoilt(of) for key, of in value.items()}
        case list():
            return [_spoilt(of) for of in value]
        case bool() | None:
            return value
    return ["text"] if isinstance(value, str) else "many"
