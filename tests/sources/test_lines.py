"""Complete lines of a growing file, whatever their length and wherever the file ends."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.sources import lines as lines_module
from tokwatch.sources.lines import Found, Lines, head_and_tail

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LIMIT = 1_000
LOGS = st.lists(st.sampled_from([b"a", b"bb", b"{}", b"\n", b"\n\n", b"}", b"{"]), max_size=20)
CUTS = st.lists(st.integers(0, 200), max_size=5)


def read(content: bytes, offset: int = 0, limit: int = LIMIT, until: int | None = None) -> Lines:
    """Return what reads a file of this content."""
    return Lines(io.BytesIO(content), offset, limit, until)


def told(lines: Lines) -> Iterator[tuple[int, bytes]]:
    """Yield every line with its offset."""
    for offset, run in lines:
        for line in run:
            yield offset, line
            offset += len(line)


@pytest.mark.parametrize(
    ("content", "offset"),
    [
        (b"", 0),
        (b"a\nb\n", 4),
        (b"a\nb", 2),
        (b"a\n{}", 4),
        (b'a\n{"b":', 2),
        (b'a\n{"b":}', 2),
        (b"a\n{}{}", 2),
        (b"a\n5", 2),
        (b"\n\n\n", 3),
        (b"a\r\nb\r\n", 6),
        (b"a\n\0\0\0", 2),
    ],
)
def test_only_what_is_complete_is_consumed(content: bytes, offset: int) -> None:
    """4.2: a line ends with its newline, or is a whole record; the rest waits."""
    lines = read(content)
    found = list(told(lines))

    assert lines.offset == offset
    assert b"".join(line for _, line in found) == content[:offset]
    assert lines.count == len(found)


def test_reading_begins_where_it_is_told() -> None:
    """4.2: offsets are those in the file."""
    assert list(told(read(b"a\nbb\nccc\n", 2))) == [(2, b"bb\n"), (5, b"ccc\n")]


@pytest.mark.parametrize("length", [LIMIT + 1, LIMIT * 3, LIMIT * 50])
def test_a_line_over_the_limit_is_passed_over(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """4.4: it is counted, never held, and the next one is read."""
    monkeypatch.setattr(lines_module, "_SKIP_BYTES", 64)
    content = b"a\n" + b"x" * length + b"\nb\n"
    lines = read(content)

    assert list(told(lines)) == [(0, b"a\n"), (len(content) - 2, b"b\n")]
    assert (lines.oversized, lines.count, lines.offset) == (1, 2, len(content))


def test_the_end_of_a_huge_line_may_be_missing() -> None:
    """4.4: then it waits like any other."""
    lines = read(b"a\n" + b"x" * LIMIT * 3)

    assert list(told(lines)) == [(0, b"a\n")]
    assert (lines.oversized, lines.offset) == (0, 2)


def test_a_read_ends_after_the_line_that_crosses_its_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """4.4: a log of gigabytes is read in pieces."""
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", 4)
    lines = read(b"aaa\nbbb\nccc\nddd\n", until=6)

    assert [line for _, line in told(lines)] == [b"aaa\n", b"bbb\n"]
    assert lines.offset == 8


def test_lines_come_in_runs_of_about_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """4.4: what is held is bounded by the block and the longest line."""
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", 8)

    runs = list(read(b"aaa\nbbb\nccc\nddd\ne\n"))

    assert runs == [(0, [b"aaa\n", b"bbb\n"]), (8, [b"ccc\n", b"ddd\n"]), (16, [b"e\n"])]


@pytest.mark.parametrize("tail", [b"[" * 100_000 + b"}", b'{"a":"\xff"}', b'{"a":\xff}'])
def test_a_tail_that_is_no_record_waits(tail: bytes) -> None:
    """4.7: to ask whether it is whole never fails."""
    lines = read(b"a\n" + tail, limit=1 << 20)

    assert [line for _, line in told(lines)][:1] == [b"a\n"]


@given(content=st.binary(max_size=200), limit=st.integers(1, 60), cuts=CUTS)
def test_any_bytes_in_any_pieces_give_the_same_bytes(
    content: bytes, limit: int, cuts: list[int]
) -> None:
    """4.2: nothing is told twice, and nothing left out but what is too long."""
    ended = content.replace(b"}", b"") + b"\n"
    offset, pieces = 0, []
    for end in [*sorted(cuts), len(ended)]:
        lines = read(ended[:end], offset, limit)
        pieces += list(told(lines))
        offset = lines.offset

    assert offset == len(ended)
    assert all(ended[place : place + len(line)] == line for place, line in pieces)
    assert sum(len(line) for _, line in pieces) == len(ended) - _too_long(ended, limit)


def _too_long(content: bytes, limit: int) -> int:
    """Return how many bytes are in lines over the limit."""
    lengths = [len(line) + 1 for line in content.split(b"\n")[:-1]]
    return sum(length for length in lengths if length > limit)


def all_lines(block: bytearray, size: int, offset: int) -> tuple[Found, int, int]:
    """Return every complete line, as a sieve does that finds all of them."""
    end = block.rfind(b"\n", 0, size) + 1
    found = every_one(offset, io.BytesIO(block[:end]).readlines())
    return found, len(found), offset + end


def every_one(offset: int, run: list[bytes]) -> Found:
    """Return lines with their offsets."""
    found: Found = []
    for line in run:
        found.append((offset, line))
        offset += len(line)
    return found


class Dripping(io.BytesIO):
    """Tells three bytes at once at most."""

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        return super().readinto(memoryview(buffer)[:3])


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> list[bytearray]:
    """Return the blocks that are not in use, of 16 bytes."""
    unused: list[bytearray] = []
    monkeypatch.setattr(lines_module, "_blocks", unused)
    monkeypatch.setattr(lines_module, "BLOCK_BYTES", 16)
    return unused


@given(parts=LOGS, offset=st.integers(0, 9), until=st.integers(0, 60), blocks=st.integers(1, 20))
def test_a_sieve_is_given_the_same_lines(
    parts: list[bytes], offset: int, until: int, blocks: int
) -> None:
    """4.4: whatever the blocks, the bound, and how the log ends."""
    content = b"".join(parts)
    bound = until if until < 50 else None
    plain = Lines(io.BytesIO(content), offset, LIMIT, bound)
    expected = list(told(plain))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "_blocks", [])
        patch.setattr(lines_module, "BLOCK_BYTES", blocks)
        for file in (io.BytesIO(content), Dripping(content)):
            lines = Lines(file, offset, LIMIT, bound)

            assert [each for run in lines.sifted(all_lines, every_one) for each in run] == expected
            assert (lines.offset, lines.count) == (plain.offset, plain.count)
            assert lines.proof in (None, head_and_tail(io.BytesIO(content), lines.offset))


def test_what_is_written_behind_the_end_that_was_told_waits() -> None:
    """4.2: the next read begins there."""
    content = b"a\nbbb\n{}\nccc\n"
    first = Lines(Dripping(content), 0, LIMIT, None, 6)
    found = [each for run in first.sifted(all_lines, every_one) for each in run]
    second = read(content, first.offset)

    assert first.offset == 6
    assert [*found, *told(second)] == list(told(read(content)))


def test_a_block_is_used_again_but_by_one_read_at_once(blocks: list[bytearray]) -> None:
    """4.4: what is held is bounded; a block that grew is not kept."""
    contents = [b"aaa\nbbb\nccc\nddd\neee\n", b"f" * 99 + b"\n", b"ggg\nhhh\niii\njjj\nkkk\n"]
    reads = [read(content).sifted(all_lines, every_one) for content in contents * 2]
    runs = [list(rounds) for rounds in zip_longest(*reads, fillvalue=[])]
    found = [[line for run in column for _, line in run] for column in zip(*runs, strict=True)]

    assert found == [content.splitlines(keepends=True) for content in contents * 2]
    assert [len(block) for block in blocks] == [16] * 4

    list(read(contents[0]).sifted(all_lines, every_one))

    assert len(blocks) == 4


@pytest.mark.parametrize("end", [b"", b"{}", b"{"])
def test_the_fingerprint_of_a_file_read_at_once_is_known(end: bytes) -> None:
    """4.2: it need not be read for it again."""
    content = b"a\n" * 2_000 + end
    lines = read(content)
    list(lines.sifted(all_lines, every_one))

    assert lines.proof == head_and_tail(io.BytesIO(content), lines.offset)


@pytest.mark.parametrize("place", [0, 63, 236, 299])
def test_the_fingerprint_tells_that_a_file_is_another(place: int) -> None:
    """4.2: it is of the first and last bytes that were read."""
    content = bytes(300)
    changed = content[:place] + b"x" + content[place + 1 :]

    assert _fingerprint(content, 300) == _fingerprint(content + b"appended", 300)
    assert _fingerprint(content, 300) != _fingerprint(changed, 300)


@pytest.mark.parametrize("offset", [0, 1, 10, 64, 65, 300])
def test_the_fingerprint_holds_no_piece_of_a_prompt(offset: int) -> None:
    """4.7: it lies in the store."""
    head, tail = _fingerprint(b"secret" * 50, offset)

    assert len(head) == len(tail) == 8
    assert b"secret" not in head + tail


def _fingerprint(content: bytes, offset: int) -> tuple[bytes, bytes]:
    return head_and_tail(io.BytesIO(content), offset)
