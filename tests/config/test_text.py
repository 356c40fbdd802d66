"""Keys and values are written as TOML reads them, and found again by line."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.config.toml_text import key_text, line_of, value_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)

FILE = """\
# [context]
[context]   # a comment
warning = 0.7
"max tokens" = 1

[ prices . override . "my/model" ]
input = 3
alias.'b c' = 2
[[array]]
x = 1
"""


@given(TEXTS, VALUES)
def test_what_is_written_reads_back(key: str, value: object) -> None:
    assert tomllib.loads(f"{key_text([key])} = {value_text(value)}") == {key: value}


def test_a_path_is_written_with_dots() -> None:
    assert key_text(["a", "b c", "d-1"]) == 'a."b c".d-1'


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("context",), 2),
        (("context", "warning"), 3),
        (("context", "max tokens"), 4),
        (("prices", "override", "my/model", "input"), 7),
        (("prices", "override", "my/model", "alias", "b c"), 8),
        (("context", "absent"), 2),
        (("context", "warning", "deeper"), 3),
        (("absent",), None),
    ],
)
def test_a_key_is_found_by_line_or_else_the_table_around_it(
    path: tuple[str, ...], line: int | None
) -> None:
    assert line_of(FILE, path) == line


def test_a_key_that_tomllib_refuses_is_passed_over() -> None:
    assert line_of('"\\q" = 1\nx = 1', ("x",)) == 2


def test_a_table_that_only_others_inside_it_make_is_where_they_begin() -> None:
    text = "[a]\nx = 1\n[mapping.gw.measure.score]\nvalue = 1\n[mapping.gw.fields]\n"

    assert line_of(text, ("mapping", "gw")) == 3
    assert line_of(text, ("mapping", "gw", "fields")) == 5
    assert line_of(text, ("mapping", "other")) is None
