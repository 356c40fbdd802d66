"""Totals without an instant: they wait for one, and are told of once."""

from __future__ import annotations


class Undated:
    """The names of totals that no read could date yet."""

    def __init__(self, before: object = None) -> None:
        """Go on from `names` of the last read; from none without them."""
        found = before if isinstance(before, list) else []
        self.names: list[str] = [name for name in found if isinstance(name, str)]
        """What the next read needs, as JSON takes it."""
        self.count = 0
        """How many this read was the first to see."""

    def note(self, name: str) -> None:
        """Note a total without an instant."""
        if name not in self.names:
            self.names.append(name)
            self.count += 1
