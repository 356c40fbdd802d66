"""Takes what status lines left behind into the store: window sizes and readings of quotas."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tokwatch.model.limits import limit_measure
from tokwatch.model.measure import Measure, of_user
from tokwatch.model.units import DAY_MS
from tokwatch.status.prepared import DATABASE_ERRORS
from tokwatch.status.told import FOLDER, MOST_PERCENT, WINDOWS, Quota
from tokwatch.store.connect import Database
from tokwatch.store.limits import ToldWindow, write_told

ORIGIN: Final = "status line"
KEPT_MS: Final = 30 * DAY_MS
"""A file that nobody wrote for so long is deleted."""


class Spool:
    """The folder of what was left, and what of it was taken."""

    def __init__(self, data: Path, user: str) -> None:
        """Name the folder; nothing is read yet."""
        self._folder = os.path.join(data, FOLDER)
        self._user = user
        self._taken: dict[str, int] = {}

    def take(self, database: Database, workspace: int, now_ms: int) -> int:
        """Write what is new into the store; return how much of it the store did not know."""
        windows: list[ToldWindow] = []
        quotas: dict[tuple[object, ...], Measure] = {}
        for path in self._changed(now_ms):
            told = _read(path)
            if told is not None:
                windows += _windows(told, self._user)
                for one in _measures(told):
                    quotas[one.name, one.tags, one.value] = of_user(one, self._user)
        if not windows and not quotas:
            return 0
        return write_told(database, workspace, windows, list(quotas.values()))

    def _changed(self, now_ms: int) -> list[str]:
        """Return the files that were written since they were taken."""
        found = []
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.endswith(".json"):
                    with suppress(OSError):
                        stat = entry.stat()
                        if now_ms - stat.st_mtime_ns // 1_000_000 > KEPT_MS:
                            os.unlink(entry.path)
                        elif self._taken.get(entry.path) != stat.st_mtime_ns:
                            self._taken[entry.path] = stat.st_mtime_ns
                            found.append(entry.path)
        return found


def _read(path: str) -> dict[str, Any] | None:
    with suppress(*DATABASE_ERRORS):
        told = json.loads(Path(path).read_bytes())
        seen_ms = told["seen_ms"]
        is_told = isinstance(told["session"], str) and isinstance(told["model"], str)
        if is_told and isinstance(seen_ms, int) and 0 < seen_ms < 2**53:
            return dict(told)
    return None


def _windows(told: dict[str, Any], user: str) -> list[ToldWindow]:
    size = told.get("window")
    if not isinstance(size, int) or not WINDOWS[0] <= size <= WINDOWS[1]:
        return []
    return [
        ToldWindow(
            *(str(told.get("source", "")), told["session"], told["model"], user, size),
            told["seen_ms"],
        )
    ]


def _measures(told: dict[str, Any]) -> list[Measure]:
    """Return the readings of quotas; several sessions tell of the same one."""
    found = []
    with suppress(TypeError, ValueError):
        for one in told.get("quotas", ()):
            quota = Quota(str(one[0]), float(one[1]), int(one[2]), int(one[3]))
            if 0 <= quota.percent <= MOST_PERCENT and quota.minutes > 0 and quota.resets_s > 0:
                name = quota.name if " " in quota.name else ""
                found.append(
                    limit_measure(
                        str(told.get("source", "")),
                        int(told["seen_ms"]),
                        quota.percent,
                        quota.minutes,
                        quota.resets_s,
                        ORIGIN,
                        name,
                    )
                )
    return found
