"""Messages that leave a chat: by limits, as changes of their own, and with a summary in place."""

from __future__ import annotations

import json
from typing import Any  # chat JSON

import pytest
from msgspec.structs import replace

from tests.workbench.benches import WORDY, desk, words_of
from tokwatch.compress.limits import Limits, Strategy
from tokwatch.compress.shapes import read_prompt
from tokwatch.errors import TokwatchError
from tokwatch.tokens.estimate import Basis, Counted
from tokwatch.workbench.leaving import OLD_SUMMARY, Measure, to_summarise
from tokwatch.workbench.meter import Scale
from tokwatch.workbench.rows import rows_of
from tokwatch.workbench.state import Bench, Target
from tokwatch.workbench.worked import Worked
from tokwatch.workbench.written import SummaryWritten, digest

FAR = Target(10**9, None)
"""No stage runs."""
CALL = {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}
TALK: list[dict[str, Any]] = [
    {"role": "system", "content": "You help with the shop."},
    {"role": "user", "content": "First: what is the plan?"},
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "c1", "content": "main.py and shop.py are there"},
    {"role": "user", "content": "Second: is it done by 5 May?"},
    {"role": "assistant", "content": "It is done."},
    {"role": "user", "content": "Third: go on."},
]
CHAT = json.dumps({"model": "gpt-5", "messages": TALK}, indent=1)
UNIT = Measure(len, Scale(1.0, Counted(0, Basis.EXACT, 0.0)))


def messages(worked: Worked) -> list[dict[str, str]]:
    """Return the messages of the result."""
    told = json.loads(worked.text)
    assert told["model"] == "gpt-5"
    found: list[dict[str, str]] = told["messages"]
    return found


def limited(count: int, way: Strategy = Strategy.SLIDING, text: str = CHAT) -> Bench:
    """Return a workbench that leaves so many messages."""
    return Bench(text, target=FAR, limits=Limits(messages=count, strategy=way))


def summary(of: str, replaced: tuple[int, ...]) -> SummaryWritten:
    """Return a model's summary of messages."""
    prompt = read_prompt(of)
    return SummaryWritten("It went well.", replaced, ("user: …",), digest(prompt, replaced))


def test_a_sliding_window_keeps_the_newest_and_the_system_prompt() -> None:
    worked = desk().worked(limited(3))
    assert [one["content"] for one in messages(worked)] == [TALK[0]["content"], "Third: go on."]
    assert worked.after == sum(-(-len(part) // 4) for part in worked.texts)
    assert worked.before - worked.after == next(
        one.saved for one in worked.stages if one.name == "sliding-window"
    )
    assert any("2 messages kept, 5 removed" in note for note in worked.outcome.notes)


def test_important_first_keeps_the_first_message_and_pairs_together() -> None:
    kept = messages(desk().worked(limited(4, Strategy.IMPORTANT)))
    assert [one["content"][:5] for one in kept] == ["You h", "First", "Third"]


def test_a_message_that_leaves_can_be_kept_and_its_pair_with_it() -> None:
    one, bench = desk(), limited(3)
    worked = one.worked(bench)
    call = next(n for n, edit in enumerate(worked.outcome.edits) if edit.part == 3)
    back = one.worked(replace(bench, rejected=frozenset({worked.toggles[call]})))
    assert [one["role"] for one in messages(back)] == ["system", "assistant", "tool", "user"]
    assert back.after > worked.after
    none = one.worked(replace(bench, rejected=frozenset(worked.keys)))
    assert none.text == CHAT
    assert none.after == none.before


def test_what_leaves_is_drawn_as_gone_and_told_as_lost() -> None:
    one = desk()
    worked = one.with_losses(one.worked(limited(3)))
    rows = rows_of(worked).rows
    gone = next(row for row in rows if "5 May" in words_of(row.left))
    assert not words_of(gone.right)
    assert worked.losses is not None
    assert worked.losses.ledger.numbers == ("5",)


def test_a_summary_stands_in_the_place_of_its_messages() -> None:
    one, replaced = desk(), (2, 3, 4, 5)
    bench = Bench(CHAT, target=FAR, summary=summary(CHAT, replaced))
    worked = one.worked(bench)
    assert [one["content"] for one in messages(worked)] == [
        TALK[0]["content"], TALK[1]["content"], "It went well.", "Third: go on.",
    ]  # fmt: skip
    assert worked.after < worked.before
    assert "It went well." in "".join(words_of(row.right) for row in rows_of(worked).rows)
    refused = one.worked(replace(bench, rejected=frozenset(worked.toggles[:1])))
    assert refused.text == CHAT
    changed = replace(bench, text=CHAT.replace("5 May", "6 May"))
    assert OLD_SUMMARY in one.worked(changed).outcome.notes
    assert "It went well." not in one.worked(changed).text


def test_the_budget_holds_with_a_summary_in_it() -> None:
    text = CHAT.replace("Third: go on.", WORDY.replace("\n", " "))
    bench = Bench(text, summary=summary(text, (2, 3, 4, 5)), target=FAR)
    before = desk().worked(bench).after
    worked = desk().worked(replace(bench, target=Target(before - 1, None)))
    assert worked.budget == before - 1
    assert worked.is_met


def test_limits_of_plain_text_are_told_and_change_nothing() -> None:
    worked = desk().worked(limited(1, text="just text"))
    assert worked.text == "just text"
    assert any("plain text" in note for note in worked.outcome.notes)


def test_which_messages_a_summary_would_stand_for() -> None:
    prompt, usual = read_prompt(CHAT), Limits(messages=5)

    def asked(bench: Bench, least: int = 5) -> tuple[int, ...]:
        return to_summarise(prompt, bench, UNIT, usual, least, own=10)

    assert asked(Bench(CHAT, target=Target(None, None))) == (2, 3, 4, 5)
    assert asked(Bench(CHAT)) == (2, 3, 4, 5)
    assert asked(limited(3, Strategy.SUMMARY), least=20) == (1, 2, 3, 4, 5)
    with pytest.raises(TokwatchError, match="from 20 messages on, and there are 7"):
        asked(Bench(CHAT), least=20)
    with pytest.raises(TokwatchError, match="nothing to summarise"):
        asked(Bench(CHAT, limits=Limits(messages=50)))
    with pytest.raises(TokwatchError, match="plain text"):
        to_summarise(read_prompt("text"), Bench("text"), UNIT, usual, 2, own=10)


def test_what_a_provider_adds_to_a_message_leaves_with_it() -> None:
    one = desk()
    bench = replace(limited(3), model="wrapped")
    worked = one.worked(bench)
    assert worked.before == one.worked(replace(bench, model="")).before + 2 * len(TALK)
    assert worked.after == sum(-(-len(part) // 4) for part in worked.texts) + 2 * 2
    told = replace(bench, limits=None, summary=summary(CHAT, (2, 3, 4, 5)))
    summed = one.worked(told)
    assert summed.after == sum(-(-len(part) // 4) for part in summed.texts) + 2 * 4
    refused = one.worked(replace(told, rejected=frozenset(summed.toggles[:1])))
    assert refused.after == refused.before
