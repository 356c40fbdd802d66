"""A simulated context grows, is cached, and falls at a compaction, as real ones do."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from msgspec.structs import replace

from tokwatch.demo.agent import Agent, Desk, Request, Spent, new_agent, next_request, sub_agent
from tokwatch.demo.desks import CHECKOUT, DESKS, EXPLORE, HAIKU, PAYMENTS, beneath, kinds_at
from tokwatch.model.units import MINUTE_MS

BEGIN_MS = 1_790_000_000_000


def agent_at(desk: Desk) -> Agent:
    """Return a main agent that made no request yet."""
    return new_agent(desk, BEGIN_MS, 1_000, Random(1))


def requests_of(agent: Agent, count: int) -> list[Request]:
    """Return an agent's next requests, twenty seconds apart."""
    dice, made = Random(1), []
    for _ in range(count):
        agent, request = next_request(agent, agent.last_ms + 20_000, agent.desk.growth, dice)
        made.append(request)
    return made


def after(agent: Agent, minutes: int, *, misses_cache: bool = False) -> Request:
    """Return an agent's request so many minutes after its first one."""
    dice = Random(1)
    agent, _ = next_request(agent, BEGIN_MS, 2_000, dice)
    later_ms = BEGIN_MS + minutes * MINUTE_MS
    return next_request(agent, later_ms, 2_000, dice, misses_cache=misses_cache)[1]


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.project)
def test_a_prompt_holds_the_one_before_and_its_answer(desk: Desk) -> None:
    for before, request in pairwise(requests_of(agent_at(desk), 300)):
        assert request.compacts or request.prompt > before.prompt + before.output


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.project)
def test_a_compaction_is_a_cliff_below_the_limit(desk: Desk) -> None:
    made = requests_of(replace(agent_at(desk), context=desk.compact_at - 10_000), 60)

    assert any(request.compacts for request in made)
    assert max(request.prompt for request in made) <= desk.compact_at
    for before, request in pairwise(made):
        if request.compacts:
            assert request.prompt < before.prompt / 2
            assert request.cache_read <= desk.system_tokens


@pytest.mark.parametrize("desk", [CHECKOUT, PAYMENTS], ids=lambda desk: desk.project)
def test_what_was_sent_before_is_read_from_the_cache(desk: Desk) -> None:
    for before, request in pairwise(requests_of(agent_at(desk), 30)):
        assert before.prompt - 256 < request.cache_read <= before.prompt


def test_a_cache_lives_as_long_as_the_desk_says() -> None:
    child = sub_agent(agent_at(CHECKOUT), beneath(CHECKOUT, EXPLORE), EXPLORE, BEGIN_MS, Random(1))

    assert after(agent_at(CHECKOUT), 59).cache_read > 0
    assert after(agent_at(CHECKOUT), 61).cache_read == 0
    assert after(child, 4).cache_read > 0
    assert after(child, 6).cache_read == 0


def test_a_lost_cache_writes_the_prompt_again() -> None:
    request = after(agent_at(CHECKOUT), 1, misses_cache=True)

    assert request.cache_read == 0
    assert request.cache_write > CHECKOUT.system_tokens


def test_codex_has_no_cache_writes() -> None:
    assert {request.cache_write for request in requests_of(agent_at(PAYMENTS), 30)} == {0}


def test_totals_are_running_sums() -> None:
    made = requests_of(agent_at(PAYMENTS), 30)

    assert made[-1].total == Spent(
        sum(request.prompt for request in made),
        sum(request.cache_read for request in made),
        sum(request.output for request in made),
        sum(request.reasoning for request in made),
    )
    assert [request.number for request in made] == list(range(1, 31))


def test_an_agent_is_done_after_its_requests() -> None:
    agent = new_agent(CHECKOUT, BEGIN_MS, 1, Random(1))

    last, _ = next_request(agent, BEGIN_MS, 1_000, Random(1))

    assert not agent.is_done
    assert last.is_done


def test_a_sub_agent_belongs_to_the_session_that_spawned_it() -> None:
    main, thread = agent_at(CHECKOUT), agent_at(PAYMENTS)
    (role,) = kinds_at(PAYMENTS)

    child = sub_agent(main, beneath(CHECKOUT, EXPLORE), EXPLORE, BEGIN_MS, Random(2))
    spawned = sub_agent(thread, beneath(PAYMENTS, role), role, BEGIN_MS, Random(2))

    assert (child.session, child.kind, child.desk.model) == (main.session, EXPLORE, HAIKU)
    assert child.id
    assert not child.is_main
    assert (spawned.parent, spawned.kind) == (thread.session, role)
    assert spawned.session != thread.session
