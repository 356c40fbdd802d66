"""The audit: from what was read of the store to what each number rests on, source by source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.analysis.sums import total
from tokwatch.model.event import Grade
from tokwatch.model.evidence import BothCosts, Evidence, Focus, Kept, LogsOf, Merged, UsageOf
from tokwatch.model.usage import NO_USAGE, Usage

NOTHING_KEPT: Final = Kept("", 0, 0)


class Disagreement(NamedTuple):
    """A request that logs of several sources tell of, and the counts in which they differ."""

    at_ms: int
    session: str
    model: str
    sources: tuple[str, ...]
    differing: tuple[str, ...]


class AuditFacts(Struct, frozen=True):
    """All that was read for an audit."""

    focus: Focus = field(default_factory=Focus)
    used: Sequence[UsageOf] = ()
    sessions: Mapping[str, int] = field(default_factory=dict)
    logs: Sequence[LogsOf] = ()
    merged: Sequence[Merged] = ()
    kept: Sequence[Kept] = ()
    costs: Sequence[BothCosts] = ()
    doubts: Mapping[str, int] = field(default_factory=dict)
    """By source, the requests that are a lower bound and derived at once."""
    overlaps: Mapping[str, int] = field(default_factory=dict)
    """By source, the requests that another agent's log may tell, too."""
    hidden: Mapping[str, Usage] = field(default_factory=dict)
    """By source; in none of the sums."""
    days: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """By source, the days with use, in order; empty where it was not asked for."""
    witnessed: Sequence[Disagreement] = ()
    """Requests that several sources tell of, those that agree with nothing in `differing`."""
    events: Sequence[Evidence] = ()


class Duplicates(Struct, frozen=True):
    """Sightings that were merged, by cause: each request counts once."""

    repeated_lines: int = 0
    """Earlier records of a request that the same log tells again."""
    copies: int = 0
    """In logs that begin as a copy of another, as forks and resumed sessions do."""
    echoes: int = 0
    """Mirrored in another transcript."""
    ghosts: int = 0
    """Links of a running total whose requests other records tell."""
    witnesses: int = 0
    """Seen by a gateway beside the tool's own record."""

    @property
    def records(self) -> int:
        """Those that a log tells beside another log; its own earlier lines are none."""
        return self.copies + self.echoes + self.ghosts + self.witnesses

    @property
    def total(self) -> int:
        """All of them."""
        return self.repeated_lines + self.records


class Gap(NamedTuple):
    """Days in a row without use; both are part of it, in days since 1970-01-01."""

    first_day: int
    last_day: int

    @property
    def days(self) -> int:
        """How many they are."""
        return self.last_day - self.first_day + 1


class SourceAudit(Struct, frozen=True):
    """What the numbers of one source rest on."""

    source: str
    usage: Usage = NO_USAGE
    both_doubts: int = 0
    """Requests that are a lower bound and derived at once."""
    overlaps: int = 0
    """Requests that another agent's log may tell, too."""
    sessions: int = 0
    logs: LogsOf | None = None
    duplicates: Duplicates = field(default_factory=Duplicates)
    kept: Kept = NOTHING_KEPT
    hidden: Usage | None = None
    unpriced: tuple[tuple[str, int], ...] = ()
    """Models with tokens that no price is known for, and how many."""
    costs: BothCosts | None = None
    witnessed: int = 0
    disagreeing: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    active_days: int = 0
    gaps: tuple[Gap, ...] = ()
    """Between the first and the last day of use."""

    @property
    def records(self) -> int:
        """What logs tell: one for each event, and those that were merged into one."""
        return self.kept.events + self.duplicates.records

    @property
    def pruned(self) -> int:
        """Requests of which only sums remain."""
        return max(0, self.usage.requests - self.kept.requests)

    @property
    def exact(self) -> int:
        """Requests whose counts are the tool's own and final."""
        unsure = self.usage.lower_bound + self.usage.derived - self.both_doubts
        return max(0, self.usage.requests - unsure)


class Audit(Struct, frozen=True):
    """What the numbers of a focus rest on."""

    focus: Focus
    sources: tuple[SourceAudit, ...] = ()
    """The one with most requests first."""
    disagreements: tuple[Disagreement, ...] = ()
    """The newest first."""
    events: tuple[Evidence, ...] = ()
    """The newest first."""

    @property
    def usage(self) -> Usage:
        """What all sources used."""
        return total(one.usage for one in self.sources)


def audit(facts: AuditFacts) -> Audit:
    """Return the audit that the facts come to."""
    by_use = sorted(
        (_source(name, facts) for name in _names(facts)),
        key=lambda one: (-one.usage.requests, one.source),
    )
    return Audit(
        facts.focus,
        tuple(by_use),
        tuple(one for one in facts.witnessed if one.differing),
        tuple(facts.events),
    )


def _names(facts: AuditFacts) -> Iterable[str]:
    return dict.fromkeys(
        [
            *(one.source for one in facts.used),
            *(one.source for one in facts.logs),
            *facts.hidden,
        ]
    )


def _source(name: str, facts: AuditFacts) -> SourceAudit:
    used = [one for one in facts.used if one.source == name]
    logs = next((one for one in facts.logs if one.source == name), None)
    seen = [one for one in facts.witnessed if name in one.sources]
    days = facts.days.get(name, ())
    return SourceAudit(
        source=name,
        usage=total(one.usage for one in used),
        both_doubts=facts.doubts.get(name, 0),
        overlaps=facts.overlaps.get(name, 0),
        sessions=facts.sessions.get(name, 0),
        logs=logs,
        duplicates=_duplicates(logs, [one for one in facts.merged if one.source == name]),
        kept=next((one for one in facts.kept if one.source == name), NOTHING_KEPT),
        hidden=facts.hidden.get(name),
        unpriced=_unpriced(used),
        costs=next((one for one in facts.costs if one.source == name), None),
        witnessed=len(seen),
        disagreeing=sum(bool(one.differing) for one in seen),
        first_ms=min((one.first_ms for one in used), default=None),
        last_ms=max((one.last_ms for one in used), default=None),
        active_days=len(days),
        gaps=gaps(days),
    )


def _duplicates(logs: LogsOf | None, merged: Sequence[Merged]) -> Duplicates:
    def of(*grades: Grade) -> int:
        return sum(one.sightings for one in merged if one.grade in grades)

    return Duplicates(
        repeated_lines=logs.repeated if logs else 0,
        copies=of(Grade.RECORD, Grade.DERIVED),
        echoes=of(Grade.ECHO),
        ghosts=of(Grade.GHOST),
        witnesses=of(Grade.WITNESS),
    )


def _unpriced(used: Sequence[UsageOf]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (f"{one.provider}/{one.model}" if one.provider else one.model, one.usage.unpriced_tokens)
        for one in used
        if one.usage.unpriced_tokens
    )


def gaps(days: Sequence[int]) -> tuple[Gap, ...]:
    """Return the runs of days that are missing between the first and the last one."""
    return tuple(
        Gap(before + 1, after - 1) for before, after in pairwise(days) if after - before > 1
    )
