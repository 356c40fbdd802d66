"""How full a context window is, and how its size is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from tokwatch.model.snapshot import Context
from tokwatch.model.stored import SessionFact
from tokwatch.model.units import WINDOW_TOKENS

LARGE_WINDOW_TOKENS = 1_000_000
LARGE_MARK = "[1m]"
"""Suffix of a model's name that asks for the large window, in any case of letters."""
WindowOf = Callable[[str, str], int | None]
"""The window of a provider's model by a table of models; None where it is not in it."""
AsksLarge = Callable[[str, str, str], bool]
"""Whether the settings of the tool that wrote a log ask for the large window, by the name of its
source, the log's path and the model."""


class Windows(Struct, frozen=True):
    """Where the sizes of windows are known from, apart from logs."""

    configured: Mapping[str, int] = field(default_factory=dict)
    """By model, in tokwatch's own settings."""
    table: WindowOf = lambda provider, model: None
    asks_large: AsksLarge = lambda source, path, model: False


class Prompted(Struct, frozen=True):
    """A request, and what it tells of its window."""

    source: str
    path: str
    """Its log; an imported one has its machine and a colon before it."""
    provider: str
    model: str
    logged: int | None
    """The window's tokens, where the log tells them."""
    largest: int
    """Tokens of the largest prompt that was sent to this model so far."""


def context(
    fact: SessionFact, windows: Windows, *, warning: float, critical: float
) -> Context | None:
    """Return an agent's context after its last request; None where nothing is known of it."""
    if fact.context_tokens is None:
        return None
    window, basis = window_of(fact, windows)
    share = fact.context_tokens / window
    level = "critical" if share >= critical else "warning" if share >= warning else "ok"
    return Context(fact.context_tokens, window, basis, share, level)


def window_of(fact: SessionFact, windows: Windows) -> tuple[int, str]:
    """Return the window's size and how it is known."""
    provider, model, _ = fact.last_model
    largest = max(fact.largest_prompt, fact.context_tokens or 0)
    told = Prompted(fact.source, fact.path, provider, model, fact.window, largest)
    return window_size(told, windows)


def window_size(told: Prompted, windows: Windows) -> tuple[int, str]:
    """Return a window's size and how it is known: the surest way comes first."""
    if told.logged:
        return told.logged, "logged"
    if told.model in windows.configured:
        return windows.configured[told.model], "configured"
    if told.model.casefold().endswith(LARGE_MARK):
        return LARGE_WINDOW_TOKENS, "logged"
    known = windows.table(told.provider, told.model) or WINDOW_TOKENS
    if told.largest > WINDOW_TOKENS and told.largest > known:
        return max(LARGE_WINDOW_TOKENS, told.largest), "inferred"
    if known < LARGE_WINDOW_TOKENS and windows.asks_large(told.source, told.path, told.model):
        return LARGE_WINDOW_TOKENS, "settings"
    return known, "table"
