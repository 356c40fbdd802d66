"""Money as commands print it, and as their JSON tells it."""

from __future__ import annotations

from typing import overload

from tokwatch.model.units import NANO
from tokwatch.words import money


def usd(nano: int | None, places: int = 2) -> str:
    """Return nano-dollars as dollars with fixed decimals; "n/a" where they are not known."""
    return "n/a" if nano is None else money(nano, places)


@overload
def dollars(nano: int) -> float: ...
@overload
def dollars(nano: int | None) -> float | None: ...
def dollars(nano: int | None) -> float | None:
    """Return nano-dollars as dollars; None where they are not known."""
    return None if nano is None else nano / NANO
