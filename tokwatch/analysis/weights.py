"""Estimates of blocks as the user's own logs correct them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokwatch.model.detail import Block, Part
from tokwatch.tokens.calibrated import Calibration

_TOLD: Final = frozenset((Part.THINKING, Part.IMAGE))
"""What usage or a picture's size tells: no estimate by length."""


def corrected(blocks: Iterable[Block], by: Calibration | None) -> list[Block]:
    """Return blocks with their estimates corrected; as they are where nothing was measured."""
    if by is None:
        return list(blocks)
    return [
        block
        if block.part in _TOLD or not block.tokens
        else block._replace(tokens=by.tokens(block.tokens, int(block.part is Part.TOOL_CALL)))
        for block in blocks
    ]
