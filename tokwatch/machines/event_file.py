"""Event files: writes what logs told, and reads it back, a log at a time; see docs/machines.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct, field

from tokwatch import __version__
from tokwatch.errors import TokwatchError
from tokwatch.machines.event_lines import (
    FORMAT,
    VERSION,
    Body,
    FactRow,
    Header,
    Line,
    LogLine,
    RequestRow,
    log_line,
    measure_line,
    measure_of,
    reading_of,
)
from tokwatch.model.measure import Measure
from tokwatch.sources.text import safe_name
from tokwatch.store.tellings import Telling
from tokwatch.words import counted

MOST_BYTES: Final = 64 << 20
"""A longer line is not read: no log needs one."""

_COMPRESSED: Final = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")

_encoder = msgspec.json.Encoder()
_decode_body = msgspec.json.Decoder(Body).decode
_decode_header = msgspec.json.Decoder(Header).decode


def lines_of(
    tellings: Iterable[Telling], tracked: Iterable[Measure], machine: str, now_ms: int
) -> Iterator[bytes]:
    """Yield the lines of an event file; what has no label or instant yet gets these."""
    yield _line(Header(FORMAT, VERSION, f"tokwatch {__version__}"))
    logs = 0
    for telling in tellings:
        label = telling.machine or machine
        told_ms = now_ms if telling.told_ms is None else telling.told_ms
        log, requests = log_line(label, told_ms, telling.reading)
        yield _line(Body(log=log))
        for request in requests:
            yield _line(Body(request=request))
        for fact in telling.reading.facts:
            yield _line(Body(fact=(fact.key, fact.name, fact.value)))
        logs += 1
    for measure in tracked:
        yield _line(Body(measure=measure_line(measure)))
    yield _line(Body(end=logs))


def _line(line: Line) -> bytes:
    return _encoder.encode(line) + b"\n"


class _OpenLog(Struct):
    """A log whose requests and facts follow."""

    line: LogLine
    number: int
    requests: list[RequestRow] = field(default_factory=list)
    facts: list[FactRow] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether all of it was read."""
        return (len(self.requests), len(self.facts)) == (self.line.requests, self.line.facts)


class _Export(Struct):
    """One export of a file, from its first line to its last."""

    logs: int = 0
    troubles: int = 0
    """How much was left out before it."""
    is_ended: bool = False


class EventFile:
    """Reads an event file: whole logs only; what is left out, and why, is kept."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        """Check the first line; a file of another kind or of a newer format is an error."""
        self._stream = stream
        self._name = name
        self._number = 0
        self._reason = ""
        self._export = _Export()
        self.bad_lines = 0
        self.left_out: list[str] = []
        """File, line and reason of each log that is not taken, and of a missing end."""
        line = self._next_line()
        header = _header(line)
        if header is None:
            hint = "Was the file cut, or written by another program?"
            if not line:
                hint = "It is empty."
            elif line.startswith(_COMPRESSED):
                hint = "It is compressed: unpack it first."
            raise TokwatchError(
                f"{name}:1: not the first line of a file of `tokwatch export --events`", hint
            )
        if newer := _newer(header):
            raise TokwatchError(f"{name}:1: {newer}", "Upgrade this tokwatch.")

    def parts(self) -> Iterator[Telling | Measure]:
        """Yield each whole log, and each measure that no log told; several exports in a row too."""
        log: _OpenLog | None = None
        while line := self._next_line():
            body = self._body(line)
            if body is None or (log is not None and not (body.request or body.fact)):
                self._leave_out(log, "its requests end early" if body else self._reason)
                log = None
            if body is None:
                continue
            if body.log is not None:
                log = _OpenLog(body.log, self._number)
                self._export.logs += 1
            elif body.measure is not None:
                yield measure_of(body.measure)
            elif body.end is not None:
                self._end(body.end)
            elif log is None:
                if (header := _header(line)) is None:
                    self.bad_lines += 1
                elif not self._begins(header):
                    return
            elif body.request is not None:
                log.requests.append(body.request)
            elif body.fact is not None:
                log.facts.append(body.fact)
            if log is not None and log.is_whole:
                yield from self._told(log)
                log = None
        if not self._export.is_ended:
            self._leave_out(log, "the file ends before its last line")

    def _begins(self, header: Header) -> bool:
        """Begin with another export in the same file; False where it cannot be read."""
        if not self._export.is_ended:
            self._leave_out(None, "another export begins before the last line of the one above")
        if newer := _newer(header):
            self._leave_out(None, f"{newer}; left out: all from here on")
            return False
        self._export = _Export(troubles=len(self.left_out))
        return True

    def _end(self, logs: int) -> None:
        """Take the last line of an export: logs that are missing without a trace are told."""
        export = self._export
        export.is_ended = True
        if export.logs != logs and export.troubles == len(self.left_out):
            self._leave_out(
                None,
                f"the last line tells of {counted(logs, 'log')}, of which {export.logs:,} came",
            )

    def _body(self, line: bytes) -> Body | None:
        """Return a line, or None and the reason where it is none of this format."""
        try:
            return _decode_body(line)
        except (msgspec.DecodeError, UnicodeError) as error:
            self.bad_lines += 1
            self._reason = f"not a line of this format: {error}"
            return None

    def _told(self, log: _OpenLog) -> Iterator[Telling]:
        try:
            reading = reading_of(log.line, log.requests, log.facts)
        except ValueError as error:
            self._leave_out(log, str(error))
            return
        yield Telling(safe_name(log.line.machine), reading, log.line.told_ms)

    def _leave_out(self, log: _OpenLog | None, reason: str) -> None:
        """Note that a log, or a line outside any log, is not taken."""
        which = f"; left out: {log.line.path}" if log is not None else ""
        self.left_out.append(f"{self._name}:{self._number}: {reason}{which}")

    def _next_line(self) -> bytes:
        """Return the next line, its beginning alone where it is absurdly long; empty at the end."""
        line = self._stream.readline(MOST_BYTES)
        while self._number and line and line.isspace():
            self._number += 1
            line = self._stream.readline(MOST_BYTES)
        self._number += bool(line)
        rest = line
        while rest and len(rest) == MOST_BYTES and not rest.endswith(b"\n"):
            rest = self._stream.readline(MOST_BYTES)
        return line


def _header(line: bytes) -> Header | None:
    """Return the first line of an export; None where it is none."""
    try:
        header = _decode_header(line)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return header if header.tokwatch == FORMAT else None


def _newer(header: Header) -> str:
    """Say that an export is of a newer format than this tokwatch can read; "" where it is not."""
    if header.version <= VERSION:
        return ""
    writer = safe_name(header.written_by) or "a newer tokwatch"
    return f"format {header.version}, written by {writer}; this one knows {VERSION}"
