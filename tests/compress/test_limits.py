"""Which messages stay: pairs together, the user's turn first, the first message where asked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compress.counted import count
from tokwatch.compress.billed import Wrapping, tokens_of
from tokwatch.compress.limits import Limits, Strategy, limited, with_summary
from tokwatch.compress.nouns import Prompt
from tokwatch.compress.shapes import read_prompt, written
from tokwatch.errors import TokwatchError


def chat(turns: int, with_tools: bool = True) -> Prompt:
    """Return a chat in which every second answer calls a tool."""
    messages: list[dict[str, object]] = [{"role": "system", "content": "rules"}]
    for turn in range(turns):
        messages.append({"role": "user", "content": f"question number {turn}"})
        if with_tools and turn % 2:
            call = {"id": f"c{turn}", "function": {"name": "run", "arguments": "{}"}}
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
            messages.append({"role": "tool", "tool_call_id": f"c{turn}", "content": "result"})
        messages.append({"role": "assistant", "content": f"answer number {turn}"})
    return read_prompt(json.dumps({"messages": messages}))


@settings(max_examples=20)
@given(st.integers(1, 8), st.integers(1, 30), st.integers(5, 120), st.sampled_from(Strategy))
def test_what_is_kept_is_within_limits_and_whole(
    turns: int, messages: int, tokens: int, strategy: Strategy
) -> None:
    prompt = chat(turns)
    found = limited(prompt, Limits(messages, tokens, strategy=strategy), count)

    if found.fits:
        assert len(found.kept) <= messages
        assert found.tokens <= tokens
    calls = [set(prompt.messages[n].calls) for n in found.kept]
    lost = [set(prompt.messages[n].calls) for n in found.dropped]
    assert not set().union(*calls) & set().union(*lost)
    assert sorted((*found.kept, *found.dropped)) == list(range(len(prompt.messages)))


def test_a_sliding_window_begins_with_the_user() -> None:
    prompt = chat(6)
    found = limited(prompt, Limits(8, strategy=Strategy.SLIDING), count)
    first = next(n for n in found.kept if prompt.messages[n].role != "system")

    assert 0 in found.kept
    assert prompt.messages[first].role == "user"
    assert 1 not in found.kept


def test_important_first_keeps_the_first_message() -> None:
    found = limited(chat(6), Limits(8, strategy=Strategy.IMPORTANT), count)

    assert 1 in found.kept
    assert found.dropped
    assert str(found).startswith("important-first: ")


def test_auto_takes_a_summary_where_most_would_go() -> None:
    limits = Limits(6)

    assert limited(chat(9), limits, count).strategy is Strategy.IMPORTANT
    assert limited(chat(9), limits, count, summary_tokens=1).strategy is Strategy.SUMMARY


def test_a_summary_stands_before_the_newest_messages() -> None:
    prompt = chat(6)
    kept = limited(prompt, Limits(6, strategy=Strategy.SUMMARY), count, 5)
    text = written(prompt, [part.text for part in prompt.parts], kept.dropped)
    roles = json.loads(with_summary(text, prompt, kept, "what happened"))["messages"]
    place = next(n for n, one in enumerate(roles) if one["content"] == "what happened")

    assert roles[place]["role"] == "user"
    assert place == sum(n < min(kept.dropped) for n in kept.kept)


def test_a_summary_leaves_the_layout_of_the_chat() -> None:
    prompt = read_prompt(json.dumps(json.loads(chat(6).text), indent=4))
    kept = limited(prompt, Limits(6, strategy=Strategy.SUMMARY), count, 5)
    text = written(prompt, [part.text for part in prompt.parts], kept.dropped)
    found = with_summary(text, prompt, kept, "what happened")

    assert found == json.dumps(json.loads(found), indent=4)


def test_the_rules_stay_though_they_take_more_than_there_is() -> None:
    prompt = chat(3)
    found = limited(prompt, Limits(messages=1), count)

    assert 0 in found.kept
    assert not found.fits


def test_what_stands_beside_the_messages_is_none_of_them_and_takes_room() -> None:
    told = json.loads(chat(4, with_tools=False).text)
    told = {"system": "rules", "tools": [{"name": "run"}], "messages": told["messages"][1:]}
    prompt = read_prompt(json.dumps(told))
    wrapping = Wrapping(message=2, request=5)

    found = limited(prompt, Limits(messages=3), count, wrapping=wrapping)
    texts = [part.text for part in prompt.parts]
    left = json.loads(written(prompt, texts, found.dropped))

    assert found.fits
    assert len(found.kept) == len(left["messages"]) == 3
    assert (left["system"], left["tools"]) == (told["system"], told["tools"])
    tokens = tokens_of(prompt, count, wrapping, dropped=found.dropped)
    assert limited(prompt, Limits(3, tokens - 1), count, wrapping=wrapping).kept != found.kept
    assert limited(prompt, Limits(3, tokens), count, wrapping=wrapping).kept == found.kept


def test_plain_text_has_no_strategy() -> None:
    with pytest.raises(TokwatchError, match="plain text"):
        limited(read_prompt("hello"), Limits(3), count)


def test_what_cannot_fit_is_told() -> None:
    found = limited(chat(3), Limits(tokens=1), count)

    assert not found.fits
    assert "over the limit" in str(found)
