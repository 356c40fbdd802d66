"""Rows that stand for the ones before them too: when a sieve leaves rows out, and when it may not.

What a reader makes of such rows must be what it makes of all of them: see engines.py.
"""

from __future__ import annotations

import io

import pytest

from tests.sources import claude_lines
from tests.sources.claude_lines import answer
from tests.sources.engines import COMPILED_ENGINE, PLAIN_ENGINE, SIEVES, by_engine, read_bytes
from tokwatch.sources import lines as lines_module
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.agents.claude_records import REPLACED_ROWS
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.lines import Lines, Row
from tokwatch.sources.sieve import (
    COUNT,
    FIRST,
    GIVE,
    INSTANT,
    PICK,
    REPLACED,
    TEXT,
    Field,
    Head,
    Heads,
    Latest,
    Sieve,
)

HEADS = Heads(
    types=("usage", "event"),
    heads=(Head(b"us", PICK), Head(b"ev", GIVE)),
    untyped=PICK,
    glued=b'"type":"usage"',
    window=1,
)
FIELDS = (
    Field(("type",), TEXT),
    Field(("id",), TEXT),
    Field(("at",), INSTANT),
    Field(("tokens",), COUNT),
    Field(("name",), TEXT),
    Field((), FIRST),
    Field((), REPLACED),
)
LATEST = Latest(alike=(1,), told=(3,))
EVENT = b'{"type":"event"}\n'
EARLY, LATE = "2026-08-31T10:00:00Z", "2026-08-31T10:00:05Z"
EARLY_MS, LATE_MS = instant_ms(EARLY), instant_ms(LATE)


def line(name: str = "x", key: str = "a", at: str = EARLY, tokens: str = "5") -> bytes:
    """Return a line of usage."""
    told = f'{{"type":"usage","id":"{key}","at":"{at}","tokens":{tokens},"name":"{name}"}}\n'
    return told.encode("utf-8", "surrogateescape")


def never(line: bytes) -> Row:
    """Say that no line is decoded here."""
    raise AssertionError(line)


def found(*lines: bytes) -> list[str | bytes]:
    """Return what a compiled sieve tells of lines: a row's name, first second and replaced rows."""
    sieve = by_engine(COMPILED_ENGINE, Sieve(HEADS, FIELDS, never, LATEST))
    content = b"".join(lines)
    told: list[str | bytes] = []
    for run in sieve.sift(Lines(io.BytesIO(content), 0, 1 << 20, None)):
        for offset, row in run:
            if isinstance(row, bytes):
                assert content[offset:].startswith(row)
                told.append(row)
            else:
                _, _, at, _, name, first, replaced = row
                assert f'"name":"{name}"'.encode() in content[offset:].splitlines()[0]
                assert replaced == 0 or first <= at
                told.append(f"{name} {'early' if first == EARLY_MS else 'late'} {replaced}")
    return told


def test_the_last_of_neighbours_stands_for_all_and_tells_when_they_began() -> None:
    assert found(line("x", at=LATE), line("y", at=EARLY), line("z", at=LATE)) == ["z early 2"]
    assert found(line("x", at=LATE), line("y", at=LATE)) == ["y late 1"]
    assert found(line("x"), line("y", key="b"), line("z", key="b")) == ["x early 0", "z early 1"]


def test_what_is_passed_over_parts_no_neighbours_but_what_is_given_does() -> None:
    assert found(line("x"), b'{"type":"note"}\n', line("y")) == ["y early 1"]
    assert found(line("x"), EVENT, line("y")) == ["x early 0", EVENT, "y early 0"]
    broken = b'{"type":"usage","id":"a"\n'
    assert found(line("x"), line("y"), broken) == ["y early 1", broken]


@pytest.mark.parametrize(
    "odd",
    [
        line("y", key="b"),
        line("y", key="a b"),
        line("y", tokens="null"),
        line("y", at="2026-08-31"),
        line("y", at="nonsense"),
        line("y", at="1969-01-01T00:00:00Z"),
        line("é"),
        line("y").replace(b'"id":"a",', b""),
        line("y").replace(b'"id":"a"', b'"id":null'),
        line("y").replace(b'"tokens":5,', b""),
    ],
)
def test_rows_that_are_not_alike_or_may_be_odd_are_all_told(odd: bytes) -> None:
    assert len(found(line("x"), odd)) == 2
    assert len(found(odd, line("x"))) == 2


def test_rows_without_a_name_are_not_alike() -> None:
    assert len(found(line("x", key=""), line("y", key=""))) == 2


@pytest.mark.parametrize("text", [b"\xff", b"x\xffx", b"\x80"])
def test_a_text_that_is_none_leaves_no_row_out(text: bytes) -> None:
    none = line("@").replace(b"@", text)

    assert found(none, line("y")) == [none, "y early 0"]
    assert found(line("x"), none, line("y")) == ["x early 0", none, "y early 0"]


def test_a_text_known_from_a_row_before_is_one() -> None:
    lines = [line("é", key="b"), line("é"), line("é")]

    assert found(*lines) == ["é early 0", "é early 1"]


def test_a_long_text_does_not_become_that_of_another_field() -> None:
    fields = [Field((name,), TEXT) for name in ("type", "id", "name")]
    sieve = by_engine(COMPILED_ENGINE, Sieve(HEADS, fields, never))
    nameless = line(key="x" * 512 + "a").replace(b'"name"', b'"other"')
    content = line("b") + nameless + line("a")
    [run] = sieve.sift(Lines(io.BytesIO(content), 0, 1 << 20, None))

    assert [row[2] for _, row in run] == ["b", None, "a"]


def test_neighbours_in_two_blocks_are_both_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "_blocks", [])
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", len(line()) + 3)

    assert found(line("x"), line("y")) == ["x early 0", "y early 0"]


def test_the_engine_in_python_tells_every_row() -> None:
    def pick(line: bytes) -> Row:
        return "usage", "a", EARLY_MS, 5, "x", EARLY_MS, 0

    sieve = by_engine(PLAIN_ENGINE, Sieve(HEADS, FIELDS, pick, LATEST))
    content = line("x") + line("x")
    [run] = sieve.sift(Lines(io.BytesIO(content), 0, 1 << 20, None))

    assert [offset for offset, _ in run] == [0, len(line("x"))]


def test_the_lines_of_a_response_are_one_row() -> None:
    sieve = by_engine(COMPILED_ENGINE, SIEVES[0])
    content = answer("a", 5) + answer("a", 6) + answer("b", 7)
    [run] = sieve.sift(Lines(io.BytesIO(content), 0, 1 << 20, None))

    assert [row[REPLACED_ROWS] for _, row in run] == [1, 0]


@pytest.mark.parametrize(
    ("lines", "repeated", "synthetic"),
    [
        ([answer("a", 5, at=LATE), answer("a", 7, at=EARLY), answer("a", 9, at=LATE)], 2, 0),
        ([answer("a", 5), answer("b", 7), answer("a", 9)], 1, 0),
        ([answer("a", 5), answer("a", 6), claude_lines.prompt(), answer("a", 9)], 2, 0),
        ([answer("a", 5, model="<synthetic>"), answer("a", 6, model="<synthetic>")], 0, 2),
        ([answer("a", 5, model="<synthetic>"), answer("a", 6)], 0, 1),
        ([answer(None, 5), answer(None, 6)], 0, 0),
        ([answer("a", counts={}), answer("a", 6)], 0, 0),
    ],
)
def test_a_transcript_is_read_as_if_every_row_were_told(
    lines: list[bytes], repeated: int, synthetic: int
) -> None:
    reading = read_bytes(ClaudeCode(), b"".join(lines))  # by both engines

    assert (reading.tally.repeated, reading.tally.synthetic) == (repeated, synthetic)
    for sighting in reading.sightings:
        assert sighting.first_ms <= sighting.instant_ms


def test_a_sieve_that_cannot_be_is_refused() -> None:
    by_engine(COMPILED_ENGINE, Sieve(HEADS, FIELDS, never, LATEST))
    no_instant = (FIELDS[0], Field((), FIRST), FIELDS[2])
    for fields, latest in ((no_instant, LATEST), (FIELDS, Latest(alike=(1,) * 49))):
        with pytest.raises(ValueError, match="field"):
            Sieve(HEADS, fields, never, latest)
