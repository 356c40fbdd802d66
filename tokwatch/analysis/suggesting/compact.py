"""Sessions whose context grew dear: what compacting earlier would have saved. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.suggesting.money import again_rate, nano, new_rate, shared_out, summed
from tokwatch.analysis.suggesting.words import scope_of, short, subject, tokens
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.suggestion import Finding, Grade
from tokwatch.model.suggestion_facts import Facts, Sent
from tokwatch.words import counted

KIND: Final = "compact-earlier"
KEPT: Final = 10_000
"""Tokens of a summary, beside what the first request already held."""
SUMMARY_OUTPUT: Final = 3_000
"""Tokens that writing a summary takes."""


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the projects whose sessions would have cost less, compacted at the set size."""
    gains: dict[str, list[tuple[int, list[tuple[int, int]]]]] = {}
    for own in facts.chains.values():
        gain, weights = _gain(own, settings.compact_at_tokens)
        if gain > 0:
            gains.setdefault(subject(own[0]), []).append((gain, weights))
    for about, found in gains.items():
        at = tokens(settings.compact_at_tokens)
        yield Finding(
            KIND,
            about,
            f"{short(about)}: compact or start anew at {at} tokens",
            summed(claim for gain, weights in found for claim in shared_out(gain, weights)),
            scope_of(facts, about),
            (
                f"Start a new session for a new task; compact at about {at} tokens, at a point "
                "where the work of before is finished.",
                "Write what must be remembered into a file first.",
            ),
            confidence=Grade.MEDIUM,
            risk=Grade.MEDIUM,
            cause="context",
            evidence=f"{counted(len(found), 'agent')} with larger prompts; the cost of "
            f"compacting is in the sum",
            copies="/compact",
        )


def _gain(own: list[Sent], at: int) -> tuple[int, list[tuple[int, int]]]:
    """Return what compacting at a size saves of an agent's requests, and where."""
    floor = own[0].prompt
    if floor + KEPT >= at:
        return 0, []  # what it begins with is that large already
    off = spent = 0
    weights: list[tuple[int, int]] = []
    before = 0
    for one in own:
        if not one.cached.is_priced or one.cached.requests != 1:
            continue
        prompt = one.prompt
        if prompt < before // 2:
            off = 0  # it was compacted as it is
        before = prompt
        if prompt - off > at:
            held = prompt - off
            spent += nano(held, again_rate(one)) + nano(SUMMARY_OUTPUT, one.output_rate)
            spent += nano(KEPT, new_rate(one))
            off = prompt - floor - KEPT
        elif off:
            weights.append((one.key, nano(min(off, prompt), again_rate(one))))
    return sum(weight for _, weight in weights) - spent, weights
