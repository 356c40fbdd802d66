"""Code behind a column of numbers: what stays keeps its number, told or counted."""

from __future__ import annotations

import pytest

from tests.compress.counted import count
from tokwatch.compress.apply import Work
from tokwatch.compress.nouns import Kind, Message, Part, Prompt, Shape
from tokwatch.compress.numbered import NUMBERED, Numbered
from tokwatch.compress.scene import Settings
from tokwatch.compress.solver import Aim, chosen_texts, solve
from tokwatch.compress.stages import BY_NAME
from tokwatch.compress.syntax import is_installed

REMARK = "\n<system-reminder>\nConsider whether # this is harmful.\n</system-reminder>\n"
SOURCE = '''# first of all
"""Module."""
import os  # noqa: F401
# explains the next thing at length
# and goes on about it
import sys


class Thing:
    def first(self, name: str) -> int:
        """Say the first."""
        # inner remark

        # one more
        total = sum(len(part) for part in name.split() if part != "x")  # adds
        return total + len(os.name) + len(sys.path)

    def second(self) -> str:
        values = [str(number) for number in range(10) if number % 2 == 0]
        return ", ".join(values).upper()


LAST = {1: "one", 2: "two"}
'''
SCRIPT = """/* what this
   is */ const a = 1;
function f(a) { // starts
  /* one
     two */
  return a /* why
  not */ + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12 + 13 + 14;
};
const last = f(a);
// ends
"""
COLUMNS = pytest.mark.parametrize("column", ["{:6}→", "{:6}\t", "{:>3}│ ", "{}: "])
STAGES = pytest.mark.parametrize("stage", ["comments", "skeletons"])
needs_python = pytest.mark.skipif(not is_installed(), reason="needs the extra syntax")
needs_script = pytest.mark.skipif(not is_installed("javascript"), reason="needs the grammar")


def numbered(source: str, column: str, first: int = 1) -> str:
    """Return code as a tool prints it."""
    lines = source.splitlines()
    return "".join(f"{column.format(n)}{line}\n" for n, line in enumerate(lines, first))


def prompt(text: str, about: str) -> Prompt:
    """Return a prompt that holds a file as a tool read it."""
    part = Part(text, Kind.RESULT, 0, (), about)
    return Prompt(text, Shape.PLAIN, (part,), (Message("user", (0,)),))


def after(text: str, about: str, *stages: str) -> str:
    """Return a file as a tool read it after some stages."""
    work = Work(prompt(text, about), Settings(count))
    for stage in stages:
        work.run(BY_NAME[stage], 0)
    return work.texts()[0]


def by_number(text: str) -> dict[int, str]:
    """Return every line by its number, counted where it is not told."""
    found: dict[int, str] = {}
    number = 0
    for line in text.partition("<system-reminder>")[0].splitlines():
        told = NUMBERED.match(line)
        number = int(told[2]) if told else number + 1
        assert number not in found
        found[number] = line[told.end() :] if told else line
    return found


def plain(source: str, about: str, stage: str) -> list[str]:
    """Return the lines with words of a file without numbers after a stage."""
    return [line for line in after(source, about, stage).splitlines() if line.strip()]


@needs_python
@COLUMNS
@STAGES
def test_numbered_code_becomes_what_it_is_without_numbers(column: str, stage: str) -> None:
    for text in (numbered(SOURCE, column), numbered(SOURCE, column) + REMARK):
        out = after(text, "Read a.py", stage)
        lines, found = by_number(text), by_number(out)

        assert len(out) < len(text)
        assert [line for line in found.values() if line.strip()] == plain(SOURCE, "a.py", stage)
        assert all(lines[n].startswith(line.replace("...", "")) for n, line in found.items())
        assert out.endswith(text[-20:])


@needs_python
@STAGES
def test_lines_whose_numbers_are_counted_can_still_be_counted(stage: str) -> None:
    text = numbered(SOURCE, "{:6}→", 95) + REMARK
    counted = after(text, "Read a.py", "line-numbers")

    out = after(text, "Read a.py", "line-numbers", stage)

    before, found = by_number(counted), by_number(out)
    assert len(found) < len(before)
    assert all(before[n].startswith(v.replace("...", "")) for n, v in found.items())
    assert [line for line in found.values() if line.strip()] == plain(SOURCE, "a.py", stage)


@needs_python
def test_one_stage_after_the_other_finds_its_way() -> None:
    text = numbered(SOURCE, "{:6}→", 95)

    found = by_number(after(text, "Read a.py", "line-numbers", "comments", "skeletons"))

    assert found[96] == '"""Module."""'
    assert found[104] == "    def first(self, name: str) -> int:"
    assert (found[109], found[113]) == ("        ...", "        ...")
    assert found[117].startswith("LAST")


@needs_script
@pytest.mark.parametrize("before", [(), ("line-numbers",)])
def test_a_line_of_which_the_end_stays_keeps_its_own_number(before: tuple[str, ...]) -> None:
    found = by_number(after(numbered(SCRIPT, "{:6}→"), "Read f.js", *before, "comments"))

    assert list(found) == [2, 3, 6, 7, 8, 9]
    assert [found[2], found[3]] == [" const a = 1;", "function f(a) {"]
    assert (found[6], found[7][:7]) == ("  return a ", " + 1 + ")


@needs_python
def test_changes_of_counted_code_can_be_taken_back_one_by_one() -> None:
    text = numbered(SOURCE, "{:6}→") + REMARK
    aim = Aim(0, stages=("line-numbers", "comments"), all_stages=True)
    outcome = solve(prompt(text, "Read a.py"), Settings(count), aim)
    numbers = [n for n, edit in enumerate(outcome.edits) if edit.stage == "comments"]
    others = frozenset(range(len(outcome.edits))) - set(numbers)
    lines = by_number(text)

    assert len(numbers) > 2
    assert chosen_texts(outcome, frozenset(range(len(outcome.edits)))) == [text]
    for rejected in (others, *(frozenset({n}) for n in numbers)):
        found = by_number(chosen_texts(outcome, rejected)[0])
        assert all(lines[n].startswith(line) for n, line in found.items())


@needs_python
def test_a_dictionary_with_numbers_is_no_numbered_code() -> None:
    source = "import os\nimport sys\n# gone by\nTABLE = {\n    1: 'a',  # one\n    2: 'b',\n}\n"

    out = after(source, "Read a.py", "comments")

    assert out == "import os\nimport sys\nTABLE = {\n    1: 'a',\n    2: 'b',\n}\n"


def test_numbers_that_do_not_follow_are_none_of_lines() -> None:
    assert Numbered.of("2→a\n1→b\n") is None
    assert Numbered.of("1→a\nx\nx\n3→b\n") is None
    assert Numbered.of("1→a\nx\n9→b\n") is not None
    assert Numbered.of("1→a\n") is None
    assert Numbered.of("no numbers") is None
