"""What tokwatch ships is found, and a broken installation says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch import paths
from tokwatch.errors import TokwatchError


def test_a_clone_ships_from_its_top(repository: Path) -> None:
    assert paths.shipped_folder() == repository


def test_themes_are_the_shipped_ones_and_those_beside_the_users_file(
    repository: Path, tmp_path: Path
) -> None:
    folders = paths.themes_folders(tmp_path / "config.toml")

    assert folders == (repository / "themes", tmp_path / "themes")


def test_an_installation_without_its_files_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "tokwatch" / "paths.py"))

    with pytest.raises(TokwatchError, match=r"config\.toml is missing"):
        paths.shipped_folder()


def test_the_users_folders_follow_the_platforms_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "kept"))

    assert paths.user_config_file() == tmp_path / "settings" / "tokwatch" / "config.toml"
    assert paths.user_data_folder() == tmp_path / "kept" / "tokwatch"
