"""What suggestions are made from: requests, what they were made of, prices; frozen values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from msgspec.structs import replace

from tokwatch.model.caching import CachedRequest, Chain
from tokwatch.model.card import RateCard
from tokwatch.model.detail import Block, Compaction
from tokwatch.model.event import ModelName
from tokwatch.model.performance import Told
from tokwatch.model.units import DAY_MS

SessionKey = tuple[str, str]
"""Source and session."""
NOTHING: Final[frozenset[int]] = frozenset()


class Sent(NamedTuple):
    """One request as suggestions need it."""

    cached: CachedRequest
    kind: str
    """"main", the tool's name for a sort of sub-agent, or "sub-agent"."""
    provider: str
    tier: str
    output: int
    reasoning: int
    output_rate: int
    """Nano-dollars a thousand tokens."""
    nano: int
    """What it cost."""
    is_loose: bool = False
    """Whether it belongs to no conversation: anybody's requests, one after the other."""

    @property
    def key(self) -> int:
        """Key of its event."""
        return self.cached.key

    @property
    def chain(self) -> Chain:
        """The agent whose request it is."""
        return self.cached.chain

    @property
    def session(self) -> SessionKey:
        """Whose it is, all agents together."""
        return self.cached.source, self.cached.session

    @property
    def prompt(self) -> int:
        """All tokens that were sent."""
        one = self.cached
        return one.input + (one.cache_read or 0) + one.cache_write_5m + one.cache_write_1h

    @property
    def model(self) -> ModelName:
        """What it was made with."""
        return ModelName(self.provider, self.cached.model, self.tier)


class Offered(NamedTuple):
    """A model that could take another one's place, with what it costs."""

    name: str
    provider: str
    cards: tuple[RateCard, ...]
    window: int | None
    is_used: bool
    is_small: bool
    """Whether its maker calls it small."""


class Missed(NamedTuple):
    """A goal that is not met."""

    name: str
    words: str
    """Its measure, value and target."""


@dataclass(frozen=True)
class Facts:
    """Everything of one stretch of time that analysers look at."""

    since_ms: int
    until_ms: int
    sent: tuple[Sent, ...] = ()
    """The oldest first."""
    blocks: Mapping[SessionKey, tuple[Block, ...]] = field(default_factory=dict)
    """What sessions' conversations are made of, in order, where they were read."""
    compactions: Mapping[SessionKey, tuple[Compaction, ...]] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    offers: Mapping[ModelName, tuple[Offered, ...]] = field(default_factory=dict)
    """Cheaper models of the same seller, for each that was used; the cheapest first."""
    batch: Mapping[ModelName, tuple[RateCard, ...]] = field(default_factory=dict)
    """What a model costs in the tier of requests that may wait, where there is a price."""
    missed: tuple[Missed, ...] = ()
    agents: frozenset[str] = frozenset()
    """Sources that are tools: how they ask for caching is not in their user's hands."""

    @cached_property
    def chains(self) -> dict[Chain, list[Sent]]:
        """The requests of each agent, the oldest first."""
        found: dict[Chain, list[Sent]] = {}
        for one in self.sent:
            if not one.is_loose:
                found.setdefault(one.chain, []).append(one)
        return found

    @cached_property
    def cuts(self) -> dict[Chain, list[int]]:
        """When each agent's context was replaced by a summary."""
        found: dict[Chain, list[int]] = {}
        for (source, session), cuts in self.compactions.items():
            for cut in cuts:
                found.setdefault(Chain(source, session, cut.agent), []).append(cut.instant_ms)
        return {chain: sorted(cuts) for chain, cuts in found.items()}

    @cached_property
    def by_key(self) -> dict[int, Sent]:
        """The requests by the keys of their events."""
        return {one.key: one for one in self.sent}

    @cached_property
    def nano(self) -> int:
        """What all requests cost."""
        return sum(one.nano for one in self.sent)

    @cached_property
    def projects(self) -> dict[SessionKey, str]:
        """The project in which each session worked last."""
        return {one.session: one.cached.project for one in self.sent}

    @property
    def days(self) -> float:
        """How many days lie between the first and the last request; at least one."""
        if not self.sent:
            return 1.0
        first = max(self.since_ms, self.sent[0].cached.instant_ms)
        return max(1.0, (self.until_ms - first) / DAY_MS)

    def of_scope(self, **wanted: str) -> frozenset[int]:
        """Return the keys of the requests with these: project, source, model, kind."""
        found = [self._scopes_by(name).get(value, NOTHING) for name, value in wanted.items()]
        return found[0].intersection(*found[1:]) if found else frozenset(self.by_key)

    def _scopes_by(self, name: str) -> dict[str, frozenset[int]]:
        """Return the keys of all requests by what they have of one sort of name."""
        if name not in self._scopes:
            groups: dict[str, set[int]] = {}
            for one in self.sent:
                groups.setdefault(_named(one, name), set()).add(one.key)
            self._scopes[name] = {value: frozenset(keys) for value, keys in groups.items()}
        return self._scopes[name]

    @cached_property
    def _scopes(self) -> dict[str, dict[str, frozenset[int]]]:
        return {}

    def since(self, at_ms: int) -> Facts:
        """Return the facts from an instant on."""
        blocks = {
            key: tuple(one for one in some if one.instant_ms >= at_ms)
            for key, some in self.blocks.items()
        }
        told = replace(
            self.told, answered=tuple(one for one in self.told.answered if one.at_ms >= at_ms)
        )
        return dataclasses.replace(
            self,
            since_ms=at_ms,
            sent=tuple(one for one in self.sent if one.cached.instant_ms >= at_ms),
            blocks={key: some for key, some in blocks.items() if some},
            told=told,
        )


def _named(one: Sent, name: str) -> str:
    match name:
        case "project":
            return one.cached.project
        case "source":
            return one.cached.source
        case "model":
            return one.cached.model
        case _:
            return one.kind
