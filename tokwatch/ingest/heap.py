"""What the C library keeps of freed memory: one heap for every thread, given back now and then."""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ctypes import CDLL

HEAPS: Final = 1
"""What one thread frees another one uses: of a heap for each, most pages end half empty."""
APART_BYTES: Final = 256 << 10
"""What is as large gets pages of its own, and gives them back when it is freed: in the heap its
place would be cut up. By itself glibc does so up to the largest block that was ever freed.
"""
SLACK_BYTES: Final = 1 << 20
"""So much stays free at the heap's end for what comes next."""
_PARAMETERS: Final = {-8: HEAPS, -3: APART_BYTES, -1: SLACK_BYTES}
"""glibc's numbers of M_ARENA_MAX, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD, for `mallopt`."""
EVERY_S: Final = 30.0


def share_heap() -> None:
    """Let all threads that begin from now on take memory from one heap; where there is glibc."""
    if (library := _glibc()) is not None:
        for parameter, value in _PARAMETERS.items():
            library.mallopt(parameter, value)


class Thrift:
    """Keeps what is freed from piling up; does nothing where there is no glibc."""

    def __init__(self) -> None:
        """Begin with a turn that is due."""
        self._due_s = 0.0

    def turn(self) -> bool:
        """Give freed memory back to the system, now and then; tell whether there was any."""
        now_s, library = time.monotonic(), _glibc()
        if library is None or now_s < self._due_s:
            return False
        self._due_s = now_s + EVERY_S
        return bool(library.malloc_trim(0))


@cache
def _glibc() -> CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
