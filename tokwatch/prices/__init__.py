"""Model name to rate cards: genai-prices, our corrections in prices.toml, the user's overrides.

A leaf: importing it loads no library, and genai-prices is only ever read in a process of its own.
"""

from __future__ import annotations

from tokwatch.prices.card import ANY_TOKENS, FOREVER_MS, RateCard, card_at, cost_nano
from tokwatch.prices.names import normalise
from tokwatch.prices.resolve import Resolution, resolve, version, window
from tokwatch.prices.settings import Override, PriceSettings
from tokwatch.prices.update import refresh

__all__ = [
    "ANY_TOKENS",
    "FOREVER_MS",
    "Override",
    "PriceSettings",
    "RateCard",
    "Resolution",
    "card_at",
    "cost_nano",
    "normalise",
    "refresh",
    "resolve",
    "version",
    "window",
]
