"""Keeps the waits of the screen's loop short while other threads of the process work."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Final

_THRESHOLDS: Final = (2_000, 15, 60)
"""Objects, and collections of the younger ones, after which Python by itself collects all: rarely,
since that takes 50 ms, with a session of 90 MB 140.
"""
REST_S: Final = 30.0
"""So long at least nothing is collected on purpose. Removed widgets are cycles, which by itself
Python lets pile up to a quarter of all objects, 12 MB with a thousand live sessions.
"""
SHARE: Final = 0.002
"""No more of the time goes into that: what takes 100 ms comes every 50 seconds."""
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
    """Collects now and then what removed widgets leave."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with a rest; `clock` tells seconds."""
        self._clock = clock
        self._due_s = clock() + REST_S

    def turn(self) -> bool:
        """Collect, where that is due; tell whether it was."""
        began_s = self._clock()
        if began_s < self._due_s:
            return False
        gc.collect()
        ended_s = self._clock()
        self._due_s = ended_s + max(REST_S, (ended_s - began_s) / SHARE)
        return True
