"""One request, seen by an agent and by a gateway: one event, and what only the gateway saw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sources import claude_lines
from tests.sources.agents.databases import writing
from tests.sources.gateways import ccflare_logs, headroom_logs, litellm_logs, toklog_logs
from tests.sources.road import Road, Spent, write
from tokwatch.model.usage import Dimension

ID = "msg_01Aq9w938a90dw8q"
USAGE = claude_lines.usage(21, 42, 5_000, 500, 200)
SEEN = Spent(1, 21, 500, 200, 5_000, 42, 0)


def litellm_saw(home: Path) -> None:
    litellm_logs.log(home, litellm_logs.line(id=ID))


def toklog_saw(home: Path) -> None:
    toklog_logs.log(home, toklog_logs.line())


def ccflare_saw(home: Path) -> None:
    body = ccflare_logs.stream_of().replace(ccflare_logs.response_of(1).encode(), ID.encode())
    with writing(ccflare_logs.database(home)) as tables:
        ccflare_logs.add_row(tables)
        ccflare_logs.add_payload(tables, body=body)


def claude_told(home: Path) -> None:
    path = home / ".claude" / "projects" / claude_lines.PROJECT / f"{claude_lines.SESSION}.jsonl"
    write(path, claude_lines.answer(ID, counts=USAGE))


GATEWAYS = pytest.mark.parametrize("seen", [litellm_saw, toklog_saw, ccflare_saw])


@GATEWAYS
@pytest.mark.parametrize("first", ["agent", "gateway", "both"])
def test_a_request_with_two_witnesses_is_one_event(
    home: Path, road: Road, seen: Callable[[Path], None], first: str
) -> None:
    """1.7: the same response id in both; it counts for the agent's session."""
    steps = {"agent": [claude_told, seen], "gateway": [seen, claude_told]}
    for tell in steps.get(first, [claude_told, seen]):
        tell(home)
        if first != "both":
            road.read()
    road.read()

    assert road.sums((Dimension.SOURCE, Dimension.SESSION)) == {
        ("claude-code", claude_lines.SESSION): SEEN
    }
    assert len(road.events()) == 1


@GATEWAYS
def test_what_only_a_gateway_saw_counts(
    home: Path, road: Road, seen: Callable[[Path], None]
) -> None:
    """A request of a tool that keeps no log."""
    seen(home)
    road.read()
    road.read()

    assert road.total() in (SEEN, SEEN._replace(reasoning=12))


def test_every_witness_at_once_is_one_event(home: Path, road: Road) -> None:
    """A gateway behind a gateway sees the same answer."""
    for tell in (litellm_saw, toklog_saw, ccflare_saw, claude_told):
        tell(home)
    road.read()

    assert road.total() == SEEN


def test_what_a_gateways_own_cache_saved_is_kept_apart(home: Path, road: Road) -> None:
    """K8: neither a request of the provider nor tokens, but facts."""
    hit = litellm_logs.line(id=f"{ID}_cache_hit1", cache_hit=True, saved_cache_cost=0.008015)
    litellm_logs.log(home, litellm_logs.line(id=ID), hit)
    headroom_logs.log(home, headroom_logs.line())
    road.read()
    summed = road.database.rows("SELECT name, sum(value) FROM request_fact GROUP BY name")
    facts = {name: value for name, value in summed}

    assert road.sums((Dimension.SOURCE,)) == {
        ("litellm",): SEEN._replace(reasoning=12),
        ("headroom",): Spent(1, 21, 700, 0, 5_000, 42, 0),
    }
    assert facts["response_cache_hit"] == 1
    assert facts["response_cache_nano"] == 8_015_000
    assert facts["tokens_saved"] == 2_900


def test_a_request_that_the_agent_names_otherwise_counts_beside(home: Path, road: Road) -> None:
    """0.3: never merge on equal content; headroom logs no id of the provider's."""
    headroom_logs.log(home, headroom_logs.line())
    claude_told(home)
    road.read()

    assert road.total().requests == 2
