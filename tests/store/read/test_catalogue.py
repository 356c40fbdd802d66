"""Names, bounds and counts of logs."""

from __future__ import annotations

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import (
    bounds,
    has_ledgers,
    log_counts,
    model_names,
    newest_by_source,
    newest_ms,
    project_names,
)


def test_bounds_are_the_first_and_last_quarter_of_a_range(database: Database) -> None:
    view = build(database, [Made(MARCH_MS + number * QUARTER_MS + 5) for number in range(5)])
    assert bounds(view) == (MARCH_MS, MARCH_MS + 4 * QUARTER_MS)
    part = Slice(MARCH_MS + 1, MARCH_MS + 3 * QUARTER_MS)
    assert bounds(view, part) == (MARCH_MS + QUARTER_MS, MARCH_MS + 2 * QUARTER_MS)
    assert bounds(view, Slice(models=("none",))) is None


def test_an_empty_store_has_no_bounds_and_no_newest_event(database: Database) -> None:
    view = build(database, [])
    assert bounds(view) is None
    assert newest_ms(view) == 0
    assert not has_ledgers(view)


def test_names_are_those_used_in_order(database: Database) -> None:
    view = build(
        database,
        [
            Made(MARCH_MS, model="b", project="/z"),
            Made(MARCH_MS, model="a", project="/y", tier="fast"),
            Made(MARCH_MS, model="a", project="/y"),
        ],
    )
    assert model_names(view) == ["a", "b"]
    assert project_names(view) == ["/y", "/z"]


def test_log_counts_add_up_by_source(database: Database) -> None:
    logs = [
        {"path": "/1", "source": "codex", "bad_lines": 2, "mtime_ns": 5_000_000},
        {"path": "/2", "source": "codex", "bad_lines": 1, "oversized_lines": 4, "undated": 3},
        {"path": "/3", "source": "claude-code", "unknown": 7, "sample": "id, usage", "repeated": 2},
        {"path": "/4", "source": "claude-code", "repeated": 1},
    ]
    counts = log_counts(build(database, [], logs=logs))
    assert [(one.source, one.files, one.bad_lines, one.oversized_lines) for one in counts] == [
        ("claude-code", 2, 0, 0),
        ("codex", 2, 3, 4),
    ]
    assert [(one.undated, one.unknown) for one in counts] == [(0, 7), (3, 0)]
    assert [(one.repeated, one.sample) for one in counts] == [(3, "id, usage"), (0, "")]


def test_log_counts_can_be_of_one_source(database: Database) -> None:
    logs: list[dict[str, object]] = [
        {"path": "/1", "source": "codex"},
        {"path": "/2", "source": "claude-code"},
    ]
    counts = log_counts(build(database, [], logs=logs), ("codex",))
    assert [one.source for one in counts] == ["codex"]


def test_the_newest_use_is_told_by_source(database: Database) -> None:
    view = build(
        database,
        [
            Made(MARCH_MS, source="claude-code"),
            Made(MARCH_MS + 2 * QUARTER_MS, source="codex"),
            Made(MARCH_MS + QUARTER_MS, source="claude-code"),
            Made(MARCH_MS - 20 * DAY_MS, source="gemini"),
            Made(MARCH_MS - 300 * DAY_MS, source="aider"),
        ],
    )

    assert newest_by_source(view) == {
        "aider": MARCH_MS - 300 * DAY_MS,
        "claude-code": MARCH_MS + QUARTER_MS,
        "codex": MARCH_MS + 2 * QUARTER_MS,
        "gemini": MARCH_MS - 20 * DAY_MS,
    }
