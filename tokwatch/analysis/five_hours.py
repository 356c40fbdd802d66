"""The block of hours that runs at a moment: as a tool's log tells it, else by the algorithm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from tokwatch.analysis.blocks import Block, blocks
from tokwatch.model.facets import Spell
from tokwatch.model.stored import Moment
from tokwatch.model.units import QUARTER_MS


class Limit(NamedTuple):
    """What a tool's log last told of the limit of its plan."""

    source: str
    told_ms: int
    begin_ms: int
    resets_ms: int
    used_percent: float | None
    """Of the limit; None where the log does not tell."""


class RunningBlock(Struct, frozen=True):
    """A block and what was spent in it."""

    begin_ms: int
    end_ms: int
    nano: int
    tokens: int
    requests: int
    limit: Limit | None = None
    """The limit that it is taken from; None where the algorithm found it."""


def running_block(spells: Iterable[Spell], at_ms: int, hours: int) -> RunningBlock | None:
    """Return the block of the algorithm that runs, from spending by the quarter of an hour.

    A block ends on a full hour, so quarters tell blocks apart as well as single requests do.
    """
    used = [spell for spell in spells if spell.requests and spell.at_ms <= at_ms]
    found = blocks(
        (Moment(min(one.at_ms + QUARTER_MS - 1, at_ms), "", 0, 0, 0, 0, one.nano) for one in used),
        hours,
    )
    if not found or not found[-1].is_active(at_ms):
        return None
    return _within(found[-1], used)


def _within(block: Block, used: Sequence[Spell]) -> RunningBlock:
    inside = [spell for spell in used if spell.at_ms >= block.start_ms]
    return RunningBlock(
        *(block.start_ms, block.end_ms, block.nano),
        sum(spell.tokens for spell in inside),
        sum(spell.requests for spell in inside),
    )


def limited_block(spells: Iterable[Spell], limit: Limit, at_ms: int) -> RunningBlock | None:
    """Return the block of a limit while it runs, from what its source spent since it began.

    A limit begins with a request, in the midst of a minute: that minute's spell has what came then.
    """
    if not limit.told_ms <= at_ms < limit.resets_ms:
        return None
    inside = [spell for spell in spells if spell.at_ms <= at_ms]
    return RunningBlock(
        *(limit.begin_ms, limit.resets_ms),
        sum(spell.nano for spell in inside),
        sum(spell.tokens for spell in inside),
        sum(spell.requests for spell in inside),
        limit,
    )
