"""Sketches: near for near-duplicates, far for others, the same however a log is read."""

from __future__ import annotations

import random

import pytest

from tokwatch.analysis.likeness import MOST_BITS
from tokwatch.sources.sketch import LEAST_WORDS, sketch_of

WORDS = [f"word{number}" for number in range(900)]


def text(count: int, seed: int) -> list[str]:
    """Return so many words."""
    dice = random.Random(seed)
    return [dice.choice(WORDS) for _ in range(count)]


def apart(one: list[str], other: list[str]) -> int:
    """Return in how many bits the sketches of two texts differ."""
    sketches = [sketch_of(" ".join(words).encode()) for words in (one, other)]
    assert all(0 < sketch < 2**63 for sketch in sketches)
    return (sketches[0] ^ sketches[1]).bit_count()


def test_one_word_of_many_changes_few_bits_and_other_texts_change_many() -> None:
    near = []
    for seed in range(40):
        words = text(120, seed)
        other = [*words[:60], "changed", *words[61:]]
        near.append(apart(words, other))
        assert apart(words, text(120, 1_000 + seed)) > 3 * MOST_BITS
    assert sum(bits <= MOST_BITS for bits in near) >= 36


def test_spaces_and_marks_between_words_do_not_matter() -> None:
    words = text(50, 1)
    assert sketch_of(" ".join(words).encode()) == sketch_of(",\n ".join(words).encode())


@pytest.mark.parametrize("content", [b"", b"run the tests", "één twee drie".encode()])
def test_a_short_text_has_none(content: bytes) -> None:
    assert len(content.split()) < LEAST_WORDS
    assert sketch_of(content) == 0


def test_every_script_has_words() -> None:
    assert sketch_of(" ".join(["слово", "и", "другое"] * 9).encode()) > 0
    assert sketch_of(b"\xff\x00 " * 20) > 0
