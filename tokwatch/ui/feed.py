"""What the screen needs from whoever builds its snapshots: the monitor, the demo or a test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tokwatch.config import Config
from tokwatch.model.snapshot import SessionRow, Snapshot, Span
from tokwatch.pages.sight import Ask

if TYPE_CHECKING:
    from tokwatch.analysis.audit import Audit
    from tokwatch.model.evidence import Shown
    from tokwatch.model.suggestion import SuggestionState


class Feed(Protocol):
    """Publishes snapshots from threads of its own."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin to publish: at once, then at most 20 times a second, only what changed."""

    def stop(self) -> None:
        """End every thread within half a second."""

    def show(self, span: Span, until: datetime | None) -> None:
        """Publish this range of time from here on; None follows now."""

    def look(self, ask: Ask | None) -> None:
        """Publish the answer to this question in each snapshot from here on; None asks nothing."""

    def retry(self) -> None:
        """Look at every source again at once, also at those that could not be read."""

    def pause_endpoint(self, name: str) -> bool:
        """Stop polling an endpoint, or go on; False while another process polls."""

    def explain(self, shown: Shown) -> Audit | None:
        """Return what a shown number rests on, None where nothing is stored; called in a thread."""

    def titles(self, rows: Sequence[SessionRow]) -> dict[str, str]:
        """Return the tools' own titles by row key, read from the logs; called in a thread."""

    def configure(self, config: Config) -> None:
        """Let changed settings take effect; called in a thread."""

    def acknowledge(self, alert: int, *, snoozes: bool = False) -> bool:
        """Keep an alert quiet, for good or for a while; False where it is over; in a thread."""

    def answer(self, suggestion: int, state: SuggestionState) -> bool:
        """Write what the user says to a suggestion; False where there is none; in a thread."""
