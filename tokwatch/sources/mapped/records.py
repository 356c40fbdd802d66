"""What a mapping makes of one JSON record: a request and facts of it, or the reason why none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from enum import StrEnum
from typing import Any, Final, NamedTuple

from tokwatch.config.field_path import Steps, first_value
from tokwatch.config.mapping import Mapping
from tokwatch.model.event import (
    Grade,
    ModelName,
    RequestFact,
    Scope,
    Sighting,
    event_key,
    response_key,
)
from tokwatch.sources.counts import count, nano
from tokwatch.sources.mapped.conditions import Conditions
from tokwatch.sources.mapped.paths import paths_of
from tokwatch.sources.mapped.tokens import Counts, contradiction, tokens_by_class
from tokwatch.sources.mapped.values import (
    PER_DOLLAR,
    PER_MS,
    Unfit,
    flag_of,
    instant_of,
    number_of,
    text_of,
)
from tokwatch.sources.text import key_name

Record = dict[str, Any]  # as a log has it: values of every type

NAMES: Final = (
    *("model", "provider", "tier", "session"),
    *("agent", "project", "branch", "user", "tag", "key"),
)
_SCOPE: Final = ("agent", "project", "branch", "user", "tag")
FACT_FIELDS: Final = (
    *("duration", "first_token", "retries", "http_status", "tokens_saved"),
    *("response_cache_hit", "response_cache_saved"),
)
_TIMES: Final = {"duration": "duration_ms", "first_token": "first_token_ms"}


class Why(StrEnum):
    """Why a record counts nothing."""

    OTHER = "other"
    """It is none of a request."""
    UNDATED = "undated"
    UNKNOWN = "unknown"
    """It ought to be one, but its shape is another."""


class Skipped(Exception):
    """A record counts nothing, for a reason in words that repeat none of its values."""

    def __init__(self, why: Why, told: str) -> None:
        super().__init__(told)
        self.why = why
        self.told = told


class Origin(NamedTuple):
    """Where a record stands."""

    path: str
    session: str
    """What requests that name no session belong to."""
    offset: int


class Request(NamedTuple):
    """What a record tells of a request."""

    sighting: Sighting
    facts: tuple[RequestFact, ...]
    remark: str
    """What in it proves a rule of the mapping wrong; "" where nothing does."""


class Requests:
    """A mapping's rules for requests, made ready for many records."""

    def __init__(self, name: str, mapping: Mapping, zone: tzinfo | None) -> None:
        """Take the mapping of this name, and the zone of times without one."""
        self._name = name
        self._mapping = mapping
        self._zone = zone
        self._where = Conditions(mapping.where)
        self._time = paths_of(mapping.time)
        self._paths = {
            field: paths_of(paths)
            for field in mapping.fields.__struct_fields__
            if (paths := getattr(mapping.fields, field)) is not None
        }
        self._names = {field: text_of(getattr(mapping.constants, field)) for field in NAMES}
        self._has_facts = not self._paths.keys().isdisjoint(FACT_FIELDS)
        self._includes = mapping.input_includes or ()
        self._reasons = mapping.output_includes_reasoning is not False
        self._grade = int(Grade.WITNESS if mapping.witness else Grade.RECORD)

    @property
    def marked(self) -> list[Steps]:
        """The paths of which one at least leads to a value in a request's record."""
        return [steps for field in self._mapping.counts for steps in self._paths[field]]

    def request(self, record: Record, origin: Origin) -> Request:
        """Return the request that a record is of; Skipped says why it is of none."""
        self._refuse_others(record)
        counts = Counts(*(self._count(record, field) for field in Counts._fields))
        tokens = tokens_by_class(counts, self._includes, self._reasons)
        scope = self._scope(record, origin)
        key = self._key(record, origin)
        cost = self._number(record, "cost")
        facts = tuple(self._facts(record, key)) if self._has_facts else ()
        moment = self._instant(record)
        sighting = Sighting(
            *(key, moment, moment, scope, self._model(record), 1, *tokens),
            web_searches=self._count(record, "web_searches") or 0,
            logged_nano=None if cost is None else nano(cost / PER_DOLLAR[self._mapping.cost_unit]),
            window=self._count(record, "window") or None,
            grade=self._grade,
            final=1,
            copied=0,
            offset=origin.offset,
        )
        return Request(
            sighting, facts, contradiction(counts, tokens, self._includes, self._reasons)
        )

    def _refuse_others(self, record: Record) -> None:
        counts = self._mapping.counts
        if not counts:
            raise Skipped(Why.OTHER, "the mapping counts no requests")
        if told := self._where.broken_by(record):
            raise Skipped(Why.OTHER, told)
        if all(self._at(record, field) is None for field in counts):
            why = Why.UNKNOWN if self._where else Why.OTHER
            raise Skipped(why, f"has none of {', '.join(counts)}")

    def _at(self, record: Record, field: str) -> object:
        """Return the value of a field; None where it is not mapped or not there."""
        paths = self._paths.get(field)
        return None if paths is None else first_value(record, paths)

    def _text(self, record: Record, field: str) -> str:
        """Return the name in a record, or the constant for it."""
        return text_of(self._at(record, field)) or self._names[field]

    def _number(self, record: Record, field: str) -> int | float | None:
        try:
            return number_of(self._at(record, field))
        except Unfit as error:
            raise Skipped(Why.UNKNOWN, f"{field} is {error}") from None

    def _count(self, record: Record, field: str) -> int | None:
        """Return a count, or the constant for it."""
        found = self._number(record, field)
        if found is None:
            constant: int | None = getattr(self._mapping.constants, field, None)
            return constant
        return count(found)

    def _instant(self, record: Record) -> int:
        unit = self._mapping.time_unit
        moment = instant_of(first_value(record, self._time), unit, self._zone)
        if moment is None:
            raise Skipped(Why.UNDATED, f"has no time in {unit} where the mapping looks for one")
        return moment

    def _scope(self, record: Record, origin: Origin) -> Scope:
        session = self._text(record, "session") or origin.session
        names = {field: self._text(record, field) for field in _SCOPE}
        return Scope(self._name, session, **names, key=key_name(self._text(record, "key")))

    def _model(self, record: Record) -> ModelName:
        name = self._text(record, "model") or "unknown"
        tier = self._text(record, "tier") or "standard"
        return ModelName(self._text(record, "provider"), name, tier)

    def _key(self, record: Record, origin: Origin) -> int:
        """Return the key of the request: the provider's id, the log's own, or the place."""
        if response := text_of(self._at(record, "response_id")):
            return response_key(response)
        if own := text_of(self._at(record, "id")):
            return event_key(self._name, self._text(record, "session"), own)
        return event_key(self._name, origin.path, str(origin.offset), "place")

    def _facts(self, record: Record, key: int) -> Iterator[RequestFact]:
        for field, name in _TIMES.items():
            if (time := self._number(record, field)) is not None:
                ms = time / PER_MS[self._mapping.duration_unit]
                yield RequestFact(key, name, count(ms))
        for name in ("retries", "http_status", "tokens_saved"):
            if (number := self._number(record, name)) is not None:
                yield RequestFact(key, name, count(number))
        hit = self._flag(record, "response_cache_hit")
        if hit is not None:
            yield RequestFact(key, "response_cache_hit", hit)
        saved = self._number(record, "response_cache_saved")
        dollars = None if saved is None else nano(saved / PER_DOLLAR[self._mapping.cost_unit])
        if dollars is not None:
            yield RequestFact(key, "response_cache_nano", dollars)

    def _flag(self, record: Record, field: str) -> int | None:
        try:
            return flag_of(self._at(record, field))
        except Unfit as error:
            raise Skipped(Why.UNKNOWN, f"{field} is {error}") from None
