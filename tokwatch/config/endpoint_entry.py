"""An endpoint as it is typed in a form: words to the keys of `[endpoint.NAME]`, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from tokwatch.config.endpoints import EndpointTable, Kind
from tokwatch.config.names import is_name

if TYPE_CHECKING:
    from tokwatch.config import Config

KINDS: Final[tuple[str, ...]] = get_args(Kind)
_UNITS: Final = {"s": 1, "min": 60, "m": 60, "h": 3600}
_LEAST_S: Final = 5
_MOST_S: Final = 86_400

Keys = dict[str, str | int | None]


class Entry(NamedTuple):
    """The fields of the form, as typed."""

    name: str = ""
    kind: str = ""
    url: str = ""
    key: str = ""
    every: str = ""
    mapping: str = ""


class EndpointError(ValueError):
    """What was typed is no endpoint; the text says which field, and never repeats url or key."""


class Wanted(NamedTuple):
    """An endpoint that holds, though it is not saved yet."""

    name: str
    keys: Keys
    """What the form sets in its table; None for what it takes out."""
    table: EndpointTable
    """The whole table, with what the form does not show."""


def wanted(entry: Entry, config: Config, before: str = "") -> Wanted:
    """Return the endpoint of a form that changes the one called `before`, or makes a new one."""
    name = entry.name.strip()
    if not is_name(name):
        raise EndpointError("name: a name of letters, digits, - _ and .")
    if name != before and name in config.endpoint:
        raise EndpointError(f"name: there is an endpoint {name}")
    keys = _keys(entry, config.mapping)
    return Wanted(name, keys, _table(keys, config.endpoint.get(before)))


def _keys(entry: Entry, mappings: Mapping[str, object]) -> Keys:
    kind, mapping = entry.kind.strip(), entry.mapping.strip()
    if kind not in KINDS:
        raise EndpointError(f"kind: one of {', '.join(KINDS)}")
    if mapping and mapping not in mappings:
        known = ", ".join(mappings) or "none yet, see docs/mapping.md"
        raise EndpointError(f"mapping: there is no [mapping] of that name; there is {known}")
    return {
        "kind": kind,
        "url": entry.url.strip() or None,
        "key": entry.key.strip() or None,
        "interval_seconds": _seconds(entry.every),
        "mapping": mapping or None,
    }


def _seconds(text: str) -> int | None:
    """Return an interval of "30", "30 s", "5 min" or "1 h"; None for no text."""
    text = text.strip().lower()
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,6})\s*(s|min|m|h)?", text)
    seconds = int(match[1]) * _UNITS[match[2] or "s"] if match else 0
    if not _LEAST_S <= seconds <= _MOST_S:
        raise EndpointError("every: 30 s, 5 min or 1 h, from 5 s to 24 h; empty for its own pace")
    return seconds


def _table(keys: Keys, before: EndpointTable | None) -> EndpointTable:
    from msgspec import ValidationError, convert, structs

    fields = structs.asdict(before) if before is not None else {}
    fields |= keys
    try:
        return convert({k: v for k, v in fields.items() if v is not None}, EndpointTable)
    except ValidationError as error:
        raise EndpointError(str(error)) from None


def entry_of(name: str, table: EndpointTable) -> Entry:
    """Return an endpoint as it would be typed."""
    seconds = table.interval_seconds
    every = "" if seconds is None else f"{seconds:g} s"
    for unit, size in (("min", 60), ("h", 3600)):
        if seconds and seconds >= size and seconds % size == 0:
            every = f"{seconds / size:g} {unit}"
    return Entry(name, table.kind or "", table.url, table.key, every, table.mapping)
