"""Lines as JSON records of any shape, for formats that are read record by record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tokwatch.model.reading import Tally
from tokwatch.sources.glued import NOT_JSON, objects_of
from tokwatch.sources.lines import Lines
from tokwatch.sources.text import safe_name

_decode = msgspec.json.Decoder().decode


class Records:
    """Iterates over the objects in a log's lines, each with its offset; counts what is broken.

    With `marks`, only lines that hold one of these byte strings are decoded: each must be spelt in
    every record that matters, whatever the spacing, such as a quoted key without its colon.
    """

    def __init__(self, lines: Lines, *marks: bytes) -> None:
        """Prepare to read the lines behind the cursor."""
        self._lines = lines
        self._marks = marks
        self._bad = self._glued = 0
        self._undated = self._unknown = 0
        self._sample = ""
        self.repeated = 0
        """Records that a later one of the same request replaces; the format's to count."""

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield (offset, object); fields may be missing or of any type."""
        marks = self._marks
        for start, run in self._lines:
            offset = start
            for line in run:
                if not marks or any(mark in line for mark in marks):
                    yield from self._objects(offset, line)
                offset += len(line)

    def _objects(self, offset: int, line: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            record = _decode(line)
        except NOT_JSON:
            whole, found = objects_of(line)
            self._bad += not whole
            self._glued += whole and len(found) > 1
            yield from ((offset + place, record) for place, record in found)
        else:
            if isinstance(record, dict):
                yield offset, record

    def counts_of(
        self, told: object, names: Iterable[str], record: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Return what tells any of these counts; what does not makes its record an unknown one."""
        if isinstance(told, dict) and any(name in told for name in names):
            return told
        self.unknown(told if isinstance(told, dict) else record)
        return None

    def unknown(self, record: dict[str, Any]) -> None:
        """Count a record of a shape that nobody knows."""
        self._unknown += 1
        self._sample = field_names(record)

    def dated(self, moment: int | None) -> int | None:
        """Return a record's instant; one without is counted."""
        self._undated += moment is None
        return moment

    def tally(
        self,
        *,
        undated: int = 0,
        synthetic: int = 0,
        unknown: int = 0,
        repeated: int = 0,
        sample: str = "",
    ) -> Tally:
        """Return the counts of this read, with those that only the format knows."""
        return Tally(
            lines=self._lines.count,
            glued_lines=self._glued,
            bad_lines=self._bad,
            oversized_lines=self._lines.oversized,
            undated=self._undated + undated,
            synthetic=synthetic,
            unknown=self._unknown + unknown,
            repeated=self.repeated + repeated,
            sample=sample or self._sample,
        )


def field_names(record: dict[str, Any]) -> str:
    """Return the names of a record's fields, for records of a shape that nobody knows."""
    names = sorted(filter(None, (safe_name(str(name)[:40]) for name in record)))
    return ", ".join(names[:40])
