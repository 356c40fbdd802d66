"""Names that options ask for: whole, by a pattern, or as the tables show them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase


def shown_model(name: str) -> str:
    """Return a model's name as tables show it: without vendor and date."""
    return re.sub(r"^claude-|-\d{8}$", "", name)


def models_named(known: Iterable[str], patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the models that patterns stand for; where none does, the patterns themselves."""
    found = (name for name in known if any(_is_model(name, pattern) for pattern in patterns))
    return tuple(found) or patterns


def projects_named(known: Iterable[str], patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the projects that patterns stand for; where none does, the patterns themselves."""
    found = (name for name in known if any(_is_project(name, pattern) for pattern in patterns))
    return tuple(found) or patterns


def strange_models(known: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return in words which patterns stand for no model, with the nearest name of one."""
    names = list(known)
    return [
        _stranger("model", pattern, map(shown_model, names))
        for pattern in patterns
        if not any(_is_model(name, pattern) for name in names)
    ]


def strange_projects(known: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return in words which patterns stand for no project, with the nearest name of one."""
    names = list(known)
    return [
        _stranger("project", pattern, map(_folder, names))
        for pattern in patterns
        if not any(_is_project(name, pattern) for name in names)
    ]


def _stranger(kind: str, pattern: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(pattern, sorted({*known, ""}), 1, 0.4)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"no {kind} is named {pattern!r}; {hint}* stands for any text"


def _is_model(name: str, pattern: str) -> bool:
    return _is_project(name, pattern) or fnmatchcase(shown_model(name), pattern)


def _is_project(name: str, pattern: str) -> bool:
    """Tell whether a pattern is meant for a name, or for the folder at the end of a path."""
    return fnmatchcase(name, pattern) or fnmatchcase(_folder(name), pattern)


def _folder(name: str) -> str:
    return re.split(r"[/\\]", name.rstrip("/\\"))[-1]
