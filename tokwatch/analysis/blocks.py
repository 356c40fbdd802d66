"""Five-hour blocks, as ccusage counts them: from the full hour of a block's first request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tokwatch.model.stored import Moment
from tokwatch.model.units import HOUR_MS, MINUTE_MS


class Block(Struct, frozen=True):
    """A block of usage, or a gap between two of them."""

    start_ms: int
    end_ms: int
    """When the block ends, used up to there or not."""
    first_ms: int = 0
    last_ms: int = 0
    entries: int = 0
    models: tuple[str, ...] = ()
    """In order of appearance."""
    input: int = 0
    output: int = 0
    cache_write: int = 0
    cache_read: int = 0
    nano: int = 0
    uncosted: int = 0
    """Tokens without a cost."""
    lower_bound: int = 0
    """Requests of which more may have been billed than was logged."""
    derived: int = 0
    """Requests that were computed from running totals."""
    is_gap: bool = False

    @property
    def total(self) -> int:
        """All tokens."""
        return self.input + self.output + self.cache_write + self.cache_read

    def is_active(self, now_ms: int) -> bool:
        """Tell whether the block still runs and was used within its own length."""
        length_ms = self.end_ms - self.start_ms
        return not self.is_gap and now_ms - self.last_ms < length_ms and now_ms < self.end_ms


class Pace(Struct, frozen=True):
    """What a running block uses, from its first to its last request, and where that leads."""

    tokens_per_minute: float
    new_tokens_per_minute: float
    """Input and output alone."""
    nano_per_hour: int
    remaining_minutes: int
    end_tokens: int
    end_nano: int


def blocks(moments: Iterable[Moment], hours: int = 5) -> list[Block]:
    """Return the blocks and the gaps between them; the moments are in order of time."""
    length_ms = hours * HOUR_MS
    found: list[Block] = []
    for held in _runs(moments, length_ms):
        first_ms = held[0].at_ms
        if found and first_ms - found[-1].last_ms > length_ms:
            found.append(Block(found[-1].last_ms + length_ms, first_ms, is_gap=True))
        found.append(_block(held, length_ms))
    return found


def _runs(moments: Iterable[Moment], length_ms: int) -> Iterator[list[Moment]]:
    """Cut the moments into blocks.

    A pause longer than a block always passes the block's end too, so the end alone decides.
    """
    held: list[Moment] = []
    end_ms = 0
    for moment in moments:
        if held and moment.at_ms > end_ms:
            yield held
            held = []
        if not held:
            end_ms = moment.at_ms // HOUR_MS * HOUR_MS + length_ms
        held.append(moment)
    if held:
        yield held


def _block(held: list[Moment], length_ms: int) -> Block:
    start_ms = held[0].at_ms // HOUR_MS * HOUR_MS
    return Block(
        start_ms,
        start_ms + length_ms,
        held[0].at_ms,
        held[-1].at_ms,
        len(held),
        tuple(dict.fromkeys(one.model for one in held)),
        *(sum(column) for column in list(zip(*held, strict=True))[2:]),
    )


def pace(block: Block, now_ms: int) -> Pace | None:
    """Return the pace of a running block; None where it has but one instant."""
    minutes = (block.last_ms - block.first_ms) / MINUTE_MS
    if minutes <= 0 or not block.is_active(now_ms):
        return None
    remaining = round((block.end_ms - now_ms) / MINUTE_MS)
    tokens_per_minute = block.total / minutes
    nano_per_minute = block.nano / minutes
    return Pace(
        tokens_per_minute,
        (block.input + block.output) / minutes,
        round(nano_per_minute * 60),
        remaining,
        round(block.total + tokens_per_minute * remaining),
        round(block.nano + nano_per_minute * remaining),
    )
