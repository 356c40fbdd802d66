"""Complete lines of a growing file, with their offsets; never holds more than one bounded line."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
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
        self._until = until
        file.seek(offset)

    def __iter__(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield runs of complete lines, each with the offset of its first line."""
        limit, readline, until = self._limit, self._file.readline, self._until
        position = start = self.offset
        end = OPEN_END if until is None else until
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
    file.seek(0)
    head = file.read(length)
    file.seek(offset - length)
    return _digest(head), _digest(file.read(length))


def _digest(content: bytes) -> bytes:
    # Never the bytes themselves: they are a piece of somebody's prompt.
    return blake2b(content, digest_size=8).digest()
