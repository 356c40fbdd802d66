"""What the screens say while nothing was used yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tokwatch.model.snapshot import Snapshot
    from tokwatch.pages.alerts import AlertsPage

WITH_HINT: Final = 52
"""Cells from which a pane has room to say what to do."""


def no_requests(width: int) -> str:
    """Say that nothing was used yet, and where there is room, what to do."""
    told = "no requests yet"
    return f"{told}: 1 shows where tokwatch looks for them" if width >= WITH_HINT else told


def alerts_of(snapshot: Snapshot) -> AlertsPage:
    """Return the alerts of an empty store, for which no page is made: sources fail all the same."""
    from tokwatch.pages.alerts import AlertsPage

    return AlertsPage(0, snapshot.alerts)
