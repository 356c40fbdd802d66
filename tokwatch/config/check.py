"""Check a layer of settings: every unknown key and every value that is not allowed, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tokwatch.config.layers import KeyPath, Layer
from tokwatch.config.schema import (
    Kind,
    allowed,
    entry_kind,
    fields_of,
    fits,
    is_section,
    name_kind,
)
from tokwatch.config.sections import Settings
from tokwatch.config.toml_text import key_text, value_text
from tokwatch.words import shortened

PRIVATE = {("store", "url"), ("notify", "webhook")}
"""Settings that may hold a secret and are not repeated in messages."""


def problems(layer: Layer) -> Iterator[str]:
    """Say what is wrong with a layer's settings."""
    return _problems(layer, layer.table, Settings, ())


def _problems(layer: Layer, value: object, kind: Kind, path: KeyPath) -> Iterator[str]:
    entries = entry_kind(kind)
    if not is_section(kind) and entries is None:
        if not fits(value, kind):
            yield _not_allowed(layer, value, kind, path)
    elif not isinstance(value, dict):
        yield _not_allowed(layer, value, kind, path)
    else:
        for key, item in value.items():
            item_kind = entries if entries is not None else fields_of(kind).get(key)
            if item_kind is None:
                yield _unknown(layer, kind, (*path, key))
            elif entries is not None and not fits(key, name_kind(kind)):
                yield _no_name(layer, kind, (*path, key))
            else:
                yield from _problems(layer, item, item_kind, (*path, key))


def _not_allowed(layer: Layer, value: object, kind: Kind, path: KeyPath) -> str:
    shown = "" if is_private(path) else f" = {shortened(value_text(value))}"
    return f"{layer.where(path)}: {key_text(path)}{shown} is not allowed; {allowed(kind)}"


def is_private(path: KeyPath) -> bool:
    """Tell whether a setting may hold a secret, be it by mistake."""
    return path in PRIVATE or (path[0] == "endpoint" and path[2:] in (("key",), ("url",)))


def _no_name(layer: Layer, kind: Kind, path: KeyPath) -> str:
    *table, name = path
    told = f"{shortened(key_text([name]))} is not allowed as a name"
    return f"{layer.where(path)}: {key_text(table)}: {told}; {allowed(name_kind(kind))}"


def _unknown(layer: Layer, kind: Kind, path: KeyPath) -> str:
    near = _nearest(kind, path)
    known = f"did you mean {near}?" if near else f"known: {', '.join(fields_of(kind))}"
    return f"{layer.where(path)}: {key_text(path)} is not a setting; {known}"


def _nearest(kind: Kind, path: KeyPath) -> str | None:
    """Return the setting that was likely meant: a sibling, or one of that name elsewhere."""
    from difflib import get_close_matches

    *table, key = path
    if siblings := get_close_matches(key, fields_of(kind), 1):
        return key_text([*table, siblings[0]])
    for below, below_kind in fields_of(kind).items():
        if is_section(below_kind) and key in fields_of(below_kind):
            return key_text([*table, below, key])
    for section, section_kind in fields_of(Settings).items():
        if is_section(section_kind) and key in fields_of(section_kind):
            return key_text([section, key])
    return None
