"""Details with one of everything, and how they get into a store."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.model.detail import (
    Block,
    Compaction,
    Delegation,
    Detail,
    DetailCursor,
    Flight,
    Incident,
    Part,
    Turn,
)
from tokwatch.store.connect import Database
from tokwatch.store.detail import DetailWriter

CURSOR = DetailCursor(1000, 5, 7, 900, b"head", b"tail", b"state", 1)


def block(number: int, at_ms: int = 1, **told: object) -> Block:
    """Return a block, by default a plain result of a tool."""
    plain = Block(
        *(number, at_ms, "", Part.TOOL_RESULT, "Bash"),
        chars=4000,
        tokens=1000,
        digest=number + 11,
        subject=12,
        call=13,
        is_error=False,
        request=0,
        offset=number * 100,
    )
    return plain._replace(**told)  # type: ignore[arg-type]  # of the fields' own types


def detail_of(name: str, at_ms: int, agent: str = "", request: int = 1) -> Detail:
    """Return one of everything, of a tool, a model and an agent of this name."""
    return Detail(
        blocks=(block(0, at_ms, tool=name, agent=agent, request=request),),
        turns=(Turn(0, agent, at_ms, at_ms + 5, 1, 2, interrupted=True, finished=False),),
        compactions=(Compaction(at_ms, agent, 900, None, "auto", 50, 3),),
        incidents=(Incident(at_ms, agent, "server", 500, 1, 60),),
        delegations=(Delegation(at_ms, agent, f"{name}'s child", "Explore", 9, 70, 13),),
        flights=(Flight(5, at_ms, agent, name),),
    )


def write(
    database: Database,
    path: str,
    detail: Detail,
    *,
    machine: str = "",
    from_start: bool = True,
    offset: int = CURSOR.offset,
    workspace: int = 1,
) -> bool:
    """Write a detail as that of a log."""
    writer = DetailWriter(database, workspace, machine)
    return writer.write(path, detail, replace(CURSOR, offset=offset), from_start=from_start)
