"""How usage is taken from a Codex thread's running total."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.codex_lines import (
    GPT,
    THREAD,
    Counts,
    counts,
    event,
    item,
    line,
    meta,
    prompt,
    settings,
    totals,
    turn,
)
from tests.sources.conftest import Read
from tests.sources.road import Fields, Road, outputs, reading, write
from tokwatch.model.event import ModelName
from tokwatch.model.reading import AgentNote

FIRST: Counts = (1_000, 600, 50, 20)
SECOND: Counts = (3_000, 2_400, 90, 30)


def test_usage_is_the_growth_of_the_total(codex: Read) -> None:
    """X1: the total of a thread is cumulative; input includes the cached part."""
    found = codex(meta(), turn(), totals(FIRST, FIRST), totals(SECOND, FIRST)).sightings

    assert [(s.input, s.cache_read, s.output, s.reasoning, s.requests) for s in found] == [
        (400, 600, 50, 20, 1),
        (200, 1_800, 40, 10, 1),
    ]


def test_a_repeated_total_is_no_usage(codex: Read) -> None:
    """X1 and 4.1: the same event is written twice: 30 to 67 % too much."""
    found = codex(meta(), totals(FIRST, FIRST), totals(FIRST, FIRST), totals(FIRST, SECOND))

    assert outputs(found) == [50]
    assert found.tally.repeated == 2


def test_the_estimate_after_a_compaction_is_no_usage(codex: Read) -> None:
    """X1: then `last` estimates the context, and the total stays."""
    found = codex(
        meta(),
        totals(FIRST, FIRST),
        line("compacted", {"message": "", "replacement_history": []}),
        totals(FIRST, (0, 0, 0, 0)),
        totals(SECOND, FIRST),
    )

    assert outputs(found) == [50, 40]


def test_a_missing_last_changes_nothing(codex: Read) -> None:
    """X1: usage is the growth, whether `last` is told or not."""
    assert outputs(codex(meta(), totals(FIRST), totals(SECOND))) == [50, 40]


def test_an_aborted_call_is_in_the_next_growth(codex: Read) -> None:
    """Section 0: it writes no event of its own, but was spent."""
    found = codex(meta(), totals(FIRST, FIRST), totals(SECOND, (500, 500, 10, 0)))

    assert outputs(found) == [50, 40]


@pytest.mark.parametrize(("last", "expected"), [((700, 0, 7, 0), 7), (None, 9)])
def test_a_total_that_shrinks_is_a_new_baseline(
    codex: Read, last: Counts | None, expected: int
) -> None:
    """X2: then `last` counts, else the total."""
    found = codex(meta(), totals(SECOND, SECOND), totals((900, 0, 9, 0), last))

    assert outputs(found) == [90, expected]


@pytest.mark.parametrize("part", range(4))
def test_any_part_that_shrinks_begins_anew(codex: Read, part: int) -> None:
    """X2: a total grows in every part or not at all."""
    smaller = list(SECOND)
    smaller[part] -= 1
    fresh, cached, out, reasoning = smaller

    found = codex(meta(), totals(SECOND), totals((fresh, cached, out, reasoning), (70, 0, 7, 0)))

    assert outputs(found) == [90, 7]


def test_cached_and_written_tokens_are_parts_of_the_input(codex: Read) -> None:
    """X4: the classes are disjoint, whatever nonsense is logged."""
    plain = counts((1_000, 600, 50, 20), written=300)
    absurd = counts((2_000, 5_000, 60, 99), written=9_000)
    found = codex(
        meta(),
        event("token_count", info={"total_token_usage": plain}),
        event("token_count", info={"total_token_usage": absurd}),
    ).sightings

    assert [(s.input, s.cache_read, s.cache_write_5m, s.cache_write_1h) for s in found] == [
        (100, 600, 300, 0),
        (0, 1_000, 0, 0),
    ]
    assert [(s.output, s.reasoning) for s in found] == [(50, 20), (10, 10)]


def test_the_model_is_that_of_the_last_turn(codex: Read) -> None:
    """X4: the context of a turn names it; before any, it is unknown."""
    found = codex(
        meta(),
        totals((100, 0, 1, 0)),
        turn("gpt-5.5"),
        totals((200, 0, 2, 0)),
        turn("gpt-5.3-codex"),
        line("turn_context", {"cwd": "/"}),
        totals((300, 0, 3, 0)),
    ).sightings

    assert [s.model.name for s in found] == ["unknown", "gpt-5.5", "gpt-5.3-codex"]


def test_the_tier_is_that_of_the_last_settings(codex: Read) -> None:
    """2.2: fast and priority turns cost more."""
    found = codex(
        meta(),
        turn(),
        totals((100, 0, 1, 0)),
        settings("priority"),
        totals((200, 0, 2, 0)),
        settings(None),
        totals((300, 0, 3, 0)),
        event("thread_settings_applied", thread_settings="none"),
        totals((400, 0, 4, 0)),
    ).sightings

    assert [s.model.tier for s in found] == ["standard", "priority", "standard", "standard"]


@pytest.mark.parametrize(
    ("told", "provider"), [("openai", "openai"), (None, "openai"), ("acme", "acme")]
)
def test_the_provider_is_the_one_that_is_told(codex: Read, told: str | None, provider: str) -> None:
    """4.5: a provider of one's own has prices of its own."""
    (sighting,) = codex(meta(model_provider=told), turn(), totals(FIRST)).sightings

    assert sighting.model == ModelName(provider, GPT, "standard")


def test_what_the_thread_tells_of_itself_is_kept(codex: Read) -> None:
    """2.2: only keys at depth one are the thread's."""
    found = codex(meta(cwd="/home/ana/my-shop", git={"branch": "fix"}), turn(), totals(FIRST))
    (sighting,) = found.sightings

    assert (sighting.scope.session, sighting.scope.project) == (THREAD, "/home/ana/my-shop")
    assert (sighting.scope.branch, sighting.window, sighting.final) == ("fix", 272_000, 1)
    assert (found.lineage.session, found.lineage.begin_ms) == (THREAD, 1_785_578_400_000)


def test_a_later_session_meta_is_not_this_threads(codex: Read) -> None:
    """2.2: a copy of the parent's follows where history is inherited."""
    found = codex(
        meta(), meta("another", "2020-01-01T00:00:00.000Z", forked_from_id="x"), totals(FIRST)
    )

    assert (found.lineage.session, found.lineage.parent) == (THREAD, "")


def test_a_later_session_meta_in_another_read_is_not_either(rollout: Path, sessions: Path) -> None:
    """2.2: what the first one said is in the cursor's state."""
    first = reading("codex", write(rollout, meta(), totals(FIRST)), sessions)
    write(rollout, meta(), totals(FIRST), meta("another"), totals(SECOND))
    then = reading("codex", rollout, sessions, first.cursor)

    assert then.lineage.session == THREAD
    assert outputs(then) == [40]


def test_a_thread_without_session_meta_is_named_by_its_log(codex: Read) -> None:
    """2.2: the first line is torn or gone; what was spent was spent."""
    found = codex(turn(), totals(FIRST, at="2026-08-01T11:00:00.000Z"))

    assert found.lineage.session == f"rollout-2026-08-01T10-00-00-{THREAD}"
    assert found.lineage.begin_ms == 1_785_582_000_000
    assert outputs(found) == [50]


def test_a_session_meta_behind_another_line_is_found(rollout: Path, sessions: Path) -> None:
    """4.2: the first read may have seen only what stands before it."""
    first = reading("codex", write(rollout, b"\n"), sessions)
    write(rollout, b"\n", meta(parent_thread_id="p"), totals(FIRST))
    then = reading("codex", rollout, sessions, first.cursor)

    assert (then.lineage.session, then.lineage.parent) == (THREAD, "p")
    assert then.notes == (AgentNote(THREAD, "", "", "p"),)


@pytest.mark.parametrize(
    ("fields", "kind", "parent"),
    [
        ({"forked_from_id": "p"}, "", "p"),
        ({"parent_thread_id": "p"}, "", "p"),
        ({"source": {"subagent": {"thread_spawn": {"parent_thread_id": "p"}}}}, "sub-agent", "p"),
        ({"source": {"subagent": {"other": "guardian"}}}, "sub-agent", ""),
        ({"source": {"subagent": "review"}, "agent_role": "reviewer"}, "reviewer", ""),
        ({"source": {}, "agent_nickname": "Kim"}, "Kim", ""),
    ],
)
def test_what_a_spawned_thread_is_and_by_whom(
    codex: Read, fields: Fields, kind: str, parent: str
) -> None:
    """2.2: forks and sub-agents name their parent in different places."""
    found = codex(meta(**fields), totals(FIRST, FIRST))

    assert found.notes == (AgentNote(THREAD, "", kind, parent),)
    assert found.lineage.parent == parent


def test_a_thread_of_its_own_tells_nothing_of_agents(codex: Read) -> None:
    """2.2: `source` is a text in a session that a user began."""
    assert codex(meta(), totals(FIRST)).notes == ()


def test_events_without_totals_tell_nothing(codex: Read) -> None:
    """2.2: info is null when a turn fails or only limits are told."""
    found = codex(meta(), totals(None), event("token_count"), totals(FIRST), prompt(), item())

    assert (outputs(found), found.tally.unknown, found.tally.bad_lines) == ([50], 0, 0)


def test_info_without_totals_is_of_an_unknown_shape(codex: Read) -> None:
    """4.5: a shape that no version had is counted and shown."""
    found = codex(meta(), event("token_count", info={"usage": 5}), totals(FIRST))

    assert (outputs(found), found.tally.unknown) == ([50], 1)


@pytest.mark.parametrize("stamp", [None, "yesterday", "2026-13-45T00:00:00Z", "", [], 5])
def test_an_undated_total_leaves_its_growth_to_the_next(codex: Read, stamp: object) -> None:
    """Section 0: no timestamp, no event; the total tells it again."""
    found = codex(meta(), totals(FIRST, FIRST, at=stamp), totals(SECOND, SECOND))

    assert outputs(found) == [90]
    assert found.tally.undated == 1


def test_turns_imported_from_another_tool_do_not_count(codex: Read) -> None:
    """4.1: Claude's sessions can be imported; Claude's own logs tell what they cost."""
    found = codex(
        meta(),
        event("task_started", turn_id="external-import-turn-1"),
        totals(FIRST, FIRST),
        event("task_started", turn_id="t2"),
        turn(),
        totals(SECOND, FIRST),
    )

    assert outputs(found) == [40]


def test_an_import_ends_with_a_turn_of_ones_own(rollout: Path, sessions: Path) -> None:
    """4.1: the state of being imported holds over reads, until a turn begins."""
    lines = [meta(), event("task_started", turn_id="external-import-turn-1")]
    first = reading("codex", write(rollout, *lines), sessions)
    lines += [totals(FIRST, FIRST), turn(), totals(SECOND, FIRST)]
    then = reading("codex", write(rollout, *lines), sessions, first.cursor)

    assert outputs(then) == [40]


def test_an_archived_thread_is_the_same_one(road: Road, rollout: Path, home: Path) -> None:
    """X4: a rollout in `sessions` and `archived_sessions` is one; so is one that was moved."""
    write(rollout, meta(), totals(FIRST), totals(SECOND))
    road.read()
    archived = home / ".codex" / "archived_sessions" / rollout.name
    write(archived, meta(), totals(FIRST), totals(SECOND))
    road.read()
    rollout.unlink()
    road.read()

    assert (road.total().output, road.total().requests) == (90, 2)


@pytest.mark.parametrize("stamp", [None, "yesterday"])
def test_a_total_told_twice_counts_where_the_first_was_undated(
    codex: Read, stamp: str | None
) -> None:
    """X1: the second is no repetition of what did not count."""
    found = codex(meta(), totals(FIRST, FIRST, at=stamp), totals(FIRST, FIRST))

    assert outputs(found) == [50]
