"""A mapping finds what a slow reader finds, whatever the spelling, and stumbles over nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.spoilt import ANYTHING, shuffled, spoilt
from tests.sources.mapped import reference
from tests.sources.mapped.logs import NAME, Record, mapping, record
from tests.sources.road import CHUNK, MAX_LINE, found_log
from tokwatch.config import load
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.mapped.source import MappedSource
from tokwatch.sources.reader import read_log

SPACES = [(",", ":"), (", ", ": "), (" ,\t", " :\r "), ("  ,  ", ":   ")]
GARBAGE = [b"", b"{", b"\0\0", b'{"usage":', b"\xff\xfe", b"null", b'"usage"', b"[[[[", b'{"a":1}{']


@st.composite
def records(draw: Callable[..., Any]) -> Record:
    """Return a request's record: counts of many sizes, some fields missing, ids that repeat."""
    made = record(draw(st.integers(1, 6)))
    counts = st.none() | st.integers(0, 5_000) | st.sampled_from(["12", 3.9, -1, 2**40, "x", True])
    for name in made["usage"].copy():
        if name != "details":
            made["usage"][name] = draw(counts)
    made["usage"]["details"] = [{"cached": draw(counts)}, *draw(st.lists(ANYTHING, max_size=1))]
    made["cost"] = draw(st.none() | st.floats(-1, 2_000_000) | st.just("0.125"))
    for name in draw(st.sets(st.sampled_from(["request", "response", "usage", "cost", "ts"]))):
        del made[name]
    return made


@st.composite
def lines(draw: Callable[..., Any]) -> bytes:
    """Return a line as any writer of JSON may spell it, or one that no writer would."""
    if draw(st.integers(0, 5)) == 0:
        garbage: bytes = draw(st.sampled_from(GARBAGE) | st.binary(max_size=30).map(_one_line))
        return garbage + b"\n"
    told = draw(records())
    if draw(st.booleans()):
        told = draw(spoilt(told))
    spelt = json.dumps(
        shuffled(draw(st.randoms(use_true_random=False)), told),
        separators=draw(st.sampled_from(SPACES)),
    )
    end: bytes = draw(st.sampled_from([b"\n", b"\r\n", b" \n", b""]))
    return spelt.encode() + end


def _one_line(content: bytes) -> bytes:
    return content.replace(b"\n", b"")


def requests(found: Reading) -> list[reference.Told]:
    """Return what the reference reader tells of each request."""
    return sorted(
        (
            (one.scope.session, one.instant_ms, one.model.name, *one[6:12], one.logged_nano)
            for one in found.sightings
        ),
        key=repr,
    )


def source(folder: Path) -> MappedSource:
    """Return the mapping, of files in a folder."""
    file = folder / "config.toml"
    if not file.exists():
        file.write_text(mapping(), "utf-8")
    return MappedSource(NAME, load(file, environ={}).mapping[NAME], folder)


def read(folder: Path, content: bytes, chunk: int = CHUNK) -> list[Reading]:
    """Return all readings of a log of this content, in pieces of some bytes."""
    log = folder / "a.jsonl"
    log.write_bytes(content)
    found: list[Reading] = []
    cursor: Cursor | None = None
    more = True
    while more:
        reading, more = read_log(source(folder), found_log(log, folder), cursor, MAX_LINE, chunk)
        cursor = reading.cursor
        found.append(reading)
    return found


@given(st.lists(lines(), max_size=8).map(b"".join))
def test_it_equals_a_slow_reader(tmp_path_factory: Any, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    [found] = read(folder, content + b"\n")

    assert requests(found) == reference.requests(folder / "a.jsonl")


@given(st.lists(lines(), max_size=8).map(b"".join), st.integers(1, 200))
def test_pieces_tell_what_the_whole_tells(
    tmp_path_factory: Any, content: bytes, chunk: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    [whole] = read(folder, content)
    pieces = {one.key: one for found in read(folder, content, chunk) for one in found.sightings}

    assert {one.key: one[6:] for one in whole.sightings} == {
        key: one[6:] for key, one in pieces.items()
    }


@given(st.binary(max_size=400) | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_garbage_stops_nothing(tmp_path_factory: Any, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    good = json.dumps(record(9)).encode() + b"\n"

    [found] = read(folder, content.replace(b"\n", b"") + b"\n" + good)

    assert (1_785_578_409_000, "s1") in {(s.instant_ms, s.scope.session) for s in found.sightings}
