"""Words for what caching did: rates, amounts, pauses and names, the same in every pane."""

from __future__ import annotations

from tokwatch.model.caching import Chain
from tokwatch.ui import format as fmt


def rate(share: float | None) -> str:
    """Return a share of the prompt or of the requests, to a tenth where that can be told."""
    if share is None:
        return "n/a"
    # Rounded down: what is not all of it never reads 100 %.
    return f"{int(share * 1000) / 10:.1f}%" if share < 1 else "100%"


def amount(nano: int, unpriced: int, width: int = 99) -> str:
    """Return dollars, with a mark where some of it has no price."""
    if unpriced and not nano:
        return fmt.UNPRICED
    more = "+?" if unpriced else ""
    return fmt.narrow_money(nano, width - len(more)) + more


def pause(ms: int) -> str:
    """Return a length of time in its two largest units, in at most six characters."""
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m{seconds % 60:02}s"
    if seconds < 86_400:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 86_400}d{seconds % 86_400 // 3600:02}h"


def left(ms: int) -> str:
    """Return how long something lives on, in steps of ten seconds."""
    seconds = max(0, ms) // 10_000 * 10
    if seconds >= 600:
        return f"{seconds // 60}m"
    return f"{seconds // 60}:{seconds % 60:02}"


def agent(chain: Chain) -> str:
    """Return an agent as the lists call it."""
    return chain.session[:8] + (" └ agent" if chain.agent else "")


def reading(read: int, requests: int) -> str:
    """Say how much of the range has been looked at."""
    share = int(read * 100 / requests) if requests else 100
    return f" · {share}% read"
