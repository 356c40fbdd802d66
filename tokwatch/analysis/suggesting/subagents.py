"""Sub-agents that cost more than their work would have cost where it was asked for. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.suggesting.money import again_rate, nano, new_rate, shared_out, summed, whole
from tokwatch.analysis.suggesting.words import scope_of, short, subject
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import Chain
from tokwatch.model.suggestion import Claim, Finding, Grade
from tokwatch.model.suggestion_facts import Facts, Sent
from tokwatch.words import counted

KIND: Final = "dear-sub-agents"
LEAST_RUNS: Final = 3


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the sorts of sub-agents whose runs, all together, were no saving."""
    runs: dict[tuple[str, str], list[tuple[int, list[Sent]]]] = {}
    for chain, own in facts.chains.items():
        parent = facts.chains.get(Chain(chain.source, chain.session, ""))
        if not chain.agent or not parent or not _is_clear(own):
            continue
        instead = _in_parent(own, parent, facts)
        if instead is not None:
            cost = sum(one.nano for one in own)
            runs.setdefault((subject(own[0]), own[0].kind), []).append((cost - instead, own))
    for (about, kind), found in runs.items():
        extra = sum(more for more, _ in found)
        if len(found) < LEAST_RUNS or extra <= 0:
            continue
        every = [one for _, own in found for one in own]
        yield Finding(
            KIND,
            f"{about} · {kind}",
            f"sub-agents {kind} of {short(about)} cost more than they save",
            summed(_parted(every, extra)),
            scope_of(facts, about),
            (
                f"Let {short(about)}'s main agent do what needs only a few steps itself.",
                "Keep sub-agents for work that reads much and returns little.",
            ),
            confidence=Grade.LOW,
            risk=Grade.MEDIUM,
            cause=f"sub-agents {kind}",
            choice="model",
            evidence=f"{counted(len(found), 'run')}, against the same steps in the conversation "
            "that asked, what they read carried on from there",
        )


def _parted(every: list[Sent], extra: int) -> Iterator[Claim]:
    """Yield an amount claimed of requests by their cost, each in its two parts."""
    for one, claim in zip(every, shared_out(extra, [(s.key, s.nano) for s in every]), strict=True):
        cost = whole(one)
        output = claim.nano * cost.output_nano // max(1, cost.nano)
        yield Claim(one.key, claim.nano - output, output)


def _is_clear(own: list[Sent]) -> bool:
    return all(one.cached.is_priced and one.cached.requests == 1 for one in own)


def _in_parent(own: list[Sent], parent: list[Sent], facts: Facts) -> int | None:
    """Return what the same steps would have cost in the conversation that asked for them."""
    at = bisect_right(parent, own[0].cached.instant_ms, key=lambda one: one.cached.instant_ms)
    if not at or not parent[at - 1].cached.is_priced:
        return None
    asked = parent[at - 1]
    read = asked.cached.read_rate or asked.cached.input_rate
    grown = max(0, own[-1].prompt - own[0].prompt) + own[-1].output
    cuts = facts.cuts.get(asked.chain, ())
    end_ms = next((cut for cut in cuts if cut > asked.cached.instant_ms), None)
    after = [one for one in parent[at:] if end_ms is None or one.cached.instant_ms < end_ms]
    steps = len(own) * nano(asked.prompt, read)
    answers = sum(nano(one.output, asked.output_rate) for one in own)
    within = sum(nano(max(0, one.prompt - own[0].prompt), read) for one in own)
    later = sum(nano(grown, again_rate(one)) for one in after if one.cached.is_priced)
    return steps + answers + within + nano(grown, new_rate(asked)) + later
