"""Who set whom to work, what each delegation cost, and which ran side by side."""

from __future__ import annotations

from tests.analysis.made_session import MAIN, MINUTE_MS, NOON_MS, request
from tokwatch.analysis.delegation import Clock, Lane, clock, lanes
from tokwatch.analysis.owned import usage_of
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Delegation
from tokwatch.model.session import Kin, SessionRequest

A, B, C = (MAIN._replace(agent=name) for name in ("a1", "b2", "c3"))


def made(*told: tuple[Chain, int, int]) -> dict[Chain, tuple[SessionRequest, ...]]:
    """Return two requests of each agent, at its first and its last minute."""
    found: dict[Chain, tuple[SessionRequest, ...]] = {}
    for chain, first, last in told:
        numbers = (first, last)
        found[chain] = tuple(
            request(len(found) * 10 + at, at_ms=NOON_MS + number * MINUTE_MS, chain=chain)
            for at, number in enumerate(numbers)
        )
    return found


def tree(
    requests: dict[Chain, tuple[SessionRequest, ...]],
    delegations: dict[str, list[Delegation]] | None = None,
    kin: list[Kin] | None = None,
) -> tuple[Lane, ...]:
    usages = {chain: usage_of(some) for chain, some in requests.items()}
    return lanes(kin or [], requests, usages, delegations or {})


def delegated(minute: int, parent: str, child: str, call: int, tokens: int = 0) -> Delegation:
    at_ms = NOON_MS + minute * MINUTE_MS
    return Delegation(at_ms, parent, child, "Explore", tokens, 0, call)


def names(found: tuple[Lane, ...]) -> list[tuple[str, int]]:
    return [(lane.chain.agent or lane.chain.session, lane.depth) for lane in found]


def test_without_delegations_agents_stand_beneath_the_sessions_own() -> None:
    found = tree(made((MAIN, 0, 20), (B, 8, 9), (A, 2, 5)))
    assert names(found) == [("7f3a", 0), ("a1", 1), ("b2", 1)]
    assert [lane.kind for lane in found] == ["", "agent", "agent"]
    assert [lane.is_last for lane in found] == [True, False, True]


def test_an_agent_stands_beneath_who_set_it_to_work_and_is_in_the_cost_of_it() -> None:
    told = {"7f3a": [delegated(1, "", "a1", 1, 900), delegated(3, "a1", "b2", 2)]}
    requests = made((MAIN, 0, 20), (A, 2, 6), (B, 4, 5))
    found = tree(requests, told)
    assert names(found) == [("7f3a", 0), ("a1", 1), ("b2", 2)]
    main, first, second = found
    one = requests[MAIN][0].computed_nano
    assert one is not None
    assert [lane.usage.auto_nano for lane in found] == [2 * one] * 3
    assert [lane.whole.auto_nano for lane in found] == [6 * one, 4 * one, 2 * one]
    assert (first.begin_ms, first.kind, first.back_tokens) == (
        NOON_MS + MINUTE_MS,
        "Explore",
        900,
    )
    assert (main.back_tokens, second.back_tokens) == (None, None)


def test_agents_that_ran_at_the_same_time_share_a_step() -> None:
    found = tree(made((MAIN, 0, 20), (A, 1, 5), (B, 4, 8), (C, 9, 10)))
    steps = {lane.chain.agent: (lane.step, lane.beside) for lane in found}
    assert steps == {"": (0, 0), "a1": (1, 1), "b2": (1, 1), "c3": (2, 0)}


def test_sessions_that_a_session_spawned_are_in_its_tree() -> None:
    child = Chain("codex", "child", "")
    kin = [Kin("7f3a", "", "", ""), Kin("child", "", "review", "7f3a")]
    found = tree(made((MAIN, 0, 9), (child._replace(source=MAIN.source), 2, 3)), None, kin)
    assert names(found) == [("7f3a", 0), ("child", 1)]
    assert found[1].kind == "review"
    told = {"7f3a": [delegated(1, "a1", "child", 5)]}
    requests = made((MAIN, 0, 9), (A, 1, 4), (child._replace(source=MAIN.source), 2, 3))
    assert names(tree(requests, told, kin)) == [("7f3a", 0), ("a1", 1), ("child", 2)]


def test_a_delegation_without_requests_is_listed_without_a_cost() -> None:
    found = tree(made((MAIN, 0, 9)), {"7f3a": [delegated(3, "", "", 1, 500)]})
    [_, lane] = found
    assert (lane.is_known, lane.kind, lane.back_tokens) == (False, "Explore", 500)
    assert lane.usage.requests == 0


def test_parents_in_a_circle_end_no_program() -> None:
    told = {"7f3a": [delegated(1, "b2", "a1", 1), delegated(1, "a1", "b2", 2)]}
    found = tree(made((MAIN, 0, 9), (A, 1, 2), (B, 1, 2)), told)
    assert sorted(names(found)) == [("7f3a", 0), ("a1", 0), ("b2", 0)]


def test_a_long_pause_is_shortened_to_the_longest_delegation() -> None:
    found = tree(made((MAIN, 0, 600), (A, 1, 5), (B, 500, 502)))
    time = clock(found)
    assert time.is_shortened
    begin, end = time.at(NOON_MS + 5 * MINUTE_MS), time.at(NOON_MS + 500 * MINUTE_MS)
    assert end - begin == 4 * MINUTE_MS
    assert time.at(NOON_MS) == 0
    assert time.at(NOON_MS + 3 * MINUTE_MS) == 3 * MINUTE_MS
    assert time.at(NOON_MS + 9_999 * MINUTE_MS) == time.places[-1]
    assert not clock(tree(made((MAIN, 0, 600)))).is_shortened
    assert clock(()) == Clock()
