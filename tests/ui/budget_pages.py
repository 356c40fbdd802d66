"""Literal pages of the screen of budgets and limits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from tests.ui.literal import NOW
from tokwatch.model.budget import Scope
from tokwatch.model.standing import (
    GoalStanding,
    GuessedLimit,
    Held,
    QuotaReading,
    QuotaStanding,
    RateGauge,
    RateStanding,
    Standing,
)
from tokwatch.model.units import DAY_MS, NANO
from tokwatch.pages.budgets import BudgetsPage

HOUR_MS, MINUTE_MS = 3_600_000, 60_000
NOW_MS: Final = int(NOW.timestamp() * 1000)
MIDNIGHT_MS: Final = int(datetime(2025, 11, 18, tzinfo=UTC).timestamp() * 1000)


def standing(name: str, spent: int, limit: int, *scopes: Scope, **more: object) -> Standing:
    """Return the standing of a day's budget."""
    found: dict[str, object] = {
        "name": name,
        "subject": ", ".join(f"{one.dimension} {one.name}" for one in scopes),
        "unit": "usd",
        "period": "day",
        "start_ms": MIDNIGHT_MS,
        "end_ms": MIDNIGHT_MS + DAY_MS,
        "limit": limit,
        "spent": spent,
        "left": limit - spent,
        "share": spent / limit,
        "pace": spent / limit / 0.585,
        "runs_out_ms": None,
        "earliest_ms": None,
        "latest_ms": None,
        "is_estimate": False,
        "lower_bound": False,
        "scopes": scopes,
    }
    return Standing(**(found | more))  # type: ignore[arg-type]  # a field each


DAILY = standing(
    *("daily", 41_270_000_000, 80 * NANO),
    runs_out_ms=NOW_MS + 4 * HOUR_MS,
    earliest_ms=NOW_MS + 3 * HOUR_MS,
    latest_ms=NOW_MS + 9 * HOUR_MS,
)
SHOP = standing(
    *("per-project", 5_600_000, 5_000_000, Scope("project", "/home/ana/checkout-svc")),
    unit="tokens",
    lower_bound=True,
)
MONTH = standing(
    *("month", 300 * NANO, 800 * NANO),
    period="month",
    end_ms=MIDNIGHT_MS + 13 * DAY_MS,
    unpriced_tokens=1_200_000,
    lower_bound=True,
)
SESSION = standing(
    *("session-cap", 0, 10 * NANO, Scope("session", "7f3a4c1d-aaaa")),
    period="session",
    end_ms=None,
    pace=None,
)
PART = standing(
    *("pipeline.data", 2_700, 3_000, Scope("agent", "data")),
    unit="tokens",
    tokens="output",
    period="run",
    end_ms=None,
    pace=None,
    split="pipeline",
    runs_out_ms=NOW_MS + 30 * MINUTE_MS,
    earliest_ms=NOW_MS + 20 * MINUTE_MS,
)
HITS = GoalStanding(
    *("cache", "cache_hit_rate", "share", "", "week", 0, 0, 0.4, 0.35, 0.3),
    *(MIDNIGHT_MS - 30 * DAY_MS, MIDNIGHT_MS - 2 * DAY_MS, True, False, 0.5),
)
DEAR = GoalStanding(
    *("dear", "cost_per_request", "usd", "project api", "month", 0, 0, 0.15 * NANO, 0.2 * NANO),
    *(0.18 * NANO, MIDNIGHT_MS - 49 * DAY_MS, MIDNIGHT_MS - 18 * DAY_MS, False, False, -0.67),
)
CODEX = QuotaStanding(
    QuotaReading("codex", "", "5h", 0.62, 300, NOW_MS + 150 * MINUTE_MS, NOW_MS - 4 * MINUTE_MS),
    *(1.3, NOW_MS + 80 * MINUTE_MS, False),
)
CLAUDE = QuotaStanding(
    QuotaReading("claude-code", "", "7d", 0.41, 10_080, NOW_MS - HOUR_MS, NOW_MS - 26 * HOUR_MS),
    *(0.8, None, True),
)
FULL = RateStanding(
    RateGauge("anthropic", "claude-opus-4-5", "ci", 350_000, 400_000, 0.8, 480_000),
    Held(212, 9, 95_000, 21_000),
    NOW_MS - 4 * HOUR_MS,
)
PAGE = BudgetsPage(
    (DAILY, MONTH, SHOP, SESSION, PART),
    (HITS, DEAR),
    (CODEX, CLAUDE),
    (FULL,),
    GuessedLimit(14, 1_250_000, 22 * NANO),
    True,
    NOW_MS,
)
