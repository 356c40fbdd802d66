"""Facts of a made-up afternoon, for the tests of the tiles and the table."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.analysis.facts import Facts, Past
from tokwatch.model.calendar import Calendar
from tokwatch.model.event import ModelName
from tokwatch.model.stored import SessionFact, Spent
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Cell, Usage

MIDNIGHT = 1_774_224_000_000
"""2026-03-23, a Monday, in UTC."""
HOUR_MS = 4 * QUARTER_MS
MINUTE_MS = 60_000
NOW = MIDNIGHT + 14 * HOUR_MS
TODAY = MIDNIGHT // DAY_MS
DOLLAR = 1_000_000_000


def cell(at_ms: int, nano: int = DOLLAR, model: str = "opus", **counts: int) -> Cell:
    """Return a quarter of an hour's usage of a model."""
    return Cell((at_ms, model), Usage(requests=1, auto_nano=nano, computed_nano=nano, **counts))


def spent(
    ago_ms: int,
    nano: int = DOLLAR,
    session: str = "s1",
    agent: str = "",
    tokens: int = 1_000,
) -> Spent:
    """Return what an event so long before NOW cost."""
    return Spent(NOW - ago_ms, "claude-code", session, agent, "opus", tokens, nano)


def session(name: str = "s1", agent: str = "", ago_ms: int = MINUTE_MS) -> SessionFact:
    """Return an agent whose last request was so long before NOW."""
    return SessionFact(
        source="claude-code",
        session=name,
        agent=agent,
        kind="",
        parent="",
        project="/code/shop",
        branch="main",
        first_ms=NOW - ago_ms - HOUR_MS,
        last_ms=NOW - ago_ms,
        models=("opus",),
        last_model=ModelName("anthropic", "opus"),
        context_tokens=50_000,
        window=None,
        largest_prompt=0,
        path=f"/logs/{name}.jsonl",
        usage=Usage(requests=2, input=5, auto_nano=3 * DOLLAR),
    )


FACTS = Facts(at_ms=NOW, calendar=Calendar(), day=TODAY)
"""Of a day without any usage yet."""


def with_history(facts: Facts, *days: tuple[int, int]) -> Facts:
    """Return the facts after days that cost so much before and after two in the afternoon."""
    history = []
    for back, (before, after) in reversed(list(enumerate(days, start=1))):
        begin = MIDNIGHT - back * DAY_MS
        history += [(begin + 9 * HOUR_MS, before), (begin + 20 * HOUR_MS, after)]
    return replace(facts, past=Past(TODAY, history=tuple(history)))
