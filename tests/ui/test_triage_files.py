"""A triage as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from tests.ui.triage_pages import AFTER, BEFORE, HAPPENED, NARROWED, NOTHING, SPIKE, cell, page
from tokwatch.analysis.attribution import DIMENSIONS
from tokwatch.model.units import NANO
from tokwatch.model.usage import Cell, Dimension
from tokwatch.ui.triage_export import COLUMNS, as_csv
from tokwatch.ui.triage_markdown import markdown


def test_markdown_says_everything_that_the_screen_does() -> None:
    text = markdown(SPIKE, "UTC")

    assert text.startswith("# Cost triage, Tue 18 Nov 13:15–13:45 (UTC)\n\n* A: ")
    assert "* B: Tue 18 Nov 11:45–13:15, the time before, scaled by 1/3\n" in text
    assert "\n**A cost $15.60, expected $3.05 (+$12.55, 5.1×).**\n" in text
    assert "Where: session 7f3a·4c1, 98% of the rise." in text
    assert "| session | 7f3a·4c1 | $13.90 | $1.60 | +$12.30 | 98% |" in text
    assert "| A | $15.60 |" in text
    assert "* Tue 18 Nov 13:18:04 cache miss: 7f3a·4c1: prefix changed, 13 times" in text
    assert len(HAPPENED) == sum(line.startswith("* Tue 18 Nov 13:") for line in text.splitlines())


def test_markdown_lists_all_values_of_a_dimension_on_request() -> None:
    text = markdown(SPIKE, "UTC", [Dimension.SESSION])
    assert "| session | b01e·9d2 |" in text
    assert "| project |" not in text


def test_markdown_says_what_was_narrowed_to() -> None:
    assert "* Only project checkout-svc\n" in markdown(NARROWED, "UTC")


def test_names_from_logs_are_no_markdown() -> None:
    values = {Dimension.PROJECT: "/x/a|b`<i>*", Dimension.SESSION: "[x](y)"}
    group = tuple(values.get(dimension, "") for dimension in DIMENSIONS)
    text = markdown(page((Cell(group, AFTER[0].usage),), BEFORE), "UTC")
    assert r"a\|b\`\<i\>\*" in text
    assert r"\[x\](y)" in text


def test_markdown_of_nothing_is_short() -> None:
    text = markdown(NOTHING, "UTC")
    assert "**Nothing was used in A, nor in B.**" in text
    assert "## What changed" not in text
    assert "## Events" not in text


def test_csv_is_exact_and_adds_up() -> None:
    odd = (*AFTER, cell("=cmd()", "p", "m", 0.000000007, requests=1, input=1))
    found = page(odd)
    heading, *rows = csv.reader(io.StringIO(as_csv(found)))
    difference = Decimal(found.triage.verdict.difference_nano) / NANO

    assert tuple(heading) == COLUMNS
    for name in {row[0] for row in rows}:
        told = sum(Decimal(row[5]) for row in rows if row[0] == name)
        assert told == difference, name
    assert next(row[1] for row in rows if row[0] == "bridge") == "request volume"
    assert "'=cmd()" in {row[1] for row in rows}
    assert all("E" not in row[3] for row in rows)


def test_csv_without_a_difference_has_no_shares() -> None:
    _, *rows = csv.reader(io.StringIO(as_csv(page((), ()))))
    assert {row[0] for row in rows} == {"bridge"}
    assert {(row[5], row[6]) for row in rows} == {("0.000000000", "")}
