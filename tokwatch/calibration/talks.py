"""What one log tells, read to its end and counted as the caller says: blocks and compactions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from tokwatch.sources.conversation import Weigh, weighed_by
from tokwatch.sources.detail_reader import Wish, read_detail

if TYPE_CHECKING:
    from tokwatch.model.detail import Block, Compaction
    from tokwatch.sources.discover import FoundLog
    from tokwatch.sources.source import Detailed

MOST_BYTES: Final = 64 << 20
"""Of logs that are read, the newest first: thousands of pairs."""
_PIECE_BYTES: Final = 1 << 22


class Talk(Struct):
    """What one log tells; a database tells of many sessions."""

    blocks: dict[tuple[str, str, int], Block] = field(default_factory=dict)
    """By session, agent and number; the session is empty where the log is of one."""
    compactions: dict[tuple[str, str, int], Compaction] = field(default_factory=dict)

    def sessions(self, name: str) -> tuple[str, ...]:
        """Return the sessions that it tells of; the log's own has this name."""
        return tuple(sorted({told or name for told, _, _ in self.blocks}))


def read_talk(
    source: Detailed, found: FoundLog, weigh: Weigh | None, max_line: int, since_ms: int
) -> Talk:
    """Read a log to its end; of a database the sessions since an instant, as far as there is room.

    Raises OSError where it cannot be read.
    """
    talk, cursor, more, room = Talk(), None, True, MOST_BYTES
    while more and room > 0:
        with weighed_by(weigh):
            read = read_detail(source, found, cursor, max_line, _PIECE_BYTES, Wish(since_ms))
        cursor, more = read.cursor, read.more
        for block in read.detail.blocks:
            talk.blocks[block.session, block.agent, block.number] = block
            room -= block.chars
        for one in read.detail.compactions:
            talk.compactions[one.session, one.agent, one.offset] = one
        time.sleep(0)
    return talk
