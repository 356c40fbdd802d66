"""Reads the detail of hand-made logs, whole or in pieces."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from tests.sources.road import MAX_LINE, found_log, write
from tokwatch.model.detail import Block, Detail, DetailCursor, Part
from tokwatch.sources import source_named
from tokwatch.sources.detail_reader import ReadDetail, read_detail
from tokwatch.sources.source import Detailed, is_detailed

NAME = "projects/p/5f0c2b6e-0000-4000-8000-000000000001.jsonl"


def detailed(source: str) -> Detailed:
    """Return a source that offers detail."""
    found = source_named(source)
    assert found is not None
    assert is_detailed(found)
    return found


def read(
    source: str, path: Path, cursor: DetailCursor | None = None, piece: int = 1 << 30
) -> ReadDetail:
    """Return one read of one log."""
    return read_detail(detailed(source), found_log(path, path.parent), cursor, MAX_LINE, piece)


def joined(details: list[Detail]) -> Detail:
    """Return what a store holds after several reads: the later word on a thing counts."""
    return Detail(
        blocks=tuple(
            sorted({(b.session, b.agent, b.number): b for d in details for b in d.blocks}.values())
        ),
        turns=tuple(
            sorted({(t.session, t.agent, t.number): t for d in details for t in d.turns}.values())
        ),
        compactions=tuple({c.offset: c for d in details for c in d.compactions}.values()),
        incidents=tuple(i for d in details for i in d.incidents),
        delegations=tuple({(d.parent, d.call): d for e in details for d in e.delegations}.values()),
        flights=details[-1].flights if details else (),
    )


def in_pieces(source: str, path: Path, piece: int) -> Detail:
    """Return the detail of a log read in pieces of so many bytes."""
    details: list[Detail] = []
    cursor, more = None, True
    while more:
        found = read(source, path, cursor, piece)
        details.append(found.detail)
        cursor, more = found.cursor, found.more
    return joined(details)


def told(source: str, *lines: bytes, name: str = NAME, beside: str = "") -> Detail:
    """Return the detail of a log of these lines; `beside` is a sub-agent's small file."""
    with TemporaryDirectory() as scratch:
        path = write(Path(scratch, name), *lines)
        if beside:
            path.with_name(f"{path.stem}.meta.json").write_text(beside, encoding="utf-8")
        found = in_pieces(source, path, 1 << 30)
    return replace(found, state=b"")


def parts(detail: Detail) -> list[Part]:
    """Return the sorts of all blocks, in order."""
    return [block.part for block in detail.blocks]


def only(detail: Detail, part: Part) -> Block:
    """Return the only block of a sort."""
    [found] = [block for block in detail.blocks if block.part is part]
    return found
