"""Records that an endpoint streams, read as a mapping says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tokwatch.config.mapping import Mapping
from tokwatch.model.event import event_key
from tokwatch.model.reading import Reading
from tokwatch.sources.mapped.reading import Rules, read_told


class MappedRows:
    """Reads the records of a stream; what stands under `number` tells each from all others."""

    def __init__(self, name: str, mapping: Mapping, number: str) -> None:
        """Take the mapping of this name."""
        self._rules = Rules(name, mapping)
        self._number = number

    def __call__(self, name: str, path: str, rows: Sequence[dict[str, Any]]) -> Reading:
        """Return what records of an endpoint tell; the same one told again counts once."""
        numbered = ((event_key(name, str(row.get(self._number))), row) for row in rows)
        return read_told(self._rules, path, numbered)
