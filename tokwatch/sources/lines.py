"""Complete lines of a growing file, with their offsets; never holds more than one bounded line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from io import BufferedReader, FileIO, RawIOBase
from itertools import islice
from typing import Any, BinaryIO, Final, cast

from tokwatch.sources.glued import objects_of

BLOCK_BYTES: Final = 1 << 20
FINGERPRINT_BYTES: Final = 1024
OPEN_END: Final = 2**62
_SKIP_BYTES: Final = 1 << 22

Row = tuple[Any, ...]
"""The values that a sieve picked of one record, one for each of its fields."""
Found = list[tuple[int, Row | bytes]]
"""Rows, and lines that somebody has to look at as a whole, each with its offset."""
Sift = Callable[[bytearray, int, int], tuple[Found, int, int]]
"""Takes a block, how many bytes of it to look at, and the first one's offset; returns what the
complete lines in it tell, how many there are, and the offset behind them."""
Look = Callable[[int, list[bytes]], Found]
"""Takes the offset of the first one of some lines, and the lines; returns what they tell."""

_blocks: Final[list[bytearray]] = []
"""Blocks that are not in use: a new one costs as much as it takes to read a small log."""


class Lines:
    """Iterates over runs of lines from an offset; an unfinished last line waits for the next read.

    A line longer than the limit is passed over without being held, and counted.
    """

    def __init__(
        self,
        file: BinaryIO,
        offset: int,
        max_line_bytes: int,
        until: int | None,
        size: int | None = None,
    ) -> None:
        """Read `file` from byte `offset`; stop after the line that crosses byte `until`.

        Where the `size` of the file is told, what is written behind it may be left.
        """
        self.offset = offset
        """Bytes of complete lines consumed so far."""
        self.oversized = 0
        self.count = 0
        self.proof: tuple[bytes, bytes] | None = None
        """What `head_and_tail` would tell, where a file was read at once from its start."""
        self._file = file
        self._limit = max_line_bytes
        self._end = OPEN_END if until is None else until
        self._size = file.seek(0, os.SEEK_END) if size is None else size
        self._left = self._size - offset

    def __iter__(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield runs of complete lines, each with the offset of its first line."""
        with buffered(self._file) as file:
            file.seek(self.offset)
            yield from self._bounded_runs(file) if self.may_be_too_long else self._runs(file)

    @property
    def may_be_too_long(self) -> bool:
        """Whether there are bytes enough for a line that is passed over."""
        return self._left >= self._limit

    def sifted(self, sift: Sift, look: Look) -> Iterator[Found]:
        """Yield what a sieve finds in the same lines; `look` takes a last one without a newline."""
        try:
            block = _blocks.pop()  # to look first whether there is one is not safe among threads
        except IndexError:
            block = bytearray(BLOCK_BYTES)
        file = cast(RawIOBase, self._file)
        file.seek(self.offset)
        kept = 0
        while self.offset < self._end:
            if kept == len(block):
                block.extend(bytes(kept))
            with memoryview(block) as view:
                size = kept + (file.readinto(view[kept:]) or 0)
            is_last = size == kept or self.offset + size >= self._size
            found, number, behind = sift(block, self._cut(block, size), self.offset)
            used = behind - self.offset
            kept = size - used
            tail = bytes(block[used:size]) if is_last and behind < self._end else b""
            if tail and _is_whole(tail):
                found += look(behind, [tail])
                number, behind, kept = number + 1, behind + kept, 0
            if is_last and self.offset == 0:
                length = min(FINGERPRINT_BYTES, behind)
                self.proof = _digest(block[:length]), _digest(block[behind - length : behind])
            block[:kept] = block[used:size]
            self.count += number
            self.offset = behind
            if number:
                yield found
            if is_last:
                break
        if len(block) == BLOCK_BYTES:
            _blocks.append(block)

    def _cut(self, block: bytearray, size: int) -> int:
        """Return how much of a block to look at: up to the line that crosses the end."""
        left = self._end - self.offset
        return block.find(b"\n", left - 1, size) + 1 or size if left <= size else size

    def _runs(self, file: BufferedReader) -> Iterator[tuple[int, list[bytes]]]:
        """Yield runs of a file in which no line can be too long, as fast as they are split."""
        position, end = self.offset, self._end
        while position < end:
            hint = min(BLOCK_BYTES, end - position) - 1  # that and one byte more; 0 means all
            run = file.readlines(hint) if hint else list(islice(file, 1))
            start, position = position, file.tell()
            is_last = not run or run[-1][-1] != 10
            if run and is_last and not _is_whole(run[-1]):
                position -= len(run.pop())
            yield from self._run(start, run, position)
            if is_last:
                break

    def _bounded_runs(self, file: BufferedReader) -> Iterator[tuple[int, list[bytes]]]:
        """Yield runs of a file in which lines may be too long to be held."""
        limit, readline, end = self._limit, file.readline, self._end
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
                skipped = _rest_of_line(file)
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


@contextmanager
def buffered(file: BinaryIO) -> Iterator[BufferedReader]:
    """Lend a file with a buffer to read lines from; it stays open."""
    reader: BufferedReader = BufferedReader(cast(RawIOBase, file), BLOCK_BYTES)
    try:
        yield reader
    finally:
        reader.detach()


def _rest_of_line(file: BufferedReader) -> int | None:
    """Pass over the rest of a line and return its length, or None when its end is not there."""
    length = 0
    while block := file.readline(_SKIP_BYTES):
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
    if sys.platform != "win32" and isinstance(file, FileIO):
        return os.pread(file.fileno(), length, place)
    file.seek(place)
    return file.read(length)


def _digest(content: bytes | bytearray) -> bytes:
    # Never the bytes themselves: they are a piece of somebody's prompt.
    return blake2b(content, digest_size=8).digest()
