"""`tokwatch templates`: saved, listed, used, carried as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.reports import World

TEXT = "Please could you list the files in {folder}? Make sure to never delete any of them.\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with a wordy prompt."""
    (tmp_path / "wordy.md").write_text(TEXT)
    return tmp_path / "wordy.md"


def test_a_prompt_is_saved_with_a_terse_wording_and_used(world: World, file: Path) -> None:
    saved = world.run("templates", "save", "files", str(file), "--compress", "--tag", "dev")

    assert saved.code == 0
    assert "version 1: 19 tokens, terse" in saved.out
    assert "Its text stands in the store." in saved.out
    assert world.run("templates", "use", "files").out == TEXT
    terse = world.run("templates", "use", "files", "--context", "5,000")
    assert terse.out.startswith("List the files in {folder}?")
    assert "never" in terse.out
    assert "5,000 tokens of context, terse from 2,000 on" in terse.err
    (listed,) = world.run("templates", "list", "--tag", "DEV", "--json").json["templates"]
    assert (listed["name"], listed["uses"], listed["tags"]) == ("files", 2, ["dev"])
    assert listed["newest"]["terseTokens"] < listed["newest"]["detailedTokens"] == 19


def test_both_wordings_can_be_ones_own(world: World, file: Path, tmp_path: Path) -> None:
    (tmp_path / "terse.md").write_text("List {folder}.")
    terse = ("--terse", str(tmp_path / "terse.md"), "--terse-from", "10")
    world.run("templates", "save", "files", str(file), *terse)

    assert world.run("templates", "use", "files", "--context", "10").out == "List {folder}."
    assert world.run("templates", "use", "files", "--context", "10", "--detailed").out == TEXT


def test_a_template_is_shown_with_its_versions_and_both_texts(world: World, file: Path) -> None:
    world.run("templates", "save", "files", str(file))
    file.write_text(f"\x1b[31m{TEXT}")
    world.run("templates", "save", "files", str(file))

    shown = world.run("templates", "show", "files")
    first = world.run("templates", "show", "files", "--version", "1", "--json").json

    assert "> version 2" in shown.out
    assert "  version 1" in shown.out
    assert "?[31mPlease" in shown.out
    assert (first["version"], first["detailed"]) == (1, TEXT)
    assert [one["version"] for one in first["versions"]] == [2, 1]


def test_files_carry_templates_from_library_to_library(
    world: World, file: Path, tmp_path: Path
) -> None:
    world.run("templates", "save", "files", str(file), "--compress")
    out = tmp_path / "out"

    assert world.run("templates", "export", str(out)).code == 0
    (written,) = out.iterdir()
    world.run("templates", "rm", "files")
    taken = world.run("templates", "import", str(written), str(file))

    assert written.name == "files.tokwatch.json"
    assert taken.out == "files: 1 new version\nwordy: 1 new version\n"
    assert world.run("templates", "import", str(written)).out == "files: nothing new\n"
    assert world.run("templates", "use", "wordy").out == TEXT


def test_tags_are_given_and_templates_deleted(world: World, file: Path) -> None:
    world.run("templates", "save", "files", str(file), "--tag", "old")

    assert world.run("templates", "tag", "files", "new", "Other").out == "files: new, other\n"
    assert "new, other" in world.run("templates", "list").out
    assert world.run("templates", "rm", "files").code == 0
    assert "There is no template" in world.run("templates", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "nothing"], 1, "no template 'nothing'"),
        (["use", "nothing"], 1, "no template 'nothing'"),
        (["rm", "nothing"], 1, "no template 'nothing'"),
        (["tag", "nothing", "a"], 1, "no template 'nothing'"),
        (["export", "out", "nothing"], 1, "no template 'nothing'"),
        (["import", "/nowhere/x"], 1, "cannot be read"),
        (["import", "-"], 2, "has no name"),
        (["save", "x", "--compress", "--terse", "y"], 2, "take one of them"),
        (["save", "x", "--reduce", "30%"], 2, "goes with --compress"),
        (["use", "x", "--context", "much"], 2, "no whole number"),
    ],
)
def test_what_cannot_be_done_is_told(
    world: World, arguments: list[str], code: int, words: str
) -> None:
    done = world.run("templates", *arguments)

    assert done.code == code
    assert words in done.err
