"""toklog's entries, by its own source: what providers sent, normalised by GATEWAYS 2.9."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.gateways.toklog_logs import AT_MS, ID, line, log
from tests.sources.road import Fields, Road, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, RequestFact, Sighting, response_key
from tokwatch.model.reading import Reading
from tokwatch.model.usage import Dimension
from tokwatch.sources.source import Surroundings

SOURCE = "toklog"
CHAT = "chatcmpl-0b7a9c11d2"
FAILED: Fields = {
    **{"input_tokens": None, "output_tokens": None, "raw_usage": None, "error": True},
    **{"error_type": "http_429", "request_id": None, "response_id": None},
    **{"cache_read_tokens": 0, "cache_creation_tokens": 0},
}


def read(home: Path, *lines: bytes) -> Reading:
    """Return a reading of these lines as one log."""
    return reading(SOURCE, log(home, *lines), home)


def classes(found: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    written = (found.cache_write_5m, found.cache_write_1h)
    return (found.input, found.cache_read, *written, found.output, found.reasoning)


def test_an_entry_is_a_witness_of_a_request(home: Path) -> None:
    """2.1: the stream's own usage tells how long cache writes live; thinking is an estimate."""
    (found,) = read(home, line()).sightings

    assert classes(found) == (21, 5_000, 500, 200, 42, None)
    assert (found.key, found.grade, found.requests) == (response_key(ID), Grade.WITNESS, 1)
    assert (found.instant_ms, found.final) == (AT_MS, 1)
    assert found.model == ("anthropic", "claude-sonnet-4-5", "standard")
    assert found.scope[1:7] == ("2026-08-01", "", "", "", "", "ana")


def test_no_piece_of_a_key_is_kept(home: Path, road: Road, tmp_path: Path) -> None:
    """6.3: toklog writes the end of each key."""
    log(home, line(), line(tags="sk-ant-not-a-tag", response_id="msg_2"))
    road.read()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("*") if path.is_file())

    assert {tag for (tag,) in road.sums((Dimension.TAG,))} == {"ana", ""}
    assert b"Zq8Rk2Lw" not in kept
    assert b"sk-ant" not in kept


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"raw_usage": {"input_tokens": 21, "output_tokens": 42}},
            (21, None, 0, 0, 42, None),
        ),
        ({"raw_usage": None}, (21, 5_000, 700, 0, 42, None)),
        (
            # A gateway behind it tells zeros first and the truth at the end.
            {
                "raw_usage": {
                    "message_start": {"input_tokens": 0, "output_tokens": 0},
                    "message_delta": {"input_tokens": 30, "output_tokens": 4},
                }
            },
            (30, None, 0, 0, 4, None),
        ),
        (
            {
                "provider": "openai",
                "raw_usage": {
                    **{"prompt_tokens": 300, "completion_tokens": 20, "total_tokens": 320},
                    "prompt_tokens_details": {"cached_tokens": 256},
                    "completion_tokens_details": {"reasoning_tokens": 8},
                },
            },
            (44, 256, 0, 0, 20, 8),
        ),
        (
            {
                "provider": "openai",
                "raw_usage": {
                    **{"input_tokens": 300, "output_tokens": 20, "total_tokens": 320},
                    "output_tokens_details": {"reasoning_tokens": 8},
                },
            },
            (300, None, 0, 0, 20, 8),
        ),
        (
            {
                **{"provider": "openai", "raw_usage": None, "input_tokens": 300},
                **{"cache_read_tokens": 256, "cache_creation_tokens": 0},
            },
            (44, 256, 0, 0, 42, 9),
        ),
        (
            {
                "provider": "gemini",
                "raw_usage": {
                    **{"promptTokenCount": 300, "cachedContentTokenCount": 256},
                    **{"candidatesTokenCount": 20, "thoughtsTokenCount": 8},
                    "toolUsePromptTokenCount": 5,
                },
            },
            (49, 256, 0, 0, 28, 8),
        ),
        (
            {
                **{"provider": "gemini", "raw_usage": None, "input_tokens": 300},
                "cache_read_tokens": 256,
            },
            (44, 256, 0, 0, 51, 9),
        ),
    ],
)
def test_providers_count_differently(
    home: Path, changes: Fields, expected: tuple[int | None, ...]
) -> None:
    """2.9: what input and output include."""
    assert classes(read(home, line(**changes)).sightings[0]) == expected


def test_a_chats_id_is_its_requests_id(home: Path) -> None:
    """OpenAI's chats have no other."""
    found = read(home, line(provider="openai", request_id=CHAT, response_id=None))

    assert found.sightings[0].key == response_key(CHAT)


def test_an_id_that_is_no_providers_is_a_request_of_its_own(home: Path) -> None:
    """0.3: Gemini's responses have ids that nobody else logs."""
    lines = [line(request_id="kNx2aab", response_id="kNx2aab")] * 2
    nameless = [line(request_id=None, response_id=None)] * 2

    assert len({found.key for found in read(home, *lines, *nameless).sightings}) == 4


def test_a_failure_cost_nothing(home: Path) -> None:
    """Its status is a fact; an error of the network has none."""
    found = read(home, line(**FAILED), line(**{**FAILED, "error_type": "ReadTimeout"}))

    first, second = found.sightings
    assert [it.requests for it in (first, second)] == [0, 0]
    assert set(found.facts) == {
        RequestFact(first.key, "duration_ms", 4_200),
        RequestFact(first.key, "http_status", 429),
        RequestFact(second.key, "duration_ms", 4_200),
    }


def test_a_stream_that_broke_is_a_lower_bound(home: Path) -> None:
    """2.1: input from its start, output unknown."""
    raw = {"message_start": {"input_tokens": 21}, "message_delta": {}}
    (found,) = read(home, line(raw_usage=raw, error=True, output_tokens=None)).sightings

    assert (found.requests, found.input, found.output, found.final) == (1, 21, None, 0)


def test_made_up_traffic_is_left_out(home: Path) -> None:
    """toklog's own benchmark writes into the same log."""
    found = read(home, line(request_id="chatcmpl-bench"), line())

    assert (len(found.sightings), found.tally.synthetic) == (1, 1)


def test_a_record_of_another_shape_is_told(home: Path) -> None:
    """Unknown is shown, with names of fields and no values."""
    found = read(home, b'{"input_tokens": 5, "who": "ana"}\n', line())

    assert (len(found.sightings), found.tally.unknown) == (1, 1)
    assert found.tally.sample == "input_tokens, who"


@pytest.mark.parametrize("at", [None, "soon", True, -1])
def test_an_entry_without_a_time_is_undated(home: Path, at: object) -> None:
    """0.7: not counted, but shown."""
    found = read(home, line(timestamp=at))

    assert (list(found.sightings), found.tally.undated) == ([], 1)


def test_where_the_logs_lie(home: Path) -> None:
    """One folder, one file a day."""
    source = sourced(SOURCE)

    assert folders(SOURCE, home) == ["~/.toklog/logs"]
    assert source.wants("/t/2026-08-01.jsonl")
    assert not source.wants("/t/proxy.log")
    assert (source.title_of(home, ""), source.resume_command("s")) == ("", "")
    assert source.retention(Surroundings(home, {}, "linux")) == ""
