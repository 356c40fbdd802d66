"""Which sources are read, and where: what the settings and this machine make of the registry."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from tokwatch.config import Config
from tokwatch.errors import ConfigError
from tokwatch.sources import SOURCES
from tokwatch.sources.source import Root, Source, Surroundings
from tokwatch.sources.wsl import windows_homes


def surroundings() -> Surroundings:
    """Return this machine's home, environment and platform, and under WSL the Windows homes."""
    proc_version = ""
    if sys.platform == "linux":
        with suppress(OSError):
            proc_version = Path("/proc/version").read_text(encoding="utf-8", errors="replace")
    return Surroundings(Path.home(), os.environ, sys.platform, windows_homes(proc_version))


def roots_of(source: Source, config: Config, where: Surroundings) -> tuple[Root, ...]:
    """Return the folders of a source: its own, then the configured ones."""
    extra = config.sources.paths.get(source.name, ())
    return source.roots(where) + tuple(Root(where.expand(path)) for path in extra)


def chosen_sources(config: Config, only: tuple[str, ...] = ()) -> tuple[Source, ...]:
    """Return the sources that are switched on, or those of them that are asked for."""
    _refuse_unknown(config, only)
    wanted = only or config.sources.only
    return tuple(
        source
        for source in SOURCES
        if source.name not in config.sources.off and (not wanted or source.name in wanted)
    )


def _refuse_unknown(config: Config, only: tuple[str, ...]) -> None:
    """Raise a ConfigError that tells where an unknown source is named, and the nearest name."""
    from difflib import get_close_matches

    known = [source.name for source in SOURCES]
    places = {
        "--source": only,
        f"{config.file}: sources.only": config.sources.only,
        f"{config.file}: sources.off": config.sources.off,
        f"{config.file}: sources.paths": tuple(config.sources.paths),
    }
    for place, names in places.items():
        for name in names:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"Did you mean {near[0]!r}? " if near else ""
                raise ConfigError(
                    f"{place}: {name!r} is not a source.", f"{hint}There are {', '.join(known)}."
                )
