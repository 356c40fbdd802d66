"""Settings: config.toml, the user's own file, a profile and the environment make one Config."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tokwatch.config.check import problems
from tokwatch.config.layers import KeyPath, Layer, Request, Table, layers, request
from tokwatch.config.schema import Kind, entry_kind, fields_of, is_section
from tokwatch.config.sections import Settings
from tokwatch.config.tied import has, tie, tied
from tokwatch.config.toml_text import key_text
from tokwatch.errors import ConfigError

__all__ = ["Config", "Request", "load", "origins", "read"]


class Config(Settings, frozen=True, kw_only=True):
    """Every setting as it holds, and what was asked for; equal where all values are."""

    request: Request

    @property
    def file(self) -> Path:
        """The user's config.toml, which may not exist."""
        return self.request.file

    @property
    def data(self) -> Path:
        """The folder of everything that tokwatch writes, which may not exist."""
        return self.request.data


def load(
    file: str | Path | None = None,
    data: str | Path | None = None,
    profile: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Config:
    """Read the settings that the options, or else the environment, ask for."""
    return read(request(file, data, profile, environ))


def read(request: Request) -> Config:
    """Read the settings; a ConfigError names every place that is wrong."""
    chosen, aside = layers(request)
    _refuse(chosen + aside)
    merged: Table = {}
    for layer in chosen:
        _merge(merged, layer.table)
    tie(merged, chosen[1:])
    sections: dict[str, Any] = {}  # each of its own kind, as fields_of says
    for name, kind in fields_of(Settings).items():
        entries = entry_kind(kind)
        if is_section(entries):
            found = merged.get(name, {})
            assert isinstance(found, dict)  # as _refuse has seen to
            sections[name] = {
                key: _converted(entry, entries, (name, key), chosen) for key, entry in found.items()
            }
        else:
            sections[name] = _converted(merged.get(name, {}), kind, (name,), chosen)
    config = Config(**sections, request=request)
    _refuse_dangling(config, chosen)
    return config


def _refuse_dangling(config: Config, chosen: Iterable[Layer]) -> None:
    """Raise a ConfigError where an endpoint names a mapping that is none, or nothing feeds one."""
    for name, table in config.endpoint.items():
        if table.mapping and table.mapping not in config.mapping:
            path = ("endpoint", name, "mapping")
            raise ConfigError(
                f"{_told_in(path, path, chosen)}: {key_text(path)}: "
                f"there is no mapping {table.mapping!r}.",
                f"There is {', '.join(config.mapping) or 'none'}.",
            )
    fed = {table.mapping for table in config.endpoint.values()}
    for name, mapping in config.mapping.items():
        if not mapping.files and name not in fed:
            place = ("mapping", name)
            raise ConfigError(
                f"{_told_in(place, (*place, 'files'), chosen)}: {key_text(place)}: "
                'files is missing: name the logs, such as files = ["~/logs/*.jsonl"].',
                "Only where the endpoint of a stream names the mapping none are needed.",
            )


def _converted(value: object, kind: Kind, path: KeyPath, chosen: Iterable[Layer]) -> Any:
    """Return a table as its kind; a ConfigError says which layers the whole is made of."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        key = (*path, str(error).partition(":")[0])  # what a rule is about stands at its begin
        end = "" if str(error).endswith("?") else "."
        told = _told_in(path, key, chosen)
        raise ConfigError(f"{told}: {key_text(path)}: {error}{end}") from None


def _told_in(path: KeyPath, key: KeyPath, chosen: Iterable[Layer]) -> str:
    """Return the places that make up a table, of one of its keys where that is there."""
    shipped, *own = [layer for layer in chosen if has(layer.table, path[:1])]
    having = [layer for layer in own if has(layer.table, path)]
    places = [_place(each, key if has(each.table, key) else path) for each in having]
    return ", ".join(places) or shipped.origin()


def _place(layer: Layer, path: KeyPath) -> str:
    return layer.where(path) if path[1:] else layer.origin()


def _refuse(checked: Iterable[Layer]) -> None:
    if found := [problem for layer in checked for problem in problems(layer)]:
        raise ConfigError("\n".join(found), "`tokwatch config` prints every setting.")


def _merge(target: Table, table: Table) -> None:
    for key, value in table.items():
        below = target.get(key)
        if isinstance(value, dict):
            if not isinstance(below, dict):
                below = target[key] = {}
            _merge(below, value)
        else:
            target[key] = value


def origins(request: Request) -> dict[KeyPath, str]:
    """Return for each setting, and each entry of a table, the file or variable it comes from."""
    found: dict[KeyPath, str] = {}
    chosen, _ = layers(request)
    for layer in chosen:
        for path in _leaves(layer.table):
            found[path] = layer.origin()
    return found | {threshold: found[path] for threshold, path in tied(chosen[1:]).items()}


def _leaves(table: Table, path: KeyPath = ()) -> Iterable[KeyPath]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)
