"""Requests that were logged unfinished: which are told, and where their records stand."""

from __future__ import annotations

from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.unfinished import unfinished
from tokwatch.store.view import IMPORTED

CUT = Made(MARCH_MS, final=0, path="/a.jsonl")


def test_only_lower_bounds_of_the_range_in_logs_of_this_machine_are_told(
    database: Database,
) -> None:
    made = [CUT, replace(CUT, final=1), replace(CUT, at_ms=MARCH_MS + 5), replace(CUT, requests=0)]
    imported = replace(CUT, path="/brought.jsonl")
    logs: list[dict[str, object]] = [{"path": "/a.jsonl"}, {"path": imported.path}]
    view = build(database, [*made, imported], logs=logs)
    database.execute("UPDATE log SET inode = ? WHERE path = ?", (str(IMPORTED), imported.path))

    assert [one.path for one in unfinished(view)] == ["/a.jsonl", "/a.jsonl"]
    [one] = unfinished(view, Slice(MARCH_MS, MARCH_MS + 1))
    assert one.source == "claude-code"
    assert len(unfinished(view, limit=1)) == 1
