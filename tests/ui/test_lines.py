"""Lines that are too long for their pane."""

from __future__ import annotations

from rich.style import Style

from tokwatch.ui.lines import Line, wrapped

INK = Style()
FACT: Line = [("window   ", INK), ("half of it; from the table of models", INK)]


def texts(lines: list[Line]) -> list[str]:
    """Return lines without their styles."""
    return ["".join(text for text, _ in line) for line in lines]


def test_what_fits_stays_as_it_is() -> None:
    assert wrapped(FACT, 60) == [FACT]
    assert wrapped([], 60) == [[]]


def test_the_rest_of_a_fact_stands_beneath_it() -> None:
    assert texts(wrapped(FACT, 36)) == [
        "window   half of it; from the table",
        "         of models",
    ]


def test_a_text_without_room_beside_its_facts_stands_alone() -> None:
    line: Line = [("computed          $0.12", INK), ("   from tokens, as opus", INK)]
    assert texts(wrapped(line, 30)) == [
        "computed          $0.12",
        "          from tokens, as opus",
    ]
