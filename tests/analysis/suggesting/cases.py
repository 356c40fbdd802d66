"""For each kind of suggestion a case in which it is made, and one which is nearly that."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.analysis.suggesting.made import START_MS, block, facts, request
from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.model.detail import Block, Part
from tokwatch.model.event import ModelName
from tokwatch.model.performance import Answered, IncidentTold, Told
from tokwatch.model.suggestion_facts import Facts, Missed, Offered, Sent

Make = Callable[[], Facts]


class Case(NamedTuple):
    """A kind, facts in which it is found, and facts in which it must not be."""

    kind: str
    fires: Make
    near: Make


def card(rate: int) -> RateCard:
    """Return a card that costs so many nano-dollars a million tokens of each sort."""
    return RateCard(0, FOREVER_MS, -1, ANY_TOKENS, rate, rate, rate, rate, rate, 0, "test")


OPUS = ModelName("anthropic", "opus", "standard")
SMALL = Offered("haiku-4-5", "anthropic", (card(100_000_000),), 200_000, True, True)
NOT_CHEAP = SMALL._replace(cards=(card(3_000_000_000_000),))


def turns(number: int, every_s: float = 60, **told: object) -> list[Sent]:
    """Return requests of one conversation, so many seconds apart."""
    return [request(one, one * every_s, **told) for one in range(1, number + 1)]


def _short_agents(offer: Offered) -> Facts:
    own = [
        request(one, one * 1_000, session=f"s{one}", cache_read=2_000, output=100)
        for one in range(6)
    ]
    return facts(own, offers={OPUS: (offer,)})


def _idle(pause_s: float, long: bool = False) -> Facts:
    """Return requests that write everything anew after each pause."""
    writes = {"cache_write_1h" if long else "cache_write_5m": 20_000}
    own = [request(one, one * pause_s, cache_read=0, **writes) for one in range(8)]
    return facts(own)


def _hours(pause_s: float) -> Facts:
    """Return requests that write for an hour, and read what the one before wrote."""
    own = [
        request(one, one * pause_s, cache_read=20_000 * min(1, one), cache_write_1h=3_000)
        for one in range(8)
    ]
    return facts(own)


def _prefix(read: int) -> Facts:
    first = [request(0, 0, cache_read=0, cache_write_5m=20_000)]
    more = [
        request(one, one * 30, cache_read=read, cache_write_5m=20_000 - read) for one in range(1, 7)
    ]
    return facts(first + more)


def _models(other: str) -> Facts:
    own = [
        request(one, one * 30, cache_read=0, cache_write_5m=20_000, model=("opus", other)[one % 2])
        for one in range(8)
    ]
    return facts(own)


def _growing(step: int) -> Facts:
    own = [request(one, one * 60, cache_read=20_000 + step * one, input=step) for one in range(100)]
    return facts(own)


def _results(tokens: int, tool: str) -> Facts:
    result = block(1, Part.TOOL_RESULT, tokens, 30, tool=tool)
    return facts(turns(10, cache_read=60_000), [result])


def _read_twice(digest: int, tool: str = "Read") -> Facts:
    first = block(1, Part.TOOL_RESULT, 900, 30, tool=tool, subject=7, digest=5)
    second = block(2, Part.TOOL_RESULT, 900, 90, tool=tool, subject=7, digest=digest)
    return facts(turns(10), [first, second])


def _described(calls: str) -> Facts:
    own: list[Sent] = []
    blocks: dict[tuple[str, str], tuple[Block, ...]] = {}
    for one in range(4):
        name = f"s{one}"
        own += [request(one * 10 + n, one * 5_000 + n * 60, session=name) for n in range(5)]
        schema = block(0, Part.SYSTEM, 4_000, one * 5_000 - 10, tool="mcp__maps__find")
        call = block(1, Part.TOOL_CALL, 50, one * 5_000 + 30, tool=calls)
        blocks["claude-code", name] = (schema, call)
    return facts(own, talks=blocks)


def _memory(tokens: int) -> Facts:
    return facts(turns(10), [block(0, Part.MEMORY, tokens, 10)])


def _template(times: int) -> Facts:
    texts = [block(one, Part.USER, 3_000, one * 60 + 30, digest=9) for one in range(times)]
    return facts(turns(20), texts)


def _agents(parent: int) -> Facts:
    own = [request(1, 0, cache_read=parent), request(2, 9_000, cache_read=parent)]
    for run in range(4):
        own += [
            request(
                100 + run * 10 + one,
                100 + run * 500 + one * 20,
                agent=f"a{run}",
                kind="explore",
                cache_read=20_000 * min(one, 1),
                cache_write_5m=0 if one else 20_000,
            )
            for one in range(2)
        ]
    return facts(own)


def _loose(number: int) -> Facts:
    own = [
        request(one, one * 10, source="gateway", session="log", is_loose=True)
        for one in range(number)
    ]
    return facts(own, batch={OPUS: (card(1_000_000),)})


def same_request(second: int) -> Facts:
    """Return requests of two sessions, the first of which asked 5."""
    own = [request(1, 60, session="s1"), request(2, 600, session="s2")]
    talks = {
        ("claude-code", f"s{one}"): (
            block(0, Part.USER, 500, at_s, digest=digest),
            block(1, Part.ASSISTANT, 100, at_s + 60, request=one),
        )
        for one, at_s, digest in ((1, 30, 5), (2, 550, second))
    }
    return facts(own, talks=talks)


def _calls(digests: tuple[int, ...], failed: tuple[int, ...] = ()) -> Facts:
    """Return calls with their results; those of some digests fail."""
    blocks = []
    for place, digest in enumerate(digests):
        told = {"tool": "Bash", "call": 70 + place}
        at_s = 61 + place * 60
        blocks.append(
            block(place * 2, Part.TOOL_CALL, 40, at_s, digest=digest, request=place + 1, **told)
        )
        blocks.append(
            block(place * 2 + 1, Part.TOOL_RESULT, 40, at_s + 1, is_error=digest in failed, **told)
        )
    return facts(turns(10), blocks)


def _writes(first_subject: int) -> Facts:
    blocks = [
        block(0, Part.TOOL_CALL, 80, 61, tool="Read", subject=first_subject, request=1),
        block(1, Part.TOOL_CALL, 2_500, 121, tool="Write", subject=4, request=2),
    ]
    return facts(turns(5, output=3_000), blocks)


def _talk(tokens: int) -> Facts:
    blocks = [
        block(0, Part.ASSISTANT, tokens, 61, request=1),
        block(1, Part.TOOL_CALL, 50, 61, request=1, tool="Bash"),
    ]
    return facts(turns(5, output=3_000), blocks)


def _answered(number: int, model: str, source: str, took_ms: int) -> Answered:
    at_ms = START_MS + number
    return Answered(
        *(number, at_ms, source, "s1", "", "main", model, 1, 20_000, 500, 10, True, False),
        duration_ms=took_ms,
    )


def _speeds(slow_ms: int, *, by_source: bool = False) -> Facts:
    told = [
        _answered(one, "opus" if by_source else ("opus", "haiku")[one % 2],
                  ("codex", "claude-code")[one % 2] if by_source else "codex",
                  slow_ms if one % 2 == 0 else 5_000)
        for one in range(60)
    ]  # fmt: skip
    return facts([], told=Told(answered=tuple(told)))


def _unread(read: int) -> Facts:
    return facts(turns(20, 30, cache_read=read, input=20_000 - read))


def _failing(number: int) -> Facts:
    told = tuple(_answered(one, "opus", "codex", 5_000)._replace(retries=0) for one in range(30))
    bad = tuple(
        IncidentTold(START_MS + one, "codex", "s1", "", "main", "server", 500, 1)
        for one in range(number)
    )
    return facts([request(1, source="codex")], told=Told(answered=told, incidents=bad))


def _goal(*missed: Missed) -> Facts:
    return facts(turns(3), missed=missed)


CASES = (
    Case("cheaper-model", lambda: _short_agents(SMALL), lambda: _short_agents(NOT_CHEAP)),
    Case("hour-cache", lambda: _idle(1_200), lambda: _idle(4_000)),
    Case("short-cache", lambda: _hours(120), lambda: _hours(1_200)),
    Case("keep-hour-cache", lambda: _hours(1_200), lambda: _hours(120)),
    Case("keep-warm", lambda: _idle(1_200), lambda: _idle(4_000)),
    Case("changing-prefix", lambda: _prefix(4_000), lambda: _prefix(19_500)),
    Case("model-switch", lambda: _models("sonnet"), lambda: _models("opus")),
    Case("compact-earlier", lambda: _growing(3_000), lambda: _growing(900)),
    Case("heavy-results", lambda: _results(20_000, "Read"), lambda: _results(3_900, "Read")),
    Case("shell-cap", lambda: _results(9_000, "Bash"), lambda: _results(1_900, "Bash")),
    Case("read-again", lambda: _read_twice(5), lambda: _read_twice(6)),
    Case("unused-tools", lambda: _described("Read"), lambda: _described("mcp__maps__route")),
    Case("large-memory", lambda: _memory(9_000), lambda: _memory(2_900)),
    Case("long-template", lambda: _template(6), lambda: _template(4)),
    Case("dear-sub-agents", lambda: _agents(5_000), lambda: _agents(900_000)),
    Case("batch-tier", lambda: _loose(30), lambda: _loose(15)),
    Case("response-cache", lambda: same_request(5), lambda: same_request(6)),
    Case("tool-loop", lambda: _calls((5, 5, 5, 5, 5)), lambda: _calls((5, 5, 5, 6, 5))),
    Case(
        "failing-tool",
        lambda: _calls((1, 2, 3, 4, 5), failed=(1, 2, 3, 4, 5)),
        lambda: _calls((1, 2, 3, 4, 5, 6, 7), failed=(1, 2, 3, 5, 6, 7)),
    ),
    Case("whole-files", lambda: _writes(4), lambda: _writes(5)),
    Case("long-answers", lambda: _talk(1_500), lambda: _talk(180)),
    Case("slow-model", lambda: _speeds(20_000), lambda: _speeds(9_000)),
    Case(
        "slow-agent",
        lambda: _speeds(20_000, by_source=True),
        lambda: _speeds(9_000, by_source=True),
    ),
    Case("low-cache-rate", lambda: _unread(0), lambda: _unread(5_000)),
    Case("low-success", lambda: _failing(10), lambda: _failing(2)),
    Case("missed-goal", lambda: _goal(Missed("cache", "cache_hit_rate 20%")), lambda: _goal()),
)
