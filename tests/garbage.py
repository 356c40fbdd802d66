"""What a piece of work leaves behind that only a collection of garbage frees."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType


@contextmanager
def left_behind() -> Iterator[list[object]]:
    """Yield a list that holds, once the block is over, what was left behind in it."""
    found: list[object] = []
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield found
        gc.collect()
        found += gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


def ours(found: Iterable[object]) -> set[str]:
    """Return the names of our own types and functions among objects."""
    makers = [each if isinstance(each, FunctionType) else type(each) for each in found]
    return {one.__qualname__ for one in makers if (one.__module__ or "").startswith("tokwatch")}
