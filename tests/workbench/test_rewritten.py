"""A model's rewriting: changes of the original that are taken and rejected one by one."""

from __future__ import annotations

from msgspec.structs import replace

from tests.workbench.benches import CHAT, WORDY, desk, words_of
from tokwatch.compress.difference import changes
from tokwatch.compress.shapes import read_prompt
from tokwatch.workbench.laid import pictured
from tokwatch.workbench.rows import rows_of
from tokwatch.workbench.state import Bench, Target
from tokwatch.workbench.written import REWRITING, Rewriting

SHORT = "Answer to help the customer.\nNever promise a refund above 150 USD without Ms Stone.\n"


def rewritten(part: int, old: str, new: str) -> Rewriting:
    """Return what a model made of a part."""
    return Rewriting(part, old, tuple(changes(part, old, new, "rewritten by a model")))


def test_a_rewriting_is_the_result_and_its_changes_can_be_rejected() -> None:
    one = desk()
    bench = Bench(WORDY, target=Target(None, None)).rewrote(rewritten(0, WORDY, SHORT))
    worked = one.worked(bench)
    assert worked.text == SHORT
    assert worked.after == -(-len(SHORT) // 4)
    assert {worked.outcome.edits[n].stage for n in worked.shown} == {REWRITING}
    assert "".join(words_of(row.right) for row in rows_of(worked).rows) in SHORT.replace("\n", "")
    partly = one.worked(replace(bench, rejected=frozenset(worked.keys[:1])))
    assert SHORT != partly.text != WORDY
    assert one.worked(replace(bench, rejected=frozenset(worked.keys))).text == WORDY
    assert one.worked(bench.switched(REWRITING)).text not in (SHORT, WORDY)


def test_a_line_before_which_nothing_changed_is_marked_by_nothing() -> None:
    old, new = "# Role\nYou are kind.\n", "# Role\nBe kind.\n"
    bench = Bench(old, target=Target(None, None)).rewrote(rewritten(0, old, new))
    worked = desk().worked(bench)
    for is_split in (True, False):
        first = pictured(rows_of(worked), 60, is_split=is_split).lines[0]
        assert (words_of(first.left), first.mark) == ("# Role", " ")
    kept = desk().worked(replace(bench, rejected=frozenset(worked.keys)))
    marks = {line.mark for line in pictured(rows_of(kept), 60, is_split=True).lines}
    assert marks == {"x", " "}


def test_an_edited_text_lets_go_of_its_rewriting() -> None:
    bench = Bench(WORDY).rewrote(rewritten(0, WORDY, SHORT))
    worked = desk().worked(replace(bench, text=WORDY + "And one line more.\n"))
    assert REWRITING not in {one.name for one in worked.stages}
    assert any("rewriting" in note for note in worked.outcome.notes)


def test_of_a_chat_one_message_is_rewritten_and_the_stages_work_on_the_others() -> None:
    prompt = read_prompt(CHAT)
    part = next(n for n, one in enumerate(prompt.parts) if "kindly" in one.text)
    bench = Bench(CHAT, target=Target(None, None)).rewrote(
        rewritten(part, prompt.parts[part].text, "See the log?")
    )
    worked = desk().worked(bench)
    assert "See the log?" in worked.text
    assert "log-lines" in {worked.outcome.edits[n].stage for n in worked.shown}
