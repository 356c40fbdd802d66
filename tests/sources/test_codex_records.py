"""Codex threads of 0.169: one record for each response, beside the running totals."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.sources.codex_lines import THREAD, Counts, event, line, meta, record, totals, turn
from tests.sources.conftest import Read
from tests.sources.road import Road, outputs, reading, write
from tokwatch.ingest.ingest import Pace
from tokwatch.model.event import Grade
from tokwatch.model.usage import Dimension
from tokwatch.sources import lines

CALL: Counts = (1_000, 600, 50, 20)
TOTAL: Counts = (3_000, 2_400, 90, 30)


def test_a_thread_with_records_counts_exactly_those(codex: Read) -> None:
    """X0: records come before the running total, which tells the same again."""
    found = codex(
        meta(), turn(), record("r1", CALL, written=100), totals(CALL, CALL), record("r2", TOTAL)
    )
    counted = [s for s in found.sightings if s.grade == Grade.RECORD]

    assert [(s.input, s.cache_read, s.cache_write_5m, s.output) for s in counted] == [
        (300, 600, 100, 50),
        (600, 2_400, 0, 90),
    ]


def test_totals_before_the_first_record_do_not_count_either(codex: Read) -> None:
    """X0: a thread that has records counts exactly those."""
    assert outputs(codex(meta(), totals(TOTAL, TOTAL), record("r1", CALL))) == [50]


def test_records_that_come_in_a_later_read_replace_the_totals(road: Road, rollout: Path) -> None:
    """X0: a thread begun by an older version and resumed by a newer one is read again."""
    lines = [meta(), turn(), totals(TOTAL, TOTAL)]
    write(rollout, *lines)
    road.read()
    before = road.total().output
    write(rollout, *lines, record("r1", CALL), totals((4_000, 3_000, 140, 50)))
    road.read()

    assert (before, road.total().output, road.total().requests) == (90, 50, 1)


def test_reading_again_happens_once(rollout: Path, sessions: Path) -> None:
    """X0: once the records are known, appended lines are read from where they begin."""
    lines = [meta(), totals(TOTAL, TOTAL)]
    first = reading("codex", write(rollout, *lines), sessions)
    lines.append(record("r1", CALL))
    second = reading("codex", write(rollout, *lines), sessions, first.cursor)
    lines.append(record("r2", CALL))
    third = reading("codex", write(rollout, *lines), sessions, second.cursor)

    assert [found.from_start for found in (first, second, third)] == [True, True, False]
    assert outputs(third) == [50]


def test_a_compaction_is_a_response_with_a_record(codex: Read) -> None:
    """X0: `compacted` names it; the running total may stay as it is."""
    compacted = line("compacted", {"message": "", "compaction_response_id": "r2"})

    found = codex(meta(), record("r1", CALL), record("r2", TOTAL), compacted, totals(CALL))

    assert outputs(found) == [50, 90]


def test_a_response_counts_once_over_all_logs(road: Road, sessions: Path) -> None:
    """X0: a fork copies the records of its parent."""
    own = [record("r1", CALL), record("r2", TOTAL)]
    write(sessions / "rollout-a.jsonl", meta("a"), *own)
    write(sessions / "rollout-b.jsonl", meta("b", forked_from_id="a"), *own, record("r3", CALL))
    road.read()

    sums = road.sums((Dimension.SESSION,))
    assert {session: spent.output for (session,), spent in sums.items()} == {"a": 140, "b": 50}


@pytest.mark.parametrize("order", list(permutations(("a", "b"))))
def test_a_fork_with_totals_takes_nothing_from_a_parent_with_records(
    road: Road, sessions: Path, order: tuple[str, str]
) -> None:
    """X0 and X3: the parent's records have counted what the copied totals tell."""
    logs = {
        "a": [meta("a"), record("r1", CALL), totals(CALL), record("r2", CALL), totals(TOTAL)],
        "b": [
            meta("b", forked_from_id="a"),
            totals(CALL),
            totals(TOTAL),
            totals((4_000, 3_000, 140, 50)),
        ],
    }
    for name in order:
        write(sessions / f"rollout-{name}.jsonl", *logs[name])
        road.read()

    sums = road.sums((Dimension.SESSION,))
    assert {session: spent.output for (session,), spent in sums.items()} == {"a": 100, "b": 50}


def test_a_record_without_an_id_is_a_response_of_its_own(codex: Read) -> None:
    """X0: the key is then the log and the offset."""
    assert outputs(codex(meta(), record(None, CALL), record(None, CALL))) == [50, 50]


def test_a_record_that_names_its_model_is_of_it(codex: Read) -> None:
    """X0: a compaction may run on another model than the turn."""
    found = codex(meta(), turn("gpt-5.5"), record("r1", CALL, model="gpt-5.4-mini"))

    assert [s.model.name for s in found.sightings] == ["gpt-5.4-mini"]


@pytest.mark.parametrize(("tier", "expected"), [("priority", "priority"), (None, "standard")])
def test_a_record_that_names_its_tier_is_of_it(
    codex: Read, tier: str | None, expected: str
) -> None:
    """2.2: the tier of one request stands in its record."""
    found = codex(meta(), turn(), record("r1", CALL, service_tier=tier))

    assert [s.model.tier for s in found.sightings] == [expected]


@pytest.mark.parametrize("stamp", [None, "yesterday"])
def test_an_undated_record_is_shown_but_not_counted(codex: Read, stamp: str | None) -> None:
    """Section 0: no timestamp, no event."""
    found = codex(meta(), record("r1", CALL, at=stamp), record("r2", TOTAL))

    assert (outputs(found), found.tally.undated) == ([90], 1)


def test_a_record_without_usage_is_of_an_unknown_shape(codex: Read) -> None:
    """4.5: a shape that no version had is counted and shown."""
    found = codex(meta(), record("r1", CALL, usage=None), record("r2", TOTAL))

    assert (outputs(found), found.tally.unknown) == ([90], 1)


def test_a_thread_without_session_meta_counts_its_records_once(road: Road, rollout: Path) -> None:
    """X0: the totals beside the records claim nothing for themselves."""
    write(rollout, totals(CALL), record("r1", CALL), totals(TOTAL), record("r2", CALL))
    road.read()

    assert (road.total().output, road.total().requests) == (100, 2)


@pytest.mark.parametrize("first", [turn(), event("user_message", message="x")])
def test_a_record_glued_behind_another_line_is_read(codex: Read, first: bytes) -> None:
    """C11: the newline between them was lost."""
    found = codex(meta(), first[:-1] + record("r1", CALL))

    assert (outputs(found), found.tally.glued_lines) == ([50], 1)


def test_records_of_an_imported_turn_do_not_count(codex: Read) -> None:
    """4.1: what another tool spent is told by that tool's logs."""
    found = codex(
        meta(), event("task_started", turn_id="external-import-turn-1"), record("r1", CALL)
    )

    assert outputs(found) == []


def test_records_name_the_thread_of_their_log(codex: Read) -> None:
    """X0: `thread_id` in a record may be an ancestor's; the log is this thread's."""
    (sighting,) = codex(meta(), record("r1", CALL, thread_id="another")).sightings

    assert sighting.scope.session == THREAD


@pytest.mark.parametrize("batch", [1, 100])
def test_records_that_come_in_a_later_piece_replace_the_totals(
    road: Road, rollout: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """X0 and 4.4: a large log is read in pieces, written together or one by one."""
    monkeypatch.setattr(lines, "BLOCK_BYTES", 500)
    growing = [totals((number * 100, 0, number, 0)) for number in range(1, 30)]
    later = [record(f"r{number}", (100, 0, 7, 0)) for number in range(10)]
    write(rollout, meta(), turn(), *growing, *later)
    pace = Pace(chunk_bytes=1_500, batch_events=1_000, batch_logs=batch)
    for _ in road.ingest.read(road.ingest.walk().pending, pace=pace):
        pass

    assert (road.total().output, road.total().requests) == (70, 10)
