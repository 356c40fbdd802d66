"""docs/capabilities.md names only keys, commands and tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tokwatch.cli import COMMANDS
from tokwatch.ui.keymap import bindings

WANTED = {
    *("K5", "K6", "A4", "R2", "R3"),
    *(
        "T1",
        "T2",
        "T3",
        "T4",
        "T5",
        "T6",
        "T7",
        "S1",
        "S2",
        "S3",
        "S4",
        "S5",
        "S6",
        "P1",
        "P2",
        "P3",
    ),
    *("C4", "W1", "W2", "W3", "W4", "W5", "W6", "W7"),
    *("P4", "K2", "K9", "A1", "A2", "A3"),
    *("O1", "O2", "O3", "O3b"),
    *(
        "K1",
        "K3",
        "K4",
        "K7",
        "K8",
        "C1",
        "C2",
        "C3",
        "C4",
        "W1",
        "U1",
        "U2",
        "U3",
        "U4",
        "U5",
        "U6",
        "R1",
        "R1b",
    ),
}
NAMES = {"[": "left_square_bracket", "]": "right_square_bracket", ":": "colon", "/": "slash"}


def rows(repository: Path) -> list[tuple[str, list[str], list[str]]]:
    """Return id, keys or commands, and tests of each capability."""
    text = (repository / "docs" / "capabilities.md").read_text("utf-8")
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and re.fullmatch(r"[A-Z]\d+b?", cells[0]):
            found.append((cells[0], *(re.findall(r"`([^`]+)`", cell) for cell in cells[2:])))
    return found  # type: ignore[return-value]


def test_every_capability_is_listed(repository: Path) -> None:
    assert {name for name, _, _ in rows(repository)} == WANTED


def test_every_key_and_command_exists(repository: Path) -> None:
    keys = {key for binding in bindings() for key in binding.key.split(",")}
    commands = {"", *(command.name for command in COMMANDS)}
    missing = []
    for name, doors, _ in rows(repository):
        assert doors, name
        for door in doors:
            if door.startswith("tokwatch"):
                word = [*door.split(), ""][1]
                known = word in commands
            else:
                known = door in keys or NAMES.get(door, "") in keys
            if not known:
                missing.append((name, door))
    assert missing == []


@pytest.mark.parametrize("part", range(4))
def test_every_test_exists(repository: Path, part: int) -> None:
    for name, _, tests in rows(repository)[part::4]:
        assert tests, name
        for test in tests:
            path, _, function = test.partition("::")
            tree = ast.parse((repository / path).read_text("utf-8"))
            functions = {
                node.name
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert function in functions, test
