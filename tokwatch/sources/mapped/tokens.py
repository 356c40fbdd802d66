"""Tokens by class: what a log's counts come to when it says which of them include which."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class Counts(NamedTuple):
    """Counts as a log has them: they may include one another; None is unknown."""

    input: int | None
    cache_read: int | None
    cache_write: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None
    total: int | None


class Tokens(NamedTuple):
    """Disjoint counts, but for reasoning, which is a part of output; None is unknown."""

    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None

    @property
    def total(self) -> int:
        """The sum of what is known."""
        return sum(count or 0 for count in self[:5])


def tokens_by_class(
    counts: Counts, input_includes: Collection[str], output_includes_reasoning: bool
) -> Tokens:
    """Return the classes; of cache writes, those that do not live an hour live five minutes."""
    written, long = _writes(counts)
    fresh = counts.input
    if fresh is not None:
        fresh = max(0, fresh - _included(counts, written, input_includes))
    output, reasoning = counts.output, counts.reasoning
    if output is None:
        reasoning = None
    elif reasoning is not None:
        output += 0 if output_includes_reasoning else reasoning
        reasoning = min(reasoning, output)
    short = None if written is None or long is None else written - long
    return Tokens(fresh, counts.cache_read, short, long, output, reasoning)


def contradiction(
    counts: Counts, tokens: Tokens, input_includes: Collection[str], output_includes_reasoning: bool
) -> str:
    """Say which rule of a mapping the counts of a record prove wrong; "" where none."""
    included = _included(counts, _writes(counts)[0], input_includes)
    if counts.input is not None and included > counts.input:
        return f"input is {counts.input:,}, less than the {included:,} that it is said to include"
    thought = counts.reasoning or 0
    if counts.output is not None and output_includes_reasoning and thought > counts.output:
        return f"output is {counts.output:,}, less than its reasoning, {thought:,}"
    if counts.total is not None and counts.total != tokens.total:
        return f"the classes add up to {tokens.total:,}, the total says {counts.total:,}"
    return ""


def _writes(counts: Counts) -> tuple[int | None, int | None]:
    """Return what was written to the cache, and how much of it lives an hour."""
    if counts.cache_write is None and counts.cache_write_1h is None:
        return None, None
    long = counts.cache_write_1h or 0
    return max(counts.cache_write or 0, long), long


def _included(counts: Counts, written: int | None, input_includes: Collection[str]) -> int:
    """Return how much of the input is counted elsewhere too."""
    read = counts.cache_read if "cache_read" in input_includes else 0
    return (read or 0) + ((written or 0) if "cache_write" in input_includes else 0)
