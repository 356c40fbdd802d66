"""Every gateway's log against a slow second reader: keys in any order, any spacing, any shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import writing
from tests.sources.agents.spoilt import shuffled
from tests.sources.gateways import (
    ccflare_logs,
    headroom_logs,
    litellm_logs,
    reference,
    toklog_logs,
)
from tests.sources.gateways.reference import Told
from tests.sources.road import Fields, reading
from tokwatch.model.event import Sighting

COUNT = st.integers(0, 90_000)
IDS = st.sampled_from(["msg_01AAAAAAAAAAAAAAAAAA", "msg_01BBBBBBBBBBBBBBBBBB", "chatcmpl-8f1a2b3c"])
TURN = st.integers(1, 9)
SPACING = st.sampled_from([(", ", ": "), (",", ":"), (" ,", " : ")])


def chat(whole: int, read: int, written: int, long: int, output: int, thought: int) -> Fields:
    """Return usage of OpenAI's chats, as gateways translate others into it."""
    return {
        **{"prompt_tokens": whole, "completion_tokens": output, "total_tokens": whole + output},
        "prompt_tokens_details": {
            **{"cached_tokens": read, "cache_write_tokens": written},
            "cache_creation_token_details": {"ephemeral_1h_input_tokens": long},
        },
        "completion_tokens_details": {"reasoning_tokens": thought},
    }


def responses(whole: int, read: int, written: int, long: int, output: int, thought: int) -> Fields:
    """Return usage of OpenAI's Responses."""
    return {
        **{"input_tokens": whole, "output_tokens": output, "total_tokens": whole + output},
        "input_tokens_details": {"cached_tokens": read},
        "output_tokens_details": {"reasoning_tokens": thought},
    }


def anthropic(fresh: int, read: int, written: int, long: int, output: int, _: int) -> Fields:
    """Return Anthropic's usage, whose input excludes the cache."""
    return {
        **{"input_tokens": fresh, "output_tokens": output, "cache_read_input_tokens": read},
        "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_1h_input_tokens": min(long, written)},
    }


def gemini(whole: int, read: int, tools: int, _: int, output: int, thought: int) -> Fields:
    """Return Gemini's usage, whose output lacks the thoughts."""
    return {
        **{"promptTokenCount": whole, "cachedContentTokenCount": read},
        **{"candidatesTokenCount": output, "thoughtsTokenCount": thought},
        "toolUsePromptTokenCount": tools,
    }


def streamed(fresh: int, read: int, written: int, long: int, output: int, _: int) -> Fields:
    """Return usage as toklog keeps it of Anthropic's streams."""
    start = anthropic(fresh, read, written, long, 1, 0)
    delta = {"output_tokens": output, "input_tokens": None}
    return {"message_start": start, "message_delta": delta}


def drawn(*shapes: Callable[..., Fields]) -> st.SearchStrategy[Fields]:
    """Return usage of any of some shapes."""
    return st.one_of(*(st.builds(shape, *[COUNT] * 6) for shape in shapes))


PAYLOADS = st.builds(
    lambda used, identity, turn, kind: litellm_logs.payload(
        None, used, id=identity, endTime=litellm_logs.AT_S + turn, **kind
    ),
    drawn(chat, responses, anthropic, gemini),
    IDS,
    TURN,
    st.sampled_from([{}, {}, {"status": "failure"}, {"cache_hit": True}]),
)
COUNTS = (
    *("input_tokens_optimized", "uncached_input_tokens", "cache_read_tokens"),
    *("cache_write_tokens", "output_tokens"),
)
RECORDS = st.builds(
    lambda number, told, provider: headroom_logs.record(number, provider=provider, **told),
    TURN,
    st.fixed_dictionaries(dict.fromkeys(COUNTS, COUNT | st.just(0))),
    st.sampled_from(["anthropic", "bedrock-eu", "openai", "gemini"]),
)
PLAIN = (
    *("input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens"),
    "thinking_tokens",
)
ENTRIES = st.builds(
    lambda told, raw, identity, provider: toklog_logs.entry(
        **told, raw_usage=raw, request_id=identity, response_id=identity, provider=provider
    ),
    st.fixed_dictionaries(dict.fromkeys(PLAIN, COUNT)),
    st.none() | drawn(streamed, anthropic, chat, responses, gemini),
    IDS,
    st.sampled_from(["anthropic", "openai", "gemini"]),
)


class Gateway(NamedTuple):
    """A log of lines: its source, where it lies, its records and who reads them slowly."""

    source: str
    write: Callable[..., Path]
    records: st.SearchStrategy[Fields]
    slowly: Callable[[Path], list[Told]]


GATEWAYS = (
    Gateway("litellm", litellm_logs.log, PAYLOADS, reference.litellm),
    Gateway("headroom", headroom_logs.log, RECORDS, reference.headroom),
    Gateway("toklog", toklog_logs.log, ENTRIES, reference.toklog),
)


def told_by(found: Iterable[Sighting]) -> list[Told]:
    """Return what sightings tell, unknown as 0."""
    return sorted(
        Told(
            *(one.instant_ms, one.requests, one.input or 0, one.cache_read or 0),
            *(one.cache_write_5m or 0, one.cache_write_1h or 0, one.output or 0),
            one.reasoning or 0,
        )
        for one in found
    )


@pytest.mark.parametrize("gateway", GATEWAYS, ids=[gateway.source for gateway in GATEWAYS])
@settings(max_examples=25)
@given(data=st.data(), random=st.randoms(use_true_random=False), spacing=SPACING)
def test_shuffled_keys_and_odd_spacing_change_nothing(
    gateway: Gateway, data: st.DataObject, random: Random, spacing: tuple[str, str]
) -> None:
    """4.2: a record is what JSON says it is; a slow second reader agrees."""
    lines = [
        json.dumps(shuffled(random, record), separators=spacing).encode() + b" \r\n"
        for record in data.draw(st.lists(gateway.records, max_size=6))
    ]
    with TemporaryDirectory() as scratch:
        path = gateway.write(Path(scratch), *lines)
        found = reading(gateway.source, path, Path(scratch)).sightings

        assert told_by(found) == gateway.slowly(path)


ROWS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("prompt_tokens", "input_tokens", "output_tokens"), COUNT | st.just(0)),
        "cache_read_input_tokens": COUNT,
        "cache_creation_input_tokens": COUNT | st.integers(0, 500),
        "completion_tokens": COUNT | st.just(0),
    }
)
FAILED = st.just(
    {
        **dict.fromkeys(("prompt_tokens", "input_tokens", "output_tokens", "completion_tokens"), 0),
        **{"cache_read_input_tokens": 0, "cache_creation_input_tokens": 0, "status_code": 429},
    }
)


@settings(max_examples=25)
@given(
    rows=st.lists(st.tuples(ROWS | FAILED, st.none() | st.integers(0, 900)), max_size=6),
    read_before=st.integers(0, 6),
)
def test_rows_and_payloads_amount_to_what_a_slow_reader_finds(
    rows: list[tuple[Fields, int | None]], read_before: int
) -> None:
    """1.5: whatever was read before, and whichever rows have a payload."""
    found: dict[int, Sighting] = {}
    cursor = None
    with TemporaryDirectory() as scratch:
        path = ccflare_logs.database(Path(scratch))
        for turn, (row, long) in enumerate([*rows, ({}, 1)], 1):
            with writing(path) as tables:
                ccflare_logs.add_row(tables, turn, **row)
                if long is not None:
                    body = ccflare_logs.stream_of(turn, long)
                    ccflare_logs.add_payload(tables, turn, body=body)
            if turn == read_before or turn == len(rows) + 1:
                read = reading("ccflare", path, path.parent, cursor)
                cursor = read.cursor
                found |= {one.key: one for one in read.sightings}

        assert told_by(found.values()) == reference.ccflare(path)
