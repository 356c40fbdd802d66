"""The logs that were used lately: looked at every few seconds, whatever was told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tokwatch.ingest.ingest import Ingest, Pending

PIECE: Final = 50
"""So many are looked at in any case: half a millisecond."""


class Sweep:
    """Knows them, and looks at them as long as nobody wants anything else.

    Two thousand take 20 ms: what the tools write in that time should not wait for it.
    """

    def __init__(self, is_wanted: Callable[[], bool]) -> None:
        """Begin without a log; `is_wanted` tells that something else is to be done."""
        self._is_wanted = is_wanted
        self._active: dict[str, Pending] = {}
        self._left: list[Pending] = []

    def renew(self, logs: Iterable[Pending], oldest_ns: int) -> None:
        """Take those of all logs that changed since an instant, and forget the ones before."""
        self._left = []
        self._active = {log.found.path: log for log in logs if log.found.mtime_ns >= oldest_ns}

    def add(self, logs: Iterable[Pending]) -> None:
        """Take logs as they are about to be read."""
        self._active |= {log.found.path: log for log in logs}

    def begin(self) -> None:
        """Let all of them be looked at."""
        self._left = list(self._active.values())

    @property
    def goes_on(self) -> bool:
        """Whether some are still to be looked at."""
        return bool(self._left)

    def step(self, ingest: Ingest, *, all_new: bool) -> list[Pending]:
        """Look at some, and return those with something new.

        Without `all_new` only those that changed since they were found: the others wait for
        their turn, since read at once they would hold up what the tools write now.
        """
        changed = ingest.recheck(self._looked_at())
        return [log for log in changed if all_new or log != self._active[log.found.path]]

    def _looked_at(self) -> Iterator[Pending]:
        looked = 0
        while self._left and (looked < PIECE or not self._is_wanted()):
            looked += 1
            yield self._left.pop()
