"""Logs that cannot be read: tried as a read would open them, and nothing of them is kept."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tokwatch.sources.discover import FoundLog
from tokwatch.sources.reader import read_log
from tokwatch.sources.source import Source
from tokwatch.sources.tables import is_database

_WAITS: Final = (errno.EBUSY, errno.EAGAIN)
"""What is being written just now is read at the next look."""


class Unread(NamedTuple):
    """A log that cannot be read, and why."""

    path: str
    error: str


def unread_among(source: Source, logs: Iterable[FoundLog], max_line: int) -> Iterator[Unread]:
    """Yield those of a source's logs that cannot be read now."""
    for log in logs:
        try:
            if is_database(log.path):
                read_log(source, log, None, max_line, 1)
            else:
                with open(log.path, "rb") as file:
                    file.read(1)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno not in _WAITS:
                yield Unread(log.path, error.strerror or type(error).__name__)
