"""Where Claude Code and its relatives keep transcripts, on each platform."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path, PurePath
from typing import Final

from tokwatch.sources.source import Root, Surroundings

_DESKTOP: Final = "local-agent-mode-sessions"


def claude_roots(where: Surroundings) -> tuple[Root, ...]:
    """Return every `projects` folder to look into: overrides replace the home's own folders."""
    named = where.variable_paths("CLAUDE_CONFIG_DIR") + where.variable_paths(
        "CLAUDE_CONFIG_DIRS", os.pathsep
    )
    if named:
        own = [Root(_projects(folder)) for folder in named]
    else:
        own = [Root(_projects(folder)) for folder in _home_folders(where)]
    desktop = [Root(folder) for folder in _desktop_folders(where)]
    windows = [Root(home / ".claude" / "projects", polled=True) for home in where.windows_homes]
    return tuple(chain(own, desktop, windows))


def is_transcript(path: str) -> bool:
    """Tell transcripts, sub-agents' included, from workflow journals and the desktop's own logs."""
    if not path.endswith(".jsonl") or path.endswith(("/journal.jsonl", "\\journal.jsonl")):
        return False
    return _DESKTOP not in path or "projects" in PurePath(path).parts


def _projects(folder: Path) -> Path:
    """Return the `projects` folder of a config folder; an override may name it directly."""
    return folder if folder.name == "projects" else folder / "projects"


def _home_folders(where: Surroundings) -> Iterator[Path]:
    yield where.home / ".claude"
    config = where.variables.get("XDG_CONFIG_HOME")
    yield Path(config) / "claude" if config else where.home / ".config" / "claude"
    yield from _profiles(where.home)
    yield where.home / ".openclaude"


def _profiles(home: Path) -> Iterator[Path]:
    """Yield further homes made by people who keep several accounts: `~/.claude-work` and such."""
    try:
        found = sorted(home.glob(".claude-*"))
    except OSError:
        return
    for folder in found:
        if os.path.isdir(folder / "projects") and os.path.isdir(folder / "sessions"):
            yield folder


def _desktop_folders(where: Surroundings) -> Iterator[Path]:
    """Yield the desktop application's and the editors' own agent folders."""
    if where.platform == "darwin":
        support = where.home / "Library" / "Application Support"
        yield support / "Claude" / _DESKTOP
        coding = where.home / "Library" / "Developer" / "Xcode" / "CodingAssistant"
        yield coding / "ClaudeAgentConfig" / "projects"
    elif where.platform == "win32":
        roaming = where.variables.get("APPDATA")
        if roaming:
            yield Path(roaming) / "Claude" / _DESKTOP
        yield from _packaged(where)
    else:
        yield where.home / ".config" / "Claude" / _DESKTOP


def _packaged(where: Surroundings) -> Iterator[Path]:
    """Yield the folders of the packaged (MSIX) Windows application."""
    local = where.variables.get("LOCALAPPDATA")
    if not local:
        return
    try:
        packages = sorted((Path(local) / "Packages").glob("Claude_*"))
    except OSError:
        return
    for package in packages:
        yield package / "LocalCache" / "Roaming" / "Claude" / _DESKTOP
