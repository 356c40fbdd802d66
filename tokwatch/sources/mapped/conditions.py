"""What a record must hold to be one of those that a mapping means."""

from __future__ import annotations

from collections.abc import Mapping

from tokwatch.config.field_path import steps_of, value_at
from tokwatch.config.mapping import Wanted
from tokwatch.config.toml_text import value_text


class Conditions:
    """Values, or lists of them, that are wanted at paths; none means any record."""

    def __init__(self, where: Mapping[str, Wanted]) -> None:
        """Take the wanted values by path."""
        self._wanted = [
            (
                steps_of(path),
                value if isinstance(value, tuple) else (value,),
                f"{path} is not {value_text(value)}",
            )
            for path, value in where.items()
        ]

    def __bool__(self) -> bool:
        """Tell whether anything is wanted."""
        return bool(self._wanted)

    def broken_by(self, record: object) -> str:
        """Say which value is another, without naming it; "" where all hold."""
        for steps, wanted, told in self._wanted:
            found = value_at(record, steps)
            if not any(_equal(found, value) for value in wanted):
                return told
        return ""


def _equal(found: object, wanted: object) -> bool:
    return isinstance(found, bool) is isinstance(wanted, bool) and found == wanted
