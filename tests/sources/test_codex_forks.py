"""Forked, resumed and spawned Codex threads: which of them a total counts for."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.sources.codex_lines import Counts, meta, plus, totals
from tests.sources.road import Road, write
from tokwatch.model.usage import Dimension

EARLY, LATE, LATER = (f"2026-08-0{day}T10:00:00.000Z" for day in (1, 2, 3))
CALL: Counts = (100, 60, 10, 1)
ORDERS = list(permutations(("a", "b")))
THREES = list(permutations(("a", "b", "c")))


def chain(*outs: int, at: str = EARLY) -> list[bytes]:
    """Return running totals that grow by these outputs."""
    total: Counts = (0, 0, 0, 0)
    lines = []
    for out in outs:
        last: Counts = (out * 10, out * 5, out, 0)
        total = plus(total, last)
        lines.append(totals(total, last, at))
    return lines


def told(road: Road) -> dict[str, int]:
    """Return output tokens by session."""
    sums = road.sums((Dimension.SESSION,))
    return {str(session): spent.output for (session,), spent in sums.items()}


def ingest(road: Road, sessions: Path, logs: dict[str, list[bytes]], order: object) -> None:
    """Read these logs one after the other, by thread in the given order."""
    assert isinstance(order, tuple)
    for thread in order:
        write(sessions / f"rollout-{thread}.jsonl", *logs[thread])
        road.read()


@pytest.mark.parametrize("order", ORDERS)
def test_copied_totals_count_for_the_parent(road: Road, sessions: Path, order: object) -> None:
    """X3: a fork begins with its parent's events, re-stamped; even when it began earlier."""
    logs = {
        "a": [meta("a", LATE), *chain(5, 7, 9)],
        "b": [meta("b", EARLY, forked_from_id="a"), *chain(5, 7, 11, at=LATE)],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 21, "b": 11}


@pytest.mark.parametrize("order", THREES)
def test_a_fork_of_a_fork_counts_what_is_its_own(road: Road, sessions: Path, order: object) -> None:
    """X3: three generations of one chain."""
    logs = {
        "a": [meta("a", EARLY), *chain(5, 7)],
        "b": [meta("b", EARLY, forked_from_id="a"), *chain(5, 7, 9)],
        "c": [meta("c", EARLY, forked_from_id="b"), *chain(5, 7, 9, 11)],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 12, "b": 9, "c": 11}


@pytest.mark.parametrize("order", ORDERS)
def test_siblings_of_a_missing_parent_share_what_they_copied(
    road: Road, sessions: Path, order: object
) -> None:
    """X3 and X5: it counts for the thread that began first, the unseen total as its `last`."""
    logs = {
        "a": [meta("a", EARLY, forked_from_id="gone"), *chain(5, 7, 9)],
        "b": [meta("b", LATE, forked_from_id="gone"), *chain(5, 7, 11)],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 21, "b": 11}


@pytest.mark.parametrize("order", ORDERS)
def test_copies_that_name_nobody_count_for_who_began(
    road: Road, sessions: Path, order: object
) -> None:
    """X3: a resume into a new file names no parent; two equal links are no accident."""
    logs = {
        "a": [meta("a", LATE), *chain(5, 7, 9)],
        "b": [meta("b", EARLY), *chain(5, 7, 11)],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 9, "b": 23}


@pytest.mark.parametrize("order", ORDERS)
def test_strangers_may_begin_with_the_same_total(road: Road, sessions: Path, order: object) -> None:
    """X3: a single equal link needs a named parent to be a copy."""
    logs = {"a": [meta("a", EARLY), *chain(5, 7)], "b": [meta("b", LATE), *chain(5, 8)]}
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 12, "b": 13}


@pytest.mark.parametrize("order", ORDERS)
def test_strangers_may_consist_of_the_same_total(road: Road, sessions: Path, order: object) -> None:
    """X3: two runs of one short prompt were both billed."""
    logs = {"a": [meta("a", EARLY), *chain(5)], "b": [meta("b", LATE), *chain(5)]}
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 5, "b": 5}


def test_strangers_turn_out_to_be_kin_with_the_second_link(road: Road, sessions: Path) -> None:
    """X3: live logs show their second link later than their first."""
    logs = {"a": [meta("a", EARLY), *chain(5)], "b": [meta("b", LATE), *chain(5)]}
    ingest(road, sessions, logs, ("a", "b"))
    before = told(road)
    grown = {"a": [meta("a", EARLY), *chain(5, 7)], "b": [meta("b", LATE), *chain(5, 7, 9)]}
    ingest(road, sessions, grown, ("b", "a"))

    assert (before, told(road)) == ({"a": 5, "b": 5}, {"a": 12, "b": 9})


@pytest.mark.parametrize("order", ORDERS)
def test_a_single_copied_link_of_a_named_parent_counts_once(
    road: Road, sessions: Path, order: object
) -> None:
    """X3: kinship is told, so one link is enough."""
    logs = {
        "a": [meta("a", EARLY), *chain(5, 7)],
        "b": [meta("b", LATE, forked_from_id="a"), *chain(5, 9)],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 12, "b": 9}


@pytest.mark.parametrize("order", ORDERS)
def test_a_fork_that_copies_nothing_starts_from_the_parents_total(
    road: Road, sessions: Path, order: object
) -> None:
    """X5: `codex exec fork` carries the total on; its first event counts `last`."""
    total: Counts = (120, 60, 12, 0)
    logs = {
        "a": [meta("a", EARLY), *chain(5, 7)],
        "b": [
            meta("b", LATE, forked_from_id="a"),
            totals(plus(total, CALL), CALL),
            totals(plus(plus(total, CALL), CALL), CALL),
        ],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 12, "b": 20}


def test_a_fork_whose_first_last_is_zero_spent_nothing_yet(road: Road, sessions: Path) -> None:
    """X5: the parent's total with an all-zero `last` made 30 to 150 times too much."""
    total: Counts = (12_000, 6_000, 1_200, 0)
    logs = {
        "b": [
            meta("b", LATE, forked_from_id="gone"),
            totals(total, (0, 0, 0, 0)),
            totals(plus(total, CALL), CALL),
        ]
    }
    ingest(road, sessions, logs, ("b",))

    assert told(road) == {"b": 10}


def test_a_fork_without_last_counts_its_total(road: Road, sessions: Path) -> None:
    """X5: nothing else is known of its first event."""
    ingest(road, sessions, {"b": [meta("b", forked_from_id="gone"), totals(CALL)]}, ("b",))

    assert told(road) == {"b": 10}


@pytest.mark.parametrize("order", ORDERS)
def test_a_spawned_agent_that_starts_from_zero_loses_nothing(
    road: Road, sessions: Path, order: object
) -> None:
    """2.2 d and 4.1: to subtract the parent's total here would lose the usage."""
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": "a"}}}
    logs = {
        "a": [meta("a", EARLY), *chain(5, 7)],
        "b": [meta("b", LATE, source=spawn), meta("a", EARLY), *chain(3, 4)],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 12, "b": 7}


@pytest.mark.parametrize("order", ORDERS)
def test_an_agent_that_replays_its_parent_counts_only_its_own(
    road: Road, sessions: Path, order: object
) -> None:
    """2.2 a and b: re-stamped or not, the replayed totals are the parent's."""
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": "a"}}}
    logs = {
        "a": [meta("a", EARLY), *chain(5, 7, 9)],
        "b": [meta("b", LATE, source=spawn), *chain(5, 7, at=LATE), *chain(5, 7, 4)[2:]],
    }
    ingest(road, sessions, logs, order)

    assert told(road) == {"a": 21, "b": 4}


def test_parents_that_name_each_other_end_nowhere(road: Road, sessions: Path) -> None:
    """4.7: hostile logs make circles."""
    logs = {
        "a": [meta("a", EARLY, forked_from_id="b"), *chain(5, 7)],
        "b": [meta("b", LATE, forked_from_id="a"), *chain(5, 7)],
    }
    ingest(road, sessions, logs, ("a", "b"))

    assert sum(told(road).values()) == 12


def test_threads_without_a_beginning_are_ordered_by_their_first_event(
    road: Road, sessions: Path
) -> None:
    """X3: the first line, which tells the beginning, is gone."""
    logs = {"a": chain(5, 7, 9, at=LATE), "b": chain(5, 7, 11, at=EARLY)}
    ingest(road, sessions, logs, ("a", "b"))

    assert told(road) == {"rollout-a": 9, "rollout-b": 23}
