"""Which sources are read, and where: what the settings and this machine make of the registry."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from tokwatch.config import Config
from tokwatch.errors import ConfigError
from tokwatch.sources import SOURCES, source_named
from tokwatch.sources.source import Root, Source, Surroundings
from tokwatch.sources.tables import is_database
from tokwatch.sources.wsl import windows_homes


def surroundings() -> Surroundings:
    """Return this machine's home, environment and platform, and under WSL the Windows homes."""
    proc_version = ""
    if sys.platform == "linux":
        with suppress(OSError):
            proc_version = Path("/proc/version").read_text(encoding="utf-8", errors="replace")
    return Surroundings(Path.home(), os.environ, sys.platform, windows_homes(proc_version))


def roots_of(source: Source, config: Config, where: Surroundings) -> tuple[Root, ...]:
    """Return the folders of a source: its own, then the configured ones, or logs named so."""
    named = (where.expand(path) for path in config.sources.paths.get(source.name, ()))
    return source.roots(where) + tuple(Root(path, shallow=path.is_file()) for path in named)


def sources_of(config: Config, home: Path | None = None) -> tuple[Source, ...]:
    """Return every source there is, switched on or not: the registered, then the user's own.

    `~` in the files of those is this machine's home, or another one.
    """
    if not config.mapping:
        return SOURCES
    from tokwatch.sources.mapped.source import MappedSource

    for name in config.mapping:
        _refuse_mapping(config, name)
    home = home or Path.home()
    return (*SOURCES, *(MappedSource(name, it, home) for name, it in config.mapping.items()))


def _refuse_mapping(config: Config, name: str) -> None:
    """Raise a ConfigError for a mapping that cannot be: under a taken name, or of databases."""
    if taken := source_named(name):
        raise ConfigError(
            f"{_place(config, 'mapping', name)}: {taken.title} has this name.",
            "Give the mapping another one.",
        )
    for place in config.mapping[name].files:
        if is_database(place):
            raise ConfigError(
                f"{_place(config, 'mapping', name)}: {place} names databases.",
                "A mapping reads files of JSON lines.",
            )


def source_of(config: Config, name: str) -> Source:
    """Return the source of this name; a ConfigError tells the nearest one."""
    sources = sources_of(config)
    _refuse_unknown(str, (name,), sources)
    return next(source for source in sources if source.name == name)


def chosen_sources(
    config: Config, only: tuple[str, ...] = (), home: Path | None = None
) -> tuple[Source, ...]:
    """Return the sources that are switched on, or those of them that are asked for."""
    sources = sources_of(config, home)
    _refuse_unknown(lambda: "--source", only, sources)
    settings = config.sources
    named = {"only": settings.only, "off": settings.off, "paths": tuple(settings.paths)}
    for key, names in named.items():
        _refuse_unknown(partial(_place, config, "sources", key), names, sources)
    wanted = only or settings.only
    return tuple(
        source
        for source in sources
        if source.name not in settings.off and (not wanted or source.name in wanted)
    )


def told_by_endpoints(config: Config) -> Mapping[str, tuple[str, ...]]:
    """Return by source the endpoints that are on and tell single requests of it."""
    told: dict[str, tuple[str, ...]] = {}
    for name, table in config.endpoint.items():
        source = table.mapping
        if table.kind == "litellm" and (not table.only or "requests" in table.only):
            source = "litellm"
        if table.on and source:
            told[source] = (*told.get(source, ()), name)
    return told


def _place(config: Config, *key: str) -> str:
    """Return where a key of the settings stands: its file and, if it stands there, its line."""
    from tokwatch.config.toml_text import key_text, line_of

    line = None
    with suppress(OSError):
        line = line_of(config.file.read_text("utf-8", "replace"), key)
    return f"{config.file}{f':{line}' if line else ''}: {key_text(key)}"


def _refuse_unknown(
    place: Callable[[], str], names: tuple[str, ...], sources: tuple[Source, ...]
) -> None:
    """Raise a ConfigError that tells where an unknown source is named, and the nearest name."""
    known = [source.name for source in sources]
    for name in names:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            where = f"{place()}: ".removeprefix(": ")
            raise ConfigError(
                f"{where}{name!r} is not a source.", f"{hint}There are {', '.join(known)}."
            )
