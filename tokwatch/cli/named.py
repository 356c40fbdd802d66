"""Names that options ask for: whole, by a pattern, or as the tables show them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Final, NamedTuple


def shown_model(name: str) -> str:
    """Return a model's name as tables show it: without vendor and date."""
    return re.sub(r"^claude-|-\d{8}$", "", name)


class Kind(NamedTuple):
    """A sort of names, and how tables show one."""

    word: str
    shown: Callable[[str], str]

    def is_named(self, name: str, pattern: str) -> bool:
        """Tell whether a pattern is meant for a name; the folder at the end of a path will do."""
        forms = {name, folder(name), self.shown(name)}
        return any(fnmatchcase(form, pattern) for form in forms)


def folder(name: str) -> str:
    """Return the last part of a path."""
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1]


MODEL: Final = Kind("model", shown_model)
PROJECT: Final = Kind("project", folder)


def named(kind: Kind, known: Iterable[str], patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that patterns stand for; where none does, the patterns themselves."""
    found = (name for name in known if any(kind.is_named(name, one) for one in patterns))
    return tuple(found) or patterns


def strangers(kind: Kind, known: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return in words which patterns stand for no name, with the nearest one."""
    names = list(known)
    return [
        _stranger(kind.word, pattern, map(kind.shown, names))
        for pattern in patterns
        if not any(kind.is_named(name, pattern) for name in names)
    ]


def _stranger(kind: str, pattern: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(pattern, sorted({*known, ""}), 1, 0.4)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"no {kind} is named {pattern!r}; {hint}* stands for any text"
