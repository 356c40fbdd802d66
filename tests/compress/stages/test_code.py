"""Source code: comments and bodies, where the grammars are installed."""

from __future__ import annotations

import ast

import pytest

from tests.compress.counted import after, count, prompt_of
from tokwatch.compress.apply import Work
from tokwatch.compress.nouns import Kind, Message, Part, Prompt, Shape
from tokwatch.compress.protect import Guard
from tokwatch.compress.scene import Settings
from tokwatch.compress.stages import BY_NAME
from tokwatch.compress.syntax import is_installed

pytestmark = pytest.mark.skipif(not is_installed(), reason="needs the extra syntax")
NAMES = ("comments", "skeletons")
MESSAGE = Message("user", (0,))
SOURCE = '''"""Module."""
import os  # noqa: F401
# explains the next thing
import sys


class Thing:
    def first(self, name: str) -> int:
        """Say the first."""
        # inner
        total = sum(len(part) for part in name.split() if part != "x")
        return total + len(os.name) + len(sys.path)

    def second(self) -> str:
        values = [str(number) for number in range(10) if number % 2 == 0]
        return ", ".join(values).upper()
'''


def test_code_without_comments_is_the_same_program() -> None:
    out = after("comments", SOURCE, Kind.RESULT)

    assert "explains" not in out
    assert "inner" not in out
    assert "# noqa" in out
    assert ast.dump(ast.parse(out)) == ast.dump(ast.parse(SOURCE))


def test_a_skeleton_has_signatures_and_docstrings() -> None:
    out = after("skeletons", SOURCE, Kind.RESULT)

    compile(out, "x", "exec")
    assert "def first(self, name: str) -> int:" in out
    assert "Say the first." in out
    assert "values" not in out
    assert count(out) < count(SOURCE) * 0.7


@pytest.mark.skipif(not is_installed("javascript"), reason="needs the grammar")
def test_what_a_comment_kept_apart_stays_apart() -> None:
    text = "function f(a) {\n  // one and two and three\n  return/* why */a /* that */;\n}\n"
    work = Work(
        Prompt(text, Shape.PLAIN, (Part(text, Kind.RESULT, 0, (), "cat f.js"),), (MESSAGE,)),
        Settings(count),
    )
    work.run(BY_NAME["comments"], 0)

    assert work.texts() == ["function f(a) {\n  return a ;\n}\n"]


def test_a_fence_is_touched_only_where_the_user_opens_it() -> None:
    text = f"Look:\n```python\n{SOURCE}```\n"

    assert after("comments", text) == text
    assert "explains" not in after("comments", text, open=frozenset({Guard.FENCE}))


def test_code_with_errors_stays() -> None:
    text = "import a\nimport b\ndef f(:\n    # x\n    pass\n"

    assert after("comments", text, Kind.RESULT) == text


def test_nothing_is_to_be_installed_where_all_is(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(prompt_of("no code at all"), Settings(count))

    assert [work.run(BY_NAME[name], 0).note for name in NAMES] == ["", ""]

    monkeypatch.setattr("tokwatch.compress.syntax.is_installed", lambda: False)

    assert all("tokwatch[syntax]" in work.run(BY_NAME[name], 0).note for name in NAMES)
