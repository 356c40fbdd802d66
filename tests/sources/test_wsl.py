"""Homes of the Windows side under WSL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tokwatch.sources.wsl import windows_homes

WSL = "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@x) (gcc) #1 SMP"


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """Return mounted drives with two users on one of them."""
    for path in ("c/Users/ana", "c/Users/li", "c/Users/Public", "c/Users/Default", "d/Data", "wsl"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "c" / "Users" / "desktop.ini").write_text("")
    (tmp_path / "c" / "Users" / "All Users").symlink_to(tmp_path / "nowhere")
    return tmp_path


@pytest.mark.parametrize("version", [WSL, "Linux version 4.4.0-19041-Microsoft"])
def test_the_users_of_every_drive_are_found(mounts: Path, version: str) -> None:
    """4.6: the tool may run on the other side."""
    users = mounts / "c" / "Users"

    assert windows_homes(version, mounts) == (users / "ana", users / "li")


@pytest.mark.parametrize("version", ["", "Linux version 6.8.0-generic"])
def test_another_system_has_none(mounts: Path, version: str) -> None:
    """4.6: /mnt/c may be anything elsewhere."""
    assert windows_homes(version, mounts) == ()


def test_no_drive_is_no_home(tmp_path: Path) -> None:
    """4.6: mounting can be switched off."""
    assert windows_homes(WSL, tmp_path / "none") == ()


def test_a_drive_that_cannot_be_looked_into_has_none(
    mounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.6: a drive may be locked."""
    look = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path.name == "Users":
            raise PermissionError(13, f"Permission denied: {path}")
        return look(path)

    monkeypatch.setattr(Path, "iterdir", refuse)

    assert windows_homes(WSL, mounts) == ()
