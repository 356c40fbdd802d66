"""Units and bounds that numbers are kept in: money, roll-up cells, days."""

from __future__ import annotations

from typing import Final

NANO: Final = 1_000_000_000
"""Nano-dollars in a dollar: money is an integer number of these."""

QUARTER_MS: Final = 15 * 60 * 1000
"""Width of a roll-up cell; time zones are multiples of it."""

WINDOW_TOKENS: Final = 200_000
"""The usual context window: a larger prompt proves a larger window."""

DAY_MS: Final = 24 * 60 * 60 * 1000

OPEN_END_MS: Final = 2**62
"""An instant later than any other, for ranges without an end."""
