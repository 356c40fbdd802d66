"""Finds the homes of the Windows side under WSL: tools that run there keep their logs in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/mnt")
_NOBODY: Final = frozenset({"all users", "default", "default user", "public", "wsiaccount"})


def windows_homes(proc_version: str, mounts: Path = MOUNTS) -> tuple[Path, ...]:
    """Return the Windows users' homes that `/proc/version` and the mounted drives tell of."""
    if "microsoft" not in proc_version.lower():
        return ()
    return tuple(
        home
        for users in sorted(mounts.glob("?/Users"))
        for home in _folders(users)
        if home.name.lower() not in _NOBODY
    )


def _folders(users: Path) -> list[Path]:
    """Return the folders in a folder; what cannot be looked into holds none."""
    try:
        return sorted(entry for entry in users.iterdir() if _is_folder(entry))
    except OSError:
        return []


def _is_folder(entry: Path) -> bool:
    """Tell whether an entry is a folder; Windows has links there that may not be followed."""
    try:
        return entry.is_dir()
    except OSError:
        return False
