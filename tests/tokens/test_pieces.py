"""A text may be cut at the places that are called safe: its pieces count as the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokwatch.tokens import pieces as pieces_module
from tokwatch.tokens.counter import Count, PieceCounter
from tokwatch.tokens.pieces import MOST_CHARS, lines_of, parts_of

SIGNS = [
    *("a", "Z", "é", "中", "0", "7", "\n", "\r", "\t", " ", "  ", "\n\n", "\r\n", "/", "//", "'"),
    *("'s", "'LL", '"', "(", ")", "{", "}", ".", ",", ";", "_", "-", "=", "|", ":", "*", "`"),
    *("ـ", "字", "\u0301", "\u2028", "\x0b", "\x85", "\xa0", "\u3000", "\x1c", "\ud800", "👍"),
    *("\0", "<|endoftext|>", "foo", "Bar", "АБв", "\u0661", "ⅷ", "ǅ", "ʰ", "か", "،", "\uff0c"),
]
texts = st.lists(st.sampled_from(SIGNS), max_size=50).map("".join)


@pytest.fixture
def short_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lines be long that are not."""
    monkeypatch.setattr(pieces_module, "LONG_LINE", 8)


@given(texts)
@settings(max_examples=60)
def test_pieces_together_are_the_text(text: str) -> None:
    assert "".join(lines_of(text)) == text
    assert "".join(part.text for part in parts_of(text)) == text
    assert all(lines_of(text))


def test_pieces_count_as_the_whole(count: Count, short_lines: None) -> None:
    @given(st.lists(texts, min_size=1, max_size=4))
    @settings(max_examples=80)
    def check(versions: list[str]) -> None:
        counter = PieceCounter(count)
        for text in versions:
            tally = counter.tally(text)
            assert tally.is_exact
            assert tally.tokens == count(text)

    check()


def test_edits_count_as_the_whole(count: Count, short_lines: None) -> None:
    @given(texts, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5), texts), max_size=6))
    @settings(max_examples=60)
    def check(text: str, edits: list[tuple[int, int, str]]) -> None:
        counter = PieceCounter(count)
        for at, gone, come in edits:
            text = text[:at] + come + text[at + gone :]
            assert counter.count(text) == count(text)

    check()


@pytest.mark.parametrize("sign", ["a", " ", "\n", "=", "中", "\u0301", "\ud800", "\t ", "'"])
def test_no_run_of_anything_makes_a_piece_that_stalls(sign: str) -> None:
    lengths: list[int] = []

    def note(piece: str) -> int:
        lengths.append(len(piece))
        return 1

    text = sign * (300_000 // len(sign))

    tally = PieceCounter(note).tally(text)

    assert max(lengths) <= MOST_CHARS
    assert not tally.is_exact


def test_a_long_line_of_words_is_counted_exactly(count: Count) -> None:
    line = "Every word (of this) has its place, 12345 times; foo_bar=baz. " * 400

    tally = PieceCounter(count).tally(line)

    assert tally.is_exact
    assert tally.tokens == count(line)
