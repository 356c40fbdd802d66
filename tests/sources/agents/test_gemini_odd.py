"""Gemini CLI's chats, odd and spoilt: a slow second reader agrees, and nothing raises."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.gemini_logs import (
    AT,
    LATER,
    SESSION,
    agents_chat,
    answer,
    call,
    chat,
    document,
    header,
    message,
    patch,
    prompt,
    tokens,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, shuffled, spoilt
from tests.sources.reference_text import instant, records, table, text
from tests.sources.reference_text import tokens as counted
from tests.sources.road import CANARY, Fields, Road, reading, spelt
from tokwatch.model.reading import Reading

SOURCE = "gemini-cli"
PARTS = ("input", "cached", "output", "thoughts", "tool")
Counted = tuple[int | None, ...]

COUNTS = st.integers(-5, 90_000) | st.sampled_from([None, True, "7", 1.5, 2**40])
SPENT = st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, COUNTS)).map(
    lambda parts: {**parts, "total": 1}
)
TIMES = st.sampled_from([AT, LATER, "2026-08-02T00:00:00+02:00", None, "never"])
MESSAGES = st.builds(message, st.integers(1, 4), SPENT | st.none(), TIMES)
LINES = st.one_of(
    MESSAGES,
    st.lists(MESSAGES, max_size=3).map(lambda told: {"$set": {"messages": told}}),
    st.sampled_from([{"sessionId": "other"}, {"$set": {"sessionId": "x"}}, {"$rewindTo": "m"}]),
)


def read(log: Path) -> Reading:
    """Return a reading of one chat."""
    return reading(SOURCE, log, log.parent.parent.parent)


def told(found: Reading) -> list[tuple[object, ...]]:
    """Return what a reading holds, in any order."""
    return sorted(
        (one.instant_ms, one.scope.session, one.input, one.cache_read, one.output, one.reasoning)
        for one in found.sightings
    )


def reference(log: Path) -> list[tuple[object, ...]]:
    """Return what a chat amounts to, by the rules alone."""
    session = ""
    own: dict[object, Fields] = {}
    repeated: dict[object, Fields] = {}
    for number, record in records(log):
        patched = table(record.get("$set"))
        session = session or text(record.get("sessionId")) or text(patched.get("sessionId"))
        repeated |= {found["id"]: found for found in patched.get("messages") or [] if counts(found)}
        if "$set" not in record and counts(record):
            own[text(record.get("id")) or number] = record
    spent: list[tuple[object, ...]] = []
    for found in {**repeated, **own}.values():
        whole, cached, output, thoughts, tool = (
            counted(found["tokens"].get(part)) for part in PARTS
        )
        cached = min(cached, whole)
        classes = (whole - cached + tool, cached, output + thoughts, thoughts)
        spent.append((instant(found["timestamp"]), session, *classes))
    return sorted(spent, key=repr)


def counts(message: Fields) -> bool:
    """Tell a message with tokens and a time."""
    return isinstance(message.get("tokens"), dict) and bool(instant(message.get("timestamp")))


@settings(max_examples=20)
@given(
    st.lists(LINES, max_size=8),
    st.randoms(use_true_random=False),
    st.sampled_from([(", ", ": "), (",", ":")]),
)
def test_shuffled_keys_and_odd_spacing_change_nothing(
    lines: list[Fields], random: Random, separators: tuple[str, str]
) -> None:
    """4.2: a record is what JSON says it is; a slow second reader agrees."""
    first = json.loads(header())
    spelling = [
        json.dumps(shuffled(random, line), separators=separators).encode() + b" \r\n"
        for line in [first, *lines]
    ]
    with TemporaryDirectory() as scratch:
        log = chat(Path(scratch), *spelling)

        assert sorted(told(read(log)), key=repr) == reference(log)


@settings(max_examples=20)
@given(
    st.lists(MESSAGES | st.just(prompt()), max_size=6),
    st.randoms(use_true_random=False),
    st.sampled_from([None, 0, 3]),
)
def test_the_older_form_amounts_to_what_a_slow_reader_finds(
    messages: list[Fields], random: Random, indent: int | None
) -> None:
    """2.3: one document, which is a chat whose messages stand in a list."""
    with TemporaryDirectory() as scratch:
        log = document(Path(scratch), *messages)
        whole = json.loads(log.read_bytes())
        log.write_text(json.dumps(shuffled(random, whole), indent=indent), "utf-8")
        lines = [spelt({"sessionId": SESSION}), *map(spelt, whole["messages"])]

        assert sorted(told(read(log)), key=repr) == reference(chat(Path(scratch), *lines))


@settings(max_examples=20)
@given(st.lists(spoilt(message(2, toolCalls=[call()])), max_size=3), spoilt(json.loads(header())))
def test_spoilt_records_cost_no_good_one(records: list[object], first: object) -> None:
    """4.2: every field may be missing or of any type."""
    with TemporaryDirectory() as scratch:
        lines = [bytes_of(record) + b"\n" for record in [first, *records]]
        log = chat(Path(scratch), *lines, answer(1, tokens(7, 7, 0, 0)))

        assert (7, 0, 7, 0) in {one[2:] for one in told(read(log))}


@settings(max_examples=25)
@given(spoilt({"sessionId": SESSION, "startTime": AT, "messages": [prompt(), message(1)]}))
def test_spoilt_documents_raise_nothing(record: object) -> None:
    """4.2: nor do those of the older form."""
    with TemporaryDirectory() as scratch:
        log = document(Path(scratch))
        log.write_bytes(bytes_of(record))

        assert len(list(read(log).sightings)) <= 1


@settings(max_examples=25)
@given(st.binary(max_size=400), st.sampled_from(["session-1.json", "session-1.jsonl"]))
def test_random_bytes_are_no_usage(content: bytes, name: str) -> None:
    """4.7: nothing is made of nothing."""
    with TemporaryDirectory() as scratch:
        log = chat(Path(scratch), content, name=name)

        assert list(read(log).sightings) == []


@pytest.mark.parametrize("pieces", [1, 3, 7])
def test_a_chat_read_in_pieces_is_the_same(home: Path, road: Road, pieces: int) -> None:
    """4.2: torn lines wait; reading again changes nothing."""
    lines = [header(), answer(1), patch(messages=[message(1)]), answer(2), answer(2)]
    content = b"".join([*lines, header("other", LATER), answer(3, at=LATER)])
    log = chat(home)
    for piece in range(1, pieces + 1):
        log.write_bytes(content[: len(content) * piece // pieces])
        road.read()
    os.utime(log)
    road.read()
    log.write_bytes(content[: len(content) // 2])
    road.read()

    assert {(one.instant_ms, one.usage.prompt) for one in road.events()} == {
        (instant(AT), 12_000),
        (instant(LATER), 12_000),
    }
    assert road.total().requests == 3


def test_names_are_made_safe_and_no_prompt_is_kept(home: Path, road: Road, tmp_path: Path) -> None:
    """4.7: log text is hostile, and private."""
    chat(home, header(HOSTILE), spelt(prompt()), answer(1, model=HOSTILE), answer(2))
    agents_chat(home, header(kind="subagent", directories=[HOSTILE]), answer(3))
    chat(home, answer(4, toolCalls=[call(HOSTILE, HOSTILE)]), name="session-2.jsonl")
    road.read()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("*") if path.is_file())

    assert road.total().requests == 4
    assert CANARY.encode() not in kept
    assert "\x1b" not in "".join(str(part) for group in road.sums() for part in group)
