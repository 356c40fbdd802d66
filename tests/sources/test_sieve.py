"""What a sieve finds in a log: which lines, where they begin, and where a read ends."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from tests.sources.claude_lines import answer, prompt
from tests.sources.codex_lines import record, totals
from tests.sources.engines import COMPILED_ENGINE, ENGINES, SIEVES, by_engine
from tokwatch.sources import lines as lines_module
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.lines import Found, Lines, Row, head_and_tail
from tokwatch.sources.sieve import GIVE, LINE, PICK, SKIP, TEXT, Field, Head, Heads, Sieve

LIMIT = 1 << 20
WINDOW = 40
HEADS = Heads(
    types=("usage", "event"),
    heads=(
        Head(b"us", PICK),
        Head(b"ev", PICK, b'{"type":"count"'),
        Head(b"ev", GIVE, b'{"type":"start"'),
        Head(b"ev", SKIP, b'{"type":"'),
        Head(b"ev", GIVE),
        Head(b"pr", GIVE, holding=b'"tokens"'),
    ),
    untyped=PICK,
    glued=b'"type":"usage"',
    window=WINDOW,
    aside=b'"file":',
)
FIELDS = (Field(("type",), TEXT), Field(("id",), TEXT), Field((), LINE))
USAGE, NOTE = b'{"type":"usage","id":"a"}\n', b'{"type":"note","text":"hello"}\n'


class Record(msgspec.Struct):
    type: str | None = None
    id: str | None = None


class Told(NamedTuple):
    """What was found, and where the read ended."""

    found: Found
    offset: int
    lines: int
    oversized: int


def pick(line: bytes) -> Row:
    """Return the FIELDS of a line."""
    decoded = msgspec.json.decode(line, type=Record)
    return decoded.type, decoded.id, line


@pytest.fixture(params=ENGINES)
def sieve(request: pytest.FixtureRequest) -> Sieve:
    """Return a sieve of each engine."""
    return by_engine(request.param, Sieve(HEADS, FIELDS, pick))


def sifted(sieve: Sieve, content: bytes, until: int | None = None, limit: int = LIMIT) -> Told:
    """Return what a sieve finds in bytes."""
    return told(sieve, Lines(io.BytesIO(content), 0, limit, until))


def told(sieve: Sieve, lines: Lines) -> Told:
    """Return what a sieve finds, every line of a wanted type as its values."""
    found = [(offset, settled(each)) for run in sieve.sift(lines) for offset, each in run]
    return Told(found, lines.offset, lines.count, lines.oversized)


def settled(each: Row | bytes) -> Row | bytes:
    """Return the values of a line that was handed back, where it is one that has them."""
    if not isinstance(each, bytes):
        return each
    try:
        row = pick(each)
    except NOT_JSON:
        return each
    return row if row[0] in HEADS.types else each


def row(line: bytes, name: str | None = "a", kind: str = "usage") -> Row:
    """Return the values of a line."""
    return kind, name, line


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let blocks be as small as the test says, and no block of it be used by another one."""
    monkeypatch.setattr(lines_module, "_blocks", [])
    return monkeypatch


PICKED = [
    USAGE,
    b'{"type":"usage","id":"a"}\r\n',
    b'{"id":"a","type":"usage"}\n',
    b'{"id":"a","x":{"type":"note"},"type":"usage"}\n',
    b'{ "type" : "usage" ,\t"id":"a" } \r\n',
    b'{"x":{"file":1},"id":"a","type":"usage"}\n',
]
GIVEN = [
    *(b"\n", b"\r\n", b" \n", b"{\n", b"}\n", b"{}\n", b"\0\0\0\n", b"[1]\n"),
    b'"type":"note","type":"usage"}\n',
    b'"type":"usage"}\n',
    b'"type":"note","x":1}\n',
    b'"type":"note","type":"note"}\n',
    b'{"type":"prompt","x":{"tokens":1}}\n',
    b'{"type":"prompt","tokens":1}\n',
    b'{"type": "note","text":"hello"}\n',
    b'{"x":{"type":"note"}}\n',
    b'{"type":"usage","id":"a"\n',
    b'{"type":"usage","id":5}\n',
    b'{"type":"usages","id":"a"}\n',
    b'{"type":"using","id":"a"}\n',
    rb'{"type":"usage","id":"a","x":"\ud800"}' + b"\n",
    rb'{"type":"usage","id":"a","x":{"\uDFFF":[]}}' + b"\n",
    b'{"type":"note","text":"he\n',
    b'{"type":"note","text":"he"\r\n',
    b'{"x":1,"file":{"type":"note"\n',
    NOTE[:-1] + USAGE,
]
PASSED = [
    NOTE,
    NOTE[:-1] + b"\r\n",
    b'{"type":"event","x":{"type":"other"}}\n',
    b'{"type":"prompt","x":{"token":1}}\n',
    b'{"tokens":1,"type":"prompt"}\n',
    b'{"type":"","x":1}\n',
    b'{"file":{"type":"note"},"type":"file"}\n',
    b'{"type":"note","text":"\xff"}\n',
    b'{"type":"note"x}\n',
]


@pytest.mark.parametrize("line", PICKED)
def test_values_are_picked_of_lines_that_tell(sieve: Sieve, line: bytes) -> None:
    assert sifted(sieve, NOTE + line) == ([(len(NOTE), row(line))], len(NOTE + line), 2, 0)


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"event","x":{"type":"count"},"id":"a"}\n',
        b'{"type":"event","x":{"type":"start"},"id":"a"}\n',
        b'{"type":"event","x":{"n":1,"type":"other"},"id":"a"}\n',
        b'{"id":"a","type":"event"}\n',
    ],
)
def test_a_type_may_tell_by_its_first_inner_object(sieve: Sieve, line: bytes) -> None:
    """The first head that fits decides."""
    assert sifted(sieve, line).found == [(0, row(line, "a", "event"))]


@pytest.mark.parametrize("line", GIVEN)
def test_what_has_to_be_looked_at_is_given(sieve: Sieve, line: bytes) -> None:
    """An untyped line, a torn one, one of several records, one whose values are of other types."""
    assert sifted(sieve, NOTE + line) == ([(len(NOTE), line)], len(NOTE + line), 2, 0)


@pytest.mark.parametrize("line", PASSED)
def test_other_lines_are_passed_over(sieve: Sieve, line: bytes) -> None:
    assert sifted(sieve, line) == ([], len(line), 1, 0)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize(("past", "is_seen"), [(0, True), (1, False), (60, False)])
def test_a_record_without_its_newline_shows_near_the_end(
    sieve: Sieve, end: bytes, past: int, *, is_seen: bool
) -> None:
    """The window counts the newline."""
    tail = HEADS.glued + b"," + b" " * (WINDOW - len(HEADS.glued + b",}" + end) + past)
    line = NOTE[:-1] + b"{" + tail + b"}" + end

    assert len(tail + b"}" + end) == WINDOW + past
    assert sifted(sieve, line).found == ([(0, line)] if is_seen else [])


@pytest.mark.parametrize("before", range(70))
def test_what_a_line_must_hold_may_lie_anywhere(sieve: Sieve, before: int) -> None:
    lines = [
        b'{"type":"prompt",' + b" " * before + tail + b"}\n"
        for tail in (b'"tokens"', b'"tokens":1', b'"tokens":' + b"9" * 99, b'"token"', b"tokens")
    ]
    found = sifted(sieve, b"".join(lines)).found

    assert [each for _, each in found] == lines[:3]


@pytest.mark.parametrize(
    ("tail", "is_read"),
    [
        (b"", False),
        (b'{"type":"usage"', False),
        (USAGE[:-2], False),
        (USAGE[:-1], True),
        (b'{"type":"usage","id":"a"}}', False),
        (b'{"type":"note"}{"type":"usage"}', False),
        (b'{"type":"note","x":{},"type":"usage"}', True),
        (b'{"file":{},"type": "usage"}', True),
        (b'{"type":"note"}', True),
        (b"5", False),
    ],
)
def test_an_unended_line_waits_unless_it_is_whole(
    sieve: Sieve, tail: bytes, *, is_read: bool
) -> None:
    """Nor does it tell more than if it had its newline."""
    content = NOTE + USAGE
    shown = [(len(NOTE), row(USAGE))]
    ended = sifted(sieve, content + tail + b"\n").found[1:] if is_read else []

    found, offset, count, _ = sifted(sieve, content + tail)

    assert (offset, count) == (len(content + tail * is_read), 2 + is_read)
    assert len(found) == len(shown + ended)
    assert found[:1] == shown


CONTENT = NOTE + USAGE + b"\n" + NOTE[:-1] + b"\r\n" + USAGE * 2 + NOTE * 2 + USAGE[:-1]


@pytest.mark.parametrize("size", [1, 2, 16, 31, 57, 64, len(CONTENT), len(CONTENT) + 1, 999])
def test_lines_are_the_same_in_blocks_of_any_size(
    sieve: Sieve, size: int, small_blocks: pytest.MonkeyPatch
) -> None:
    """A block grows where a line is longer."""
    whole = sifted(sieve, CONTENT)
    small_blocks.setattr(lines_module, "BLOCK_BYTES", size)

    assert sifted(sieve, CONTENT) == whole
    assert [offset for offset, _ in whole.found] == [31, 57, 90, 116, 204]
    assert (whole.offset, whole.lines) == (len(CONTENT), 9)


@pytest.mark.parametrize("size", [7, 64, 1 << 20])
def test_a_read_ends_behind_the_line_that_crosses_its_bound(
    sieve: Sieve, size: int, small_blocks: pytest.MonkeyPatch
) -> None:
    """Wherever the bound lies: within a line, a block, at their end, or behind the log's."""
    small_blocks.setattr(lines_module, "BLOCK_BYTES", size)
    all_found = sifted(sieve, CONTENT).found
    for until in range(len(CONTENT) + 3):
        end = CONTENT.find(b"\n", max(until - 1, 0)) + 1 or len(CONTENT)
        end = end if until else 0
        told = sifted(sieve, CONTENT, until)

        assert told.offset == end
        assert told.found == [each for each in all_found if each[0] < end]
        assert told.lines == CONTENT[:end].count(b"\n") + (end == len(CONTENT))


def test_a_block_holds_nothing_of_what_was_in_it(
    sieve: Sieve, small_blocks: pytest.MonkeyPatch
) -> None:
    """Not of a longer log, nor of a longer line; one that grew is not kept."""
    small_blocks.setattr(lines_module, "BLOCK_BYTES", 128)
    longest = b'{"type":"note","text":"' + USAGE[:-1] * 50 + b"." * WINDOW + b'"}\n'
    for content in (USAGE * 4, longest, longest + USAGE, USAGE, USAGE[:20], b""):
        ended = content.endswith(b"\n")
        count = content.count(b"\n")
        found = [(content.rfind(USAGE), row(USAGE))] if content.endswith(USAGE) else []

        told = sifted(sieve, content)

        assert (told.found[-1:], told.lines) == (found, count)
        assert told.offset == (len(content) if ended else 0)
    assert all(len(block) == 128 for block in lines_module._blocks)


@pytest.mark.parametrize("length", [200, 300, 5_000])
def test_a_line_over_the_limit_is_passed_over(sieve: Sieve, length: int) -> None:
    line = b'{"type":"usage","id":"' + b"x" * length + b'"}\n'

    told = sifted(sieve, USAGE + line + USAGE, limit=200)

    assert told.found == [(0, row(USAGE)), (len(USAGE + line), row(USAGE))]
    assert (told.lines, told.oversized) == (2, 1)


@pytest.mark.parametrize("buffering", [0, 16, 1 << 16])
@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_a_file_is_read_from_where_it_is_told(
    sieve: Sieve, tmp_path: Path, buffering: int, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And afterwards it tells its fingerprint as before, whatever its buffer holds."""
    monkeypatch.setattr("sys.platform", platform)
    path = tmp_path / "log.jsonl"
    path.write_bytes(CONTENT)
    with path.open("rb", buffering=buffering) as file:
        before = head_and_tail(file, len(CONTENT))
        lines = Lines(file, 57, LIMIT, None)
        found = told(sieve, lines)
        after = head_and_tail(file, len(CONTENT))

    assert found.found == sifted(sieve, CONTENT).found[1:]
    assert (found.offset, found.lines) == (len(CONTENT), 7)
    assert before == after == head_and_tail(io.BytesIO(CONTENT), len(CONTENT))


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 2_000])
def test_a_text_is_that_of_its_own_line(sieve: Sieve, size: int) -> None:
    """Also where it is nearly, or in part, that of the line before."""
    names = ["n" * size + end for end in ("", "a", "b", "b", "", "a", "é", "è", "\U0001f600")]
    lines = [f'{{"type":"usage","id":"{name}"}}\n'.encode() for name in names]
    found = [each for _, each in sifted(sieve, b"".join(lines)).found]

    assert found == [("usage", name, line) for name, line in zip(names, lines, strict=True)]


def test_the_compiled_engine_picks_what_the_tools_write() -> None:
    """Not to hand lines back is what it is there for."""
    lines = answer("a", costUSD=0.5) + prompt() + answer("b", text='a "quoted" \\ text')
    events = totals((5, 0, 1, 0), (5, 0, 1, 0)) + record("r", (5, 0, 1, 0))
    for log, sieve in zip((lines, events), SIEVES, strict=True):
        by_engine(COMPILED_ENGINE, sieve)
        found = [each for run in sieve.sift(Lines(io.BytesIO(log), 0, LIMIT, None)) for each in run]

        assert [type(each) for _, each in found] == [tuple, tuple]
