"""What the detail of a family's logs comes to: made in steps, and again when it grew."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

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
from tokwatch.analysis.weights import corrected
from tokwatch.config import Config
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Block, Compaction, Delegation, DetailReading, Turn
from tokwatch.model.session import SessionRequest
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import SessionDetail, detail_logs, read_calibrations, session_detail
from tokwatch.tokens.calibrated import Calibration
from tokwatch.tokens.estimate import Calibrations, calibration_of, of_lengths

if TYPE_CHECKING:
    from tokwatch.pages.session import Family

BLOCKS_A_MS: Final = 10
"""Large details are made anew more rarely: so many blocks ask for a millisecond of rest."""
PARTS: Final = 2
"""What is worked out after the composition, an answer each: what was carried, and truncation."""
OTHERS_KEPT_MS: Final = 5_000
"""How often it is looked whether more of the other sessions of a family was read."""

Mark = tuple[int, int]
"""Bytes of a session's logs that were read, and how many conversations they hold."""


class Inside(Struct, frozen=True, eq=False):
    """What the logs tell of the contents of one agent's requests, and of its whole family."""

    chain: Chain
    mark: Hashable
    """Of the requests that it is about."""
    told: Hashable
    """Equal while the logs tell the same."""
    compactions: tuple[Compaction, ...]
    turns: tuple[Turn, ...]
    delegations: Mapping[str, tuple[Delegation, ...]]
    """By the session in whose log they stand."""
    course: Course
    composition: Composition
    limits: Limits
    estimate: Calibration | None = None
    """What corrects the estimates of its blocks; None where nothing was measured."""
    carried: CarriedPart | None = None
    """Of all agents of the family; None while it is worked out."""
    conversation: Conversation | None = None
    simulations: tuple[Simulation, ...] | None = None
    """None while they are worked out."""

    @property
    def is_told(self) -> bool:
        """Tell whether anything is known of this agent's conversation."""
        return bool(self.composition.sized)

    def mix(self, key: int) -> Mix | None:
        """Return what a request's prompt was made of; None where that is not known."""
        place = self.course.places.get(key)
        return None if place is None or not self.is_told else self.composition.at(place)

    def loss(self, key: int, strategy: Strategy) -> Loss | None:
        """Return what a strategy would leave out of a request's prompt."""
        if self.conversation is None or not self.is_told:
            return None
        place = self.conversation.course.places.get(key)
        if place is None:
            return None
        return loss(self.conversation, place, self.limits, strategy)


class Details(Struct):
    """What was made of a family's details, for the answers after the first."""

    told: dict[str, tuple[Mark, SessionDetail]] = field(default_factory=dict)
    """By session."""
    looked_ms: int = -OTHERS_KEPT_MS
    made_ms: int = 0
    carried: dict[Chain, tuple[Hashable, CarriedPart]] = field(default_factory=dict)
    key: Hashable = None
    left: int = PARTS
    """Parts that are still to be worked out."""
    inside: Inside | None = None
    calibrations: Calibrations = field(default_factory=dict)

    def known(self, chain: Chain) -> Inside | None:
        """Return what was made of an agent before."""
        return self.inside if self.inside is not None and self.inside.chain == chain else None

    def inside_of(
        self, sight: Sight, found: Family, chain: Chain, reading: DetailReading | None
    ) -> tuple[Inside | None, bool]:
        """Return what is known of an agent's contents, and whether that is all for now.

        Each answer works out a part: the composition, then what was carried, then truncation.
        """
        known = self.known(chain)
        if reading is not None and not reading.is_whole:
            return known, True  # whoever reads tells when there is more
        self._look(sight, found, chain)
        limits = limits_of(sight.config)
        key = (chain, found.mark, self._marks, limits, self._delegated(sight))
        if key != self.key:
            pieces = sum(len(detail.blocks) for _, detail in self.told.values())
            if known is not None and sight.now_ms - self.made_ms < pieces // BLOCKS_A_MS:
                return known, False
            self.key, self.made_ms, self.left = key, sight.now_ms, PARTS
            self.inside = self._begun(found, chain, sight)
            if known is not None:  # what takes long stays until it is made anew
                self.inside = replace(
                    self.inside,
                    carried=known.carried,
                    conversation=known.conversation,
                    simulations=known.simulations,
                )
        elif self.inside is not None:
            self.inside = self._further(self.inside, found, sight)
        return self.inside, self.left == 0

    def _delegated(self, sight: Sight) -> int:
        """Return how many delegations were told by the moment."""
        told = (one for _, detail in self.told.values() for one in detail.delegations)
        return sum(one.instant_ms <= sight.at_ms for one in told)

    @property
    def _marks(self) -> tuple[tuple[str, Mark], ...]:
        return tuple((session, mark) for session, (mark, _) in self.told.items())

    def _look(self, sight: Sight, found: Family, chain: Chain) -> None:
        """Read the details that changed: the shown session's at once, the others' now and then."""
        is_due = not 0 <= sight.now_ms - self.looked_ms < OTHERS_KEPT_MS
        wanted = found.sessions if is_due else (chain.session,)
        if is_due:
            self.looked_ms = sight.now_ms
        for session in wanted:
            logs = detail_logs(sight.view, chain.source, session)
            mark = (sum(log.read_bytes for log in logs), sum(len(log.agents) for log in logs))
            if session not in self.told or self.told[session][0] != mark:
                detail = session_detail(sight.view, chain.source, session)
                self.told[session] = (mark, detail)

    def _detail(self, session: str) -> SessionDetail:
        return self.told[session][1] if session in self.told else SessionDetail()

    def _begun(self, found: Family, chain: Chain, sight: Sight) -> Inside:
        """Return what one agent's prompts are made of."""
        detail = self._detail(chain.session)
        self.calibrations = of_lengths(read_calibrations(sight.view))
        requests = found.requests.get(chain, ())
        of, made = _study(detail, chain, requests, self.calibrations)
        return Inside(
            *(chain, found.mark, self._marks),
            tuple(one for one in detail.compactions if one.agent == chain.agent),
            tuple(one for one in detail.turns if one.agent == chain.agent),
            {
                session: tuple(one for one in told.delegations if one.instant_ms <= sight.at_ms)
                for session, (_, told) in self.told.items()
            },
            *(of, made, limits_of(sight.config)),
            estimate=_estimate(requests, self.calibrations),
        )

    def _further(self, known: Inside, found: Family, sight: Sight) -> Inside:
        """Return the same with one part more."""
        if self.left == 0:
            return known
        self.left -= 1
        if self.left == PARTS - 1:
            return replace(known, carried=self._carried(known, found, sight))
        talk = conversation(known.course, known.composition)
        changed = simulations(talk, known.limits, sight.mode) if known.is_told else ()
        return replace(known, conversation=talk, simulations=changed)

    def _carried(self, known: Inside, found: Family, sight: Sight) -> CarriedPart:
        """Return what the blocks of all agents of a family carried."""
        parts = []
        for chain, requests in found.requests.items():
            mark = self.told[chain.session][0] if chain.session in self.told else None
            key = (mark, len(requests), found.usages[chain], sight.mode)
            done = self.carried.get(chain)
            if done is None or done[0] != key:
                of, made = known.course, known.composition
                if chain != known.chain:
                    detail = self._detail(chain.session)
                    of, made = _study(detail, chain, requests, self.calibrations)
                done = self.carried[chain] = (key, carried(of, made, chain, sight.mode))
            parts.append(done[1])
        return joined(parts)


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


def _estimate(requests: Sequence[SessionRequest], calibrations: Calibrations) -> Calibration | None:
    """Return what corrects estimates for the model that an agent used last."""
    return calibration_of(requests[-1].cached.model, calibrations) if requests else None


def _study(
    detail: SessionDetail,
    chain: Chain,
    requests: Sequence[SessionRequest],
    calibrations: Calibrations,
) -> tuple[Course, Composition]:
    """Return an agent's course, and what its prompts are made of."""
    of = course(requests, [one for one in detail.compactions if one.agent == chain.agent])
    blocks: list[Block] = [one for one in detail.blocks if one.agent == chain.agent]
    return of, composition(of, corrected(blocks, _estimate(requests, calibrations)))
