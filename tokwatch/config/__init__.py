"""Settings: config.toml, the user's own file, a profile and the environment make one Config."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tokwatch.config.check import problems
from tokwatch.config.layers import KeyPath, Layer, Request, Table, layers, request
from tokwatch.config.schema import fields_of
from tokwatch.config.sections import Settings
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
    sections: dict[str, Any] = {}  # each of its own kind, as fields_of says
    for name, kind in fields_of(Settings).items():
        try:
            sections[name] = msgspec.convert(merged.get(name, {}), kind)
        except msgspec.ValidationError as error:
            places = [layer.origin() for layer in chosen if name in layer.table]
            raise ConfigError(f"{', '.join(places[1:] or places)}: {name}: {error}.") from None
    return Config(**sections, request=request)


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
    for layer in layers(request)[0]:
        for path in _leaves(layer.table):
            found[path] = layer.origin()
    return found


def _leaves(table: Table, path: KeyPath = ()) -> Iterable[KeyPath]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)
