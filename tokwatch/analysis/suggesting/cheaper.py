"""A cheaper model for the easy part of the work, by a stated measure of what it asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log
from typing import Final

from tokwatch.analysis.suggesting.money import saved, summed
from tokwatch.analysis.suggesting.pins import is_pinned
from tokwatch.analysis.suggesting.words import scope_of, short, subject
from tokwatch.analysis.suitable import is_small
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.detail import Part
from tokwatch.model.event import ModelName
from tokwatch.model.suggestion import Claim, Finding, Grade
from tokwatch.model.suggestion_facts import Facts, Offered, Sent
from tokwatch.words import counted

KIND: Final = "cheaper-model"
_VERY_EASY: Final = 0.2
_DATE: Final = 1_000


def demand(requests: list[Sent], tools: int) -> float:
    """Return how much an agent's work asked for, from 0 to 1.

    0.30 its largest prompt (2k to 200k tokens), 0.25 its mean answer (50 to 4,000), 0.20 its
    steps (1 to 60), 0.15 how much of its answers was reasoning, 0.10 different tools (to 8).
    """
    largest = max(one.prompt for one in requests)
    output = sum(one.output for one in requests)
    reasoning = sum(one.reasoning for one in requests) / output if output else 0.0
    return (
        0.30 * _between(largest, 2_000, 200_000)
        + 0.25 * _between(output / len(requests), 50, 4_000)
        + 0.20 * _between(len(requests), 1, 60)
        + 0.15 * min(1.0, reasoning)
        + 0.10 * min(1.0, tools / 8)
    )


def _between(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, log(max(value, 1) / low) / log(high / low)))


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield one finding for each project and model whose easy agents another one could serve."""
    groups: dict[tuple[str, ModelName], list[tuple[float, list[Sent]]]] = {}
    for own in _works(facts):
        models = {one.model for one in own}
        if len(models) != 1 or any(_is_pinned(one, settings) for one in own):
            continue
        asked = demand(own, len(_tools(facts, own)))
        if asked <= settings.easy_up_to:
            groups.setdefault((subject(own[0]), own[0].model), []).append((asked, own))
    for (about, model), works in groups.items():
        yield from _finding(facts, about, model, works)


def _works(facts: Facts) -> Iterator[list[Sent]]:
    """Yield what one model may serve alone: an agent's requests, or one that stands alone."""
    for own in facts.chains.values():
        single = [one for one in own if one.cached.requests == 1 and one.cached.is_priced]
        if single and len(single) == len(own):
            yield own
    for one in facts.sent:
        if one.is_loose and one.cached.requests == 1 and one.cached.is_priced:
            yield [one]


def _tools(facts: Facts, own: list[Sent]) -> set[str]:
    chain = own[0].chain
    blocks = facts.blocks.get((chain.source, chain.session), ())
    return {b.tool for b in blocks if b.agent == chain.agent and b.part is Part.TOOL_CALL}


def _is_pinned(one: Sent, settings: Suggestions) -> bool:
    return is_pinned(settings, one.cached.project, one.kind, one.cached.model)


def _finding(
    facts: Facts, about: str, model: ModelName, works: list[tuple[float, list[Sent]]]
) -> Iterator[Finding]:
    own = [one for _, work in works for one in work]
    best = _best(facts.offers.get(model, ()), own)
    if best is None:
        return
    offer, claims = best
    mean = sum(asked for asked, _ in works) / len(works)
    scope = scope_of(facts, about)
    used = "you use it already" if offer.is_used else "you have not used it yet"
    yield Finding(
        KIND,
        f"{about} · {model.name}",
        f"{offer.name} for the easy {len(own)} of {short(about)}'s requests to {model.name}",
        claims,
        frozenset(key for key in scope if facts.by_key[key].model == model),
        (
            f"Set {offer.name} as the model of short sub-agents and one-off questions in "
            f"{short(about)}; leave long sessions with {model.name}.",
            "Compare both in `tokwatch quality --by model` after a few days.",
        ),
        confidence=Grade.MEDIUM if offer.is_used else Grade.LOW,
        risk=Grade.LOW if mean <= _VERY_EASY else Grade.MEDIUM,
        cause="model",
        choice="model",
        evidence=f"{counted(len(works), 'agent')} with a demand of {mean:.2f} on average; {used}",
        copies=offer.name,
    )


def _best(offers: tuple[Offered, ...], own: list[Sent]) -> tuple[Offered, tuple[Claim, ...]] | None:
    """Return the offer to take: of one's own newest models the one that saves most, else the
    newest small one."""
    known = []
    largest = max(one.prompt for one in own)
    for offer in offers:
        claims = [saved(one, offer.cards) for one in own]
        if any(claim is None for claim in claims) or (offer.window or 0) <= largest:
            continue
        total = summed(claim for claim in claims if claim is not None)
        # A little cheaper is not worth the change.
        if _nano(total) * 4 >= sum(one.nano for one in own):
            known.append((offer, total))
    used = [one for one in known if one[0].is_used]
    if used:
        return max(used, key=lambda one: (_version(one[0].name)[:1], _nano(one[1]), one[0].name))
    if is_small(own[0].cached.model):
        return None
    small = [one for one in known if one[0].is_small]
    # Of the newest generation the dearest: the one that is most likely to do.
    return max(small, key=lambda one: (_version(one[0].name), -_nano(one[1])), default=None)


def _nano(claims: tuple[Claim, ...]) -> int:
    return sum(claim.nano for claim in claims)


def _version(name: str) -> tuple[int, ...]:
    return tuple(number for number in map(int, re.findall(r"\d+", name)) if number < _DATE)
