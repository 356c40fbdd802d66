"""Sessions of pi, its forks and OpenClaw against a slow second reader, in files and in rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.pi_logs import (
    BEGUN_MS,
    SESSION,
    answer,
    append,
    entry,
    header,
    name_of,
    openclaw_database,
    usage,
)
from tests.sources.agents.spoilt import shuffled
from tests.sources.agents.test_pi import classes
from tests.sources.reference_text import Record, instant, records, table, text, tokens
from tests.sources.road import Fields, reading, write
from tokwatch.model.event import Sighting

Request = tuple[str | int | None, ...]
"""Session, instant, model, then fresh input, cache reads, short and long writes, output."""
COUNT = st.integers(0, 9**6)
MORE: st.SearchStrategy[Fields] = st.sampled_from(
    [
        *({}, {}, {"cacheWrite1h": 40}, {"reasoning": 7}, {"cost": {"total": 0}}),
        {"orchestration": {"input": 5, "output": 6}},
    ]
)
USAGE = st.builds(
    lambda counts, more: usage(*counts, **more),
    st.tuples(*[COUNT] * 4) | st.just((0, 0, 0, 0)),
    MORE,
)
RESPONSES = st.sampled_from(["msg_01A23456789", "msg_01B23456789", "gen-77", None])
MODELS = st.sampled_from(["claude-sonnet-4-6", "gpt-5.5", ""])
KINDS = st.sampled_from(["answer"] * 4 + ["tool", "compaction", "cli", "change", "prompt"])
ENTRIES = st.lists(st.tuples(KINDS, RESPONSES, MODELS, USAGE), max_size=7)


def made(place: int, kind: str, response: str | None, model: str, used: Fields) -> Fields:
    """Return one entry of a session."""
    identity = f"e{place:07}"
    if kind == "prompt":
        return entry("message", identity, message={"role": "user", "content": []})
    if kind == "change":
        return entry("model_change", identity, provider="x", modelId=model)
    if kind == "compaction":
        return entry("compaction", identity, usage=used, tokensBefore=9)
    if kind == "tool":
        return entry("message", identity, message={"role": "toolResult", "usage": used})
    api = "cli" if kind == "cli" else "anthropic-messages"
    return answer(response, used, identity, begun=BEGUN_MS + place, model=model, api=api)


def slowly(sessions: Iterable[tuple[str, int, Record]], *, counts_tools: bool) -> list[Request]:
    """Return what entries amount to: the last answer of each id, and each other use."""
    last: dict[object, Request] = {}
    model = ""
    for session, number, told in sessions:
        message = table(told.get("message"))
        role, kind = message.get("role"), told.get("type")
        if kind == "model_change":
            model = text(told.get("modelId")) or model
        if kind == "message" and (role not in ("assistant", "toolResult")):
            continue
        if message.get("api") == "cli" or (role == "toolResult" and not counts_tools):
            continue
        used = table(told.get("usage") if kind == "compaction" else message.get("usage"))
        parts = spent(used)
        if not any(parts) and not table(used.get("cost")).get("total"):
            continue
        model = text(message.get("model")) or model
        name = "unknown" if role == "toolResult" else model or "unknown"
        key = text(message.get("responseId")) or number
        last[key] = (session, instant(told["timestamp"]), name, *parts)
    return sorted(last.values(), key=str)


def spent(used: Record) -> tuple[int, int, int, int, int]:
    """Return the classes of a usage record; what orchestration took is billed as well."""
    extra = table(used.get("orchestration"))
    fresh, read, written, output = (
        tokens(used.get(name)) + tokens(extra.get(name))
        for name in ("input", "cacheRead", "cacheWrite", "output")
    )
    long = min(tokens(used.get("cacheWrite1h")), written)
    return fresh, read, written - long, long, output


def told_by(found: Iterable[Sighting]) -> list[Request]:
    """Return what sightings tell."""
    told = ((one.scope.session, one.instant_ms, one.model.name, *classes(one)[:5]) for one in found)
    return sorted(told, key=str)


FOLDERS: dict[str, Callable[[Path], Path]] = {
    "pi": lambda home: home / ".pi" / "agent" / "sessions" / name_of(SESSION),
    "omp": lambda home: home / ".omp" / "agent" / "sessions" / "-shop" / name_of(SESSION),
    "prime-agent": lambda home: home / ".prime" / "agent" / "sessions" / f"{SESSION}.jsonl",
    "openclaw": lambda home: home / ".openclaw" / "agents" / "main" / "sessions" / "s.jsonl",
}


@pytest.mark.parametrize("source", FOLDERS)
@settings(max_examples=20)
@given(
    drawn=ENTRIES,
    random=st.randoms(use_true_random=False),
    spacing=st.sampled_from([(", ", ": "), (",", ":"), (" ,", " : ")]),
)
def test_shuffled_keys_and_odd_spacing_change_nothing(
    source: str,
    drawn: list[tuple[str, str | None, str, Fields]],
    random: Random,
    spacing: tuple[str, str],
) -> None:
    """4.2: a record is what JSON says it is; a slow second reader agrees."""
    entries = [made(place, *one) for place, one in enumerate(drawn)]
    lines = [
        json.dumps(shuffled(random, one), separators=spacing).encode() + b" \r\n" for one in entries
    ]
    with TemporaryDirectory() as scratch:
        path = write(FOLDERS[source](Path(scratch)), header(), b"\n", *lines)
        found = reading(source, path, path.parent).sightings

        told = [(SESSION, number, record) for number, record in records(path)]
        assert told_by(found) == slowly(told, counts_tools=source == "pi")


@settings(max_examples=20)
@given(
    drawn=ENTRIES,
    random=st.randoms(use_true_random=False),
    spacing=st.sampled_from([(", ", ": "), (",", ":"), (" ,", " : ")]),
)
def test_rows_amount_to_what_a_slow_reader_finds(
    drawn: list[tuple[str, str | None, str, Fields]], random: Random, spacing: tuple[str, str]
) -> None:
    """2.10: OpenClaw's newer database holds the same entries, a row each."""
    with TemporaryDirectory() as scratch:
        tables = openclaw_database(Path(scratch))
        append(tables, header())
        for place, one in enumerate(drawn):
            record = shuffled(random, made(place, *one))
            append(tables, json.dumps(record, separators=spacing).encode())
        tables.close()
        path = next(Path(scratch).rglob("*.sqlite"))
        found = reading("openclaw", path, path.parent).sightings

        database = sqlite3.connect(path)
        rows = database.execute(
            "SELECT session_id, seq, event_json FROM transcript_events ORDER BY session_id, seq"
        ).fetchall()
        database.close()
        told = [(session, seq, json.loads(event)) for session, seq, event in rows]
        assert told_by(found) == slowly(told, counts_tools=False)
