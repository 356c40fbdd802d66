"""Performance and quality of a range: measures, ratios, errors, and groups side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.distribution import Spread, spread
from tokwatch.analysis.measured import Measured, Point, Points, all_points, measured
from tokwatch.analysis.outcomes import (
    ErrorKind,
    Ratio,
    all_ratios,
    attempts,
    errors,
    per_million,
    success,
)
from tokwatch.analysis.owners import Owners
from tokwatch.analysis.trend import Cut
from tokwatch.model.performance import Answered, IncidentTold, Told, TurnTold

T = TypeVar("T", Answered, TurnTold, IncidentTold)


class By(StrEnum):
    """What requests are grouped by."""

    MODEL = "model"
    AGENT = "agent"
    SOURCE = "source"


class Narrow(NamedTuple):
    """One value of a dimension, to which everything is narrowed."""

    by: By
    value: str


class Group(Struct, frozen=True):
    """One model, sort of agent, or source."""

    name: str
    requests: int
    spreads: dict[str, Spread | None]
    """By the measure's name."""
    success: Ratio
    per_million: Ratio
    errors: int
    """Without rate limits and interruptions."""
    limits: int


class Quality(Struct, frozen=True):
    """How requests, turns and sessions went."""

    requests: int
    sums: int
    """Of them, those that are told as sums only: no single one is known."""
    sessions: int
    read: int
    """Sessions whose conversation was read."""
    division: Cut
    measures: tuple[Measured, ...]
    ratios: tuple[Ratio, ...]
    errors: tuple[ErrorKind, ...]
    groups: tuple[Group, ...]


def quality(told: Told, division: Cut, by: By = By.MODEL) -> Quality:
    """Return everything about a range."""
    owners = Owners(told.answered)
    found = all_points(told, owners)
    tried = attempts(told)
    known = {(one.source, one.session) for one in told.lifetimes}
    return Quality(
        requests=sum(one.requests for one in told.answered),
        sums=sum(one.requests for one in told.answered if one.requests != 1),
        sessions=len(known),
        read=len(known & told.detailed),
        division=division,
        measures=tuple(measured(one, division) for one in found),
        ratios=all_ratios(told, tried, division),
        errors=errors(tried, division),
        groups=_groups(told, owners, found, division, by),
    )


def narrowed(told: Told, to: Iterable[Narrow]) -> Told:
    """Return only what is of some values; observations of one's own are of none."""
    for one in to:
        told = _narrowed(told, one)
    return told


def _narrowed(told: Told, to: Narrow) -> Told:
    owners = Owners(told.answered)
    answered = tuple(one for one in told.answered if _name(one, to.by, owners) == to.value)
    sessions = {(one.source, one.session) for one in answered}
    return replace(
        told,
        answered=answered,
        turns=tuple(one for one in told.turns if _name(one, to.by, owners) == to.value),
        incidents=tuple(one for one in told.incidents if _name(one, to.by, owners) == to.value),
        lifetimes=tuple(one for one in told.lifetimes if (one.source, one.session) in sessions),
        custom=(),
    )


def split(told: Told, at_ms: int) -> tuple[Told, Told]:
    """Return what was before an instant and what was from it on; a session is where it ended."""

    def side(is_after: bool) -> Told:
        def mine(moment_ms: int) -> bool:
            return (moment_ms >= at_ms) is is_after

        return replace(
            told,
            answered=tuple(one for one in told.answered if mine(one.at_ms)),
            turns=tuple(one for one in told.turns if mine(one.begin_ms)),
            incidents=tuple(one for one in told.incidents if mine(one.at_ms)),
            lifetimes=tuple(one for one in told.lifetimes if mine(one.last_ms)),
            custom=tuple(
                one._replace(values=tuple(pair for pair in one.values if mine(pair[0])))
                for one in told.custom
            ),
        )

    return side(False), side(True)


def _name(one: Answered | TurnTold | IncidentTold, by: By, owners: Owners) -> str:
    """Return which group something is of."""
    if by is By.SOURCE:
        return one.source
    if by is By.AGENT:
        return one.kind
    if isinstance(one, Answered):
        return one.model
    if isinstance(one, TurnTold):
        return owners.before(one, one.end_ms)
    return owners.after(one, one.at_ms)


def _groups(
    told: Told, owners: Owners, found: Sequence[Points], division: Cut, by: By
) -> tuple[Group, ...]:
    """Return the groups, the one with the most requests first."""
    answered = _split(told.answered, by, owners)
    turns, incidents = _split(told.turns, by, owners), _split(told.incidents, by, owners)
    points = {of.definition.name: _points_by(of.points, by) for of in found if of.is_grouped}
    groups = []
    for name in answered.keys() | incidents.keys():
        mine = replace(
            told,
            answered=tuple(answered.get(name, ())),
            turns=tuple(turns.get(name, ())),
            incidents=tuple(incidents.get(name, ())),
        )
        tried = attempts(mine)
        spreads = {
            measure: spread(point.value for point in of.get(name, ()))
            for measure, of in points.items()
        }
        groups.append(
            Group(
                *(name, sum(one.requests for one in mine.answered), spreads),
                *(success(tried, division), per_million(mine.answered, division)),
                errors=sum(mark.number for mark in tried.failures),
                limits=sum(mark.number for mark in tried.limits),
            )
        )
    return tuple(sorted(groups, key=lambda group: (-group.requests, group.name)))


def _split(all_of_them: Iterable[T], by: By, owners: Owners) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for one in all_of_them:
        found.setdefault(_name(one, by, owners), []).append(one)
    return found


def _points_by(points: Iterable[Point], by: By) -> dict[str, list[Point]]:
    name_of = attrgetter({By.SOURCE: "source", By.AGENT: "kind", By.MODEL: "model"}[by])
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(name_of(point), []).append(point)
    return found
