"""tokwatch's own log: one line for each event, rotated; counts and places, never prompts or keys.

Nothing is opened before the first line is written.
"""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tokwatch.errors import TokwatchError

if TYPE_CHECKING:
    from logging import Logger

FILE_NAME: Final = "tokwatch.log"

_PLAIN: Final = re.compile(r"[\w./:@+-]+", re.ASCII)
_LINE: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(process)d %(message)s"
_TIME: Final = "%Y-%m-%dT%H:%M:%S"


class LogSettings(Protocol):
    """The `[log]` section of the configuration."""

    @property
    def level(self) -> str: ...
    @property
    def max_mb(self) -> int: ...
    @property
    def keep(self) -> int: ...


class OwnLog:
    """The log in one data folder, as its settings ask."""

    def __init__(self, folder: Path, settings: LogSettings) -> None:
        """Know where to write."""
        self._folder = folder
        self._settings = settings
        self._logger: Logger | None = None

    def note(self, event: str, level: str = "info", **facts: int | float | str) -> None:
        """Write that something happened, with what to know about it; never raise."""
        logger = self._logger
        if logger is None:
            logger = self._logger = _open(self._folder, self._settings)
        told = " ".join((event, *(f"{name}={_shown(value)}" for name, value in facts.items())))
        logger.log(_number(level), "%s", told)

    def note_error(self, event: str, error: BaseException) -> None:
        """Write what failed and where; the text of an unexpected error may quote a log."""
        if isinstance(error, TokwatchError):
            self.note(event, "error", error=error.message)
            return
        frames = traceback.extract_tb(error.__traceback__)
        places = " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
        self.note(event, "error", error=type(error).__name__, at=places)

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._logger is not None:
            for handler in self._logger.handlers:
                handler.close()
            self._logger = None


def note_failure(folder: Path, settings: LogSettings, event: str, error: BaseException) -> None:
    """Write what failed and where, and leave no file open."""
    log = OwnLog(folder, settings)
    log.note_error(event, error)
    log.close()


def _open(folder: Path, settings: LogSettings) -> Logger:
    """Return a logger of its own: other libraries' loggers do not write here."""
    import logging
    import time
    from contextlib import suppress
    from logging.handlers import RotatingFileHandler

    class Quiet(RotatingFileHandler):
        """Says nothing on a full disk: what it would print would spoil the screen."""

        def handleError(self, record: logging.LogRecord) -> None:
            """Drop the line."""

    logger = logging.Logger("tokwatch", _number(settings.level))
    logger.addHandler(logging.NullHandler())  # without any handler, logging writes to stderr
    formatter = logging.Formatter(_LINE, _TIME)
    formatter.converter = time.gmtime
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handler = Quiet(
            folder / FILE_NAME,
            maxBytes=settings.max_mb << 20,
            backupCount=settings.keep,
            encoding="utf-8",
            delay=True,
        )
        handler.setFormatter(formatter)
        logger.addHandler(handler)
    return logger


def _number(level: str) -> int:
    import logging

    return logging.getLevelNamesMapping()[level.upper()]


def _shown(value: int | float | str) -> str:
    """Return a value as one word: text in quotes, with control characters escaped."""
    if not isinstance(value, str):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if _PLAIN.fullmatch(value):
        return value
    import json

    return json.dumps(value)
