"""The commands that the README and CONTRIBUTING show exist and do what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tokwatch.cli import main

REPOSITORY = Path(__file__).parent.parent
DOCUMENTS = ("README.md", "CONTRIBUTING.md")


def shell_lines(document: str) -> list[str]:
    """Return the lines of a document's shell blocks, without their comments."""
    text = (REPOSITORY / document).read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]


COMMANDS = [line for line in shell_lines("README.md") if line.startswith("tokwatch ")]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_runs(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(shlex.split(line)[1:])
    except SystemExit as end:
        code = int(end.code or 0)

    assert code == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_targets_that_are_named_exist(document: str) -> None:
    targets = set(re.findall(r"^(\w+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = {line.split()[1] for line in shell_lines(document) if line.startswith("make ")}

    assert {"run", "test"} <= named <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_files_that_are_linked_exist(document: str) -> None:
    links = re.findall(r"\]\(([^):]+)\)", (REPOSITORY / document).read_text("utf-8"))

    assert [link for link in links if not (REPOSITORY / link).exists()] == []
