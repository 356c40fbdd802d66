"""Finds the homes of the Windows side under WSL: tools that run there keep their logs in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/mnt")
_NOBODY: Final = frozenset({"all users", "default", "default user", "public", "wsiaccount"})


def windows_homes(proc_version: str, mounts: Path = MOUNTS) -> tuple[Path, ...]:
    """Return the Windows users' homes, if `/proc/version` tells of WSL and drives are mounted."""
    if "microsoft" not in proc_version.lower():
        return ()
    return tuple(
        home
        for drive in _folders(mounts)
        if len(drive.name) == 1
        for home in _folders(drive / "Users")
        if home.name.lower() not in _NOBODY
    )


def _folders(parent: Path) -> list[Path]:
    """Return the folders in a folder; one that cannot be looked into holds none."""
    try:
        return sorted(entry for entry in parent.iterdir() if os.path.isdir(entry))
    except OSError:
        return []
