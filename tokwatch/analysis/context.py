"""How full a context window is, and how its size is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tokwatch.model.snapshot import Context
from tokwatch.model.stored import SessionFact
from tokwatch.model.units import WINDOW_TOKENS

LARGE_WINDOW_TOKENS = 1_000_000
LARGE_MARK = "[1m]"
"""Suffix of a model's name that asks for the large window."""

WindowOf = Callable[[str, str], int | None]
"""The window of a provider's model by a table of models; None where it is not in it."""


def context(
    fact: SessionFact,
    configured: Mapping[str, int],
    table: WindowOf,
    *,
    warning: float,
    critical: float,
) -> Context | None:
    """Return an agent's context after its last request; None where nothing is known of it."""
    if fact.context_tokens is None:
        return None
    window, basis = window_of(fact, configured, table)
    share = fact.context_tokens / window
    level = "critical" if share >= critical else "warning" if share >= warning else "ok"
    return Context(fact.context_tokens, window, basis, share, level)


def window_of(fact: SessionFact, configured: Mapping[str, int], table: WindowOf) -> tuple[int, str]:
    """Return the window's size and how it is known."""
    provider, model, _ = fact.last_model
    largest = max(fact.largest_prompt, fact.context_tokens or 0)
    return window_size(fact.window, provider, model, largest, configured, table)


def window_size(
    logged: int | None,
    provider: str,
    model: str,
    largest: int,
    configured: Mapping[str, int],
    table: WindowOf,
) -> tuple[int, str]:
    """Return a window's size and how it is known: the surest way comes first."""
    if logged:
        return logged, "logged"
    if model in configured:
        return configured[model], "configured"
    if model.endswith(LARGE_MARK):
        return LARGE_WINDOW_TOKENS, "configured"
    known = table(provider, model) or WINDOW_TOKENS
    if largest > WINDOW_TOKENS and largest > known:
        return max(LARGE_WINDOW_TOKENS, largest), "inferred"
    return known, "table"
