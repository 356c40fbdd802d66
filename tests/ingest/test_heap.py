"""The heap of the C library: one for all threads, and what is freed goes back to the system."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux's C library")

_HELD = """
import os
from tokwatch.ingest.heap import Thrift

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

_APART = """
import ctypes
from tokwatch.ingest.heap import APART_BYTES, settle_heap

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "abcdefghij"]  # e: bytes of pages apart

library = ctypes.CDLL(None)
if hasattr(library, "mallinfo2"):
    library.mallinfo2.restype = Told
    settle_heap()
    bytearray(8 * APART_BYTES)  # freed at once: glibc would put all that is smaller into its heap
    before = library.mallinfo2().e
    large = bytearray(2 * APART_BYTES)
    print(library.mallinfo2().e - before >= len(large))
"""

_HEAPS = """
import ctypes, sys, threading
from pathlib import Path
from tokwatch.config import load
from tokwatch.monitor.monitor import Monitor

folder = Path(sys.argv[1])
has_read = threading.Event()
monitor = Monitor(load(data=folder))
monitor.start(lambda picture: picture.progress is None and has_read.set())
has_read.wait(60)
names = {thread.name for thread in threading.enumerate()}
library = ctypes.CDLL(None)
if not hasattr(library, "malloc_info"):
    sys.exit()
library.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(library.fopen(bytes(folder / "heaps"), b"w"))
library.malloc_info(0, file)
library.fclose(file)
monitor.stop()
print({"pictures", "ingest"} <= names, (folder / "heaps").read_text().count("<heap nr="))
"""


def _told(program: str, *arguments: str) -> list[str]:
    """Return the words that a program of its own prints."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_what_was_freed_is_given_back_now_and_then() -> None:
    told = _told(_HELD)
    if told[:2] == ["False", "0"]:
        pytest.skip("the C library is not glibc")
    assert (told[0], told[2]) == ("True", "False")
    assert int(told[1]) > 20_000_000


def test_all_threads_of_a_monitor_share_a_heap(home: Path, tmp_path: Path) -> None:
    told = _told(_HEAPS, str(tmp_path))
    if not told:
        pytest.skip("the C library is not glibc")
    assert told == ["True", "1"]


def test_what_is_large_never_lies_in_the_heap() -> None:
    told = _told(_APART)
    if not told:
        pytest.skip("the C library is not glibc, or an old one")
    assert told == ["True"]
