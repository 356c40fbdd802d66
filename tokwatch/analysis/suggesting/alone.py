"""Requests that could wait for a batch, and requests that were made before. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.request_keys import request_keys
from tokwatch.analysis.suggesting.money import saved, summed, whole
from tokwatch.analysis.suggesting.words import scope_of, short, subject
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import LONG_MS
from tokwatch.model.event import ModelName
from tokwatch.model.suggestion import Claim, Finding, Grade
from tokwatch.model.suggestion_facts import Facts, Sent
from tokwatch.words import counted

BATCH: Final = "batch-tier"
REPEATS: Final = "response-cache"
BURST: Final = 20
"""Requests within an hour that nobody waits for one by one."""
LIVES_MS: Final = 24 * LONG_MS
"""An answer older than this is made anew."""
_STANDARD: Final = frozenset(("", "standard", "default", "on_demand"))


def find_batch(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield runs of requests outside of any conversation that a batch would serve."""
    hours: dict[tuple[str, ModelName, int], list[Sent]] = {}
    for one in facts.sent:
        if one.is_loose and one.tier in _STANDARD and one.cached.requests == 1:
            hour = one.cached.instant_ms // LONG_MS
            hours.setdefault((subject(one), one.model, hour), []).append(one)
    groups: dict[tuple[str, ModelName], list[Sent]] = {}
    for (about, model, _), own in hours.items():
        if len(own) >= BURST:
            groups.setdefault((about, model), []).extend(own)
    for (about, model), own in groups.items():
        claims = [saved(one, facts.batch.get(model, ())) for one in own]
        found = summed(claim for claim in claims if claim is not None)
        if not found:
            continue
        scope = scope_of(facts, about)
        yield Finding(
            BATCH,
            f"{about} · {model.name}",
            f"send the runs of {short(about)} to {model.name} as batches",
            found,
            frozenset(key for key in scope if facts.by_key[key].model == model),
            ("Where nobody waits for the answer, send it to the provider's batch endpoint.",),
            confidence=Grade.LOW,
            risk=Grade.LOW,
            cause="tier",
            evidence=f"{counted(len(own), 'request')} in hours with at least {BURST} of them; "
            "whether somebody waited is not known",
        )


def find_repeats(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the projects in which the very same request was made again within a day."""
    asked = {one.key: (one.cached.model, None) for one in facts.sent}
    owners = {one.key: one.cached.agent for one in facts.sent}
    sessions = {one.key: one.session for one in facts.sent}
    keys: dict[int, int] = {}
    for session, blocks in facts.blocks.items():
        cuts = facts.compactions.get(session, ())
        for key, told in request_keys(blocks, cuts, asked, owners).items():
            if key not in keys or sessions.get(key) == session:  # a fork's log holds copies
                keys[key] = told.whole
    first: dict[tuple[str, int], int] = {}
    again: dict[str, list[Claim]] = {}
    for one in facts.sent:
        whole_key = keys.get(one.key)
        if whole_key is None:
            continue
        about = subject(one)
        known = first.get((about, whole_key))
        at_ms = one.cached.instant_ms
        if known is not None and at_ms - known <= LIVES_MS:
            again.setdefault(about, []).append(whole(one))
        else:
            first[about, whole_key] = at_ms
    for about, claims in again.items():
        yield Finding(
            REPEATS,
            about,
            f"answer equal requests of {short(about)} from a cache",
            summed(claims),
            scope_of(facts, about),
            (
                "Put a response cache before the provider: a gateway's, or one of your own.",
                "Screen 4 shows what caches of several sizes would have answered.",
            ),
            confidence=Grade.HIGH,
            risk=Grade.MEDIUM,
            cause="repeats",
            evidence=f"{counted(len(claims), 'request')} with everything as in one before",
        )
