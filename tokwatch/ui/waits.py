"""Keeps the waits of the screen's loop short while other threads of the process work."""

from __future__ import annotations

import gc
import sys
from typing import Final

_THRESHOLDS: Final = (2_000, 15, 60)
"""Objects, and collections of the younger ones: a whole collection takes 50 ms, with a session of
90 MB 140, finds little (7,000 objects) and is rare.
"""
_SWITCH_S: Final = 0.001
"""After so long a thread that computes lets the loop go on; Python's own 5 ms add up."""


def keep_short() -> None:
    """Collect garbage from the first frame on, but never look at what was loaded before it."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
        gc.set_threshold(*_THRESHOLDS)
        sys.setswitchinterval(_SWITCH_S)
