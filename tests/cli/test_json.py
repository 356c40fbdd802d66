"""Every command with `--json` prints what docs/json.md says, on a small real store."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli import json_world as world
from tests.cli.json_pages import Keys, differences, met_lines, read_page, told_lines
from tests.endpoint_server import endpoint_server
from tests.store.test_calibrations import FIT
from tokwatch.cli import build_parser, main
from tokwatch.cli.json_form import SCHEMA

UNMET: Final = {
    "`triage`": "agent? cause? count? last? from to costNano costUSD usualNano usualUSD "
    "thresholdNano thresholdUSD times hours isOfSlot",
    "`audit`": "requests loggedNano computedNano differenceNano at session model sources differing",
    "`sources`": "path error",
    "`sources test`": "records?",
    "tried": "agent? project? branch? user? tag? key? machine?",
    "`endpoints`": "model?",
    "`import --path`": "path error",
}
"""What this store has nothing of, by heading: anomalies, two logs that disagree, broken folders."""


class Page:
    """What docs/json.md says."""

    def __init__(self, file: Path) -> None:
        self.by_command = read_page(file)
        self.lines = file.read_text("utf-8").splitlines()

    def command_of(self, words: tuple[str, ...]) -> str:
        """Return the heading with the most words of a call."""
        fitting = [one for one in self.by_command if _is_of(one.split(), words)]
        return max(fitting, key=lambda one: len(one.split()))

    def is_rare(self, line: int) -> bool:
        """Tell whether this store has nothing of a key."""
        above = (one for one in reversed(self.lines[:line]) if one.startswith("### "))
        heading = next(above).removeprefix("### ")
        return self.lines[line - 1].split()[0] in UNMET.get(heading, "").split()

    def keys_of(self, command: str) -> Keys:
        """Return the keys of a command's document."""
        return self.by_command[command]


def _is_of(heading: list[str], words: tuple[str, ...]) -> bool:
    """Tell whether a call is one of a heading: its command first, then its options."""
    names = [word for word in heading if not word.startswith("-")]
    given = [word for word in words if not word.startswith("-")]
    options = [word for word in heading if word.startswith("-")]
    named = all(
        want == word or want.isupper() for want, word in zip(names, given, strict=False)
    )  # fmt: skip
    return named and len(names) <= len(given) and all(option in words for option in options)


@pytest.fixture
def page(repository: Path) -> Page:
    """Return the page."""
    return Page(repository / "docs" / "json.md")


@pytest.fixture
def options(
    tmp_path: Path, home: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """Return the options of a small real store."""
    monkeypatch.setenv("ORG_KEY", "sk-ant-admin-x")
    monkeypatch.setattr("tokwatch.calibration.calibrating.calibrate", lambda *_, **__: [FIT])
    with endpoint_server() as server:
        world.tell_all(server)
        fixtures = repository / "tests" / "fixtures" / "home"
        yield world.make_world(tmp_path, home, fixtures, server)


def printed(options: list[str], words: list[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command with `--json` and return its document."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        main([*options, *words, "--json"])
    raw: bytes = out.buffer.getvalue()
    return json.loads(raw)


def test_documents_have_the_keys_and_types_of_the_page(
    options: list[str], page: Page, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[str] = []
    met: set[int] = set()
    for words in world.CALLS:
        call = [world.argument(word, tmp_path, home) for word in words]
        document = printed(options, call, monkeypatch)
        assert next(iter(document)) == "schemaVersion", words
        assert document.pop("schemaVersion") == SCHEMA
        keys = page.keys_of(page.command_of(words))
        wrong += [f"{' '.join(words)}: {told}" for told in differences(document, keys)]
        met |= set(met_lines(document, keys))

    told = {line for keys in page.by_command.values() for line in told_lines(keys)}
    assert not wrong, "\n".join(wrong)
    unmet = [line for line in sorted(told - met) if not page.is_rare(line)]
    assert not unmet, "\n".join(page.lines[line - 1] for line in unmet)


def commands(parser: argparse.ArgumentParser, at: str = "") -> Iterator[tuple[str, bool]]:
    """Yield every command and action, and whether it takes `--json`."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from commands(inner, f"{at} {name}".strip())
    is_chooser = any(
        isinstance(action, argparse._SubParsersAction) and action.required
        for action in parser._actions
    )
    if at and not is_chooser:
        yield at, "--json" in parser._option_string_actions


def test_every_command_but_the_screen_has_json_and_is_on_the_page(page: Page) -> None:
    found = dict(commands(build_parser(is_filled=True)))

    assert [name for name, has_json in found.items() if not has_json] == ["demo", "help"]
    told = {command.split(" --")[0] for command in page.by_command}
    for name in found.keys() - {"demo", "help"}:
        assert any(one == name or one.startswith(f"{name} ") for one in told), name
