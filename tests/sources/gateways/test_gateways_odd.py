"""Gateways' records, odd and spoilt: nothing raises, and no good record is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import writing
from tests.sources.agents.spoilt import HOSTILE, bytes_of, spoilt
from tests.sources.gateways import ccflare_logs, headroom_logs, litellm_logs, toklog_logs
from tests.sources.road import CANARY, Fields, Road, reading
from tokwatch.model.reading import Reading


class Log(NamedTuple):
    """One gateway's log of records."""

    source: str
    write: Callable[..., Path]
    good: Fields
    """A record that tells of one request."""
    output: int


LOGS = (
    Log("litellm", litellm_logs.log, litellm_logs.payload(), 42),
    Log("headroom", headroom_logs.log, headroom_logs.record(), 42),
    Log("toklog", toklog_logs.log, toklog_logs.entry(), 42),
)
every = pytest.mark.parametrize("log", LOGS, ids=[log.source for log in LOGS])


def read(log: Log, *lines: bytes) -> Reading:
    """Return a reading of these lines in a log of their own."""
    with TemporaryDirectory() as scratch:
        return reading(log.source, log.write(Path(scratch), *lines), Path(scratch))


def marked(log: Log, output: int) -> bytes:
    """Return a good record with an output of its own, and an id."""
    text = bytes_of(log.good).replace(f": {log.output}".encode(), f": {output}".encode())
    return text.replace(b"msg_", b"msg_good").replace(b"hr_", b"hr_good") + b"\n"


@every
@settings(max_examples=20)
@given(data=st.data())
def test_spoilt_records_cost_no_good_one(log: Log, data: st.DataObject) -> None:
    """4.2: every field may be missing or of any type."""
    records = data.draw(st.lists(spoilt(log.good), max_size=3))
    found = read(log, *(bytes_of(record) + b"\n" for record in records), marked(log, 77))

    assert 77 in {it.output for it in found.sightings}


@every
@settings(max_examples=20)
@given(content=st.binary(max_size=400))
def test_random_bytes_are_no_usage(log: Log, content: bytes) -> None:
    """4.7: nothing is made of nothing."""
    assert list(read(log, content + b"\n").sightings) == []


@every
def test_a_log_read_in_pieces_is_the_same(home: Path, road: Road, log: Log) -> None:
    """4.2: torn lines wait; reading again changes nothing."""
    content = bytes_of(log.good) + b"\n" + marked(log, 77) * 2
    for piece in (1, 2, 3, 4):
        path = log.write(home, content[: len(content) * piece // 4])
        road.read()
    os.utime(path)
    road.read()
    log.write(home, content[: len(content) // 2])
    road.read()

    assert sorted(it.usage.output for it in road.events()) == [42, 77]
    assert road.total().requests == 2


@every
def test_names_are_made_safe_and_no_prompt_is_kept(
    home: Path, road: Road, tmp_path: Path, log: Log
) -> None:
    """4.7: log text is hostile, and private."""
    names = ("model", "provider", "custom_llm_provider", "end_user", "trace_id", "session_id")
    texts = {name: HOSTILE for name in names if name in log.good}
    hostile = {
        **log.good,
        **texts,
        "tags": {"project": HOSTILE, "client": HOSTILE, "user": HOSTILE},
    }
    log.write(home, bytes_of(log.good) + b"\n", marked(log, 7), bytes_of(hostile) + b"\n")
    road.read()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("*") if path.is_file())

    assert road.total().requests == 2
    assert CANARY.encode() not in kept
    assert "\x1b" not in "".join(str(part) for group in road.sums() for part in group)


ODD = st.one_of(
    st.none(), st.integers(-(2**40), 2**62), st.floats(allow_nan=False), st.text(max_size=5)
) | st.binary(max_size=5)
COLUMNS = (
    *("timestamp", "path", "status_code", "response_time_ms", "failover_attempts", "model"),
    *("prompt_tokens", "cost_usd", "input_tokens", "output_tokens", "project", "api_key_name"),
)


@settings(max_examples=20)
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), ODD), max_size=4), st.binary(max_size=60))
def test_spoilt_rows_cost_no_good_one(rows: list[Fields], body: bytes) -> None:
    """4.2: SQLite keeps any type in any column."""
    with TemporaryDirectory() as scratch:
        path = ccflare_logs.database(Path(scratch))
        with writing(path) as tables:
            for turn, row in enumerate(rows, 1):
                row = {"timestamp": 1, "path": "", **row}
                has_place = row["timestamp"] is not None and row["path"] is not None
                if has_place:
                    ccflare_logs.add_row(tables, turn, **row)
                    ccflare_logs.add_payload(tables, turn, body=body)
            ccflare_logs.add_row(tables, 90)
            ccflare_logs.add_payload(tables, 90)
        found = reading("ccflare", path, path.parent)

        assert 21 in {it.input for it in found.sightings}
