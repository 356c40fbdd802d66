"""Keeps the waits of the screen's loop short while other threads of the process work."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Final

_THRESHOLDS: Final = (2_000, 15, 60)
"""Objects, and collections of the younger ones: a whole collection takes 50 ms, with a session of
90 MB 140, finds little (7,000 objects) and is rare.
"""
COLLECT_S: Final = 30
"""So often all is collected: removed widgets are cycles, which by itself Python lets pile up to a
quarter of all objects, 12 MB with a thousand live sessions.
"""
PAUSE_S: Final = 0.02
"""A collection that takes longer looks through too much that stays."""
_SWITCH_S: Final = 0.001
"""After so long a thread that computes lets the loop go on; Python's own 5 ms add up."""


def keep_short() -> None:
    """Collect garbage from the first frame on, but never look at what was loaded before it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
        gc.set_threshold(*_THRESHOLDS)
        sys.setswitchinterval(_SWITCH_S)


class Collector:
    """Collects what removed widgets leave, in pauses that stay short."""

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        """Begin with nothing left out; `clock` tells seconds of work."""
        self._clock, self._longest_s = clock, PAUSE_S

    def turn(self) -> bool:
        """Collect; tell whether what is held now is left out from here on, since that took long.

        What goes through reference counts is freed all the same; cycles of what is left out are
        not. So the next time it must have taken twice as long.
        """
        began_s = self._clock()
        gc.collect()
        if self._clock() - began_s <= self._longest_s:
            return False
        gc.freeze()
        self._longest_s *= 2
        return True
