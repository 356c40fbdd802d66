"""Wording: phrases in four languages, telegrams, examples; never an instruction's meaning."""

from __future__ import annotations

import pytest

from tests.compress.counted import after, count, edits
from tokwatch.compress.nouns import Kind, Risk

PHRASES = [
    ("Please could you write a poem about rain.", "Write a poem about rain."),
    ("I would like you to translate the text.", "Translate the text."),
    ("Can you please fix the test.", "Fix the test."),
    ("Your task is to sort the list.", "Task: sort the list."),
    ("Make sure to check the date.", "Check the date."),
    ("Do this in order to save time.", "Do this to save time."),
    ("Thank you very much for your help!", ""),
    ("Könnten Sie bitte den Text und die Quelle kürzen?", "Den Text und die Quelle kürzen?"),
    ("Por favor, resume el texto que está en la página.", "Resume el texto que está en la página."),
    ("S'il vous plaît, résume le texte et les notes.", "Résume le texte et les notes."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "short"), PHRASES)
def test_courtesy_goes(text: str, short: str) -> None:
    assert after("phrases", text) == short


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Return the result in JSON format.", "Return the result JSON:"),
        ("Give the fruits as a bullet list.", "Give the fruits List:"),
        ("Explain the plan step by step.", "Explain the plan Steps:"),
    ],
)
def test_labels_stand_for_words(text: str, short: str) -> None:
    assert after("labels", text) == short


def test_should_is_not_harmless() -> None:
    text = "You should answer in one line."

    assert after("phrases", text) == text
    [edit] = edits("wording", text)
    assert (edit.risk, edit.reason) == (Risk.MEDIUM, "“You should”")


@pytest.mark.parametrize(
    "text",
    [
        "The tone should be friendly and helpful.",
        "Use a friendly tone, for experienced and skilled developers.",
        "Say thank you for the order.",
        "Begin the letter with Dear Sir and end it with Many thanks.",
        "Include the word please in the letter.",
        "What would you like to do?",
        "Do what I would like you to do.",
        "Would you say this is a good idea?",
        "The text below is in Dutch.",
        "Ensure you are not logged in.",
        "Return the complete list of files.",
    ],
)
def test_what_is_asked_for_is_no_courtesy(text: str) -> None:
    assert after("wording", after("phrases", text)) == text


@pytest.mark.parametrize(
    ("text", "short"),
    [
        (
            "The ticket that I would like you to classify is the following:",
            "The ticket to classify:",
        ),
        ("What I would like is for you to plan a trip.", "Plan a trip."),
        ("In addition to the category, name the author.", "Besides the category, name the author."),
        ("In cases where a field is missing, stop.", "If a field is missing, stop."),
        ("the policy, the text of which is given below", "the policy, the text of which is below"),
        ("Name the year, if possible.", "Name the year."),
        ("You are a helpful, friendly and skilled nurse.", "You are a skilled nurse."),
        ("You have a lot of time.", "You have much time."),
        ("My wife and I are planning a trip.", "wife and planning trip."),
    ],
)
def test_what_is_left_is_a_sentence(text: str, short: str) -> None:
    is_telegram = "wife" in text
    stages = ("articles", "copulas", "light-words") if is_telegram else ("phrases", "wording")
    for stage in (*stages, *stages):
        text = after(stage, text)
    assert text.lower() == short.lower()


def test_what_others_said_is_not_reworded() -> None:
    text = "Please could you write the poem."

    assert after("phrases", text, Kind.RESULT) == text
    assert after("phrases", text, Kind.ASSISTANT) == text


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Every script has to begin with a title.", "Every script must begin with a title."),
        ("It does not have to be long.", "It does not have to be long."),
        ("Send it together with the form.", "Send it with the form."),
        ("Write it at the beginning of the file.", "Write it at the beginning of the file."),
        ("Keep the facts that they need.", "Keep the facts they need."),
        ("It is important that no name is given.", "Ensure no name is given."),
        ("I will not be able to make the trip.", "I cannot make the trip."),
        ("Each of the lines has all of their names.", "Each of the lines has all their names."),
        ("The fields are as follows: a and b.", "The fields: a and b."),
        ("Say to which category it belongs in full.", "Say to which category it belongs in full."),
        ("Translate it literally, speak clearly.", "Translate it literally, speak clearly."),
        ("1) In the event of the wrong key, stop.", "1) On the wrong key, stop."),
    ],
)  # fmt: skip
def test_short_phrases_say_the_same(text: str, short: str) -> None:
    assert after("phrases", text) == short


@pytest.mark.parametrize(
    "text", ["The person that you will see is here.", "The form you should use has six lines."]
)
def test_orders_are_told_from_what_only_sounds_like_one(text: str) -> None:
    assert after("wording", text) == text


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("articles", "You are not a doctor, and you ask only the name."),
        ("light-words", "and do not guess, or does not say"),
        ("connectives", "the code of conduct or step by step"),
        ("articles", "one question at a time"),
    ],
)
def test_set_phrases_and_words_beside_a_no_stay(stage: str, text: str) -> None:
    assert after(stage, text) == text


def test_telegrams_take_no_more_than_the_budget_asks_for() -> None:
    text = "Read the book in the room at the end of the day."

    assert after("articles", text, budget=count(text) - 2) == (
        "Read book in room at the end of the day."
    )
    assert after("articles", text) == "Read book in room at end of day."


def test_telegrams_leave_what_carries_sense() -> None:
    text = "The report must not be longer than 20 lines, and the title is in the first line."
    out = after("copulas", after("articles", text))

    assert out == "Report must not be longer than 20 lines, and title in first line."


@pytest.mark.parametrize("stage", ["articles", "light-words", "phrases", "wording"])
@pytest.mark.parametrize("text", ["You ", "The ", "I ", "Please ", "It is the "])
def test_a_text_that_ends_with_a_word_to_leave_out_is_no_trouble(stage: str, text: str) -> None:
    assert len(after(stage, text)) <= len(text)


def test_one_example_of_each_outcome_stays() -> None:
    examples = [("good", "a"), ("good", "b"), ("bad", "c"), ("good", "d"), ("bad", "e")]
    text = "Classify.\n\n" + "".join(
        f"Example {n}\nReview: text {word} and more words\nLabel: {label}\n\n"
        for n, (label, word) in enumerate(examples, 1)
    )
    out = after("examples", f"{text}Review: {{review}}\nLabel:", examples=2)

    assert "Example 1\n" in out
    assert "Example 3\n" in out
    assert out.count("Example") == 2
    assert out.endswith("Review: {review}\nLabel:")


def test_rules_of_the_user_come_first() -> None:
    rules = 'language = "x"\n[low]\n\'our_fine_product\' = "it"\n'

    assert after("phrases", "Praise our fine product now.", rules=(rules,)) == "Praise it now."
