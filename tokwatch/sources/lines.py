"""Complete lines of a growing file, with their offsets; never holds more than one bounded line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from hashlib import blake2b
from io import BufferedReader
from typing import BinaryIO, Final

from tokwatch.sources.glued import objects_of

BLOCK_BYTES: Final = 1 << 20
FINGERPRINT_BYTES: Final = 1024
OPEN_END: Final = 2**62
_SKIP_BYTES: Final = 1 << 22


class Lines:
    """Iterates over runs of lines from an offset; an unfinished last line waits for the next read.

    A line longer than the limit is passed over without being held, and counted.
    """

    def __init__(self, file: BinaryIO, offset: int, max_line_bytes: int, until: int | None) -> None:
        """Read `file` from byte `offset`; stop after the line that crosses byte `until`."""
        self.offset = offset
        """Bytes of complete lines consumed so far."""
        self.oversized = 0
        self.count = 0
        self._file = file
        self._limit = max_line_bytes
        self._end = OPEN_END if until is None else until
        self._left = file.seek(0, os.SEEK_END) - offset
        file.seek(offset)

    def __iter__(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield runs of complete lines, each with the offset of its first line."""
        return self._runs() if self._left < self._limit else self._bounded_runs()

    def _runs(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield runs of a file in which no line can be too long, as fast as they are split."""
        position, end, file = self.offset, self._end, self._file
        while position < end:
            run = file.readlines(max(1, min(BLOCK_BYTES, end - position) - 1))
            start, position = position, file.tell()
            is_last = not run or run[-1][-1] != 10
            if run and is_last and not _is_whole(run[-1]):
                position -= len(run.pop())
            yield from self._run(start, run, position)
            if is_last:
                break

    def _bounded_runs(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield runs of a file in which lines may be too long to be held."""
        limit, readline, end = self._limit, self._file.readline, self._end
        position = start = self.offset
        edge = min(start + BLOCK_BYTES, end)
        run: list[bytes] = []
        while line := readline(limit):
            length = len(line)
            if line[-1] == 10:
                run.append(line)
                position += length
                if position < edge:
                    continue
            elif length < limit:
                if _is_whole(line):
                    run.append(line)
                    position += length
                break
            yield from self._run(start, run, position)
            run = []
            if line[-1] != 10:
                skipped = self._skip_rest()
                if skipped is None:
                    break
                self.oversized += 1
                position += length + skipped
            start = position
            if position >= end:
                break
            edge = min(start + BLOCK_BYTES, end)
        yield from self._run(start, run, position)

    def _run(self, start: int, run: list[bytes], end: int) -> Iterator[tuple[int, list[bytes]]]:
        if run:
            self.count += len(run)
            yield start, run
        self.offset = end

    def _skip_rest(self) -> int | None:
        """Pass over the rest of a line and return its length, or None when its end is not there."""
        length = 0
        while block := self._file.readline(_SKIP_BYTES):
            length += len(block)
            if block[-1] == 10:
                return length
        return None


def _is_whole(tail: bytes) -> bool:
    """Tell whether a last line without a newline is a complete record all the same."""
    if not tail.endswith(b"}"):
        return False
    is_whole, found = objects_of(tail)
    return is_whole and len(found) == 1


def head_and_tail(file: BinaryIO, offset: int) -> tuple[bytes, bytes]:
    """Return digests of the bytes that prove later that a file is the same up to `offset`."""
    length = min(FINGERPRINT_BYTES, offset)
    head = _bytes_at(file, 0, length)
    return _digest(head), _digest(_bytes_at(file, offset - length, length))


def _bytes_at(file: BinaryIO, place: int, length: int) -> bytes:
    if sys.platform != "win32" and isinstance(file, BufferedReader):
        return os.pread(file.fileno(), length, place)  # the buffer would read a block for it
    file.seek(place)
    return file.read(length)


def _digest(content: bytes) -> bytes:
    # Never the bytes themselves: they are a piece of somebody's prompt.
    return blake2b(content, digest_size=8).digest()
