"""Ranking: forms of text, stems, answers, and neighbours that help."""

from __future__ import annotations

import pytest

from tokwatch.compress.rank.answers import has_answer, kind
from tokwatch.compress.rank.cover import facts
from tokwatch.compress.rank.question import relevance
from tokwatch.compress.rank.units import Form, Units, form_of
from tokwatch.compress.rank.words import stems


def test_forms_are_told_apart() -> None:
    talk = "\n".join(f"Person {'AB'[n % 2]}: I think so, and more of it." for n in range(10))
    listing = "\n".join(f"src/pkg/mod_{n}.py:{n} call_{n}(x)" for n in range(10))

    assert form_of("It rained. We stayed in.\n\nThen it was dry.", False) is Form.PROSE
    assert form_of(talk, False) is Form.DIALOGUE
    assert form_of(listing, False) is Form.LINES
    assert form_of("It rained.", True) is Form.LINES


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("en", "running", "runs"), ("de", "Häuser", "Häusern"), ("es", "libros", "libro")],
)
def test_words_meet_in_their_stem(language: str, one: str, other: str) -> None:
    assert list(stems(one, language)) == list(stems(other, language))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When was it built?", "It was built in 1893."),
        ("How many are there?", "There are forty or 40 of them."),
        ("Who wrote it?", "It was written by Marta Klein."),
        ("Why did it stop?", "It stopped because of rain."),
    ],
)
def test_an_answer_has_the_form_that_is_asked_for(question: str, sentence: str) -> None:
    assert has_answer(sentence, kind(question), frozenset()) == 1.0
    assert has_answer("nothing of it here", kind(question), frozenset()) == 0.0


def test_the_best_unit_is_the_one_that_answers() -> None:
    text = (
        "The mill was sold twice.\n\nThe bridge over the Aller was opened in 1893 by the mayor.\n\n"
        "Bridges need paint. Mayors come and go."
    )
    of = Units(text, [(0, len(text))], "en", Form.PROSE)
    scores = relevance(of, "When was the bridge over the Aller opened?")

    assert of.unit(scores.index(max(scores))).startswith("The bridge over the Aller")


def test_in_a_talk_the_region_counts() -> None:
    turns = [f"Person {'AB'[n % 2]}: we talk of lunch and shoes, item {n}." for n in range(40)]
    turns[20] = "Person A: now the battery of the remote control."
    turns[22] = "Person A: the battery should last for two years."
    text = "\n".join(turns)
    of = Units(text, [(0, len(text))], "en", Form.DIALOGUE)
    scores = relevance(of, "What was decided on the battery?")

    assert scores[21] > scores[5]
    assert scores[21] > scores[38]


def test_rare_facts_weigh_more_than_words() -> None:
    weights = dict(facts("the usual words, K-17 and app/main.py and 42", Form.PROSE))

    assert weights["app/main.py"] == max(weights.values())
    assert min(weights["K-17"], weights["42"]) > weights["usual"]
