"""Who works on what in the demo: projects, tools, models and the usual size of a conversation."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tokwatch.demo.agent import Desk, Tool

HAIKU: Final = "claude-haiku-4-5-20251001"
CODEX_WINDOW: Final = 258_400
"""What Codex logs as the window of its models."""
CODEX_COMPACTS_AT: Final = CODEX_WINDOW * 97 // 100

CHECKOUT: Final = Desk(
    Tool.CLAUDE_CODE,
    "checkout-service",
    "fix/double-charge",
    "claude-opus-4-8",
    ("Find why a card is charged twice", "Retry payments without double charges"),
    system_tokens=24_000,
    growth=1_500,
    compact_at=190_000,
)
MOBILE: Final = Desk(
    Tool.CLAUDE_CODE,
    "mobile-app",
    "main",
    "claude-sonnet-5",
    ("Move settings to the new navigation", "Make the start screen load faster"),
    system_tokens=21_000,
    growth=3_000,
    compact_at=700_000,
)
PAYMENTS: Final = Desk(
    Tool.CODEX,
    "payments-api",
    "feature/refunds",
    "gpt-5.2-codex",
    ("Add partial refunds", "Check the ledger's rounding"),
    system_tokens=15_000,
    growth=2_000,
    compact_at=CODEX_COMPACTS_AT,
)
DOCS: Final = Desk(
    Tool.CLAUDE_CODE,
    "docs-site",
    "main",
    "claude-sonnet-5",
    ("Rewrite the quick start", "Fix the broken links"),
    system_tokens=18_000,
    growth=1_200,
    compact_at=300_000,
)
INFRA: Final = Desk(
    Tool.CODEX,
    "infra-terraform",
    "upgrade/provider",
    "gpt-5.5",
    ("Upgrade the cloud provider", "Split the network module"),
    system_tokens=15_000,
    growth=2_200,
    compact_at=CODEX_COMPACTS_AT,
)
REPORTS: Final = Desk(
    Tool.CLAUDE_CODE,
    "weekly-reports",
    "main",
    HAIKU,
    ("Sum up the week's tickets",),
    system_tokens=16_000,
    growth=1_800,
    compact_at=160_000,
)
DESKS: Final = (CHECKOUT, MOBILE, PAYMENTS, DOCS, INFRA, REPORTS)

EXPLORE: Final = "Explore"
GENERAL: Final = "general-purpose"
CODEX_ROLE: Final = "explorer"
TASKS: Final = {
    EXPLORE: "Find where this is used",
    GENERAL: "Run the tests and report",
    CODEX_ROLE: "Look through the modules",
}


def kinds_at(desk: Desk) -> tuple[str, ...]:
    """Return the kinds of sub-agents that are spawned at a desk."""
    return (CODEX_ROLE,) if desk.tool is Tool.CODEX else (EXPLORE, GENERAL)


def beneath(desk: Desk, kind: str) -> Desk:
    """Return the desk of a sub-agent: short prompts, and a small model where it only looks."""
    below = replace(desk, titles=(TASKS[kind],), system_tokens=9_000, growth=3_500, cache_minutes=5)
    return replace(below, model=HAIKU, compact_at=160_000) if kind == EXPLORE else below
