"""Protected spans: found by kind, and never altered by any stage that rewords."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compress.counted import count, prompt_of
from tokwatch.compress.apply import Work
from tokwatch.compress.protect import Guard, Protection, marked, merged
from tokwatch.compress.scene import Settings, Touch
from tokwatch.compress.stages import ALL
from tokwatch.errors import TokwatchError

FOUND = [
    (Guard.PLACEHOLDER, "Hi {user}, %%ID%%, {{ name }}", ["{user}", "%%ID%%", "{{ name }}"]),
    (Guard.FENCE, "a\n```py\nx  =  1\n```\nb", ["```py\nx  =  1\n```"]),
    (Guard.CODE, "use `the  call` here", ["`the  call`"]),
    (Guard.TAG, "<doc id=1>text</doc>", ["<doc id=1>", "</doc>"]),
    (Guard.QUOTE, 'say "please wait" now', ['"please wait"']),
    (Guard.URL, "see https://example.org/a?b=1 now", ["https://example.org/a?b=1"]),
    (Guard.PATH, "edit src/app/main.py and /etc/hosts", ["src/app/main.py", "/etc/hosts"]),
    (Guard.CALL, "call load(x, 1) twice", ["load(x, 1)"]),
    (Guard.CAPS, "as JSON or SQL", ["JSON", "SQL"]),
    (Guard.NUMBER, "at most 10 items in 2 days", ["at most 10 items", "2 days"]),
    (Guard.ENUM, "(a) one\n- two", ["(a)", "-"]),
    (Guard.HEADING, "# The title\nLabel: x", ["# The title", "Label:"]),
    (Guard.IDENTIFIER, "max_stops and camelCase", ["max_stops", "camelCase"]),
    (Guard.NEGATION, "do not, you don't, unless", ["not", "don't", "unless"]),
]  # fmt: skip
PIECES = [
    *(text for _, text, _ in FOUND),
    "Please could you kindly make sure to write the text. ",
    "It is very important to note that you should   never do that. ",
    "in order to be able to use it at this point in time, ",
    "\n\n\n\n", "   \n", "-----------------\n", "| a    | b   |\n|------|-----|\n",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "spans"), FOUND)
def test_a_kind_is_found(kind: Guard, text: str, spans: list[str]) -> None:
    found = [text[a:b] for a, b in Protection(text).spans(frozenset({kind}))]

    assert found == spans


@settings(max_examples=20)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8))
def test_no_rewording_alters_what_is_protected(pieces: list[str]) -> None:
    text = " ".join(pieces)
    guarded = Protection(text).spans(frozenset(Guard))
    work = Work(prompt_of(text), Settings(count))

    for stage in ALL:
        if stage.touch is Touch.REWORD and stage.name != "llmlingua":
            work.run(stage, 0)
            kept = work.drafts[0].current(guarded)
            out = work.texts()[0]
            assert [out[a:b] for a, b in kept] == [text[a:b] for a, b in guarded], stage.name


@settings(max_examples=20)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8), st.data())
def test_no_stage_touches_a_mark_of_the_user(pieces: list[str], data: st.DataObject) -> None:
    text = "\n".join(pieces)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 40)))
    work = Work(prompt_of(text), Settings(count, "which title?"), marks={0: [(start, end)]})

    for stage in ALL:
        if stage.name != "llmlingua":
            work.run(stage, 0)
    [kept] = work.drafts[0].current([(start, end)])

    assert work.texts()[0][slice(*kept)] == text[start:end]


def test_a_mark_stays_where_it_overlaps_what_a_stage_may_change() -> None:
    text = 'the {"a":  1} is kept "as  it  is" here'
    work = Work(prompt_of(text), Settings(count), marks={0: [(0, 24)]})

    for stage in ALL:
        if stage.name != "llmlingua":
            work.run(stage, 0)

    assert work.texts()[0].startswith(text[:24])


def test_a_remark_that_comes_often_is_no_placeholder() -> None:
    text = "So {laughs} yes. " * 7 + "Dear {name}"
    found = [text[a:b] for a, b in Protection(text).spans(frozenset({Guard.PLACEHOLDER}))]

    assert found == ["{name}"]


def test_patterns_of_the_user_are_marks() -> None:
    assert marked("keep AB-12 and AB-13", ["AB-\\d+"]) == [(5, 10), (15, 20)]
    with pytest.raises(TokwatchError, match="cannot be read"):
        marked("x", ["("])


def test_spans_that_overlap_are_one() -> None:
    assert merged([(5, 9), (0, 3), (8, 12), (3, 3)]) == [(0, 3), (5, 12)]
