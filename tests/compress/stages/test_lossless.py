"""Lossless stages: the same values, the same code, the way back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compress.counted import after, count, edits
from tests.compress.stages.expanding import expanded
from tokwatch.compress.nouns import Kind
from tokwatch.compress.scene import Stage
from tokwatch.compress.stages import ALL
from tokwatch.compress.stages.tables import tabled

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers(-999, 99999) | FLOATS | st.text(max_size=8)
ROW = st.fixed_dictionaries({"id": st.integers(), "na me": SCALARS, "t": SCALARS})


def grown(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Return lists and objects of values."""
    keyed = st.dictionaries(st.text(max_size=4), values, max_size=4)
    return st.one_of(st.lists(values, max_size=4), keyed)


VALUES: st.SearchStrategy[object] = st.recursive(
    st.one_of(SCALARS, st.lists(ROW, max_size=6)), grown, max_leaves=12
)


@settings(max_examples=30)
@given(VALUES)
def test_json_without_blanks_loads_equal(value: object) -> None:
    text = json.dumps(value, indent=4, ensure_ascii=False)

    assert json.loads(after("json", text, Kind.RESULT)) == value


@settings(max_examples=30)
@given(VALUES)
def test_a_table_expands_to_the_same_values(value: object) -> None:
    table = tabled(json.dumps(value))

    assert table is None or expanded(table) == value


def test_numbers_stay_letter_for_letter() -> None:
    rows = ['{"a": 1.50, "b": 1e5}', '{"a": 2.00, "b": 3}', '{"a": 12345678901234567, "b": 0.10}']
    joined = ",\n ".join(rows)
    out = after("tables", f"[\n {joined}\n]", Kind.RESULT)

    assert out == "[3]{a,b}:\n1.50,1e5\n2.00,3\n12345678901234567,0.10"


def test_a_short_example_in_instructions_keeps_its_form() -> None:
    text = 'Answer like this:\n{\n  "title": "...",\n  "pages": 3\n}\nThank you.'

    assert after("json", text) == text
    assert after("json", text, Kind.RESULT) != text


def test_a_terminal_shows_what_a_reader_saw() -> None:
    text = "\x1b[32m✓\x1b[0m built\r\n 10%\r 50%\r100% done\r\n\x1b]0;title\x07end"

    assert after("terminal", text, Kind.RESULT) == "✓ built\n100% done\nend"


def test_blanks_outside_of_code_go() -> None:
    text = "one   \n\n\n\ntwo  three\n```\nx   =  1   \n\n\n\ny\n```\n"
    out = after("spacing", after("blanks", text))

    assert out == "one\n\ntwo three\n```\nx   =  1   \n\n\n\ny\n```\n"


def test_indented_code_still_compiles() -> None:
    text = "def f(a,  b):\n    if a:   \n        return  b\n\n\n\n    return [1,   2]\n"
    out = after("spacing", after("blanks", text))

    assert out != text
    compile(out, "x", "exec")


@pytest.mark.parametrize("column", ["    12→", "12\t", " 12│ ", "12: "])
def test_indentation_behind_a_number_stays(column: str) -> None:
    assert after("spacing", f"{column}    a =  1\n{column}        b") == (
        f"{column}    a = 1\n{column}        b"
    )


def test_equal_lines_are_counted() -> None:
    assert after("repeats", "a\nwaiting for lock\n" + "waiting for lock\n" * 4 + "b") == (
        "a\nwaiting for lock [×5]\nb"
    )


@pytest.mark.parametrize(
    "text",
    [
        "[\n  0,\n  0,\n  0,\n  1\n]",
        '{"rows": [\n  "one and two",\n  "one and two",\n  "one and two"\n]}',
        "values = [\n    nobody(),\n    nobody(),\n    nobody(),\n]\n",
        "count = first\ncount = first\ncount = first\n",
        "import os\nimport sys\ndef f():\n    global one, two\n    global one, two\n",
    ],
)
def test_equal_lines_of_data_and_code_are_not_counted(text: str) -> None:
    assert after("repeats", text, Kind.RESULT) == text


def test_blocks_seen_before_are_pointers() -> None:
    block = "\n".join(f"line number {n} says something of its own" for n in range(6))
    out = after("duplicates", f"{block}\nmiddle\n{block}\nend")

    told = '[as before: 6 lines from "line number 0 says something of its own"]'
    assert out == f"{block}\nmiddle\n{told}\nend"


@pytest.mark.parametrize("stage", [s for s in ALL if s.name != "llmlingua"], ids=lambda s: s.name)
@settings(max_examples=15)
@given(text=st.text('ab {}[]",:1\n\t-|the please ', max_size=200))
def test_no_stage_makes_a_text_longer(stage: Stage, text: str) -> None:
    assert count(after(stage.name, text)) <= count(text)


def test_lossless_edits_say_so() -> None:
    [edit] = edits("json", '[\n  "one",\n  "two"\n]')

    assert (edit.risk, edit.reason) == (0, "JSON without blanks")
