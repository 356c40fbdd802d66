"""Prompts whose begin changes, and models that change in mid-conversation. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.suggesting.money import summed
from tokwatch.analysis.suggesting.replay import Step, steps
from tokwatch.analysis.suggesting.words import scope_of, short, subject, tokens
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import Cause
from tokwatch.model.detail import Part
from tokwatch.model.suggestion import Claim, Finding, Grade, Klass
from tokwatch.model.suggestion_facts import Facts
from tokwatch.words import counted

KIND: Final = "changing-prefix"
SWITCH: Final = "model-switch"
_LEAST: Final = 3
"""Fewer breaks are chance."""
_NEAR: Final = 1_024
"""Places that lie so near each other are one: caches hold whole blocks."""


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the projects in which warm caches were broken again and again."""
    changed: dict[str, list[Step]] = {}
    switched: dict[str, list[Step]] = {}
    for step in steps(facts):
        if step.broken is None or not step.broken.lost_nano:
            continue
        if step.broken.cause is Cause.PREFIX:
            changed.setdefault(subject(step.one), []).append(step)
        elif step.broken.cause is Cause.SWITCH:
            switched.setdefault(subject(step.one), []).append(step)
    for about, own in changed.items():
        if len(own) >= _LEAST:
            yield _prefix(facts, about, own)
    for about, own in switched.items():
        if len(own) >= _LEAST:
            yield _switch(facts, about, own)


def _claims(own: list[Step]) -> tuple[Claim, ...]:
    return summed(Claim(s.one.key, s.broken.lost_nano or 0) for s in own if s.broken)


def _prefix(facts: Facts, about: str, own: list[Step]) -> Finding:
    place, at_place = _place(own)
    what = _what(facts, own)
    where = "at its very begin" if place < _NEAR else f"behind {tokens(place)} tokens"
    named = f": {what}" if what else ""
    is_same = at_place * 2 > len(own)
    told = f"{at_place} of {len(own)} {where}" if is_same else "at different places"
    return Finding(
        KIND,
        about,
        f"the prompt of {short(about)} changes {where if is_same else 'on its way'}{named}",
        _claims(own),
        scope_of(facts, about),
        (
            "Move what changes (a time, a list of files, a counter) behind what stays the same.",
            "Load tools, MCP servers and memory files once, before the first request.",
        ),
        confidence=Grade.HIGH if is_same or what else Grade.MEDIUM,
        klass=Klass.FIX,
        cause="prefix",
        evidence=f"{counted(len(own), 'warm cache')} broken, {told}",
    )


def _place(own: list[Step]) -> tuple[int, int]:
    """Return the token behind which most prompts differ, and how many do there."""
    places = [step.one.cached.cache_read or 0 for step in own]
    near = Counter(place // _NEAR for place in places)
    block, _ = max(near.items(), key=lambda one: (one[1], -one[0]))
    at_place = sum(abs(place // _NEAR - block) <= 1 for place in places)
    return block * _NEAR, at_place


def _what(facts: Facts, own: list[Step]) -> str:
    """Return what the logs tell to have entered the prompt's begin in between; mostly nothing."""
    seen: Counter[str] = Counter()
    for step in own:
        chain = step.one.chain
        since_ms = step.before.first_ms if step.before else 0
        for block in facts.blocks.get((chain.source, chain.session), ()):
            is_between = since_ms < block.instant_ms <= step.one.cached.instant_ms
            if is_between and block.agent == chain.agent and not block.request:
                if block.part is Part.SYSTEM:
                    seen[f"tool {block.tool}" if block.tool else "the system prompt"] += 1
                elif block.part is Part.MEMORY:
                    seen["memory files"] += 1
    if not seen:
        return ""
    name, number = seen.most_common(1)[0]
    return name if number * 2 > len(own) else ""


def _switch(facts: Facts, about: str, own: list[Step]) -> Finding:
    return Finding(
        SWITCH,
        about,
        f"{short(about)}: models change in mid-conversation, each has a cache of its own",
        _claims(own),
        scope_of(facts, about),
        ("Change the model at the begin of a session, or right after a compaction.",),
        confidence=Grade.HIGH,
        cause="switch",
        evidence=f"{counted(len(own), 'switch', 'switches')} with a warm cache",
    )
