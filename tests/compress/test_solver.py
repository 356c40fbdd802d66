"""The solver: climbs by risk, stops where it fits, and says so where it does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compress.counted import count
from tokwatch.compress.levels import WAYS, Level, ladder
from tokwatch.compress.nouns import Ledger, Outcome, Risk
from tokwatch.compress.scene import Settings
from tokwatch.compress.shapes import read_prompt
from tokwatch.compress.solver import Aim, chosen, chosen_texts, losses, shown, solve
from tokwatch.compress.stages import ALL, BY_NAME
from tokwatch.errors import TokwatchError

WORDY = (
    "Please could you kindly make sure that you write the report in order to help us.   \n\n\n\n"
    "It is very important to note that you must never name {client} or quote 150 USD.\n"
)
MATERIAL = "\n\n".join(f"The town of Place{n} has {n * 31} houses. It is old." for n in range(20))


def solved(text: str, question: str = "", **aim: object) -> Outcome:
    """Return a compression of a text."""
    return solve(read_prompt(text), Settings(count, question), Aim(**aim))  # type: ignore[arg-type]


def test_it_stops_as_soon_as_it_fits() -> None:
    outcome = solved(WORDY, budget=count(WORDY) - 2)

    assert outcome.is_met
    assert [run.name for run in outcome.runs if run.saved] == ["blanks"]
    assert "kindly" in outcome.text


def test_without_a_target_thirty_percent_go() -> None:
    outcome = solved(WORDY)

    assert outcome.budget == int(count(WORDY) * 0.7)
    assert outcome.is_met
    assert "never" in outcome.text
    assert "{client}" in outcome.text
    assert "150 USD" in outcome.text


def test_a_missed_target_is_told() -> None:
    outcome = solved(WORDY, budget=3)

    assert not outcome.is_met
    assert any("over the budget of 3" in note for note in outcome.notes)
    assert any("Without a question" in note for note in outcome.notes)
    assert "extract" not in {run.name for run in outcome.runs}


def test_with_a_question_it_extracts_and_fits() -> None:
    outcome = solved(MATERIAL, "How many houses has Place7?", budget=30)

    assert outcome.is_met
    assert "217" in outcome.text
    assert count(outcome.text) == outcome.after


def test_the_blind_cover_is_only_taken_when_asked_for() -> None:
    assert not solved(MATERIAL, budget=60).is_met
    assert solved(MATERIAL, budget=60, is_blind=True).is_met


def test_levels_climb_by_risk() -> None:
    light = ladder(Level.LIGHT, True, True)
    balanced = ladder(Level.BALANCED, False, False)
    aggressive = ladder(Level.AGGRESSIVE, False, False)

    assert max(stage.risk for stage in light) == Risk.LOW
    assert max(stage.risk for stage in balanced) == Risk.MEDIUM
    assert set(light) - {BY_NAME["extract"]} <= set(balanced) < set(aggressive)
    assert not any(stage.is_asked for stage in aggressive)


def test_every_name_of_a_ladder_or_a_way_is_a_stage() -> None:
    assert {name for names in WAYS.values() for name in names} <= set(BY_NAME)
    assert len(BY_NAME) == len(ALL)


def test_an_unknown_stage_is_told() -> None:
    with pytest.raises(TokwatchError, match="no stage nonsense"):
        solved(WORDY, stages=("nonsense",))


def test_rejected_edits_come_back_one_by_one() -> None:
    outcome = solved(WORDY, reduction=0.5)
    everything = frozenset(range(len(outcome.edits)))

    assert chosen(outcome, frozenset()) == outcome.text
    assert chosen(outcome, everything) == WORDY
    rejected: frozenset[int] = frozenset()
    while "kindly" not in chosen(outcome, rejected):
        rejected |= {shown(outcome, rejected)[0]}
    assert "never" in chosen(outcome, rejected)
    assert chosen(outcome, rejected) != WORDY


def test_the_same_text_gives_the_same_result() -> None:
    first, second = (solved(MATERIAL, "Which town is old?", budget=50) for _ in range(2))

    assert (first.text, first.edits) == (second.text, second.edits)


def test_what_is_lost_is_listed() -> None:
    text = "There is https://example.org/a and do not stop. See Anna Berg: file_name, 42 boxes."
    outcome = solved(text, "who is it?", budget=0)
    lost = losses(outcome)

    assert losses(solved(text, budget=99)).retention == 1.0
    assert lost.retention < 0.5
    assert lost.ledger.urls == ("https://example.org/a",)
    assert "42" in lost.ledger.numbers
    assert "Anna Berg" in lost.ledger.names
    assert "file_name" in lost.ledger.identifiers
    assert "do not stop" in lost.ledger.negations[0]


def test_a_chat_keeps_its_shape_and_its_instructions() -> None:
    chat = {
        "messages": [
            {"role": "system", "content": "Please never guess."},
            {"role": "user", "content": MATERIAL},
            {"role": "user", "content": "How many houses has Place3?"},
        ]
    }
    outcome = solved(json.dumps(chat), "How many houses has Place3?", budget=40)
    [system, material, asked] = json.loads(outcome.text)["messages"]

    assert outcome.is_met
    assert system["content"] == "Please never guess."
    assert "93" in material["content"]
    assert asked["content"] == "How many houses has Place3?"


CHAT = {
    "system": WORDY,
    "messages": [
        {
            "role": "user",
            "content": f"{WORDY}\r\n\u05e9\u05dc\u05d5\u05dd  {{name}} 👩\u200d👧\tC:\\a  b",
        },
        {"role": "assistant", "content": [{"type": "text", "text": "The   end.  \n\n\n\nOf it."}]},
        {"role": "user", "content": f"{MATERIAL}\nPlease could you go on in order to end?"},
    ],
}


@settings(max_examples=25)
@given(st.data(), st.sampled_from(Level), st.sampled_from(["", "How many houses has Place7?"]))
def test_any_edits_can_be_refused(data: st.DataObject, level: Level, question: str) -> None:
    outcome = solved(json.dumps(CHAT), question, budget=0, level=level)
    edits = st.integers(0, max(0, len(outcome.edits) - 1))
    rejected = frozenset(data.draw(st.sets(edits)))
    texts = [part.text for part in outcome.prompt.parts]
    found = chosen_texts(outcome, rejected)

    json.loads(chosen(outcome, rejected))
    assert chosen(outcome, frozenset()) == outcome.text
    assert chosen_texts(outcome, frozenset(range(len(outcome.edits)))) == texts
    for old, new in zip(texts, found, strict=True):
        assert [one for one in ("{client}", "{name}") if one in old and one not in new] == []


def test_documents_are_not_reworded_and_that_is_told() -> None:
    document = "Please read it very carefully in order to see. " * 2_200

    found = solved(document, budget=1, stages=("phrases",))

    assert not found.edits
    assert any("longer ones are documents" in note for note in found.notes)
    assert not any("documents" in note for note in solved(WORDY, budget=1).notes)


def test_colours_are_no_loss() -> None:
    found = solved("\x1b[31mthree errors\x1b[0m\n" * 2 + "done", budget=0, stages=("terminal",))

    assert found.edits
    assert losses(found) == (Ledger(), 1.0)
