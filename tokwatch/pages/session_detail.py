"""What the detail of a family's logs comes to: made once, and again when it grew."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tokwatch.analysis.carried import CarriedPart, carried, joined
from tokwatch.analysis.composition import Composition, Mix, composition
from tokwatch.analysis.simulated import (
    Conversation,
    Loss,
    Simulation,
    conversation,
    loss,
    simulations,
)
from tokwatch.analysis.timeline import Course, course
from tokwatch.analysis.truncation import Limits, Strategy
from tokwatch.caching import Chain
from tokwatch.config import Config
from tokwatch.detail import Block, Compaction, Delegation, DetailReading, Turn
from tokwatch.pages.sight import Sight
from tokwatch.store.read import SessionDetail, detail_logs, session_detail

if TYPE_CHECKING:
    from tokwatch.pages.session import Family

BLOCKS_A_MS: Final = 10
"""Large details are made anew more rarely: so many blocks ask for a millisecond of rest."""
OTHERS_KEPT_MS: Final = 5_000
"""How often it is looked whether more of the other sessions of a family was read."""

Mark = tuple[int, int]
"""Bytes of a session's logs that were read, and blocks' logs."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the logs tell of the contents of one agent's requests, and of its whole family."""

    chain: Chain
    compactions: tuple[Compaction, ...]
    turns: tuple[Turn, ...]
    delegations: Mapping[str, tuple[Delegation, ...]]
    """By the session in whose log they stand."""
    course: Course
    composition: Composition
    places: Mapping[int, int]
    """Points by the keys of their requests."""
    limits: Limits
    conversation: Conversation
    simulations: tuple[Simulation, ...]
    carried: CarriedPart
    """Of all agents of the family."""
    blocks: int
    """How many pieces of this agent's conversation are known; without any nothing is told."""

    def mix(self, key: int) -> Mix | None:
        """Return what a request's prompt was made of; None where that is not known."""
        place = self.places.get(key)
        return None if place is None or not self.blocks else self.composition.at(place)

    def loss(self, key: int, strategy: Strategy) -> Loss | None:
        """Return what a strategy would leave out of a request's prompt."""
        place = self.places.get(key)
        if place is None or not self.blocks:
            return None
        return loss(self.conversation, place, self.limits, strategy)


Study = tuple[Course, Composition]


@dataclass(slots=True)
class Details:
    """What was made of a family's details, for the answers after the first."""

    told: dict[str, tuple[Mark, SessionDetail]] = field(default_factory=dict)
    """By session."""
    looked_ms: int = 0
    made_ms: int = 0
    studied: Hashable = None
    studies: dict[Chain, Study] = field(default_factory=dict)
    carried: CarriedPart = field(default_factory=CarriedPart)
    key: Hashable = None
    chain: Chain | None = None
    inside: Inside | None = None

    def inside_of(
        self, sight: Sight, found: Family, chain: Chain, reading: DetailReading | None
    ) -> tuple[Inside | None, bool]:
        """Return what is known of an agent's contents, and whether that is all for now."""
        known = self.inside if self.chain == chain else None
        if reading is not None and not reading.is_whole:
            return known, True  # whoever reads tells when there is more
        self._look(sight, found, chain)
        marks = tuple((session, mark) for session, (mark, _) in self.told.items())
        key = (chain, found.mark, marks, sight.config.context, sight.config.summary)
        if key == self.key:
            return known, True
        pieces = sum(len(detail.blocks) for _, detail in self.told.values())
        if known is not None and sight.now_ms - self.made_ms < pieces // BLOCKS_A_MS:
            return known, False
        self._study(found, (found.mark, marks), sight)
        self.inside = self._inside(found, chain, sight)
        self.key, self.chain, self.made_ms = key, chain, sight.now_ms
        return self.inside, True

    def _look(self, sight: Sight, found: Family, chain: Chain) -> None:
        """Read the details that changed: the shown session's at once, the others' now and then."""
        is_due = sight.now_ms - self.looked_ms >= OTHERS_KEPT_MS
        wanted = found.sessions if is_due else (chain.session,)
        if is_due:
            self.looked_ms = sight.now_ms
        for session in wanted:
            logs = detail_logs(sight.view, chain.source, session)
            mark = (sum(log.read_bytes for log in logs), sum(len(log.agents) for log in logs))
            if session not in self.told or self.told[session][0] != mark:
                detail = session_detail(sight.view, chain.source, session)
                self.told[session] = (mark, detail)

    def _study(self, found: Family, key: Hashable, sight: Sight) -> None:
        """Make course and composition of every agent, and what its blocks carried."""
        if key == self.studied:
            return
        self.studies, parts = {}, []
        for session in found.sessions:
            detail = self.told[session][1] if session in self.told else SessionDetail()
            blocks = _by_agent(detail.blocks)
            for chain, requests in found.requests.items():
                if chain.session == session:
                    of = course(
                        requests, [one for one in detail.compactions if one.agent == chain.agent]
                    )
                    made = composition(of, blocks.get(chain.agent, ()))
                    self.studies[chain] = (of, made)
                    parts.append(carried(of, made, chain, sight.mode))
        self.carried, self.studied = joined(parts), key

    def _inside(self, found: Family, chain: Chain, sight: Sight) -> Inside:
        detail = self.told[chain.session][1] if chain.session in self.told else SessionDetail()
        of, made = self.studies.get(chain, (Course(), Composition()))
        limits = limits_of(sight.config)
        talk = conversation(of, made)
        return Inside(
            chain,
            tuple(one for one in detail.compactions if one.agent == chain.agent),
            tuple(one for one in detail.turns if one.agent == chain.agent),
            {session: told.delegations for session, (_, told) in self.told.items()},
            *(of, made, {point.key: place for place, point in enumerate(of.points)}),
            *(limits, talk, simulations(talk, limits, sight.mode) if made.sized else ()),
            self.carried,
            blocks=len(made.sized),
        )


def limits_of(config: Config) -> Limits:
    """Return the limits of a simulated truncation, as configured."""
    context, summary = config.context, config.summary
    return Limits(
        messages=context.max_messages,
        tokens=context.max_tokens,
        margin=context.safety_margin,
        reserve=context.reserve_tokens,
        summary_messages=summary.messages,
        summary_tokens=-(-summary.words * 4 // 3),
    )


def _by_agent(blocks: Sequence[Block]) -> dict[str, list[Block]]:
    found: dict[str, list[Block]] = {}
    for block in blocks:
        found.setdefault(block.agent, []).append(block)
    return found
