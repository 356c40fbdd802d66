"""What the C library keeps of freed memory: one heap for every thread, given back now and then."""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ctypes import CDLL

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
"""glibc's numbers of the parameters of `mallopt`."""
HEAPS: Final = 1
"""What one thread frees another one uses: of a heap for each, most pages end half empty."""
APART_BYTES: Final = 256 << 10
"""A block as large has pages of its own, which go when it is freed, and never cuts up the heap. By
itself glibc raises this limit to the largest such block that was freed.
"""
SLACK_BYTES: Final = 1 << 20
"""So much stays free at the heap's end for what comes next."""
EVERY_S: Final = 10.0


def settle_heap() -> None:
    """Let all threads that begin from now on share a heap without large blocks; glibc only."""
    if (library := _glibc()) is not None:
        library.mallopt(_ARENA_MAX, HEAPS)
        library.mallopt(_MMAP_THRESHOLD, APART_BYTES)
        library.mallopt(_TRIM_THRESHOLD, SLACK_BYTES)


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
