"""The lines of the live feed: requests, and agents where they start and end."""

from __future__ import annotations

from msgspec.structs import replace

from tests.analysis.made import HOUR_MS, MINUTE_MS, NOW, session
from tokwatch.analysis.context import Windows
from tokwatch.analysis.feed import (
    FeedFacts,
    FeedLine,
    Flying,
    What,
    context_of,
    feed_lines,
    finished_agents,
)
from tokwatch.analysis.session_rows import RowRules
from tokwatch.model.event import ModelName, Scope
from tokwatch.model.stored import EventFact
from tokwatch.model.usage import Usage

RULES = RowRules(windows=Windows(table=lambda provider, model: 100_000))
OPUS = ModelName("anthropic", "opus")


def event(key: int, ago_ms: int, session: str = "s1", agent: str = "", **usage: int) -> EventFact:
    """Return a request so long before NOW."""
    used = Usage(**{"requests": 1, "input": 1_000, **usage})
    scope = Scope("claude-code", session, agent, "/code/shop")
    return EventFact(key, NOW - ago_ms, scope, OPUS, used, None, "log.jsonl", 0)


def told(lines: tuple[FeedLine, ...]) -> list[tuple[str, str]]:
    """Return what each line tells, and of whom."""
    return [(str(line.what), line.scope.agent or line.scope.session) for line in lines]


def test_requests_and_agents_stand_in_order_of_time() -> None:
    main = replace(session("s1", ago_ms=MINUTE_MS), first_ms=NOW - 9 * MINUTE_MS)
    sub = replace(
        session("s1", "a1", ago_ms=3 * MINUTE_MS), kind="Explore", first_ms=NOW - 6 * MINUTE_MS
    )
    facts = FeedFacts(
        NOW,
        [event(3, MINUTE_MS), event(2, 3 * MINUTE_MS, agent="a1"), event(1, 9 * MINUTE_MS)],
        [main, sub],
        finished={("claude-code", "s1", "a1")},
    )
    lines = feed_lines(facts, RULES, is_whole=True)
    assert told(lines) == [
        ("request", "s1"),
        ("finished", "a1"),
        ("request", "a1"),
        ("started", "a1"),
        ("request", "s1"),
        ("started", "s1"),
    ]
    finished = lines[1]
    assert (finished.usage, finished.kind, finished.event) == (sub.usage, "Explore", None)
    assert lines[2].kind == "Explore"
    assert lines[0].kind == "main"


def test_agents_end_as_far_as_it_is_known() -> None:
    quiet = replace(session("s1", "a1", ago_ms=6 * MINUTE_MS), kind="Explore")
    running = session("s1", "a2", ago_ms=4 * MINUTE_MS)
    ended = session("s2", ago_ms=HOUR_MS)
    idle = session("s3", ago_ms=HOUR_MS - 1)
    facts = FeedFacts(NOW, [], [quiet, running, ended, idle])
    ends = [one for one in told(feed_lines(facts, RULES, is_whole=True)) if one[0] != "started"]
    assert ends == [("quiet", "a1"), ("ended", "s2")]


def test_a_session_that_another_one_spawned_is_a_sub_agent_a_fork_is_not() -> None:
    spawned = replace(session("t2", ago_ms=HOUR_MS), parent="t1", kind="reviewer")
    fork = replace(session("t3", ago_ms=HOUR_MS), parent="t1")
    facts = FeedFacts(NOW, [], [spawned, fork])
    ends = {one[1]: one[0] for one in told(feed_lines(facts, RULES, is_whole=True))
            if one[0] != "started"}  # fmt: skip
    assert ends == {"t2": "quiet", "t3": "ended"}


def test_agents_that_began_before_the_listed_requests_are_left_out() -> None:
    main = replace(session("s1", ago_ms=MINUTE_MS), first_ms=NOW - HOUR_MS)
    facts = FeedFacts(NOW, [event(2, MINUTE_MS), event(1, 2 * MINUTE_MS)], [main])
    assert told(feed_lines(facts, RULES, is_whole=False)) == [("request", "s1")] * 2
    assert told(feed_lines(facts, RULES, is_whole=True))[-1] == ("started", "s1")


def test_what_is_in_flight_stands_above_all() -> None:
    flights = [
        Flying(1, NOW - 9_000, Scope("claude-code", "s1"), "opus"),
        Flying(2, NOW - 1_000, Scope("claude-code", "s1", "a1"), "haiku"),
    ]
    facts = FeedFacts(NOW, [event(1, 10)], [session("s1")], flights=flights)
    lines = feed_lines(facts, RULES, is_whole=True)
    assert [(line.what, line.model.name) for line in lines[:2]] == [
        (What.FLIGHT, "haiku"),
        (What.FLIGHT, "opus"),
    ]
    assert lines[1].scope.project == "/code/shop"
    assert lines[1].usage.requests == 0


def test_what_optimised_a_request_is_told() -> None:
    facts = FeedFacts(
        NOW,
        [event(2, 1), event(1, 2)],
        told={
            1: {"response_cache_hit": 1, "response_cache_nano": 7},
            2: {"tokens_saved": 900, "retries": 1},
        },
    )
    second, first = feed_lines(facts, RULES, is_whole=True)
    assert (first.helped.from_cache, first.helped.saved_nano) == (True, 7)
    assert (second.helped.from_cache, second.helped.saved_tokens) == (False, 900)


def test_a_context_is_the_prompt_as_a_share_of_the_window() -> None:
    plain = event(1, 1, input=30_000, cache_read=20_000, cache_write_5m=5_000, cache_write_1h=5_000)
    found = context_of(plain, None, RULES)
    assert found is not None
    assert (found.tokens, found.window, found.basis, found.share) == (
        *(60_000, 100_000, "table", 0.6),
    )


def test_the_logged_window_counts_first_and_a_larger_prompt_proves_a_larger_one() -> None:
    logged = context_of(replace(event(1, 1), window=400_000), None, RULES)
    large = context_of(event(1, 1, input=300_000), None, RULES)
    seen = replace(session("s1"), last_model=OPUS, largest_prompt=500_000)
    known = context_of(event(1, 1), seen, RULES)
    assert logged is not None
    assert (logged.window, logged.basis) == (400_000, "logged")
    assert large is not None
    assert (large.window, large.basis) == (1_000_000, "inferred")
    assert known is not None
    assert known.window == 1_000_000


def test_a_sum_of_requests_has_no_context() -> None:
    assert context_of(event(1, 1, requests=3), None, RULES) is None
    assert context_of(event(1, 1, derived=1), None, RULES) is None


def test_an_agent_has_finished_once_its_last_turn_has() -> None:
    a1, a2, a3 = (("claude-code", "s1", name) for name in ("a1", "a2", "a3"))
    turns = [(a1, 1, True), (a1, 2, False), (a2, 5, False), (a2, 9, True), (a3, 1, False)]
    assert finished_agents(turns) == {a2}
    assert finished_agents(reversed(turns)) == {a2}
