"""One simulated agent: how its context grows from request to request. Knows no log format."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.units import MINUTE_MS

FIRST_ANSWER_MS: Final = 4_000
"""From a prompt to its first answer."""
SUMMARY_TOKENS: Final = (6_000, 14_000)
"""What a compaction leaves of a conversation, at least and at most."""


class Tool(StrEnum):
    """The coding agent that writes the log, by the name of its source."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"


class Desk(Struct, frozen=True):
    """A place of work: the project, and the tool and model that are used there."""

    tool: Tool
    project: str
    branch: str
    model: str
    titles: tuple[str, ...]
    system_tokens: int
    """The prompt with which every session begins: instructions and tools."""
    growth: int
    """Tokens by which one request lengthens the conversation, on average."""
    compact_at: int
    cache_minutes: int = 60
    """How long the provider keeps a prompt."""


class Task(NamedTuple):
    """That an agent set another one to work, in the background."""

    number: int
    """Of the request whose answer did it."""
    kind: str
    title: str
    child: str
    """The sub-agent's own id, or its thread's."""
    reported: int | None = None
    """Number of the first request after it came back; None while it works."""


class Spent(NamedTuple):
    """Sums over requests, with cached tokens inside the prompt, as Codex keeps its books."""

    prompt: int = 0
    cached: int = 0
    output: int = 0
    reasoning: int = 0

    def plus(self, prompt: int, cached: int, output: int, reasoning: int) -> Spent:
        """Return the sums after one more request."""
        return Spent(
            self.prompt + prompt,
            self.cached + cached,
            self.output + output,
            self.reasoning + reasoning,
        )


NOTHING: Final = Spent()


class Request(Struct, frozen=True):
    """One billed request; the token classes are disjoint, reasoning is a part of output."""

    number: int
    """Of this request among those of its agent, from 1."""
    at_ms: int
    fresh: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    compacts: bool
    """True where the conversation was summarised just before."""
    total: Spent
    """What the agent used up to and with this request."""
    grown: int = 0
    """Tokens that came into the conversation since the answer before: of a compaction, its
    summary."""
    before_ms: int = 0
    """Instant of the answer before."""

    @property
    def prompt(self) -> int:
        """All tokens that were sent: the context that the request used."""
        return self.fresh + self.cache_read + self.cache_write


class Agent(Struct, frozen=True):
    """A session's main agent, or a sub-agent, after its latest request."""

    desk: Desk
    session: str
    title: str
    begin_ms: int
    ends_after: int
    """Requests that it makes in all."""
    context: int
    """Tokens of the conversation so far, the last answer included."""
    cached: int
    """How much of it the provider holds."""
    last_ms: int
    id: str = ""
    """Of a Claude Code sub-agent: its own, beside its session's."""
    kind: str = ""
    parent: str = ""
    """Of a Codex sub-agent: the thread that spawned it."""
    requests: int = 0
    spent: Spent = NOTHING
    call: str = ""
    """Id of the call that set a sub-agent to work."""
    tasks: tuple[Task, ...] = ()
    talks: bool = True
    """Whether its log holds texts as long as its requests; else only placeholders."""

    @property
    def is_main(self) -> bool:
        """Whether a user talks to it, and no other agent."""
        return not self.kind

    @property
    def is_done(self) -> bool:
        """Whether it makes no further request."""
        return self.requests >= self.ends_after


def new_agent(desk: Desk, at_ms: int, ends_after: int, dice: Random) -> Agent:
    """Return the main agent of a session whose first answer comes at an instant."""
    return Agent(
        desk=desk,
        session=str(UUID(int=dice.getrandbits(128), version=4)),
        title=dice.choice(desk.titles),
        begin_ms=at_ms - FIRST_ANSWER_MS,
        ends_after=ends_after,
        context=desk.system_tokens,
        cached=desk.system_tokens * 3 // 4,
        last_ms=at_ms,
    )


def sub_agent(
    parent: Agent, desk: Desk, kind: str, at_ms: int, dice: Random, call: str = ""
) -> Agent:
    """Return an agent that another one spawns, by a call."""
    child = replace(
        new_agent(desk, at_ms, dice.randint(5, 14), dice),
        kind=kind,
        call=call,
        talks=parent.talks,
    )
    if desk.tool is Tool.CODEX:
        return replace(child, parent=parent.session)
    return replace(child, session=parent.session, id=f"{dice.getrandbits(32):08x}")


def task_of(child: Agent, number: int, reported: int | None = None) -> Task:
    """Return what the answer of a number set a sub-agent to do."""
    return Task(number, child.kind, child.title, child.id or child.session, reported)


def next_request(
    agent: Agent, at_ms: int, growth: int, dice: Random, *, misses_cache: bool = False
) -> tuple[Agent, Request]:
    """Return an agent's next request and the agent after it."""
    output = _between(dice.lognormvariate(5.3, 0.9), 15, 6_000)
    grown = _between(growth * dice.gammavariate(4, 0.25) - output, 40, 60_000)
    compacts = agent.context + grown > agent.desk.compact_at
    if compacts:
        cached, grown = min(agent.cached, agent.desk.system_tokens), dice.randint(*SUMMARY_TOKENS)
        prompt = agent.desk.system_tokens + grown
    else:
        cached, prompt = agent.cached, agent.context + grown
    if misses_cache or at_ms - agent.last_ms > agent.desk.cache_minutes * MINUTE_MS:
        cached = 0
    writes = agent.desk.tool is Tool.CLAUDE_CODE
    fresh = min(dice.randint(3, 60), prompt - cached) if writes else prompt - cached
    reasoning = output * dice.randint(10, 60) // 100
    request = Request(
        number=agent.requests + 1,
        at_ms=at_ms,
        fresh=fresh,
        cache_read=cached,
        cache_write=prompt - cached - fresh,
        output=output,
        reasoning=reasoning,
        compacts=compacts,
        total=agent.spent.plus(prompt, cached, output, reasoning),
        grown=grown,
        before_ms=agent.last_ms,
    )
    return _after(agent, request), request


def _after(agent: Agent, request: Request) -> Agent:
    uncached = request.fresh if request.cache_write else 0
    return replace(
        agent,
        context=request.prompt + request.output,
        # A provider caches whole blocks of a prompt.
        cached=(request.prompt - uncached) // 128 * 128,
        last_ms=request.at_ms,
        requests=request.number,
        spent=request.total,
    )


def _between(value: float, least: int, most: int) -> int:
    return min(most, max(least, round(value)))


def stamp(at_ms: int) -> str:
    """Return an instant as both tools write it."""
    text = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
