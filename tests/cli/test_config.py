"""`tokwatch config` shows each setting and its origin, and says whether all is well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tokwatch.cli import main
from tokwatch.config import load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a config file with a value, an entry of a table and a profile."""
    file = tmp_path / "mine.toml"
    file.write_text(
        """
        [burn]
        minutes = 9
        [prices.override."my/model"]
        input = 3
        [prices.alias]
        "deepinfra/mixtral" = "mixtral-8x7b"
        [store]
        url = "postgresql://me:s3cr:e/t@host/db?password=hunter2&x=1"
        [profile.work.week]
        starts = "sunday"
        """
    )
    return file


def test_each_setting_stands_with_the_place_it_comes_from(
    file: Path,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOKWATCH_BLOCKS__HOURS", "4")

    assert main(["--config", str(file), "--profile", "work", "config"]) == 0

    lines = [line.split("  # ") for line in capsys.readouterr().out.splitlines() if "  # " in line]
    shown = {setting.strip(): origin for setting, origin in lines}
    assert shown["burn.minutes = 9"] == str(file)
    assert shown['prices.override."my/model".input = 3.0'] == str(file)
    assert shown['prices.alias."deepinfra/mixtral" = "mixtral-8x7b"'] == str(file)
    assert shown['week.starts = "sunday"'] == f"{file} [profile.work]"
    assert shown["blocks.hours = 4"] == "TOKWATCH_BLOCKS__HOURS"
    assert shown["context.warning = 0.75"] == str(repository / "config.toml")
    assert shown["keys = {}"] == str(repository / "config.toml")


def test_what_is_printed_is_a_config_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text().replace(":s3cr:e/t@", "@").replace("password=hunter2&", ""))
    main(["--config", str(file), "config"])
    copy = tmp_path / "copy.toml"
    copy.write_text(capsys.readouterr().out)

    original, copied = load(file), load(copy)

    for section in original.__struct_fields__:
        if section != "request":
            assert getattr(copied, section) == getattr(original, section)


def test_json_has_the_same(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--config", str(file), "--data", str(tmp_path / "d"), "config", "--json"])

    shown = json.loads(capsys.readouterr().out)

    assert shown["file"] == str(file)
    assert shown["data"] == str(tmp_path / "d")
    assert shown["profile"] == ""
    assert shown["settings"]["burn.minutes"] == {"value": 9, "origin": str(file)}
    assert shown["settings"]["sources.only"]["value"] == []


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_passwords_are_not_shown(
    file: Path, form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--config", str(file), "config", *form])

    shown = capsys.readouterr().out
    assert "postgresql://me:***@host/db?password=***&x=1" in shown
    assert "s3cr" not in shown
    assert "hunter2" not in shown


def test_check_says_that_all_is_well(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(file), "config", "--check"]) == 0
    assert capsys.readouterr().out.startswith("ok: ")


@pytest.mark.parametrize("form", [[], ["--check"], ["--json"]])
def test_a_wrong_setting_ends_with_2_and_prints_no_settings(
    file: Path, form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("[burn]\nminuets = 9\n")

    assert main(["--config", str(file), "config", *form]) == 2

    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"{file}:2: burn.minuets is not a setting; did you mean burn.minutes?" in shown.err


def test_the_file_that_would_be_read_is_named_although_it_is_not_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["config"]) == 0
    assert f"{load().file} (not there)" in capsys.readouterr().out


def test_the_screen_does_not_start_with_settings_of_no_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[sources]\nonly = ["claud-code"]\n', encoding="utf-8")

    assert main(["--config", str(file), "--data", str(tmp_path / "data")]) == 2
    assert "sources.only: 'claud-code' is not a source" in capsys.readouterr().err


def test_an_unknown_source_names_the_file_the_key_and_the_nearest_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[sources]\nonly = ["claud-code"]\n', encoding="utf-8")

    assert main(["--config", str(file), "config", "--check"]) == 2

    told = capsys.readouterr().err
    assert f"{file}:2: sources.only: 'claud-code' is not a source" in told
    assert "Did you mean 'claude-code'?" in told
