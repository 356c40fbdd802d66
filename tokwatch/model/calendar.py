"""Days in a time zone, without a zone file."""

from __future__ import annotations

from msgspec import Struct

from tokwatch.model.units import DAY_MS


class Calendar(Struct, frozen=True):
    """A time zone as its changes of offset: what days need, without a zone file."""

    zone: str = "UTC"
    steps: tuple[tuple[int, int], ...] = ((0, 0),)
    """(UTC ms from which it holds, offset in ms), oldest first; the first reaches back forever."""

    def offset_ms(self, instant_ms: int) -> int:
        """Return what to add to a UTC instant to read it on a local clock."""
        offset = self.steps[0][1]
        for since_ms, step_ms in self.steps:
            if since_ms > instant_ms:
                break
            offset = step_ms
        return offset

    def day(self, instant_ms: int) -> int:
        """Return the local day of an instant, in days since 1970-01-01."""
        return (instant_ms + self.offset_ms(instant_ms)) // DAY_MS

    def begin_ms(self, day: int) -> int:
        """Return the first instant of a local day; not every day begins at 00:00."""
        midnights = {day * DAY_MS - offset for _, offset in self.steps}
        changes = {since for since, _ in self.steps if self.day(since) == day}
        starts = [at for at in midnights | changes if self.day(at) == day]
        # A zone that moves across the date line skips a day: it begins where the next one does.
        return min(starts) if starts else self.begin_ms(day + 1)
