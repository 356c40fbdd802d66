"""What a mapping measures in a record beside tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from tokwatch.config.field_path import Steps, first_value, steps_of, value_at
from tokwatch.config.mapping import MappedMeasure, Mapping
from tokwatch.model.measure import Measure
from tokwatch.sources.mapped.conditions import Conditions
from tokwatch.sources.mapped.paths import paths_of
from tokwatch.sources.mapped.records import Record, Skipped, Why
from tokwatch.sources.mapped.values import Unfit, instant_of, observed_of, text_of
from tokwatch.sources.text import safe_name


class Measured:
    """The rules of one measure, made ready for many records."""

    def __init__(
        self, name: str, rules: MappedMeasure, mapping: Mapping, zone: tzinfo | None
    ) -> None:
        """Take the measure of this name of a mapping, and the zone of times without one."""
        self._name = safe_name(name)
        self._unit = safe_name(rules.unit)
        self._value = steps_of(rules.value or "")
        self._named = paths_of(rules.name)
        self._tags = {safe_name(tag): steps_of(path) for tag, path in sorted(rules.tags.items())}
        self._time = paths_of(rules.time or mapping.time)
        self._where = Conditions(rules.where)
        self._time_unit = mapping.time_unit
        self._zone = zone

    @property
    def value(self) -> Steps:
        """Where the value stands."""
        return self._value

    def of(self, record: Record, offset: int) -> Measure | None:
        """Return what a record says; None where it is about something else."""
        found = value_at(record, self._value)
        if found is None or self._where.broken_by(record):
            return None
        try:
            value = observed_of(found)
        except Unfit as error:
            raise Skipped(Why.UNKNOWN, f"measure {self._name} is {error}") from None
        moment = instant_of(first_value(record, self._time), self._time_unit, self._zone)
        if moment is None:
            told = f"measure {self._name} has no time in {self._time_unit}"
            raise Skipped(Why.UNDATED, told)
        if value is None:
            raise Skipped(Why.UNKNOWN, f"measure {self._name} is no finite number")
        name = text_of(first_value(record, self._named)) or self._name
        return Measure(name, moment, value, self._unit, tuple(self._tags_of(record)), str(offset))

    def _tags_of(self, record: Record) -> Iterator[tuple[str, str]]:
        for tag, steps in self._tags.items():
            if text := text_of(value_at(record, steps)):
                yield tag, text
