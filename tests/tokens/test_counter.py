"""An edit costs what it changed; strange texts are counted like any other."""

from __future__ import annotations

import pytest

from tokwatch.tokens import counter as counter_module
from tokwatch.tokens.counter import Count, PieceCounter, common_head, common_tail


class Noting:
    """Counts words, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, piece: str) -> int:
        """Count the words of a piece."""
        self.asked.append(piece)
        return len(piece.split())


def lines(number: int) -> str:
    """Return a text of so many different lines."""
    return "".join(f"line {n} of them\n" for n in range(number))


def test_an_edit_asks_for_what_it_changed() -> None:
    count = Noting()
    counter = PieceCounter(count)
    counter.count(lines(1_000))
    count.asked.clear()

    edited = lines(1_000).replace("line 500 of", "line 500 and one of")

    assert counter.count(edited) == 4_002
    assert count.asked == ["line 500 and one of them\n"]


def test_what_was_counted_before_is_known_again() -> None:
    count = Noting()
    counter = PieceCounter(count)
    counter.count(lines(10))
    counter.count("")
    count.asked.clear()

    assert counter.count(lines(10)) == 40
    assert count.asked == []


def test_a_long_line_asks_for_the_parts_around_an_edit() -> None:
    count = Noting()
    counter = PieceCounter(count)
    line = " ".join(f"word{n}" for n in range(50_000))
    counter.count(line)
    whole = sum(map(len, count.asked))
    count.asked.clear()

    counter.count(line[:100_000] + " more" + line[100_000:])

    assert whole == len(line)
    assert sum(map(len, count.asked)) < len(line) / 10


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_module, "KEPT_CHARS", 1_000)
    count = Noting()
    counter = PieceCounter(count)
    counter.count("first line\n")
    for number in range(100):
        counter.count(f"another line {number}\n")
    count.asked.clear()

    counter.count("first line\n")

    assert count.asked == ["first line\n"]


@pytest.mark.parametrize(
    ("text", "least"),
    [("", 0), ("<|endoftext|>", 3), ("\ud83d", 1), ("a\ud800b", 2), ("\0\0", 1), ("\ufeff", 1)],
)
def test_strange_texts_count_as_ordinary_ones(count: Count, text: str, least: int) -> None:
    assert PieceCounter(count).count(text) == count(text) >= least


def test_ten_megabytes_in_one_line_are_counted(count: Count) -> None:
    assert PieceCounter(count).tally("a" * 10_000_000).tokens == 1_250_000


@pytest.mark.parametrize(
    ("one", "other", "head", "tail"),
    [("", "", 0, 0), ("abc", "abd", 2, 0), ("abc", "xbc", 0, 2), ("aa", "aaa", 2, 0)],
)
def test_heads_and_tails(one: str, other: str, head: int, tail: int) -> None:
    assert common_head(one, other) == head
    assert common_tail(one, other, min(len(one), len(other)) - head) == tail
