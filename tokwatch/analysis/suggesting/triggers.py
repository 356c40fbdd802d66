"""What makes tokwatch look for savings: use, cost, efficiency and repetition of a time. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tokwatch.analysis.suggesting.money import nano, new_rate
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.detail import Part
from tokwatch.model.suggestion_facts import Facts


class Trigger(StrEnum):
    """A reason to look."""

    USE = "high use"
    COST = "high cost"
    EFFICIENCY = "low efficiency"
    REPETITION = "repetition"


class Fired(NamedTuple):
    """What a trigger measured."""

    trigger: Trigger
    value: float | None
    """None where nothing is known."""
    threshold: float
    is_on: bool


def fired(facts: Facts, settings: Suggestions) -> tuple[Fired, ...]:
    """Return each trigger with what it measured."""
    tokens = sum(one.prompt + one.output for one in facts.sent) / facts.days
    usd = facts.nano / 1e9 / facts.days
    efficient, repeated = efficiency(facts), repetition(facts)
    return (
        Fired(Trigger.USE, tokens, settings.high_use_tokens, tokens > settings.high_use_tokens),
        Fired(Trigger.COST, usd, settings.high_cost_usd, usd > settings.high_cost_usd),
        Fired(
            Trigger.EFFICIENCY,
            efficient,
            settings.low_efficiency,
            efficient is not None and efficient < settings.low_efficiency,
        ),
        Fired(
            Trigger.REPETITION,
            repeated,
            settings.repetition,
            repeated is not None and repeated > settings.repetition,
        ),
    )


def efficiency(facts: Facts) -> float | None:
    """Return the share of cost that paid for new input and output, not for context sent again."""
    paid = total = 0
    for own in facts.chains.values():
        before = 0
        for one in own:
            if not one.cached.is_priced or one.cached.requests != 1:
                continue
            fresh = one.prompt if one.prompt * 2 < before else max(0, one.prompt - before)
            before = one.prompt
            cost = nano(fresh, new_rate(one)) + nano(one.output, one.output_rate)
            paid += min(cost, one.nano)
            total += one.nano
    return paid / total if total else None


def repetition(facts: Facts) -> float | None:
    """Return the share of what users and tools put into contexts that had been there before."""
    again = total = 0
    for blocks in facts.blocks.values():
        seen: set[int] = set()
        for block in blocks:
            if block.part in (Part.USER, Part.TOOL_RESULT) and block.tokens:
                total += block.tokens
                if block.digest in seen:
                    again += block.tokens
                seen.add(block.digest)
    return again / total if total else None
