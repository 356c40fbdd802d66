"""Prepares the status line where nothing that was prepared holds."""

from __future__ import annotations

from tokwatch.status.prepared import Asked, Values


def prepared_closely(asked: Asked, now_ms: int) -> Values:
    """Return the line's format and queries; without a store the format alone."""
    from tokwatch.config import load
    from tokwatch.errors import TokwatchError
    from tokwatch.status.preparing import prepare

    config = load(*asked)
    try:
        made = prepare(config, asked, now_ms)
    except TokwatchError:  # a store that is locked, or older: the line tells the rest
        made = None
    return made or {"format": config.statusline.format}
