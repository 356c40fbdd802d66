"""The `[mapping.NAME]` tables: which JSON lines are requests or measures, and where what stands."""

import re
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from tokwatch.config.field_path import is_path
from tokwatch.errors import TokwatchError
from tokwatch.zones import find_zone

# As texts: a start without mappings need not wait for them to be compiled.
_PLACE: Final = r"(~[/\\]|[A-Za-z]:[/\\]|[/\\])(.*[/\\])?[^/\\]*[^/\\.]"


def _are_paths(value: object) -> bool:
    return all(map(is_path, value)) if isinstance(value, tuple | list) and value else is_path(value)


def _are_places(value: object) -> bool:
    return isinstance(value, tuple | list) and all(
        isinstance(place, str) and re.fullmatch(_PLACE, place) for place in value
    )


Path = Annotated[
    str, Meta(description="a path such as usage.input_tokens", extra={"fits": is_path})
]
Paths = Annotated[
    str | tuple[str, ...],
    Meta(
        description="a path such as usage.input_tokens, or a list of them",
        extra={"fits": _are_paths},
    ),
]
"""Where a value stands; of several paths the first that leads to one."""
Places = Annotated[
    tuple[str, ...],
    Meta(
        description='a list of files from ~ or /, such as ["~/logs/*.jsonl"]',
        extra={"fits": _are_places},
    ),
]
Count = Annotated[int, Meta(ge=0, le=2**33 - 1)]
Wanted = Annotated[
    str | int | float | bool | tuple[str | int | float | bool, ...],
    Meta(description="text, a number, true or false, or a list of them"),
]
"""The value that a condition asks for, or several."""
TimeUnit = Literal["iso", "s", "ms", "us", "ns"]
Duration = Literal["s", "ms", "us", "ns"]
CostUnit = Literal["usd", "cents", "micro_usd", "nano_usd"]
InInput = Literal["cache_read", "cache_write"]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """A table within `[mapping.NAME]`; what may be left out has a default."""


class MappedFields(Table, frozen=True):
    """Where in a record each fact of a request stands; the units are the mapping's."""

    id: Paths | None = None
    response_id: Paths | None = None
    model: Paths | None = None
    provider: Paths | None = None
    tier: Paths | None = None
    session: Paths | None = None
    agent: Paths | None = None
    project: Paths | None = None
    branch: Paths | None = None
    user: Paths | None = None
    tag: Paths | None = None
    key: Paths | None = None
    input: Paths | None = None
    cache_read: Paths | None = None
    cache_write: Paths | None = None
    cache_write_1h: Paths | None = None
    output: Paths | None = None
    reasoning: Paths | None = None
    total: Paths | None = None
    web_searches: Paths | None = None
    cost: Paths | None = None
    window: Paths | None = None
    duration: Paths | None = None
    first_token: Paths | None = None
    retries: Paths | None = None
    http_status: Paths | None = None
    response_cache_hit: Paths | None = None
    response_cache_saved: Paths | None = None
    tokens_saved: Paths | None = None


COUNTED: Final = ("input", "output", "cache_read", "cache_write", "cache_write_1h", "cost")
"""Fields that make a record one of a request: one of them at least is there."""


class MappedConstants(Table, frozen=True):
    """What holds where a record does not tell."""

    model: str = ""
    provider: str = ""
    tier: str = ""
    session: str = ""
    agent: str = ""
    project: str = ""
    branch: str = ""
    user: str = ""
    tag: str = ""
    key: str = ""
    input: Count | None = None
    cache_read: Count | None = None
    cache_write: Count | None = None
    cache_write_1h: Count | None = None
    output: Count | None = None
    reasoning: Count | None = None
    web_searches: Count | None = None
    window: Count | None = None


class MappedMeasure(Table, frozen=True):
    """Where a value stands that is no usage, such as a score; its name is that of the table."""

    value: Path | None = None
    name: Path | None = None
    unit: str = ""
    tags: dict[str, Path] = {}
    time: Paths | None = None
    where: dict[Path, Wanted] = {}


class Mapping(Table, frozen=True):
    """A log format of the user's own."""

    files: Places = ()
    title: str = ""
    where: dict[Path, Wanted] = {}
    time: Paths | None = None
    time_unit: TimeUnit = "iso"
    time_zone: str = ""
    duration_unit: Duration = "ms"
    cost_unit: CostUnit = "usd"
    input_includes: tuple[InInput, ...] | None = None
    output_includes_reasoning: bool | None = None
    witness: bool = False
    fields: MappedFields = MappedFields()
    constants: MappedConstants = MappedConstants()
    measure: dict[str, MappedMeasure] = {}

    @property
    def counts(self) -> tuple[str, ...]:
        """The fields that it maps of those that make a record one of a request."""
        return tuple(name for name in COUNTED if getattr(self.fields, name) is not None)

    def __post_init__(self) -> None:
        if problem := _incomplete(self) or _unclear(self):
            raise ValueError(problem)
        if self.time_zone:
            try:
                find_zone(self.time_zone)
            except TokwatchError as error:
                raise ValueError(f"time_zone: {error.message.removesuffix('.')}") from None


def _incomplete(mapping: Mapping) -> str:
    """Say what a mapping lacks; "" where it is complete."""
    if not mapping.counts and not mapping.measure:
        return f"fields has none of {', '.join(COUNTED)}, and there is no measure"
    if mapping.counts and mapping.time is None:
        return 'time is missing: where the instant of a request stands, such as time = "ts"'
    if mapping.counts and mapping.fields.model is None and not mapping.constants.model:
        return "the model is missing: name its field, or a constant"
    for name, measure in mapping.measure.items():
        if measure.value is None:
            return f"measure.{name}.value is missing: where the value stands"
        if measure.time is None and mapping.time is None:
            return f"measure.{name}.time is missing, and the mapping has none either"
    return ""


def _unclear(mapping: Mapping) -> str:
    """Say which rule must be stated because guessing it would count tokens twice."""
    fields = mapping.fields
    held = {
        "cache_read": fields.cache_read is not None,
        "cache_write": fields.cache_write is not None or fields.cache_write_1h is not None,
    }
    if fields.reasoning is not None and fields.output is None:
        return "fields.reasoning is a part of output, which no field holds"
    if mapping.input_includes is None and fields.input is not None and any(held.values()):
        names = ", ".join(f'"{name}"' for name, is_held in held.items() if is_held)
        return f"input_includes is missing: does input include the cached? [{names}], or []"
    for name in mapping.input_includes or ():
        if not held[name]:
            return f"input_includes names {name}, which no field holds"
    if fields.reasoning is not None and mapping.output_includes_reasoning is None:
        return "output_includes_reasoning is missing: true or false"
    if mapping.time_zone and mapping.time_unit != "iso":
        return f'time_zone means nothing with time_unit = "{mapping.time_unit}"'
    return ""
