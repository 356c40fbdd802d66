"""What looks at the store beside the pictures: the rules of alerts, and suggestions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from tokwatch.config import Config
from tokwatch.model.snapshot import SourceStatus
from tokwatch.model.worker import Note, unnoted

if TYPE_CHECKING:
    from tokwatch.alerts.alerting import AlertWatch
    from tokwatch.suggestions.suggesting import SuggestionWatch


class Watches:
    """Both of them, which begin and end together; loaded when they begin."""

    def __init__(
        self,
        reads_all: Callable[[], bool],
        sources: Callable[[], tuple[SourceStatus, ...]],
        wake: Callable[[], None],
        clock: Callable[[], datetime],
        *,
        aside: bool,
        tell_roll: Note = unnoted,
    ) -> None:
        """Prepare to judge while this process `reads_all` logs, and to `wake` who shows it.

        Suggestions are looked for `aside`, in a process of their own, or in this one.
        """
        self._aside, self._tell_roll = aside, tell_roll
        self._reads_all = reads_all
        self._sources = sources
        self._wake = wake
        self._clock = clock
        self._running: tuple[AlertWatch, SuggestionWatch] | None = None

    def start(self, config: Config) -> None:
        """Begin to watch under some settings."""
        from tokwatch.alerts.alerting import AlertWatch
        from tokwatch.suggestions.suggesting import SuggestionWatch

        alerts = AlertWatch(
            *(config, self._reads_all, self._sources, self._wake, self._clock, self._tell_roll)
        )
        suggestions = SuggestionWatch(
            *(config, self._reads_all, self._wake, self._clock),
            aside=self._aside,
            tell_roll=self._tell_roll,
        )
        self._running = alerts, suggestions
        alerts.start()
        suggestions.start()

    def stop(self) -> None:
        """End both, if they run."""
        running, self._running = self._running, None
        for watch in running or ():
            watch.stop()
