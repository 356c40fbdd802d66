"""When the rules of alerts were judged, for the commands that tell of alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokwatch.status.prepared import is_ingested
from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.connect import Database

UNITS: Final = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"))


class Judged(NamedTuple):
    """When the rules were judged, and whether that goes on."""

    at_ms: int | None
    """None where they never were."""
    is_watched: bool
    """Whether another process reads the logs: it judges as it goes."""


NEVER: Final = Judged(None, is_watched=False)


def judged(config: Config, database: Database) -> Judged:
    """Return when the rules were judged last."""
    from tokwatch.store.alerts import judged_ms
    from tokwatch.store.store import workspace_id

    at_ms = judged_ms(database, workspace_id(database, config.general.workspace) or 0)
    return Judged(at_ms, config.alerts.on and is_ingested(str(config.data)))


def in_words(found: Judged, now_ms: int) -> str:
    """Return what to say of it."""
    if found.is_watched:
        return "the rules are judged as it goes, by the tokwatch that reads the logs"
    if found.at_ms is None:
        return "the rules were never judged here: a screen judges them, and tokwatch alerts --now"
    age_ms = max(0, now_ms - found.at_ms)
    for size_ms, unit in UNITS:
        if age_ms >= size_ms:
            number = age_ms // size_ms
            return f"the rules were judged {counted(number, unit)} ago"
    return "the rules were judged just now"
