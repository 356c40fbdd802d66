"""Literal performances, for the tests of the screen: four hours of three models."""

from __future__ import annotations

import math

from tests.ui.literal import NOW
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.quality import By, Narrow
from tokwatch.analysis.trend import Cut
from tokwatch.model.performance import (
    Answered,
    Custom,
    IncidentTold,
    Lifetime,
    Told,
    TurnTold,
)
from tokwatch.model.units import NANO
from tokwatch.pages.quality import QualityPage, page_of

END_MS = epoch_ms(NOW)
BEGIN_MS = END_MS - 4 * 3_600_000
MINUTE_MS = 60_000
DIVISION = Cut(tuple(range(BEGIN_MS, END_MS, 4 * MINUTE_MS)), END_MS + 1)
MARK_MS = DIVISION.starts[40]
SICK, CALM, OTHER = "7f3a1111-0000-4000", "b01e2222-0000-4000", "5512e777-0000-4000"
MODELS = ("claude-opus-4-5-20251101", "claude-haiku-4-5", "gpt-5.2")


def request(number: int) -> Answered:
    """Return a request: each a minute after the one before, slower and slower."""
    at_ms = BEGIN_MS + number * MINUTE_MS
    model = MODELS[number % 7 % 3]
    is_codex = model == "gpt-5.2"
    latency = round(4_000 + 3_000 * math.sin(number / 9) + number * 40 + number % 11 * 900)
    source, session = ("codex", OTHER) if is_codex else ("claude-code", (CALM, SICK)[number % 2])
    is_agent = number % 13 == 5
    return Answered(
        number,
        at_ms,
        source,
        session,
        agent="a9" if is_agent else "",
        kind="Explore" if is_agent else "main",
        model=model,
        requests=1,
        prompt=20_000 + number * 700,
        output=40 + number % 23 * 35,
        nano=None if number % 50 == 49 else (30 + number % 17 * 9) * NANO // 1000,
        is_final=number % 4 > 0,
        is_derived=False,
        begun_ms=None if is_codex else at_ms - latency,
        duration_ms=latency if is_codex else None,
        first_token_ms=900 + number % 9 * 70 if is_codex else None,
    )


ANSWERED = tuple(map(request, range(240)))
TURNS = tuple(
    TurnTold(
        *("claude-code", SICK if number % 2 else CALM, "", "main"),
        *(BEGIN_MS + number * 11 * MINUTE_MS, BEGIN_MS + number * 11 * MINUTE_MS + 400_000),
        interrupted=number == 9,
        finished=number not in (9, 20),
        is_newest=number >= 19,
    )
    for number in range(21)
)
INCIDENTS = (
    *(
        IncidentTold(
            *(BEGIN_MS + (100 + number * 9) * MINUTE_MS, "claude-code", SICK, "", "main"),
            *("overloaded", 529, 1 + number % 3),
        )
        for number in range(9)
    ),
    IncidentTold(BEGIN_MS + 7_000_000, "claude-code", CALM, "", "main", "server", 500, 0),
    IncidentTold(BEGIN_MS + 9_000_000, "claude-code", CALM, "", "main", "rate limit", 429, 0),
    IncidentTold(BEGIN_MS + 5_900_000, "claude-code", SICK, "", "main", "interrupted", 0, 0),
)
TOLD = Told(
    answered=ANSWERED,
    turns=TURNS,
    incidents=INCIDENTS,
    overflowed=frozenset({("claude-code", SICK)}),
    lifetimes=(
        Lifetime("claude-code", CALM, BEGIN_MS, END_MS - MINUTE_MS),
        Lifetime("claude-code", SICK, BEGIN_MS - 3_600_000, END_MS),
        Lifetime("codex", OTHER, BEGIN_MS, END_MS),
    ),
    detailed=frozenset({("claude-code", SICK), ("claude-code", CALM)}),
    custom=(
        Custom("coverage", "%", tuple((BEGIN_MS + n * 3_000_000, 78.5 + n) for n in range(5))),
    ),
)


def page(
    by: By = By.MODEL, trail: tuple[Narrow, ...] = (), mark_ms: int | None = None
) -> QualityPage:
    """Return the page of the literal range."""
    return page_of(TOLD, DIVISION, by, trail, mark_ms)
