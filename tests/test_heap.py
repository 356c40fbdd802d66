"""Freed memory goes back to the system, where the C library can be told so."""

from __future__ import annotations

import subprocess
import sys

import pytest

_HELD = """
import os
from tokwatch.heap import Thrift

def held():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

thrift = Thrift()
pieces = [bytes(2_000) for _ in range(20_000)]  # 40 MB in the C library's own heap
kept = pieces[-1]  # the end of the heap stays in use: nothing is given back by itself
del pieces
before = held()
print(thrift.turn(), before - held(), thrift.turn())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux's C library")
def test_what_was_freed_is_given_back_now_and_then() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _HELD], capture_output=True, text=True, check=True
    ).stdout.split()
    if told[:2] == ["False", "0"]:
        pytest.skip("the C library is not glibc")
    assert (told[0], told[2]) == ("True", "False")
    assert int(told[1]) > 20_000_000
