"""A stage at work: what is dropped, split around what is protected, or undone."""

from __future__ import annotations

from collections.abc import Iterator

from tests.compress.counted import count, prompt_of
from tokwatch.compress.apply import Work
from tokwatch.compress.nouns import Change, Edit, Risk
from tokwatch.compress.scene import Scene, Settings, Stage, Touch


def run(text: str, *changes: Change, touch: Touch = Touch.REWORD) -> tuple[str, list[Edit], int]:
    """Return a text after changes, with the edits and the tokens saved."""

    def find(scene: Scene) -> Iterator[Change]:
        yield from changes

    work = Work(prompt_of(text), Settings(count))
    told = work.run(Stage("made", "", Risk.LOW, touch, find), 0)
    return work.texts()[0], work.edits, told.saved


def test_an_edit_knows_its_place_and_its_saving() -> None:
    text, [edit], saved = run("say it very loudly", Change(0, 6, 11, "", "filler", Risk.NONE))

    assert text == "say it loudly"
    assert (edit.span, edit.risk, edit.stage, edit.tokens) == ((6, 11), Risk.NONE, "made", saved)
    assert saved == 1


def test_a_change_that_saves_no_tokens_is_undone() -> None:
    text, edits, saved = run("one two", Change(0, 0, 3, "1 2 3", "longer"))

    assert (text, edits, saved) == ("one two", [], 0)


def test_a_change_is_split_around_what_is_protected() -> None:
    text, edits, _ = run("write in JSON format", Change(0, 6, 20, "JSON:", "label"))

    assert text == "write JSON:"
    assert {edit.group for edit in edits} == {edits[0].group}
    assert edits[0].group


def test_a_change_that_loses_what_is_protected_is_dropped() -> None:
    text, edits, _ = run("never do it again", Change(0, 0, 17, "skip", "shorter"))

    assert (text, edits) == ("never do it again", [])


def test_a_removal_leaves_placeholders() -> None:
    text, _, _ = run("one two\n{slot} three four", Change(0, 0, 8, "", "a"),
                     Change(0, 8, 25, "", "b"), touch=Touch.REMOVE)  # fmt: skip

    assert text == "{slot} three four"


def test_changes_that_overlap_are_taken_once() -> None:
    text, edits, _ = run("aa bb cc dd ee", Change(0, 0, 6, "", "x"), Change(0, 3, 9, "", "y"))

    assert (text, len(edits)) == ("cc dd ee", 1)
