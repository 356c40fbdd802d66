"""Weighs findings against each other: agreement, conflicts, and no dollar counted twice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.analysis.suggesting.money import whole
from tokwatch.analysis.suggesting.proof import base_scope
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.alert import Severity
from tokwatch.model.suggestion import Claim, Finding, Grade, Klass, Suggestion
from tokwatch.model.suggestion_facts import Facts

MONTH_DAYS: Final = 30
MOST_EVENTS: Final = 20
AGREES: Final = 0.5
"""Part of the smaller claim that two findings of one cause share, to be one suggestion."""
RIVALS: Final = 0.3
"""The same, for two answers to one choice."""
_TRUST: Final = {Grade.LOW: 0.4, Grade.MEDIUM: 0.7, Grade.HIGH: 1.0}


class Past(Struct, frozen=True):
    """What became of suggestions before."""

    discounts: Mapping[str, float] = field(default_factory=dict)
    """By kind: what is left of an estimate."""
    dismissed: Mapping[str, int] = field(default_factory=dict)
    """By kind: how many of it were dismissed."""
    quiet: Collection[str] = frozenset()
    """Keys of those that are dismissed: they claim nothing."""
    followed: Sequence[str] = ()
    """Keys of those that are followed, in the order in which they were accepted."""


class _Weighed(Struct, frozen=True):
    finding: Finding
    weight: float
    agreed: tuple[str, ...] = ()


def weighed(
    found: Iterable[Finding], facts: Facts, settings: Suggestions, past: Past
) -> tuple[Suggestion, ...]:
    """Return findings that are worth telling as suggestions, the best first.

    What is followed claims before all others, in the order in which it was accepted: its share
    of the sum is settled.
    """
    worth = [one for one in found if _is_worth(one, facts, settings)]
    places = {name: place for place, name in enumerate(past.followed)}

    def rank(one: _Weighed) -> tuple[bool, float, str]:
        return one.finding.name in past.quiet, -one.weight, one.finding.name

    ranked = sorted((_Weighed(one, _weight(one, past)) for one in worth), key=rank)
    ranked.sort(key=lambda one: places.get(one.finding.name, len(places)))
    till = Till(facts)
    told: list[tuple[tuple[bool, float, str], Suggestion]] = []
    before: list[Finding] = []
    for one in agreed(ranked):
        rival = _rival(one.finding, before)
        is_quiet = one.finding.name in past.quiet
        counted = 0 if rival or is_quiet else till.take(one.finding.claims)
        told.append((rank(one), _suggestion(one, counted, rival, facts, settings, past)))
        if not is_quiet:
            before.append(one.finding)
    return tuple(one for _, one in sorted(told, key=lambda one: one[0]))


class Till:
    """What of each request's cost is not claimed yet."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._left: dict[int, Claim] = {}

    def take(self, claims: Iterable[Claim]) -> int:
        """Claim costs and return how much of them was still free.

        Two savings of one cost work on what the other leaves: half of it and half of it are
        three quarters.
        """
        taken = 0
        for claim in claims:
            one = self._facts.by_key.get(claim.key)
            if one is None:
                continue
            all_of = whole(one)
            left = self._left.get(claim.key, all_of)
            prompt = _of_rest(claim.prompt_nano, left.prompt_nano, all_of.prompt_nano)
            output = _of_rest(claim.output_nano, left.output_nano, all_of.output_nano)
            self._left[claim.key] = Claim(
                claim.key, left.prompt_nano - prompt, left.output_nano - output
            )
            taken += prompt + output
        return taken


def _of_rest(claim: int, left: int, all_of: int) -> int:
    return min(claim, all_of) * left // all_of if all_of > 0 and claim > 0 else 0


def _is_worth(one: Finding, facts: Facts, settings: Suggestions) -> bool:
    if not one.claims:
        return bool(one.events)
    cost = sum(facts.by_key[key].nano for key in one.scope if key in facts.by_key)
    month = one.nano * MONTH_DAYS / facts.days
    return (
        len(one.claims) >= settings.least_requests
        and month >= settings.least_usd_month * 1e9
        and one.nano >= settings.least_share * cost
    )


def _weight(one: Finding, past: Past) -> float:
    trust = _TRUST[one.confidence] * past.discounts.get(one.kind, 1.0)
    return one.nano * trust * 0.5 ** past.dismissed.get(one.kind, 0)


def agreed(ranked: Iterable[_Weighed]) -> list[_Weighed]:
    """Return findings with those left out that tell of the same as one before them."""
    kept: list[_Weighed] = []
    for one in ranked:
        for place, other in enumerate(kept):
            if _is_same(other.finding, one.finding):
                sure = Grade(tuple(Grade)[min(2, other.finding.confidence.rank + 1)])
                kept[place] = replace(
                    other,
                    finding=replace(other.finding, confidence=sure),
                    agreed=(*other.agreed, one.finding.kind),
                )
                break
        else:
            kept.append(one)
    return kept


def _is_same(one: Finding, other: Finding) -> bool:
    is_choice = one.choice and one.choice == other.choice
    if not one.cause or one.cause != other.cause or one.kind == other.kind or is_choice:
        return False
    return overlap(one, other) >= AGREES


def overlap(one: Finding, other: Finding) -> float:
    """Return which part of the smaller claim both make."""
    claims = {claim.key: claim.nano for claim in one.claims}
    both = sum(min(claim.nano, claims.get(claim.key, 0)) for claim in other.claims)
    least = min(one.nano, other.nano)
    return both / least if least else 0.0


def _rival(one: Finding, before: Iterable[Finding]) -> str:
    """Return the better one of which only one can be followed; empty without one."""
    for other in before:
        if not one.choice or other.choice != one.choice:
            continue
        if one.subject == other.subject or overlap(one, other) >= RIVALS:
            return other.name
    return ""


def _suggestion(
    one: _Weighed, counted: int, rival: str, facts: Facts, settings: Suggestions, past: Past
) -> Suggestion:
    finding = one.finding
    alone = Till(facts).take(finding.claims)
    discount = past.discounts.get(finding.kind, 1.0)
    scope = base_scope(facts, finding.subject)
    cost = sum(facts.by_key[key].nano for key in finding.scope if key in facts.by_key)
    events = [claim.key for claim in finding.claims] or list(finding.events)
    return Suggestion(
        finding.name,
        finding.kind,
        finding.subject,
        _severity(alone * discount, facts, finding, settings),
        finding.title,
        _month(alone * discount, facts),
        _month(counted * discount, facts),
        min(1.0, alone * discount / cost) if cost else 0.0,
        finding.confidence,
        finding.risk,
        finding.klass,
        finding.steps,
        finding.evidence,
        tuple(events[:MOST_EVENTS]),
        len(events),
        one.agreed,
        rival,
        discount,
        finding.copies,
        rate_before=alone / len(scope) if scope else 0.0,
    )


def _month(amount: float, facts: Facts) -> int:
    return int(amount * MONTH_DAYS / facts.days)


def _severity(amount: float, facts: Facts, finding: Finding, settings: Suggestions) -> Severity:
    share = amount / facts.nano if facts.nano else 0.0
    if finding.klass is Klass.KEEP or finding.confidence is Grade.LOW:
        return Severity.NOTICE
    if share >= settings.critical_share:
        return Severity.CRITICAL
    return Severity.WARNING if share >= settings.warning_share else Severity.NOTICE
