"""Lines are cut between words, wherever changes begin and end within them."""

from __future__ import annotations

import pytest

from tokwatch.workbench.laid import cells, wrapped
from tokwatch.workbench.rows import Segs


def texts(segs: Segs, room: int) -> list[str]:
    """Return the wrapped lines as plain text."""
    return ["".join(text for text, _ in line) for line in wrapped(segs, room)]


@pytest.mark.parametrize(
    ("segs", "lines"),
    [
        ((("give this to a", 0), ("nswer it", 1)), ["give this to ", "answer it"]),
        ((("give this to ", 0), ("a", 1), ("nswer", 0), (" ", 1), ("it", 0)),
         ["give this to ", "answer it"]),
        ((("give this one", 0), ("  ", 1), ("an", 0), ("swers", 2)), ["give this one", "answers"]),
        ((("short ", 0), ("far", 1), ("-too-long-for-it", 0)),
         ["short far", "-too-long-for-", "it"]),
    ],
)  # fmt: skip
def test_a_word_of_two_inks_stays_whole_where_it_fits(segs: Segs, lines: list[str]) -> None:
    assert texts(segs, 14) == lines


def test_every_letter_keeps_its_ink() -> None:
    [first, second] = wrapped((("give this to a", 0), ("nswer", 1)), 14)

    assert first == (("give this to ", 0),)
    assert second == (("a", 0), ("nswer", 1))


def test_wide_letters_take_two_cells_in_a_word_of_two_inks() -> None:
    found = wrapped((("ab 日本", 0), ("語日 c", 1)), 10)

    assert [sum(cells(text) for text, _ in line) for line in found] == [3, 10]
