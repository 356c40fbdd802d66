"""Places growth on its running total: from what the log had told of it before to what it tells now.

Another log of the same total, looked at at other instants, places its growth on the same axis; so
the store knows what both tell.
"""

from __future__ import annotations

from tokwatch.model.event import SPENT, Grade, Sighting, Stretch, event_key


class Axes:
    """How far each running total of a source has been told."""

    def __init__(self, source: str, before: object = None) -> None:
        """Go on from `entries` of the last read; from nothing without one."""
        self._source = source
        self.entries: dict[str, list[int]] = {
            name: entry
            for name, entry in (before.items() if isinstance(before, dict) else ())
            if _is_entry(entry)
        }
        """What the next read needs, as JSON takes it."""
        self.stretches: list[Stretch] = []
        """Those of this read."""

    def place(self, name: str, growth: Sighting) -> Sighting:
        """Return the next growth of a total with the key that its two ends give it."""
        begins = self.entries.get(name) or [0] * len(SPENT)
        counts = (getattr(growth, count) or 0 for count in SPENT)
        ends = [begin + count for begin, count in zip(begins, counts, strict=True)]
        counter = event_key("running total", self._source, name)
        key = event_key("growth", str(counter), *map(str, (*begins, *ends)))
        self.entries[name] = ends
        self.stretches.append(Stretch(key, counter, tuple(begins), tuple(ends)))
        return growth._replace(key=key)

    def pass_over(self, name: str, growth: Sighting) -> Sighting:
        """Return growth that was counted as another total's: it counts in no log."""
        return self.place(name, growth._replace(grade=int(Grade.GHOST)))


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) == len(SPENT)
        and all(type(count) is int for count in entry)
    )
