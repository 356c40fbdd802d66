"""Sessions: which are the newest, what they come to and where they stand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS, random_requests
from tokwatch.analysis.sums import total
from tokwatch.model.event import ModelName
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import activity, count_sessions, sessions

HOUR_MS = 4 * QUARTER_MS


def test_the_newest_sessions_come_first_and_agents_apart(database: Database) -> None:
    made = [
        Made(MARCH_MS, session="old"),
        Made(MARCH_MS + 5, session="new", agent="a1"),
        Made(MARCH_MS + 3, session="new"),
        Made(MARCH_MS + 4, session="middle"),
    ]
    found = sessions(build(database, made))
    names = [(fact.session, fact.agent) for fact in found]
    assert names == [("new", "a1"), ("middle", ""), ("new", ""), ("old", "")]


def test_a_limit_counts_sessions_not_agents(database: Database) -> None:
    made = [
        Made(MARCH_MS + number * HOUR_MS, session=f"s{number}", agent=agent)
        for number in range(5)
        for agent in ("", "a1")
    ]
    found = sessions(build(database, made), Slice(), 2)
    assert {(fact.session, fact.agent) for fact in found} == {
        *(("s4", ""), ("s4", "a1"), ("s3", ""), ("s3", "a1")),
    }


def test_sessions_far_apart_are_all_found(database: Database) -> None:
    days = (0, 3, 30, 300)
    made = [Made(MARCH_MS + day * DAY_MS, session=f"day {day}") for day in days]
    found = sessions(build(database, made), Slice(), 10)
    assert [fact.session for fact in found] == ["day 300", "day 30", "day 3", "day 0"]


def test_only_sessions_used_in_the_range_are_returned_with_all_their_usage_before(
    database: Database,
) -> None:
    made = [
        Made(MARCH_MS, session="both"),
        Made(MARCH_MS + DAY_MS, session="both"),
        Made(MARCH_MS, session="before"),
        Made(MARCH_MS + 2 * DAY_MS, session="after"),
    ]
    part = Slice(MARCH_MS + DAY_MS, MARCH_MS + 2 * DAY_MS)
    (found,) = sessions(build(database, made), part)
    assert (found.session, found.usage.requests, found.first_ms) == ("both", 2, MARCH_MS)


@pytest.mark.parametrize("minute", [0, 1, 7, 15, 16, 44, 45, 200])
def test_at_a_moment_in_the_past_sessions_are_as_they_were(database: Database, minute: int) -> None:
    made = [
        Made(
            MARCH_MS + 7 * 60_000 * number,
            session=f"s{number % 3}",
            agent="a1" if number % 5 == 4 else "",
            model=("opus", "haiku")[number % 4 == 3],
            cache_read=1_000 * number if number != 6 else 250_000,
            path=f"/{number % 3}",
        )
        for number in range(24)
    ]
    until_ms = MARCH_MS + minute * 60_000 + 1
    view = build(database, made)
    known = sessions(view, Slice(MARCH_MS, until_ms), 1000)
    then = [one for one in made if one.at_ms < until_ms]
    for fact in known:
        own = [one for one in then if (one.session, one.agent) == (fact.session, fact.agent)]
        assert fact.usage == total(one.usage for one in own)
        assert (fact.first_ms, fact.last_ms) == (own[0].at_ms, own[-1].at_ms)
        assert fact.context_tokens == own[-1].prompt
        large = [one for one in own if one.prompt > 200_000 and one.model == own[-1].model]
        assert fact.largest_prompt == max((one.prompt for one in large), default=0)
        assert set(fact.models) == {one.model for one in own}
    assert {(one.session, one.agent) for one in then} == {(f.session, f.agent) for f in known}


def test_what_was_pruned_since_is_not_counted_before(database: Database) -> None:
    made = [Made(MARCH_MS), Made(MARCH_MS + DAY_MS), Made(MARCH_MS + 2 * DAY_MS)]
    view = build(database, made)
    database.execute("DELETE FROM event WHERE instant_ms = ?", (made[1].at_ms,))
    (found,) = sessions(view, Slice(1, MARCH_MS + 5))
    assert found.usage.requests == 1


def test_a_session_stands_where_its_last_request_left_it(database: Database) -> None:
    made = [
        Made(MARCH_MS + 2, model="haiku", cache_read=300, window=1_000, path="/last", tier="fast"),
        Made(MARCH_MS, model="opus", branch="main", path="/first"),
        Made(MARCH_MS + 3, grade=2, cache_read=99_999),
    ]
    (found,) = sessions(build(database, made))
    assert found.last_model == ModelName("anthropic", "haiku", "fast")
    assert (found.context_tokens, found.window, found.path) == (500, 1_000, "/last")
    assert (found.first_ms, found.last_ms) == (MARCH_MS, MARCH_MS + 2)


def test_models_come_dearest_first(database: Database) -> None:
    made = [
        Made(MARCH_MS, model="cheap", computed_nano=1),
        Made(MARCH_MS + 1, model="dear", computed_nano=9),
        Made(MARCH_MS + 2, model="middle", computed_nano=5),
    ]
    (found,) = sessions(build(database, made))
    assert found.models == ("dear", "middle", "cheap")


def test_the_largest_prompt_proves_a_window_only_for_the_last_model(database: Database) -> None:
    made = [
        Made(MARCH_MS, cache_read=300_000),
        Made(MARCH_MS + 1, cache_read=250_000),
        Made(MARCH_MS + 2),
        Made(MARCH_MS, session="switched", model="other", cache_read=300_000),
        Made(MARCH_MS + 1, session="switched"),
        Made(MARCH_MS, session="small", cache_read=199_800),
    ]
    found = {fact.session: fact.largest_prompt for fact in sessions(build(database, made))}
    assert found == {"s1": 300_200, "switched": 0, "small": 0}


def test_an_agent_that_changed_its_place_is_one(database: Database) -> None:
    made = [
        Made(MARCH_MS + 1, branch="dev", model="opus", cache_read=300_000, computed_nano=5),
        Made(MARCH_MS, branch="main", model="haiku", computed_nano=9),
        Made(MARCH_MS + 2, branch="fix", project="/elsewhere", model="opus", computed_nano=1),
    ]
    (found,) = sessions(build(database, made))
    assert (found.project, found.branch) == ("/elsewhere", "fix")
    assert found.usage == total(one.usage for one in made)
    assert (found.first_ms, found.last_ms) == (MARCH_MS, MARCH_MS + 2)
    assert found.largest_prompt == 300_200
    assert set(found.models) == {"opus", "haiku"}


def test_what_a_log_tells_of_an_agent_is_with_it(database: Database) -> None:
    made = [Made(MARCH_MS, agent="a1"), Made(MARCH_MS, session="child", source="codex")]
    agents = [
        ("claude-code", "s1", "a1", "Explore", ""),
        ("codex", "child", "", "worker", "parent"),
    ]
    found = sessions(build(database, made, agents=agents))
    told = {(fact.session, fact.agent): (fact.kind, fact.parent) for fact in found}
    assert told == {("s1", "a1"): ("Explore", ""), ("child", ""): ("worker", "parent")}


def test_the_same_id_in_two_sources_is_two_sessions(database: Database) -> None:
    made = [Made(MARCH_MS), Made(MARCH_MS, source="codex")]
    view = build(database, made)
    assert {fact.source for fact in sessions(view)} == {"claude-code", "codex"}
    assert {fact.source for fact in sessions(view, Slice(sources=("codex",)))} == {"codex"}
    assert count_sessions(view, Slice(1)) == len(activity(view)) == 2


def test_sessions_of_ghosts_alone_are_none(database: Database) -> None:
    view = build(database, [Made(MARCH_MS, grade=2)])
    assert sessions(view) == []
    assert activity(view) == []
    assert count_sessions(view, Slice(MARCH_MS)) == 0


def test_activity_has_the_ends_of_a_session_within_the_range(database: Database) -> None:
    made = [
        Made(MARCH_MS + 5, project="/second"),
        Made(MARCH_MS, project="/first"),
        Made(MARCH_MS + 9, agent="a1", project="/third"),
    ]
    view = build(database, made)
    (found,) = activity(view)
    assert (found.project, found.first_ms, found.last_ms) == ("/first", MARCH_MS, MARCH_MS + 9)
    (found,) = activity(view, Slice(MARCH_MS + 1, MARCH_MS + 9))
    assert (found.project, found.first_ms, found.last_ms) == (
        "/second",
        MARCH_MS + 5,
        MARCH_MS + 5,
    )


def test_counts_and_lists_agree(database: Database) -> None:
    made = [
        replace(one, session=f"s{number % 40}") for number, one in enumerate(random_requests(120))
    ]
    view = build(database, made)
    for part in (Slice(1), Slice(MARCH_MS + 4 * QUARTER_MS, MARCH_MS + DAY_MS)):
        listed = {(fact.source, fact.session) for fact in sessions(view, part, 1000)}
        assert len(listed) == count_sessions(view, part) == len(activity(view, part))
    assert count_sessions(view) == 40


def test_the_totals_of_all_sessions_are_all_usage(database: Database) -> None:
    made = random_requests()
    found = sessions(build(database, made), Slice(), 1000)
    assert total(fact.usage for fact in found) == total(one.usage for one in made if one.grade < 2)


def test_the_prompt_of_a_sum_of_requests_is_no_context(database: Database) -> None:
    made = [
        Made(MARCH_MS, session="summed", requests=5, cache_read=900_000),
        Made(MARCH_MS, session="grown", grade=-1, cache_read=900_000),
        Made(MARCH_MS, session="one", cache_read=900_000),
    ]
    found = {
        fact.session: (fact.context_tokens, fact.largest_prompt)
        for fact in sessions(build(database, made))
    }
    assert found == {"summed": (None, 0), "grown": (None, 0), "one": (900_200, 900_200)}
