"""Qwen Code's records, odd and spoilt: a slow second reader agrees, and nothing raises."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.qwen_logs import (
    AT,
    CALL,
    LATER,
    SESSION,
    Counts,
    agents_transcript,
    answer,
    apart,
    inside,
    noted,
    prompt,
    transcript,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, shuffled, spoilt
from tests.sources.reference_text import instant, records, table, text, tokens
from tests.sources.road import CANARY, Road, Spent, reading
from tokwatch.model.reading import Reading

SOURCE = "qwen-code"

COUNTS = st.tuples(*[st.integers(0, 60_000)] * 4).map(
    lambda drawn: (drawn[0], drawn[1] + drawn[3], drawn[2], drawn[3])
)
ODD = st.integers(-9, 2**40) | st.sampled_from([None, True, "7", 1.5])
USAGE = st.one_of(
    COUNTS.map(apart),
    COUNTS.map(inside),
    st.fixed_dictionaries({"candidatesTokenCount": ODD, "promptTokenCount": ODD}),
)
NAMES = st.sampled_from(["a", "b", "c"])
LINES = st.one_of(
    st.builds(answer, NAMES, USAGE, st.sampled_from([AT, LATER, "never"])),
    COUNTS.map(lambda counts: noted(inside(counts))),
    st.just(prompt()),
)


def read(log: Path) -> Reading:
    """Return a reading of one transcript."""
    return reading(SOURCE, log, log.parent.parent)


def reference(log: Path) -> list[tuple[int | None, ...]]:
    """Return what a transcript amounts to, by the rules alone."""
    answers: dict[str, tuple[int | None, ...]] = {}
    for _, record in records(log):
        usage, at = table(record.get("usageMetadata")), instant(record.get("timestamp"))
        if record.get("type") != "assistant" or not usage or at is None:
            continue
        whole, candidates = (
            tokens(usage.get(f"{name}TokenCount")) for name in ("prompt", "candidates")
        )
        thoughts, total = tokens(usage.get("thoughtsTokenCount")), usage.get("totalTokenCount")
        is_inside = thoughts and total == whole + candidates and thoughts <= candidates
        output = candidates if is_inside else candidates + thoughts
        cached = min(tokens(usage.get("cachedContentTokenCount")), whole)
        answers[text(record.get("uuid"))] = (at, whole - cached, cached, output)
    return sorted(answers.values())


@settings(max_examples=20)
@given(
    st.lists(LINES, max_size=8),
    st.randoms(use_true_random=False),
    st.sampled_from([(", ", ": "), (",", ":")]),
)
def test_shuffled_keys_and_odd_spacing_change_nothing(
    lines: list[bytes], random: Random, separators: tuple[str, str]
) -> None:
    """4.2: a record is what JSON says it is; a slow second reader agrees."""
    spelling = [
        json.dumps(shuffled(random, json.loads(line)), separators=separators).encode() + b" \r\n"
        for line in lines
    ]
    with TemporaryDirectory() as scratch:
        log = transcript(Path(scratch), *spelling)
        found = read(log).sightings

        assert sorted(
            (one.instant_ms, one.input, one.cache_read, one.output) for one in found
        ) == reference(log)


@settings(max_examples=20)
@given(st.lists(spoilt(json.loads(answer("x"))), max_size=3), spoilt(json.loads(noted())))
def test_spoilt_records_cost_no_good_one(answers: list[object], note: object) -> None:
    """4.2: every field may be missing or of any type."""
    with TemporaryDirectory() as scratch:
        lines = [bytes_of(record) + b"\n" for record in [note, *answers, note]]
        log = transcript(Path(scratch), *lines, answer("good", inside((7, 7, 0, 0))))

        assert (7, 7) in {(one.input, one.output) for one in read(log).sightings}


@settings(max_examples=25)
@given(st.binary(max_size=400))
def test_random_bytes_are_no_usage(content: bytes) -> None:
    """4.7: nothing is made of nothing."""
    with TemporaryDirectory() as scratch:
        assert list(read(transcript(Path(scratch), content)).sightings) == []


@pytest.mark.parametrize("pieces", [1, 3, 7])
def test_a_transcript_read_in_pieces_is_the_same(home: Path, road: Road, pieces: int) -> None:
    """4.2: torn lines wait; reading again changes nothing, its totals included."""
    calls: list[Counts] = [CALL, (900, 30, 0, 0)]
    content = b"".join(noted(inside(one)) + answer(str(one), inside(one)) for one in calls)
    log = transcript(home)
    for piece in range(1, pieces + 1):
        log.write_bytes(content[: len(content) * piece // pieces])
        road.read()
    os.utime(log)
    road.read()
    log.write_bytes(content[: len(content) // 2])
    road.read()
    log.write_bytes(content)
    road.read()

    assert road.total() == Spent(2, 2_900, 0, 0, 6_000, 230, 50)
    assert road.database.value("SELECT sum(input) FROM ledger") == 2_900


def test_names_are_made_safe_and_no_prompt_is_kept(home: Path, road: Road, tmp_path: Path) -> None:
    """4.7: log text is hostile, and private."""
    transcript(
        home,
        *(prompt(), noted(model=HOSTILE), answer("a", model=HOSTILE, cwd=HOSTILE)),
        answer("b", sessionId=HOSTILE, gitBranch=HOSTILE),
    )
    agents_transcript(home, answer("c", agentId=HOSTILE, agentName=HOSTILE), model=HOSTILE)
    road.read()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("*") if path.is_file())

    assert road.total().requests == 3
    assert SESSION.encode() in kept
    assert CANARY.encode() not in kept
    assert "\x1b" not in "".join(str(part) for group in road.sums() for part in group)
