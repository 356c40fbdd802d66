"""Where VS Code and the editors made of it keep what their extensions write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tokwatch.sources.source import Surroundings

_USUAL: Final = ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")
_OTHERS: Final = (
    *("Code - OSS", "VSCodium - Insiders", "Windsurf - Next", "Trae", "Kiro", "Antigravity"),
    *("Positron", "Void"),
)
_SERVERS: Final = (
    *(".vscode-server", ".vscode-server-insiders", ".vscode-remote", ".vscodium-server"),
    *(".cursor-server", ".windsurf-server", ".trae-server"),
)
_FLATPAKS: Final = (
    ("com.visualstudio.code", "Code"),
    ("com.vscodium.codium", "VSCodium"),
)
_STORAGE: Final = ("User", "globalStorage")


def extension_folders(where: Surroundings, extension: str) -> Iterator[Path]:
    """Yield an extension's folder in each usual editor, and in the others that are there."""
    base = _base(where)
    for editor in _USUAL:
        yield base.joinpath(editor, *_STORAGE, extension)
    others = [base / editor for editor in _OTHERS]
    if where.platform not in ("darwin", "win32"):
        others += [where.home / server / "data" for server in _SERVERS]
        others.append(where.data_home() / "code-server")
        apps = where.home / ".var" / "app"
        others += [apps / app / "config" / editor for app, editor in _FLATPAKS]
    for folder in others:
        found = folder.joinpath(*_STORAGE, extension)
        if found.is_dir():
            yield found


def windows_folders(where: Surroundings, extension: str) -> Iterator[Path]:
    """Yield, under WSL, an extension's folder in each usual editor of the Windows side."""
    for home in where.windows_homes:
        for editor in _USUAL:
            yield home.joinpath("AppData", "Roaming", editor, *_STORAGE, extension)


def _base(where: Surroundings) -> Path:
    """Return the folder in which each editor has its own."""
    if where.platform == "darwin":
        return where.home / "Library" / "Application Support"
    if where.platform == "win32":
        roaming = where.variables.get("APPDATA")
        return Path(roaming) if roaming else where.home / "AppData" / "Roaming"
    config = where.variables.get("XDG_CONFIG_HOME")
    return Path(config) if config else where.home / ".config"
