"""Replay: a moment of the past that runs on, as fast as it did or up to a thousand times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

SPEEDS: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1000)
FIRST_SPEED: Final = 60
STEP_SECONDS: Final = 0.25
"""Between two pictures of a replay."""
WITH_SECONDS: Final = 30
"""Up to this speed the seconds of the moment can be read."""


class Replay(Struct, frozen=True):
    """Where a replay stood at one instant of the clock, and how fast it runs from there."""

    moment: datetime
    since: datetime
    """The instant of the clock."""
    speed: int = FIRST_SPEED
    is_held: bool = False

    def at(self, now: datetime) -> datetime:
        """Return the moment that is shown, in whole seconds; never later than now."""
        return min(self._exact(now), now).replace(microsecond=0)

    def is_over(self, now: datetime) -> bool:
        """Tell whether it has caught up with now."""
        return self._exact(now) >= now

    def paced(self, steps: int, now: datetime) -> Replay:
        """Return it so many steps faster or slower from here on."""
        place = SPEEDS.index(self.speed) + steps
        speed = SPEEDS[max(0, min(len(SPEEDS) - 1, place))]
        return replace(self.moved(self._exact(now), now), speed=speed)

    def toggled(self, now: datetime) -> Replay:
        """Return it held where it is, or going on from there."""
        return replace(self.moved(self._exact(now), now), is_held=not self.is_held)

    def moved(self, moment: datetime, now: datetime) -> Replay:
        """Return it at another moment."""
        return replace(self, moment=moment, since=now)

    def _exact(self, now: datetime) -> datetime:
        if self.is_held:
            return self.moment
        passed = max(timedelta(), now - self.since)
        if passed * self.speed > now - self.moment:  # also where the product would be too large
            return max(now, self.moment)
        return self.moment + passed * self.speed
