"""Units and bounds that numbers are kept in: money, lengths of time, windows."""

from __future__ import annotations

from typing import Final

NANO: Final = 1_000_000_000
"""Nano-dollars in a dollar: money is an integer number of these."""

MINUTE_MS: Final = 60_000
QUARTER_MS: Final = 15 * MINUTE_MS
"""Width of a roll-up cell; time zones are multiples of it."""
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS

WINDOW_TOKENS: Final = 200_000
"""The usual context window: a larger prompt proves a larger window."""

OPEN_END_MS: Final = 2**62
"""An instant later than any other, for ranges without an end."""
