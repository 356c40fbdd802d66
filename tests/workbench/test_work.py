"""What comes of a state: tokens, edits, rejections, losses; and its picture."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.workbench.benches import CHAT, WORDY, desk, words_of
from tokwatch.compress.levels import Level
from tokwatch.compress.nouns import Kind
from tokwatch.workbench.answers import Answer, Lines, Problem, Question, Sums, Tally, Worker
from tokwatch.workbench.laid import NUMBER, cells, pictured
from tokwatch.workbench.rows import Row, rows_of
from tokwatch.workbench.state import Bench, Origin, Target

ALL = Target(None, None)


def side(rows: list[Row], name: str) -> str:
    """Return the text of one side."""
    return "\n".join(words_of(getattr(row, name)) for row in rows if getattr(row, name) is not None)


def answers(bench: Bench, **options: object) -> list[Answer]:
    """Return all pieces of an answer."""
    return list(Worker(desk()).answers(Question(7, bench, **options)))  # type: ignore[arg-type]


def test_tokens_before_and_after_are_those_of_the_texts() -> None:
    worked = desk().worked(Bench(WORDY, target=ALL))
    assert worked.before == -(-len(WORDY) // 4)
    assert worked.after == -(-len(worked.text) // 4) < worked.before
    assert "150 USD" in worked.text
    assert "never" in worked.text
    assert {one.name for one in worked.stages if one.saved} >= {"spacing", "phrases"}


def test_a_models_own_tokens_are_shown_and_aimed_at() -> None:
    plain = desk().worked(Bench(WORDY, target=ALL))
    double = desk().worked(Bench(WORDY, model="double", target=Target(100, None)))
    assert double.before == 2 * plain.before
    assert double.budget == 100
    assert double.after <= 100 or not double.is_met


def test_rejecting_all_brings_the_original_back() -> None:
    one = desk()
    bench = Bench(WORDY, target=ALL)
    worked = one.worked(bench)
    assert worked.keys
    assert len(set(worked.keys)) == len(worked.keys)
    none = one.worked(replace(bench, rejected=frozenset(worked.keys)))
    assert none.text == WORDY
    assert none.saved == 0
    assert none.shown == ()


def test_a_rejection_outlives_an_edit_elsewhere() -> None:
    one = desk()
    bench = Bench(WORDY, target=ALL)
    worked = one.worked(bench)
    number = next(n for n in worked.shown if worked.outcome.edits[n].stage == "phrases")
    rejected = replace(bench, rejected=frozenset({worked.keys[number]}))
    moved = one.worked(replace(rejected, text="A new first line.\n" + WORDY))
    assert len(moved.rejected) == 1


def test_a_stage_that_is_off_does_nothing_and_tells_what_it_would_save() -> None:
    one = desk()
    bench = Bench(WORDY, target=ALL).switched("phrases")
    worked = one.with_losses(one.worked(bench))
    phrases = next(stage for stage in worked.stages if stage.name == "phrases")
    assert (phrases.is_on, phrases.saved) == (False, 0)
    assert phrases.would
    assert worked.losses is not None
    assert 0 < worked.losses.retention <= 1


def test_kept_words_are_never_touched() -> None:
    worked = desk().worked(Bench(WORDY, target=ALL).kept("kindly make sure to"))
    assert "kindly make sure to" in worked.text


def test_the_words_of_a_tools_result_are_left_as_they_are() -> None:
    one = desk()
    bench = Bench(WORDY, Origin(kind=Kind.RESULT), target=ALL)
    assert "kindly make sure" in one.worked(bench).text
    assert "kindly make sure" not in one.worked(replace(bench, origin=Origin())).text


def test_a_chat_keeps_its_shape() -> None:
    worked = desk().worked(Bench(CHAT, target=ALL))
    before, after = json.loads(CHAT), json.loads(worked.text)
    assert worked.saved > 0
    assert [one["role"] for one in after["messages"]] == ["user", "assistant", "user"]
    assert after["messages"][1] == before["messages"][1]
    assert after["messages"][2]["content"][0]["tool_use_id"] == "t1"


def test_both_sides_are_the_texts_themselves() -> None:
    worked = desk().worked(Bench(WORDY, target=ALL))
    made = rows_of(worked)
    assert side(made.rows, "left") == WORDY
    assert side(made.rows, "right") == worked.text
    assert set(made.places) == set(worked.shown)


@settings(max_examples=25, deadline=None)
@given(st.text("ab \n.Pleaseyou", max_size=200), st.booleans(), st.integers(20, 70))
def test_every_picture_holds_both_texts(text: str, is_split: bool, width: int) -> None:
    worked = desk().worked(Bench(text, target=ALL, level=Level.AGGRESSIVE))
    made = rows_of(worked)
    assert side(made.rows, "left") == text
    assert side(made.rows, "right") == worked.text
    picture = pictured(made, width, is_split=is_split)
    room = ((width - 3) // 2 if is_split else width) - NUMBER - 3
    for line in picture.lines:
        for segs in (line.left, line.right):
            assert cells(words_of(segs)) <= max(8, room)
    assert all(place < len(picture.lines) for place in picture.places.values())


def test_what_a_terminal_would_obey_is_shown_as_a_sign() -> None:
    worked = desk().worked(Bench("red \x1b[31mtext\x07 here\u202e", target=Target(10**6, None)))
    shown = side(rows_of(worked).rows, "right")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert worked.text.startswith("red \x1b[31m")


def test_the_pieces_of_an_answer_come_in_order() -> None:
    assert [type(one) for one in answers(Bench(WORDY))] == [Tally, Sums, Lines]
    told = answers(Bench(WORDY * 50, target=ALL), width=60)
    assert [type(one) for one in told] == [Tally, Sums, Lines, Sums]
    assert all(one.number == 7 for one in told)
    lines = next(one for one in told if isinstance(one, Lines))
    assert len(lines.lines) > 3
    assert [one.line for one in lines.changes] == sorted(one.line for one in lines.changes)
    last = told[-1]
    assert isinstance(last, Sums)
    assert last.losses is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\x00\x01\x02 binary", "binary"),
        ("half \ud800 of one", "half of a character"),
        ('[{"role":"user","content":"\\ud800"}]', "half of a character"),
    ],
)
def test_what_is_no_text_is_told(text: str, words: str) -> None:
    (problem,) = answers(Bench(text))
    assert isinstance(problem, Problem)
    assert words in problem.message


@pytest.mark.parametrize("text", ['{"messages":[{"role":"user"', "[" * 5000 + '"role":', "", "\n"])
def test_broken_chats_are_read_as_text(text: str) -> None:
    assert any(isinstance(one, Sums) for one in answers(Bench(text)))
