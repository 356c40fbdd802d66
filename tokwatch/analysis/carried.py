"""Carried cost: what a piece of a context has cost since it entered, request by request.

Each later request sends it again, and pays for it what it pays for the prompt as a whole: its
own mix of tokens read from the cache, written to it, and neither.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.analysis.composition import Composition
from tokwatch.analysis.timeline import Course
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Block, Part, server_of
from tokwatch.model.session import SessionRequest
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import CostMode

PARTS: Final = 1_000_000_000
"""Prices of one token are kept in so many parts of a nano-dollar."""
MOST_BLOCKS: Final = 200
"""Blocks that are listed one by one, the costliest ones; all are summed up."""
PART: Final = "part"
TOOL: Final = "tool"
SERVER: Final = "MCP server"
"""Ways of summing up."""
_ANSWERS: Final = frozenset({Part.ASSISTANT, Part.THINKING})
"""Not listed: nobody put them there."""


class Carried(NamedTuple):
    """What one block has cost since it entered."""

    chain: Chain
    block: Block
    tokens: int
    is_measured: bool
    entered: int
    """Key of the request whose prompt was the first to hold it."""
    requests: int
    """How many prompts have held it."""
    nano: int
    unpriced: int
    """Those of them without a price; not in the cost."""
    is_held: bool
    """Whether the last prompt still holds it."""

    def is_of(self, one: CarriedSum, way: str) -> bool:
        """Tell whether it is a part of a sum that was made in a way."""
        tool = tool_of(self.block)
        if way == SERVER:
            return server_of(tool) == one.name
        return (
            tool == one.name
            and (bool(tool) or self.block.part is one.part)
            and (way == TOOL or self.block.part is one.part)
        )


class CarriedSum(NamedTuple):
    """What blocks of one sort have cost together."""

    part: Part
    name: str
    """The tool, for what tools were asked and answered; else empty."""
    blocks: int
    tokens: int
    nano: int
    unpriced: int

    @property
    def server(self) -> str:
        """Return the MCP server whose tool it is; empty for any other."""
        return server_of(self.name)


class CarriedPart(Struct, frozen=True):
    """What the blocks of one agent or of many have cost in a stretch of time."""

    blocks: tuple[Carried, ...] = ()
    """The costliest ones first."""
    sums: tuple[CarriedSum, ...] = ()
    """By part and tool, the costliest first."""


def carried(
    of: Course,
    made: Composition,
    chain: Chain,
    mode: CostMode,
    since_ms: int = 0,
    until_ms: int = OPEN_END_MS,
) -> CarriedPart:
    """Return what an agent's blocks have cost in the prompts of a stretch of time."""
    prices = [price_parts(point, mode) for point in of.points]
    cost = [0, *accumulate(price or 0 for price in prices)]
    unpriced = [0, *accumulate(price is None for price in prices)]
    first = bisect_left(of.points, since_ms, key=lambda point: point.instant_ms)
    end = bisect_left(of.points, until_ms, key=lambda point: point.instant_ms)
    found = []
    for one in made.sized:
        begin, stop = max(one.place, first), min(one.until, end)
        if begin < stop and one.block.part not in _ANSWERS and one.tokens:
            found.append(
                Carried(
                    *(chain, one.block, one.tokens, one.is_measured),
                    entered=of.points[one.place].key,
                    requests=stop - begin,
                    nano=one.tokens * (cost[stop] - cost[begin]) // PARTS,
                    unpriced=unpriced[stop] - unpriced[begin],
                    is_held=one.until == len(of.points),
                )
            )
    return CarriedPart(costliest(found), sums_of(found))


def price_parts(request: SessionRequest, mode: CostMode) -> int | None:
    """Return what a request paid for each token of its prompt, in billionths of a nano-dollar.

    Where the logged cost counts, the prompt has the share of it that it has of the computed one.
    """
    told = request.cached
    cost = request.cost_nano(mode)
    if not told.is_priced or cost is None or not request.prompt:
        return None
    thousandths = (
        told.input * told.input_rate
        + (told.cache_read or 0) * told.read_rate
        + told.cache_write_5m * told.write_5m_rate
        + told.cache_write_1h * told.write_1h_rate
    )
    if request.computed_nano and cost != request.computed_nano:
        thousandths = thousandths * cost // request.computed_nano
    return thousandths * (PARTS // 1000) // request.prompt


def joined(parts: Sequence[CarriedPart]) -> CarriedPart:
    """Return the blocks of several agents as one list."""
    sums: dict[tuple[Part, str], CarriedSum] = {}
    for part in parts:
        for one in part.sums:
            known = sums.get(one[:2])
            added = one if known is None else _added(known, one)
            sums[one.part, one.name] = added
    blocks = costliest(block for part in parts for block in part.blocks)
    return CarriedPart(blocks, _ranked(sums.values()))


def costliest(blocks: Iterable[Carried]) -> tuple[Carried, ...]:
    """Return the blocks that cost most, the costliest first."""
    ranked = sorted(
        blocks,
        key=lambda one: (-one.nano, -one.tokens * one.requests, one.chain, one.block.number),
    )
    return tuple(ranked[:MOST_BLOCKS])


def sums_of(blocks: Iterable[Carried]) -> tuple[CarriedSum, ...]:
    """Return blocks summed up by part and tool, the costliest first."""
    sums: dict[tuple[Part, str], CarriedSum] = {}
    for one in blocks:
        key = (one.block.part, tool_of(one.block))
        alone = CarriedSum(*key, 1, one.tokens, one.nano, one.unpriced)
        known = sums.get(key)
        sums[key] = alone if known is None else _added(known, alone)
    return _ranked(sums.values())


def by_name(sums: Iterable[CarriedSum], way: str) -> tuple[CarriedSum, ...]:
    """Return sums joined in another way: by tool, or by MCP server, whose tools alone count."""
    if way == PART:
        return tuple(sums)
    joint: dict[tuple[str, Part | None], CarriedSum] = {}
    for one in sums:
        if way == SERVER and not one.server:
            continue
        name = one.server if way == SERVER else one.name
        key = (name, None if name else one.part)
        known = joint.get(key)
        named = one._replace(name=name)
        joint[key] = named if known is None else _added(known, named)
    return _ranked(joint.values())


_OF_TOOLS: Final = frozenset({Part.TOOL_CALL, Part.TOOL_RESULT, Part.IMAGE})


def tool_of(block: Block) -> str:
    """Return the tool that a block is a call or a result of; else nothing."""
    return block.tool if block.part in _OF_TOOLS else ""


def _added(one: CarriedSum, other: CarriedSum) -> CarriedSum:
    figures = (mine + theirs for mine, theirs in zip(one[2:], other[2:], strict=True))
    return CarriedSum(one.part, one.name, *figures)


def _ranked(sums: Iterable[CarriedSum]) -> tuple[CarriedSum, ...]:
    return tuple(sorted(sums, key=lambda one: (-one.nano, -one.tokens, one.part, one.name)))
