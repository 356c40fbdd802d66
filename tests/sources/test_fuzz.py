"""Bytes of every kind: no exception, no good line lost, what is bad is counted."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources import claude_lines, codex_lines
from tests.sources.reference import expected
from tests.sources.road import FIXTURES, Road, reading, write
from tests.sources.test_worlds import ingested, spent
from tests.sources.worlds import stored
from tokwatch.model.reading import Reading

LOGS = {
    str(path.relative_to(FIXTURES)): path.read_bytes() for path in sorted(FIXTURES.rglob("*.jsonl"))
}
SPICES = (
    *(b"\0", b"\n", b"\r\n", b'"', b"{", b"}", b"}{", b"\\", b"\xff", b"\xed\xa0\x80", b"null"),
    *(b"\\ud800", b"1e999", b"-1", b"[[[[", b'"type":"assistant"', b'"usage":{}', b"\x1b[2J"),
)
JUNK = st.one_of(
    st.binary(max_size=300),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
).map(lambda content: content.replace(b"\n", b" "))


def read_alone(source: str, *lines: bytes) -> Reading:
    """Return a reading of lines in a log of their own."""
    with TemporaryDirectory() as scratch:
        return reading(
            source, write(Path(scratch, "projects", "p", "s.jsonl"), *lines), Path(scratch)
        )


@settings(max_examples=25)
@given(junk=st.lists(JUNK, max_size=4))
def test_junk_between_good_lines_costs_none_of_them(junk: list[bytes]) -> None:
    """4.2: a good line stands on a line of its own."""
    between = [line + b"\n" for line in junk]
    lines = [claude_lines.answer("a", 5), *between, claude_lines.answer("b", 7)]
    found = {sighting.output for sighting in read_alone("claude-code", *lines).sightings}

    assert {5, 7} <= found


@settings(max_examples=25)
@given(junk=st.lists(JUNK, max_size=4))
def test_junk_between_a_threads_lines_costs_none_of_them(junk: list[bytes]) -> None:
    """4.2: nor does it break the chain."""
    between = [line + b"\n" for line in junk]
    first, second = codex_lines.totals((100, 0, 5, 0)), codex_lines.totals((200, 0, 12, 0))
    found = read_alone("codex", codex_lines.meta(), first, *between, second)

    assert [sighting.output for sighting in found.sightings] == [5, 7]


@settings(max_examples=30)
@given(content=st.binary(max_size=2_000), source=st.sampled_from(["claude-code", "codex"]))
def test_random_bytes_are_no_usage(content: bytes, source: str) -> None:
    """4.7: nothing is made of nothing, and nothing fails."""
    found = read_alone(source, content + b"\n")

    assert list(found.sightings) == []
    assert found.tally.lines == (content + b"\n").count(b"\n")


@settings(max_examples=20)
@given(random=st.randoms(use_true_random=False))
def test_spoilt_logs_amount_to_what_is_left_of_them(random: Random) -> None:
    """4.2: bytes changed, cut out, doubled and put in, anywhere."""
    logs = {path: _spoilt(random, content) for path, content in LOGS.items()}
    with TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        stored(home, logs)

        assert ingested(home, Path(scratch, "data")) == spent(expected(home))


@pytest.mark.parametrize("path", LOGS)
def test_a_log_cut_anywhere_amounts_to_its_whole_lines(path: str) -> None:
    """4.2: a cut file is a shorter file."""
    content = LOGS[path]
    with TemporaryDirectory() as scratch:
        home = Path(scratch, "home")
        road = Road(home, Path(scratch, "data"))
        for end in range(0, len(content), max(1, len(content) // 12)):
            stored(home, {path: content[:end]})
            road.read()

            assert spent(road.sums()) == spent(expected(home))
        road.close()


def _spoilt(random: Random, content: bytes) -> bytes:
    """Return content after a few accidents, or as it is."""
    for _ in range(random.choice((0, 0, 1, 3))):
        at = random.randrange(len(content))
        end = min(len(content), at + random.choice((1, 5, 60)))
        accident = random.choice(("put", "cut", "double", "change"))
        if accident == "put":
            content = content[:at] + random.choice(SPICES) + content[at:]
        elif accident == "cut":
            content = content[:at] + content[end:] + b"\n"
        elif accident == "double":
            content = content[:end] + content[at:end] + content[end:]
        else:
            content = content[:at] + bytes([random.randrange(256)]) + content[at + 1 :]
    return content
