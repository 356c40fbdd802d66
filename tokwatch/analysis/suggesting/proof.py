"""What came of suggestions that were followed: the measure promised, before and after. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from tokwatch.analysis.suggesting.money import whole
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.suggestion import Claim, Finding, Suggestion, Verdict
from tokwatch.model.suggestion_facts import Facts
from tokwatch.model.units import DAY_MS

WORKED: Final = 0.7
"""Part of the estimate that was saved."""
PARTLY: Final = 0.25
LEAST_DISCOUNT: Final = 0.1
MONTH_DAYS: Final = 30
JUDGED: Final = frozenset((Verdict.WORKED, Verdict.PARTLY, Verdict.NONE))


def base_scope(facts: Facts, subject: str) -> frozenset[int]:
    """Return the requests whose cost a suggestion promised to lower.

    Without what narrows it: work that moved to another model is still the same work.
    """
    kind, _, rest = subject.partition(" ")
    name = rest.partition(" · ")[0]
    if kind in ("project", "source"):
        return facts.of_scope(**{kind: name})
    if kind == "model":
        return facts.of_scope(model=name)
    return frozenset(facts.by_key)


def proved(
    one: Suggestion, after: Facts, found: Iterable[Finding], settings: Suggestions
) -> Suggestion:
    """Return a suggestion with what came of it, by the requests since it was accepted."""
    scope = base_scope(after, one.subject)
    left = next((finding for finding in found if finding.name == one.key), None)
    waste = 0 if left is None else sum(_capped(claim, after) for claim in left.claims)
    rate = waste / len(scope) if scope else None
    days = (after.until_ms - (one.accepted_ms or after.until_ms)) / DAY_MS
    is_early = len(scope) < settings.verdict_requests or days < settings.verdict_days
    told = replace(one, rate_after=rate, after_requests=len(scope))
    if rate is None or not scope:
        return replace(told, verdict=Verdict.EARLY, realised_nano_month=None)
    if not one.rate_before:
        gone = Verdict.NONE if left is not None else Verdict.WORKED
        return replace(told, verdict=Verdict.EARLY if is_early else gone)
    monthly = len(scope) / max(days, 1.0) * MONTH_DAYS
    realised = int((one.rate_before - rate) * monthly)
    return replace(
        told,
        realised_nano_month=realised,
        verdict=Verdict.EARLY if is_early else verdict_of(1 - rate / one.rate_before),
    )


def _capped(claim: Claim, facts: Facts) -> int:
    one = facts.by_key.get(claim.key)
    return 0 if one is None else min(claim.nano, whole(one).nano)


def verdict_of(share: float) -> Verdict:
    """Return what it means that this part of the waste is gone."""
    if share >= WORKED:
        return Verdict.WORKED
    return Verdict.PARTLY if share >= PARTLY else Verdict.NONE


def discounts(told: Iterable[Suggestion]) -> dict[str, float]:
    """Return by kind what is left of its estimates, after what came of those that were followed.

    Those count too that were dismissed after they had been judged. One success more than was
    seen is assumed, of the usual size: one failure halves.
    """
    promised: dict[str, list[int]] = {}
    kept: dict[str, float] = {}
    for one in told:
        if one.verdict not in JUDGED or not one.promised_nano_month:
            continue
        gone = 1 - (one.rate_after or 0.0) / one.rate_before if one.rate_before else 0.0
        share = min(1.0, max(0.0, gone))
        promised.setdefault(one.kind, []).append(one.promised_nano_month)
        kept[one.kind] = kept.get(one.kind, 0.0) + share * one.promised_nano_month
    found = {}
    for kind, amounts in promised.items():
        usual = sum(amounts) / len(amounts)
        found[kind] = max(LEAST_DISCOUNT, (kept[kind] + usual) / (sum(amounts) + usual))
    return {kind: share for kind, share in found.items() if share < 1.0}
