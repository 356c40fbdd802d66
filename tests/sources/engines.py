"""Reads logs by both engines of a sieve, the compiled one and the one in Python, and compares."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from tests.compiled import not_compiled
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.agents import claude_transcript, codex_rollout
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.agents.codex import Codex
from tokwatch.sources.lines import Lines
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.sieve import COMPILED, Sieve

Reader = ClaudeCode | Codex
Read = Callable[[Any, LogFile, Cursor], Reading]  # of one of the readers
COMPILED_ENGINE, PLAIN_ENGINE = "compiled", "plain"
ENGINES: Final = (COMPILED_ENGINE, PLAIN_ENGINE)
MAX_LINE: Final = 64 << 20
PATH: Final = Path("projects", "p", "s.jsonl")
SIEVES: Final = (claude_transcript._SIEVE, codex_rollout._SIEVE)


def by_engine(engine: str, sieve: Sieve) -> Sieve:
    """Return a new sieve that has one engine; skip the test that runs where it is not there."""
    if engine == PLAIN_ENGINE:
        sieve._quick = None
    elif sieve._quick is None:
        not_compiled("the compiled sieve is not there")
    return sieve


@contextmanager
def in_python() -> Iterator[None]:
    """Let the engine in Python alone read the logs of Claude Code and Codex."""
    compiled = [sieve._quick for sieve in SIEVES]
    for sieve in SIEVES:
        sieve._quick = None
    try:
        yield
    finally:
        for sieve, quick in zip(SIEVES, compiled, strict=True):
            sieve._quick = quick


def by_both(read: Read) -> Read:
    """Return what reads a log a second time by the engine in Python and finds the same."""

    def read_twice(reader: Reader, log: LogFile, cursor: Cursor) -> Reading:
        lines = log.lines
        offset, size = lines.offset, _size(lines)
        found = read(reader, log, cursor)
        again = Lines(lines._file, offset, lines._limit, lines._end)
        with in_python():
            plain = read(reader, replace(log, lines=again), cursor)
        if _size(lines) == size:  # else it is written to meanwhile
            assert repr(found) == repr(plain)
            assert _position(lines) == _position(again)
        return found

    return read_twice if COMPILED else read


def read_bytes(reader: Reader, content: bytes, until: int | None = None) -> Reading:
    """Read bytes as a log of their own, by both engines as every log in these tests."""
    file = io.BytesIO(content)
    log = LogFile(str(PATH), PATH.parent, Lines(file, 0, MAX_LINE, until), file, MAX_LINE)
    return reader.read(log, Cursor(str(PATH), reader.name))


def _size(lines: Lines) -> int:
    """Return the bytes of a log, and leave it where it is."""
    place = lines._file.tell()
    size = lines._file.seek(0, os.SEEK_END)
    lines._file.seek(place)
    return size


def _position(lines: Lines) -> tuple[int, int, int]:
    return lines.offset, lines.count, lines.oversized
