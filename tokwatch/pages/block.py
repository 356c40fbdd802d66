"""One piece of a conversation: its record, read from the log when asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.audit.raw import RawRecord, raw_record
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.sources import source_named
from tokwatch.store.read.every import detail_logs

KEPT_MS: Final = 60_000
"""A record is read again after so long: its log may be gone."""
UNKNOWN: Final = RawRecord(problem="Its log is no longer known: it was pruned, or lies elsewhere.")


class BlockPage(Struct, frozen=True):
    """Where a block stands, and its record."""

    path: str
    offset: int
    raw: RawRecord


@dataclass(frozen=True, slots=True)
class BlockAsk:
    """Asks for the record of a block of an agent's conversation."""

    source: str
    session: str
    agent: str
    offset: int
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> BlockPage:
        """Return the record as it stands in the log."""
        raw: RawRecord
        path, raw = self.memory.recall(
            "record", None, sight.now_ms, KEPT_MS, lambda: self._read(sight)
        )
        return BlockPage(path, self.offset, raw)

    def _read(self, sight: Sight) -> tuple[str, RawRecord]:
        logs = detail_logs(sight.view, self.source, self.session)
        path = next((log.path for log in logs if self.agent in log.agents), "")
        if not path:
            return "", UNKNOWN
        return path, raw_record(path, self.offset, source=source_named(self.source))
