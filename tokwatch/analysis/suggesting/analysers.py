"""Every analyser, when it looks, and which kinds of suggestions it makes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from tokwatch.analysis.suggesting import (
    alone,
    answers,
    cheaper,
    compact,
    loops,
    measures,
    prefix,
    results,
    slow,
    standing,
    subagents,
    warm,
)
from tokwatch.analysis.suggesting.triggers import Trigger
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.suggestion import Finding
from tokwatch.model.suggestion_facts import Facts

Find = Callable[[Facts, Suggestions], Iterator[Finding]]
_USE: Final = frozenset((Trigger.USE, Trigger.COST))
_WASTE: Final = frozenset((Trigger.COST, Trigger.EFFICIENCY))
_TWICE: Final = frozenset((Trigger.REPETITION, Trigger.COST))
_ANY: Final = frozenset(Trigger)


class Analyser(NamedTuple):
    """One way to look for savings."""

    find: Find
    kinds: tuple[str, ...]
    """Of the findings that it yields."""
    triggers: frozenset[Trigger]
    """It looks when any of these holds."""


ANALYSERS: Final = (
    Analyser(cheaper.find, (cheaper.KIND,), _USE),
    Analyser(warm.find, (warm.HOUR, warm.SHORT, warm.WARM, warm.KEEP), _WASTE),
    Analyser(prefix.find, (prefix.KIND, prefix.SWITCH), _WASTE),
    Analyser(compact.find, (compact.KIND,), _WASTE),
    Analyser(results.find, (results.HEAVY, results.SHELL), _WASTE),
    Analyser(results.find_again, (results.AGAIN,), _TWICE),
    Analyser(standing.find_unused, (standing.UNUSED,), _WASTE),
    Analyser(standing.find_memory, (standing.MEMORY,), _WASTE),
    Analyser(standing.find_templates, (standing.TEMPLATE,), _TWICE),
    Analyser(subagents.find, (subagents.KIND,), _USE),
    Analyser(alone.find_batch, (alone.BATCH,), _USE),
    Analyser(alone.find_repeats, (alone.REPEATS,), _TWICE),
    Analyser(loops.find, (loops.LOOP, loops.RETRY), _TWICE),
    Analyser(answers.find, (answers.REWRITE, answers.TALK), _USE),
    Analyser(slow.find, (slow.MODEL, slow.AGENT), _USE),
    Analyser(measures.find, (measures.CACHE, measures.SUCCESS, measures.GOAL), _ANY),
)
KINDS: Final = tuple(kind for analyser in ANALYSERS for kind in analyser.kinds)


def findings(
    facts: Facts, settings: Suggestions, on: Iterable[Trigger], kinds: Iterable[str] = ()
) -> list[Finding]:
    """Return what the analysers find that have a reason to look, or that make some kinds."""
    reasons, wanted = frozenset(on), frozenset(kinds)
    return [
        finding
        for analyser in ANALYSERS
        if analyser.triggers & reasons or wanted.intersection(analyser.kinds)
        for finding in analyser.find(facts, settings)
    ]
