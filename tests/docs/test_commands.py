"""Every command that a page of docs/ prints is one that the command line understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tokwatch.cli import build_parser

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
SHELL = re.compile(r"```(?:sh|console)\n(.*?)```", re.DOTALL)
IN_TEXT = re.compile(r"`(tokwatch [a-z][^`]*)`")
ENDS = re.compile(r" +#.*| *(?:[|<>&;)]|\d>).*")
"""What belongs to the shell or to the reader, and not to the command."""
NAMED_ONLY = ("required", "expected one argument")
"""A sentence may name a command or an option without what it needs."""
EXAMPLES = {"ID": "1", "COMMAND": "report"}


def printed(page: Path) -> set[str]:
    """Return the commands in the blocks of a page, as one would type them."""
    blocks = "\n".join(SHELL.findall(page.read_text("utf-8")))
    found = re.findall(r"^(?:\$ |.*[|] )?(tokwatch [a-z-].*)$", blocks, re.MULTILINE)
    return {ENDS.sub("", line).strip() for line in found if not line.startswith("tokwatch at ")}


def told(page: Path) -> set[str]:
    """Return the commands that the sentences of a page name, with examples of what they take."""
    found = IN_TEXT.findall(SHELL.sub("", page.read_text("utf-8")))
    return {
        " ".join(EXAMPLES.get(word, word) for word in ENDS.sub("", line).split(" "))
        for line in found
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_its_commands_are_understood(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser, refused = build_parser(), {}
    for command in sorted(printed(page) | told(page)):
        try:
            parser.parse_args(shlex.split(command)[1:])
        except SystemExit as end:
            error = capsys.readouterr().err
            if end.code and (command in printed(page) or not any(w in error for w in NAMED_ONLY)):
                refused[command] = error.splitlines()[-1]

    assert refused == {}


def test_commands_are_found_at_all() -> None:
    found = {command for page in PAGES for command in (*printed(page), *told(page))}

    assert len(found) > 100
    assert 'tokwatch compress --question "When does the lease end?" --budget 500' in found
