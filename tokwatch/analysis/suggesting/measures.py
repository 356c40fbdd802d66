"""Measures that are low: caches that hardly help, work that fails, goals that are not met. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.outcomes import attempts
from tokwatch.analysis.suggesting.money import nano, summed
from tokwatch.analysis.suggesting.replay import Step, steps
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import SHORT_MS
from tokwatch.model.suggestion import Claim, Finding, Grade
from tokwatch.model.suggestion_facts import Facts
from tokwatch.words import counted

CACHE: Final = "low-cache-rate"
SUCCESS: Final = "low-success"
GOAL: Final = "missed-goal"
LEAST_PROMPT: Final = 200_000
"""Prompt tokens that tell how well a cache works."""
LEAST_ATTEMPTS: Final = 20


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield each low measure."""
    yield from _caches(facts, settings)
    yield from _failures(facts, settings)
    for one in facts.missed:
        yield Finding(
            GOAL,
            f"goal {one.name}",
            f"goal {one.name} is not met: {one.words}",
            (),
            frozenset(facts.by_key),
            ("Screen 7 shows its course; `tokwatch triage` what changed.",),
            confidence=Grade.HIGH,
            evidence=one.words,
            events=tuple(dear.key for dear in _dearest(facts)),
        )


def _dearest(facts: Facts) -> Iterator[Claim]:
    yield from summed(Claim(one.key, one.nano) for one in facts.sent)[:5]


def _caches(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    groups: dict[tuple[str, str], list[Step]] = {}
    for step in steps(facts):
        if step.one.cached.cache_read is not None:
            one = step.one.cached
            groups.setdefault((one.source, one.model), []).append(step)
    for (source, model), own in groups.items():
        prompt = sum(step.one.prompt for step in own)
        read = sum(step.one.cached.cache_read or 0 for step in own)
        rate = read / prompt if prompt else 1.0
        if prompt < LEAST_PROMPT or rate >= settings.low_cache_rate:
            continue
        yield Finding(
            CACHE,
            f"model {model} · {source}",
            f"the prompt cache hardly helps {model} in {source}: {rate:.0%} read from it",
            summed(map(_sent_again, own)),
            facts.of_scope(model=model, source=source),
            (
                "Keep the begin of the prompt as it is from request to request.",
                "Where the API asks for it, mark what is to be cached (cache_control).",
            ),
            confidence=Grade.MEDIUM,
            cause="prefix",
            evidence=f"{counted(len(own), 'request')}; what one sends again within five minutes "
            "could have been read",
        )


def _sent_again(step: Step) -> Claim:
    one, previous = step.one.cached, step.previous
    if previous is None or previous.cached.model != one.model:
        return Claim(one.key, 0)
    if one.first_ms - previous.cached.first_ms > SHORT_MS:
        return Claim(one.key, 0)
    again = min(previous.prompt, step.one.prompt) - (one.cache_read or 0)
    return Claim(one.key, nano(max(0, min(again, one.input)), one.input_rate - one.read_rate))


def _failures(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    tried = attempts(facts.told)
    sources = {one.source for one in tried.answers} | {one.source for one in tried.failures}
    for source in sorted(sources):
        good = sum(one.number for one in tried.answers if one.source == source)
        bad = sum(one.number for one in tried.failures if one.source == source)
        if good + bad < LEAST_ATTEMPTS or good / (good + bad) >= settings.low_success_rate:
            continue
        scope = facts.of_scope(source=source)
        yield Finding(
            SUCCESS,
            f"source {source}",
            f"only {good / (good + bad):.0%} of what {source} tries succeeds",
            (),
            scope,
            ("`tokwatch quality --by model` has the errors by kind; see to the commonest first.",),
            confidence=Grade.HIGH,
            evidence=f"{counted(bad, 'failure')} of {counted(good + bad, 'attempt')}",
            events=tuple(sorted(scope)[-5:]),
        )
