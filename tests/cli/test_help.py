"""The help of every command reads like a page of a manual, and its examples are right."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tokwatch.cli import COMMANDS, GROUPS, build_parser, main
from tokwatch.cli.help_pages import EXITS, PAGES, exits_of

NAMES = [command.name for command in COMMANDS]


def helped(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the help says."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    return capsys.readouterr().out


def test_every_command_has_its_page_and_its_place_in_the_list() -> None:
    assert list(PAGES) == NAMES
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(NAMES)


def test_the_help_of_all_fits_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, repository: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for arguments in ([], *([name] for name in NAMES)):
        told = helped(capsys, *arguments, "--help")
        assert max(map(len, told.splitlines())) <= 80, arguments
        assert re.search(r"\n\n[A-Z].*\.\n\n", told, re.S), f"{arguments} says what it does"
        for heading in ("options:", "exit codes:", "see also:"):
            assert f"\n{heading}\n" in told, arguments
        for page in re.findall(r"docs/([\w-]+\.md)", told):
            assert (repository / "docs" / page).is_file(), page


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_are_what_the_command_takes(name: str) -> None:
    for typed, _ in PAGES[name].examples:
        words = shlex.split(re.split(r" [<>|] ", typed)[0])
        args = build_parser().parse_args(words)
        assert args.command == name


def test_help_of_a_command_is_the_same_by_either_way(capsys: pytest.CaptureFixture[str]) -> None:
    assert helped(capsys, "help", "prune") == helped(capsys, "prune", "--help")
    assert helped(capsys, "help") == helped(capsys, "--help")


def test_options_stand_below_what_they_are_about(capsys: pytest.CaptureFixture[str]) -> None:
    told = helped(capsys, "report", "--help")

    places = [told.index(text) for text in ("what counts:", "--since DATE  ", "what is printed:")]
    assert places == sorted(places)
    assert told.index("  --html  ") > places[-1]


def test_the_page_of_commands_has_them_all_with_their_exit_codes(repository: Path) -> None:
    text = (repository / "docs" / "commands.md").read_text("utf-8")
    table, codes = text.split("## Exit codes")

    listed = re.findall(r"`([\w-]+)`", " ".join(re.findall(r"^\| (.+?) \|", table, re.M)))
    assert sorted(listed) == sorted(NAMES)
    rows = [re.split(r" ?\| ?", line.strip("|"))[:4] for line in codes.splitlines() if "|" in line]
    told = {row[0].strip(" `"): row[1:] for row in rows[2:]}
    assert [cell.strip() for cell in told.pop("any")] == [EXITS[0], EXITS[1], EXITS[2]]
    own = {name: exits_of(name) for name in NAMES if PAGES[name].exits}
    assert {name: [cell.strip() for cell in cells] for name, cells in told.items()} == {
        name: ["" if found[code] == EXITS[code] else found[code] for code in (0, 1, 2)]
        for name, found in own.items()
    }
