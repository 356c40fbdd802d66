"""Who set whom to work: a family of agents as a tree, and when each of them ran."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from msgspec import Struct, field

from tokwatch.model.caching import Chain
from tokwatch.model.detail import Delegation
from tokwatch.model.session import Kin, SessionRequest
from tokwatch.model.usage import NO_USAGE, Usage


class Lane(NamedTuple):
    """One agent, or a delegation that no requests are known of."""

    chain: Chain
    """Its agent is empty for a session's own; where nothing is known of it, the one that asked."""
    kind: str
    """The tool's name for this sort of agent; empty for the first one."""
    depth: int
    is_last: bool
    """Whether no agent with the same parent follows."""
    begin_ms: int
    """When it was set to work, or made its first request."""
    end_ms: int
    usage: Usage
    """Its own requests."""
    whole: Usage
    """With those of all agents beneath it."""
    back_tokens: int | None
    """Estimate of what came back to who asked; None while nothing did, or nothing is told."""
    step: int
    """Agents of one parent that ran at the same time share a step; 0 for the first agent."""
    beside: int
    """How many others ran in the same step."""
    is_known: bool = True
    """False for a delegation whose requests are not known."""


class Clock(Struct, frozen=True):
    """Time as a picture shows it: where nothing begins or ends for long, it is shortened."""

    instants: tuple[int, ...] = (0,)
    places: tuple[int, ...] = (0,)
    """Of the instants, in ms of shortened time."""
    is_shortened: bool = False

    def at(self, instant_ms: int) -> int:
        """Return the place of an instant."""
        before = bisect_right(self.instants, instant_ms) - 1
        if before < 0:
            return 0
        if before == len(self.instants) - 1:
            return self.places[-1]
        begin, end = self.instants[before : before + 2]
        low, high = self.places[before : before + 2]
        return low + (instant_ms - begin) * (high - low) // (end - begin)


def clock(lanes: Sequence[Lane]) -> Clock:
    """Return the time of some agents, no stretch longer than the longest delegation ran."""
    instants = sorted({ms for lane in lanes for ms in (lane.begin_ms, lane.end_ms)})
    if not instants:
        return Clock()
    longest = max((lane.end_ms - lane.begin_ms for lane in lanes if lane.depth), default=0)
    steps = [after - before for before, after in pairwise(instants)]
    most = max(longest, 1) if any(lane.depth for lane in lanes) else max([*steps, 1])
    places = (0, *accumulate(min(step, most) for step in steps))
    return Clock(tuple(instants), places, any(step > most for step in steps))


class _Node(Struct):
    """An agent in the making of the tree."""

    chain: Chain
    kind: str
    begin_ms: int
    end_ms: int
    usage: Usage = NO_USAGE
    back_tokens: int | None = None
    is_known: bool = True
    beneath: list[_Node] = field(default_factory=list)

    def whole(self) -> Usage:
        usage = self.usage
        for node in self.beneath:
            usage = usage + node.whole()
        return usage


def lanes(
    kin: Sequence[Kin],
    requests: Mapping[Chain, Sequence[SessionRequest]],
    usages: Mapping[Chain, Usage],
    delegations: Mapping[str, Sequence[Delegation]],
) -> tuple[Lane, ...]:
    """Return the agents of a family as a tree, each parent before those it set to work.

    Requests and usage are by agent; delegations by the session in whose log they stand.
    """
    nodes = _nodes(kin, requests, usages)
    parents = _parents(kin, nodes, delegations)
    tops = []
    for chain, node in nodes.items():
        parent = parents.get(chain)
        if parent is None or _is_own_ancestor(chain, parents):
            tops.append(node)
        else:
            nodes[parent].beneath.append(node)
    for session, told in delegations.items():
        _add_unknown(nodes, session, told)
    return tuple(_lines(sorted(tops, key=_begin), 0))


def _nodes(
    kin: Sequence[Kin],
    requests: Mapping[Chain, Sequence[SessionRequest]],
    usages: Mapping[Chain, Usage],
) -> dict[Chain, _Node]:
    kinds = {(one.session, one.agent): one.kind for one in kin}
    return {
        chain: _Node(
            chain,
            kinds.get((chain.session, chain.agent)) or ("agent" if chain.agent else ""),
            min(request.cached.first_ms for request in made),
            made[-1].instant_ms,
            usages[chain],
        )
        for chain, made in requests.items()
        if made
    }


def _parents(
    kin: Sequence[Kin],
    nodes: Mapping[Chain, _Node],
    delegations: Mapping[str, Sequence[Delegation]],
) -> dict[Chain, Chain]:
    """Return who set each agent to work; note what the delegations tell of it."""
    sessions = {one.session: one.parent for one in kin if not one.agent and one.parent}
    parents: dict[Chain, Chain] = {}
    for chain, node in nodes.items():
        asked_in = chain.session if chain.agent else sessions.get(chain.session)
        if asked_in is None:
            continue
        child = chain.agent or chain.session
        told = next((one for one in delegations.get(asked_in, ()) if one.child == child), None)
        by = "" if told is None or told.parent == child else told.parent
        parent = Chain(chain.source, asked_in, by)
        if parent not in nodes:
            parent = Chain(chain.source, asked_in, "")
        if told is not None:
            node.begin_ms = min(node.begin_ms, told.instant_ms)
            node.back_tokens = told.tokens or None
            node.kind = told.kind or node.kind
        if parent in nodes and parent != chain:
            parents[chain] = parent
    return parents


def _is_own_ancestor(chain: Chain, parents: Mapping[Chain, Chain]) -> bool:
    """Tell whether the parents of an agent lead in a circle, as no sane log has them."""
    seen = {chain}
    at = parents.get(chain)
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at is not None


def _add_unknown(nodes: Mapping[Chain, _Node], session: str, told: Iterable[Delegation]) -> None:
    """Add the delegations of a session whose requests are not known."""
    children = {chain.agent or chain.session for chain in nodes}
    for one in told:
        if one.child and one.child in children:
            continue
        parent = next((chain for chain in nodes if chain[1:] == (session, one.parent)), None)
        if parent is not None:
            node = _Node(parent, one.kind or "agent", one.instant_ms, one.instant_ms)
            node.back_tokens, node.is_known = one.tokens or None, False
            nodes[parent].beneath.append(node)


def _begin(node: _Node) -> tuple[int, int, Chain]:
    return node.begin_ms, node.end_ms, node.chain


def _steps(nodes: Sequence[_Node]) -> list[int]:
    """Return the step of each agent: one that begins before all of a step ended belongs to it."""
    steps: list[int] = []
    step, reach = 0, -1
    for node in nodes:
        if node.begin_ms >= reach:
            step += 1
        reach = max(reach, node.end_ms)
        steps.append(step)
    return steps


def _lines(nodes: Sequence[_Node], depth: int) -> Iterator[Lane]:
    steps = _steps(nodes)
    for node, step in zip(nodes, steps, strict=True):
        yield Lane(
            *(node.chain, node.kind, depth),
            is_last=node is nodes[-1],
            begin_ms=node.begin_ms,
            end_ms=node.end_ms,
            usage=node.usage,
            whole=node.whole(),
            back_tokens=node.back_tokens,
            step=step if depth else 0,
            beside=steps.count(step) - 1 if depth else 0,
            is_known=node.is_known,
        )
        yield from _lines(sorted(node.beneath, key=_begin), depth + 1)
