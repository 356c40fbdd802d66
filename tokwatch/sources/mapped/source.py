"""A mapping as a source: where its logs lie; what is in them is read by its neighbours."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokwatch.model.event import event_key
from tokwatch.sources.source import Kept, Knowledge, Root, Surroundings, Untitled
from tokwatch.sources.text import safe_name

if TYPE_CHECKING:
    from tokwatch.config.mapping import Mapping
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile
    from tokwatch.sources.mapped.reading import Rules

_PARSER: Final = "1"
"""Raised when the same mapping would find something else in the same bytes."""
_MAGIC: Final = re.compile(r"[*?[]")
_LARGEST: Final = 0x7FFF_FFFF


class Pattern(NamedTuple):
    """Files that a mapping names: a folder, and what a path below it must look like."""

    folder: Path
    tail: tuple[str, ...]

    def holds(self, path: str) -> bool:
        """Tell whether a path is one of these files."""
        folder = os.path.normcase(self.folder)
        below = os.path.normcase(path)
        if not below.startswith(folder.rstrip(os.sep) + os.sep):
            return False
        return _matches(Path(os.path.relpath(below, folder)).parts, self.tail)


class MappedSource(Kept, Untitled):
    """Reads JSON lines as a mapping says; a changed mapping reads its logs anew."""

    knowledge = Knowledge(exact="what its mapping names", unknown="what its mapping leaves out")

    def __init__(self, name: str, mapping: Mapping, home: Path) -> None:
        """Take a mapping; `~` in its files is the home."""
        self.name = name
        self.title = safe_name(mapping.title) or name
        self.version = _version(name, mapping)
        self._mapping = mapping
        self._patterns = tuple(_pattern(place, home) for place in mapping.files)

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders that its files lie in, or below."""
        deep = {pattern.folder for pattern in self._patterns if len(pattern.tail) > 1}
        folders = dict.fromkeys(pattern.folder for pattern in self._patterns)
        return tuple(Root(folder, shallow=folder not in deep) for folder in folders)

    def wants(self, path: str) -> bool:
        """Take what a pattern holds; in folders of `[sources.paths]` the last part decides."""
        if any(pattern.holds(path) for pattern in self._patterns):
            return True
        name = os.path.basename(path)
        return not any(
            path.startswith(str(pattern.folder) + os.sep) for pattern in self._patterns
        ) and any(fnmatch(name, pattern.tail[-1]) for pattern in self._patterns)

    @cached_property
    def rules(self) -> Rules:
        """What the mapping makes of single records."""
        from tokwatch.sources.mapped.reading import Rules

        return Rules(self.name, self._mapping)

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read requests and measures."""
        from tokwatch.sources.mapped.reading import read

        return read(self.rules, log, cursor)


def _version(name: str, mapping: Mapping) -> int:
    """Return a number that another mapping of the same bytes would hardly have."""
    rules = [
        repr(getattr(mapping, field))
        for field in mapping.__struct_fields__
        if field not in ("files", "title")
    ]
    return event_key("mapping", _PARSER, name, *rules) & _LARGEST


def _pattern(place: str, home: Path) -> Pattern:
    """Return a place's folder, as far as it is the same for all files, and the rest."""
    parts = Path(place).parts
    if parts[0] == "~":
        parts = (*home.parts, *parts[1:])
    depth = len(home.parts) if place.startswith("~") else 1
    while depth < len(parts) - 1 and not _MAGIC.search(parts[depth]):
        depth += 1
    return Pattern(Path(*parts[:depth]), parts[depth:])


def _matches(parts: tuple[str, ...], tail: tuple[str, ...]) -> bool:
    if not tail:
        return not parts
    if tail[0] == "**":
        return any(_matches(parts[start:], tail[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatch(parts[0], tail[0]) and _matches(parts[1:], tail[1:])
