"""Each agent's requests against what was in its cache, as analysers of caching need it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tokwatch.analysis.cache_breaks import after, break_of
from tokwatch.model.caching import Break, Warm
from tokwatch.model.suggestion_facts import Facts, Sent


class Step(NamedTuple):
    """A request, what was in the cache before it, and what it did not find there."""

    one: Sent
    previous: Sent | None
    """The agent's request before it."""
    before: Warm | None
    broken: Break | None


def steps(facts: Facts) -> Iterator[Step]:
    """Yield the priced requests of conversations, agent by agent."""
    for chain, own in facts.chains.items():
        warm: Warm | None = None
        previous: Sent | None = None
        cuts = {chain: facts.cuts.get(chain, [])}
        for one in own:
            if one.cached.is_priced:
                yield Step(one, previous, warm, break_of(warm, one.cached, cuts))
            warm = after(warm, one.cached)
            previous = one
