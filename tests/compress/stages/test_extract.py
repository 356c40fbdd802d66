"""Extraction: what answers stays, instructions and marks stay, the budget holds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compress.counted import after, count, worked
from tokwatch.compress.nouns import Kind

TOPICS = ["rivers", "engines", "music", "trade", "gardens", "bridges", "stars", "bread"]
TEXT = "\n\n".join(
    f"People have long written about {topic}. The oldest book on {topic} is from {1500 + n * 17}. "
    f"It was printed by the house of Master{topic.title()} in the north. Many copies are lost."
    for n, topic in enumerate(TOPICS)
)
RULES = "You are a librarian. Always answer in one line. Never guess.\n\n"


def test_the_answer_to_a_question_stays() -> None:
    out = after(
        "extract", TEXT, budget=count(TEXT) // 6, question="From when is the oldest book on music?"
    )

    assert "1534" in out
    assert count(out) <= count(TEXT) // 6


@settings(max_examples=20)
@given(st.sampled_from(TOPICS), st.integers(8, 250))
def test_the_budget_is_never_exceeded(topic: str, budget: int) -> None:
    question = f"Who printed the book on {topic}?"

    assert count(after("extract", TEXT, budget=budget, question=question)) <= max(budget, 0)
    assert count(after("cover", TEXT, budget=budget)) <= budget


def test_instructions_are_never_extracted_from() -> None:
    question = "Who printed the book on stars?"
    out = after("extract", f"{RULES}{TEXT}\n\nAnswer briefly.", budget=60, question=question)

    assert out.startswith(RULES.strip())
    assert out.endswith("Answer briefly.")
    assert after("extract", TEXT, Kind.SYSTEM, budget=10, question=question) == TEXT
    assert after("extract", RULES * 3, budget=5, question=question) == RULES * 3


def test_placeholders_stay_whatever_they_say_to_the_question() -> None:
    text = f"{TEXT}\n\nNothing else is known of {{context}} here."

    assert "{context}" in after("extract", text, budget=60, question="Who printed on stars?")


def test_without_a_question_nothing_is_extracted() -> None:
    assert after("extract", TEXT, budget=20) == TEXT


def test_rare_facts_are_covered_without_a_question() -> None:
    plain = "It was a day like any other and nothing was worth telling. " * 3
    text = "\n\n".join([plain] * 6 + ["The key of vault K-481 is 77-B."] + [plain] * 6)
    out = after("cover", text, budget=count(text) // 4)

    assert "K-481 is 77-B" in out


@pytest.mark.parametrize("question", ["", "which module has the timeout?"])
def test_lines_of_a_tool_with_identifiers_stay(question: str) -> None:
    lines = [f"checking the thing again and again {n}" for n in range(30)]
    lines[17] = "src/net/retry_policy.py: timeout_seconds = 45"
    name = "extract" if question else "cover"
    text = "\n".join(lines)
    work = worked(name, text, kind=Kind.RESULT, budget=count(text) // 4, question=question)

    assert "retry_policy.py: timeout_seconds = 45" in work.texts()[0]


def test_an_outline_tells_how_much_more_there_is() -> None:
    long = "First sentence here. " + "Another sentence follows that one with some more words. " * 5
    text = f"# Title\n{long}\n\nShort one. It stays.\n\n## Next\n\n{long}\n"

    small, large = after("outline", text, chunk_tokens=50), after("outline", text)

    assert small.count("First sentence here. [5 more sentences on request]") == 2
    assert "Short one. It stays." in small
    assert "# Title\nFirst sentence here. [7 more sentences on request]" in large
    assert "## Next\n\nFirst sentence here. [5 more sentences on request]" in large
    assert "Short one" not in large


def test_one_endless_word_leaves_as_much_as_fits() -> None:
    text = "0110" * 600
    out = after("extract", text, budget=count(text) // 2, question="what is the flag?")

    assert 0 < count(out) <= count(text) // 2


ENDLESS = [
    "one more thing about the weather in the hills. ",
    "a stream of words that nobody ever ends ",
    "<p>Nothing is told of it here.</p>",
    "first this, then that, and so on, ",
]


@pytest.mark.parametrize("words", ENDLESS)
@pytest.mark.parametrize("stage", ["extract", "cover"])
def test_a_line_without_an_end_is_cut_and_its_answer_stays(stage: str, words: str) -> None:
    text = words * 40 + "the vault key is K-481 since Monday, " + words * 40
    asked = "what is the vault key?" if stage == "extract" else ""
    out = after(stage, text, budget=count(text) // 4, question=asked)

    assert "K-481" in out
    assert count(text) / 8 < count(out) <= count(text) // 4


def test_where_no_sentence_fits_a_piece_of_one_does() -> None:
    text = "\n\n".join(
        f"In the long and quiet village of {one}town there was once, as all of the old people say, "
        f"a house with {n + 41} windows and a door that nobody ever opened in all those years."
        for n, one in enumerate(["North", "South", "East", "West"])
    )
    question = "How many windows had the house in Easttown?"
    out = after("extract", text, budget=20, question=question)

    assert 5 < count(out) <= 20
