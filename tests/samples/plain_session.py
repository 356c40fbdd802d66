"""A session's requests read row by row, and the slowest possible rules about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from tests.pages.sights import sight_of
from tokwatch.model.caching import Chain
from tokwatch.model.event import Grade
from tokwatch.model.snapshot import Span
from tokwatch.pages.session import SessionAsk, SessionPage
from tokwatch.store.connect import Database
from tokwatch.store.view import View

CLAUDE = (
    "223b2708-5340-4532-879b-05e5d9aa16f1",
    "2b06e5ef-019c-4c24-b5fc-4c9da9f40597",
    "cde341db-b80a-44f5-b0f2-94db2ef7a164",
    "eb7e8502-d52b-4b66-a1a1-f7790280b67d",
)
CODEX = (
    "019ed893-d2a6-7c30-a8b8-5a8a49cfa23e",
    "019c1bb6-0ae3-78c3-9fe6-b3057d9a8b7e",
    "019ed50c-2fb3-7002-a384-360bea6e7f04",
)
"""Long sessions whose logs are read line by line."""
AT_MS = 1_900_000_000_000
"""After the latest date in any log."""
_COLUMNS = (
    *("key", "instant_ms", "first_ms", "source", "session", "agent", "model", "model_id"),
    *("requests", "grade", "input", "read", "write_5m", "write_1h", "output", "reasoning"),
    *("final", "computed", "logged", "window"),
)
_ROWS = (
    "SELECT t.key, t.instant_ms, t.first_ms, p.source, s.session, s.agent, m.name, t.model,"
    " t.requests, t.grade, t.input, t.cache_read, t.cache_write_5m, t.cache_write_1h, t.output,"
    " t.reasoning, t.final, t.computed_nano, t.logged_nano, t.window_tokens"
    " FROM event t JOIN scope s ON s.id = t.scope JOIN place p ON p.id = s.place"
    " JOIN model m ON m.id = t.model ORDER BY t.instant_ms, t.key"
)
_RATES = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


@dataclass(frozen=True)
class Plain:
    """One request, as its row has it."""

    row: dict[str, Any]
    rates: dict[str, int] = field(default_factory=dict)
    """Nano-dollars a thousand tokens; empty without a price."""

    def __getattr__(self, name: str) -> Any:
        """Return a column."""
        return self.row[name]

    @property
    def prompt(self) -> int:
        """All tokens sent."""
        return sum(self.row[name] or 0 for name in ("input", "read", "write_5m", "write_1h"))

    @property
    def cost(self) -> int | None:
        """What the log says, else what was computed."""
        known: int | None = self.computed if self.logged is None else self.logged
        return known

    @property
    def scale(self) -> Fraction:
        """How much of the computed cost counts."""
        if self.computed and self.cost != self.computed:
            return Fraction(self.cost or 0, self.computed)
        return Fraction(1)

    @property
    def read_nano(self) -> Fraction:
        """What its reads from the cache cost."""
        return (self.read or 0) * Fraction(self.rates["cache_read"], 1000) * self.scale

    @property
    def fresh_nano(self) -> Fraction:
        """What the rest of its prompt cost."""
        told = (
            (self.input or 0) * self.rates["input"]
            + (self.write_5m or 0) * self.rates["cache_write_5m"]
            + (self.write_1h or 0) * self.rates["cache_write_1h"]
        )
        return Fraction(told, 1000) * self.scale

    @property
    def a_token(self) -> Decimal | None:
        """What it paid on average for a token of its prompt; None without a price."""
        if not self.rates or self.cost is None or not self.prompt:
            return None
        exact = (self.read_nano + self.fresh_nano) / self.prompt
        return Decimal(exact.numerator) / exact.denominator


def requests_of(database: Database) -> dict[Chain, list[Plain]]:
    """Return every request of every agent, the oldest first."""
    cards = database.rows(
        "SELECT model, since_ms, until_ms, above_tokens, upto_tokens, input, cache_read,"
        " cache_write_5m, cache_write_1h, output FROM card"
    )
    found: dict[Chain, list[Plain]] = {}
    for values in database.rows(_ROWS):
        row = dict(zip(_COLUMNS, values, strict=True))
        if row["grade"] == Grade.GHOST:
            continue
        one = Plain(row)
        size = 0 if one.grade == Grade.DERIVED else one.prompt // max(one.requests, 1)
        rates = [
            card[5:]
            for card in cards
            if card[0] == one.model_id
            and card[1] <= one.instant_ms < card[2]
            and card[3] < size <= card[4]
        ]
        assert len(rates) < 2
        told = dict(zip(_RATES, rates[0], strict=True)) if rates else {}
        found.setdefault(Chain(one.source, one.session, one.agent), []).append(Plain(row, told))
    return found


def points_of(requests: list[Plain]) -> list[Plain]:
    """Return the requests whose prompt is the context: single ones, none that stands aside."""
    points: list[Plain] = []
    aside = 0
    for one in requests:
        if one.requests != 1 or one.grade == Grade.DERIVED or one.prompt == 0:
            continue
        last = points[-1] if points else None
        is_small = last is not None and one.model != last.model and one.prompt * 2 < last.prompt
        is_soon = last is not None and one.first_ms - last.first_ms <= 3_600_000
        if is_small and is_soon and aside < 2:
            aside += 1
        else:
            points.append(one)
            aside = 0
    return points


def compactions_of(database: Database, chain: Chain) -> list[tuple[int, str, int | None]]:
    """Return when an agent's log tells of a compaction, how it came, and its size before."""
    rows = database.rows(
        "SELECT DISTINCT c.instant_ms, c.cause, c.before_tokens FROM compaction c"
        " JOIN strand k ON k.id = c.strand JOIN log g ON g.id = k.log WHERE g.source = ?"
        " AND CASE WHEN k.session = '' THEN g.session ELSE k.session END = ? AND k.agent = ?"
        " ORDER BY 1",
        tuple(chain),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def cliffs_of(points: list[Plain], told: list[tuple[int, str, int | None]]) -> list[int]:
    """Return the numbers of the points before which the context was cut."""
    cut = []
    for number in range(1, len(points)):
        before, after = points[number - 1], points[number]
        is_told = any(before.instant_ms < at <= after.instant_ms for at, _, _ in told)
        if is_told or (before.prompt >= 4_000 and after.prompt < before.prompt / 2):
            cut.append(number)
    return cut


@dataclass(frozen=True)
class Samples:
    """The pages of the compared sessions, each agent's, and the rows that they are made from."""

    requests: dict[Chain, list[Plain]]
    pages: dict[Chain, SessionPage]


@cache
def compared(database: Database, view: View) -> Samples:
    """Return every agent of Claude Code and Codex, and one session of each other source."""
    requests = requests_of(database)
    sight = sight_of(view, AT_MS, Span.ALL)
    told = database.rows(
        "SELECT DISTINCT g.source, g.session, k.session FROM log g JOIN strand k ON k.log = g.id"
        " JOIN block b ON b.strand = k.id"
    )
    talks = {(source, own or logged) for source, logged, own in told}
    others: dict[str, str] = {}
    for chain in sorted(requests, key=lambda one: (one.source, -len(requests[one]))):
        if (chain.source, chain.session) in talks:
            others.setdefault(chain.source, chain.session)
    pages = {}
    for chain in requests:
        if chain.source in ("claude-code", "codex") or others.get(chain.source) == chain.session:
            ask = SessionAsk(*chain)
            page = ask.answer(sight)
            while not page.is_whole:
                page = ask.answer(sight)
            pages[chain] = page
    return Samples(requests, pages)


def records_of(home: Path, session: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the records of a session's own log with the offsets of their lines."""
    [path] = [one for one in home.rglob(f"*{session}.jsonl") if "subagents" not in one.parts]
    offset = 0
    for line in path.read_bytes().splitlines(keepends=True):
        text = line.decode().strip()
        while text:  # two records may stand on one line
            record, end = json.JSONDecoder().raw_decode(text)
            yield offset, record
            text = text[end:].strip()
        offset += len(line)
