"""Every counting rule is explained in docs/sources.md and named by a test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RULES = [*(f"C{number}" for number in range(1, 12)), *(f"X{number}" for number in range(6))]


def rules_in(text: str) -> set[str]:
    """Return the rules that a text names."""
    return set(re.findall(r"\b[CX]\d+\b", text))


@pytest.fixture(scope="module")
def tested() -> set[str]:
    """Return the rules that docstrings of tests name."""
    named: set[str] = set()
    for file in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named |= rules_in(ast.get_docstring(node) or "")
    return named


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_explained_and_tested(rule: str, repository: Path, tested: set[str]) -> None:
    page = (repository / "docs" / "sources.md").read_text("utf-8")

    assert rule in rules_in(page)
    assert rule in tested
