"""Resumed and forked sessions of Claude Code: one response in several logs counts once."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from tests.sources.claude_lines import PROJECT, answer
from tests.sources.road import Road, write
from tokwatch.model.usage import Dimension

EARLY, LATE, LATER = (f"2026-08-0{day}T10:00:00.000Z" for day in (1, 2, 3))
ORDERS = list(permutations(("old", "new")))


def told(road: Road) -> dict[str, int]:
    """Return output tokens by session."""
    sums = road.sums((Dimension.SESSION,))
    return {str(session): spent.output for (session,), spent in sums.items()}


def ingest(road: Road, projects: Path, logs: dict[str, list[bytes]], order: object) -> None:
    """Read these logs one after the other, by session in the given order."""
    assert isinstance(order, tuple)
    for session in order:
        write(projects / PROJECT / f"{session}.jsonl", *logs[session])
        road.read()


@pytest.mark.parametrize("order", ORDERS)
def test_a_restamped_copy_counts_for_the_first(road: Road, projects: Path, order: object) -> None:
    """C4: version 1.0 stamps what it copies anew; the earliest instant wins."""
    logs = {
        "old": [answer("a", 5, at=EARLY, session="old")],
        "new": [answer("a", 5, at=LATE, session="new"), answer("b", 7, at=LATER, session="new")],
    }
    ingest(road, projects, logs, order)

    assert told(road) == {"old": 5, "new": 7}


@pytest.mark.parametrize("order", ORDERS)
def test_a_copy_with_equal_instants_counts_for_who_began(
    road: Road, projects: Path, order: object
) -> None:
    """C4: then the log whose own responses begin first."""
    shared = answer("a", 5, at=EARLY)
    logs = {
        "old": [shared, answer("b", 7, at=LATE, session="old")],
        "new": [shared, answer("c", 9, at=LATER, session="new")],
    }
    ingest(road, projects, logs, order)

    assert told(road) == {"old": 12, "new": 9}


@pytest.mark.parametrize("order", ORDERS)
def test_a_copy_that_says_so_is_the_copy(road: Road, projects: Path, order: object) -> None:
    """C4: 2.1.328 names on copied lines the session that made the request."""
    logs = {
        "new": [
            answer("a", 5, at=EARLY, session="new", requestSessionId="old"),
            answer("c", 9, at=LATE, session="new"),
        ],
        "old": [answer("a", 5, at=EARLY, session="old"), answer("b", 7, at=LATER, session="old")],
    }
    ingest(road, projects, logs, order)

    assert told(road) == {"old": 12, "new": 9}


def test_a_line_that_names_its_own_session_is_no_copy(road: Road, projects: Path) -> None:
    """C4: the pointer tells a copy only where it leads elsewhere."""
    logs = {
        "old": [answer("a", 5, session="old", requestSessionId="old")],
        "new": [answer("a", 5, session="new", requestSessionId="old")],
    }
    ingest(road, projects, logs, ("new", "old"))

    assert told(road) == {"old": 5}


@pytest.mark.parametrize("order", ORDERS)
def test_equal_copies_without_own_responses_go_by_path(
    road: Road, projects: Path, order: object
) -> None:
    """C4: the last resort is the order of paths."""
    logs = {"old": [answer("a", 5)], "new": [answer("a", 5)]}
    ingest(road, projects, logs, order)

    assert told(road) == {"new": 5}


@pytest.mark.parametrize("order", ORDERS)
def test_usage_is_that_of_the_most_final_copy(road: Road, projects: Path, order: object) -> None:
    """C4: session and instant of the first, usage of the one that was finished."""
    logs = {
        "old": [answer("a", 900, at=EARLY, stop=None, session="old")],
        "new": [answer("a", 444, at=LATE, session="new")],
    }
    ingest(road, projects, logs, order)

    assert told(road) == {"old": 444}


@pytest.mark.parametrize("order", ORDERS)
def test_among_unfinished_copies_the_larger_output_counts(
    road: Road, projects: Path, order: object
) -> None:
    """C4: seen with output 1 in a main log and 1,444 in the compacting agent's."""
    logs = {
        "old": [answer("a", 1, at=EARLY, stop=None, session="old")],
        "new": [answer("a", 1_444, at=LATE, stop=None, session="new")],
    }
    ingest(road, projects, logs, order)

    assert told(road) == {"old": 1_444}


@pytest.mark.parametrize("order", list(permutations(("s1", "s2", "s3"))))
def test_a_fork_of_a_fork_counts_each_response_once(
    road: Road, projects: Path, order: object
) -> None:
    """4.1: three generations of one history."""

    def line(message_id: str, out: int, at: str, maker: str, session: str) -> bytes:
        pointer = None if maker == session else maker
        return answer(message_id, out, at=at, session=session, requestSessionId=pointer)

    made = [("a", 5, EARLY, "s1"), ("b", 7, LATE, "s2"), ("c", 9, LATER, "s3")]
    logs = {
        session: [line(*response, session) for response in made[:length]]
        for length, session in enumerate(("s1", "s2", "s3"), start=1)
    }
    ingest(road, projects, logs, order)

    assert told(road) == {"s1": 5, "s2": 7, "s3": 9}


def test_a_copy_that_grows_takes_over_only_what_is_its_own(road: Road, projects: Path) -> None:
    """C4: a session that is resumed in place does not win what it copied."""
    shared = answer("a", 5, at=LATE)
    write(projects / PROJECT / "s1.jsonl", shared)
    write(projects / PROJECT / "s2.jsonl", shared)
    road.read()
    write(projects / PROJECT / "s2.jsonl", shared, answer("b", 7, at=EARLY, session="s2"))
    road.read()

    assert told(road) == {"s2": 12}


def test_a_copy_whose_log_is_deleted_is_still_known(road: Road, projects: Path) -> None:
    """4.3: what a tool deletes after thirty days stays counted."""
    log = write(projects / PROJECT / "s1.jsonl", answer("a", 5, at=EARLY, session="s1"))
    copy = write(projects / PROJECT / "s2.jsonl")
    road.read()
    log.unlink()
    write(copy, answer("a", 5, at=LATE, session="s2"), answer("b", 7, at=LATER, session="s2"))
    road.read()

    assert told(road) == {"s1": 5, "s2": 7}
