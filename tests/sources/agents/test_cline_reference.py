"""Tasks and sessions of Cline and its relatives against slow second readers."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.cline_logs import (
    AT_MS,
    EXTENSIONS,
    OLD_MS,
    answered_by,
    info,
    metrics,
    say,
    session_log,
    spoken,
    task_log,
    tasks,
)
from tests.sources.agents.spoilt import shuffled
from tests.sources.agents.test_pi import classes
from tests.sources.reference_text import instant, table, text, tokens
from tests.sources.road import Fields, reading, write

Request = tuple[int | None, ...]
"""Instant, then fresh input, cache reads, short and long cache writes, output, reasoning."""
NOVEMBER_MS = {"roo-code": 1_761_955_200_000, "kilo-code": 1_762_905_600_000}
"""From when these tell the whole prompt whatever the provider: 1 and 12 November 2025."""
WHOLE = ("openai", "litellm", "xai")
COUNT = st.integers(0, 60_000)
CHANGES: st.SearchStrategy[Fields] = st.sampled_from(
    [{}, {}, {"apiProtocol": "anthropic"}, {"apiProtocol": "openai"}, {"cost": 0}]
)
KINDS = st.sampled_from(["api_req_started"] * 3 + ["subagent_usage", "deleted_api_reqs", "text"])
WHO = st.sampled_from(["", "anthropic", "openrouter", "litellm", "openai", "claude-code"])
MESSAGES = st.lists(
    st.tuples(KINDS, WHO, st.sampled_from([AT_MS, OLD_MS]), CHANGES, st.tuples(*[COUNT] * 4)),
    max_size=6,
)


def task(path: Path, source: str) -> list[Request]:
    """Return what a task's messages amount to, by the rules alone."""
    found: list[Request] = []
    for message in json.loads(path.read_bytes()):
        if message["say"] == "text":
            continue
        told, provider = json.loads(message["text"]), ""
        if "modelInfo" in message:
            provider = message["modelInfo"]["providerId"]
        whole, written, cached = told["tokensIn"], told["cacheWrites"], told["cacheReads"]
        output = told["tokensOut"]
        if provider == "claude-code" or not any((whole, written, cached, output, told["cost"])):
            continue
        if source == "cline":
            includes_cache = provider in WHOLE
        else:
            # What was taken back is a sum of which no protocol is told; then the model tells.
            protocol = told.get("apiProtocol") if message["say"] != "deleted_api_reqs" else None
            is_claude = protocol is None and "modelInfo" in message
            is_rest = protocol == "anthropic" or is_claude
            includes_cache = not is_rest or message["ts"] >= NOVEMBER_MS[source]
        if includes_cache and whole >= written + cached:
            whole -= written + cached
        found.append((message["ts"], whole, cached, written, 0, output, None))
    return sorted(found, key=str)


@pytest.mark.parametrize("source", EXTENSIONS)
@settings(max_examples=25)
@given(
    drawn=MESSAGES,
    random=st.randoms(use_true_random=False),
    indent=st.sampled_from([None, 0, 3]),
)
def test_a_task_amounts_to_what_a_slow_reader_finds(
    source: str,
    drawn: list[tuple[str, str, int, Fields, tuple[int, int, int, int]]],
    random: Random,
    indent: int | None,
) -> None:
    """2.12: keys in any order, any spacing; who answered and when tells what input includes."""
    messages = []
    for place, (kind, provider, at, changes, counts) in enumerate(drawn):
        who = answered_by(provider, "claude-sonnet-4-6") if provider else {}
        messages.append(say(kind, at + place, info(*counts, **changes), **who))
    with TemporaryDirectory() as scratch:
        home = Path(scratch)
        log = task_log(home, [], source)
        write(log, json.dumps(shuffled(random, messages), indent=indent).encode(), b"\n")
        found = reading(source, log, tasks(home, source)).sightings

        told = sorted(((one.instant_ms, *classes(one)) for one in found), key=str)
        assert told == task(log, source)


ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(["V1StGXR8_Z5jdHi6B-myT", "a" * 21, ""]),
        st.sampled_from([AT_MS, "2026-08-01T10:00:06Z", None]),
        st.sampled_from(["anthropic", "cline", "claude-code"]),
        st.tuples(*[COUNT] * 4),
    ),
    max_size=6,
)


def session(path: Path) -> list[Request]:
    """Return what a session's answers amount to: the last one of each id."""
    last: dict[object, Request] = {}
    for number, message in enumerate(json.loads(path.read_bytes())["messages"]):
        told = table(message.get("metrics"))
        whole, output, cached, written = (
            tokens(told.get(f"{name}Tokens"))
            for name in ("input", "output", "cacheRead", "cacheWrite")
        )
        at = instant(message.get("ts"))
        provider = message["modelInfo"]["provider"]
        if at is None or provider == "claude-code" or not (whole or output or cached or written):
            continue
        whole -= cached + written if cached + written <= whole else 0
        last[text(message.get("id")) or number] = (at, whole, cached, written, 0, output, None)
    return sorted(last.values(), key=str)


@settings(max_examples=25)
@given(
    drawn=ANSWERS,
    random=st.randoms(use_true_random=False),
    indent=st.sampled_from([None, 0, 3]),
)
def test_a_session_amounts_to_what_a_slow_reader_finds(
    drawn: list[tuple[str, object, str, tuple[int, int, int, int]]],
    random: Random,
    indent: int | None,
) -> None:
    """2.12: input is the whole prompt; an answer's last state counts."""
    answers = [
        spoken(identity, at, modelInfo={"id": "m", "provider": who}, metrics=metrics(*counts))
        for identity, at, who, counts in drawn
    ]
    with TemporaryDirectory() as scratch:
        log = session_log(Path(scratch), *answers)
        document = shuffled(random, json.loads(log.read_bytes()))
        write(log, json.dumps(document, indent=indent).encode(), b"\n")
        found = reading("cline-cli", log, log.parent.parent).sightings

        told = sorted(((one.instant_ms, *classes(one)) for one in found), key=str)
        assert told == session(log)
