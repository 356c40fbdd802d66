"""Reads the blocks of a report."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.analysis.blocks import Block, blocks
from tokwatch.cli.report_rows import Ask
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import Slice
from tokwatch.store.read.events import moments
from tokwatch.store.view import View


def read_blocks(view: View, ask: Ask, part: Slice) -> tuple[Block, ...]:
    """Return the blocks that begin in the range; where they begin depends on all before."""
    whole = replace(part, since_ms=0, until_ms=OPEN_END_MS)
    return tuple(
        block
        for block in blocks(moments(view, whole, ask.mode), ask.block_hours)
        if part.since_ms <= block.start_ms < part.until_ms
    )
