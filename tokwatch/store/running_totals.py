"""What the parts of one running total amount to: a pure function, whatever the order of reading.

The rules and their reasons are in docs/sources.md ("Running totals").
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import sub
from typing import Final, NamedTuple

from tokwatch.model.event import SPENT, Grade
from tokwatch.store.merge import Counted

_TOKENS: Final = slice(1, 6)
"""The disjoint classes of tokens in a tuple of SPENT."""
_REASONING: Final = SPENT.index("reasoning")
_OUTPUT: Final = SPENT.index("output")
_COST: Final = SPENT.index("logged_nano")
_SAME_MS: Final = 5_000
"""Within so much time two logs note the end of one answer."""

Counts = tuple[int, ...]
"""One for each of SPENT."""


class Part(NamedTuple):
    """A sighting that is a part of a running total, and who else tells it."""

    copy: Counted | None
    """As the logs that share its key settle it; None for what covers its stretch uncounted."""
    begins: Counts = ()
    ends: Counts = ()
    since_ms: int | None = None
    is_taken_off: bool = False
    """True for a request that the source itself took off the total."""


def is_joint(logs: Iterable[int], stretches: Iterable[tuple[Counts, Counts]]) -> bool:
    """Tell whether a total must be settled as a whole: several logs tell it, or one tells twice."""
    if len(set(logs)) > 1:
        return True
    ordered = sorted(stretch for stretch in stretches if stretch[1])
    return any(
        begin < end
        for (_, ends), (begins, _) in pairwise(ordered)
        for begin, end in zip(begins, ends, strict=True)
    )


def amount_to(parts: Sequence[Part]) -> list[Counted]:
    """Return the events that the parts of one running total amount to."""
    grown = [part for part in parts if part.ends]
    return [*_growth(grown), *_spent([part for part in parts if not part.ends])]


def _growth(parts: Sequence[Part]) -> Iterator[Counted]:
    """Yield growth, what several parts tell only once: the finer part has it."""
    covered: list[list[tuple[int, int]]] = [[] for _ in SPENT]
    for part in parts:
        if part.copy is None:
            _cover(covered, part)
    counted = [(part.copy, part) for part in parts if part.copy is not None]
    for copy, part in sorted(counted, key=lambda one: _fineness(*one)):
        if event := _with_rest(copy, _widths(part), _cover(covered, part)):
            yield event


def _fineness(copy: Counted, part: Part) -> tuple[int, int, int, int, int]:
    """Order parts: a request's own record first, then the narrowest, then the earliest."""
    widths = _widths(part)
    return -copy.grade, sum(widths[_TOKENS]), widths[_COST], copy.first_ms, copy.key


def _widths(part: Part) -> Counts:
    return tuple(map(sub, part.ends, part.begins))


def _cover(covered: list[list[tuple[int, int]]], part: Part) -> Counts:
    """Cover a part's stretch of each count and return how much of each was not covered before."""
    stretches = zip(covered, part.begins, part.ends, strict=True)
    return tuple(_cover_one(spans, begin, end) for spans, begin, end in stretches)


def _cover_one(spans: list[tuple[int, int]], begin: int, end: int) -> int:
    if end <= begin:
        return 0
    new, low, high = end - begin, begin, end
    apart: list[tuple[int, int]] = []
    for first, last in spans:
        if last < begin or first > end:
            apart.append((first, last))
        else:
            new -= min(last, end) - max(first, begin)
            low, high = min(low, first), max(high, last)
    spans[:] = [*apart, (low, high)]
    return new


def _with_rest(copy: Counted, widths: Counts, rest: Counts) -> Counted | None:
    """Return an event with what is left of it; None where nothing is."""
    if rest == widths:
        return copy
    if not any(rest[_TOKENS]) and not rest[_COST]:
        return None
    counts: dict[str, int] = {
        name: min(told, left)
        for name, left in zip(SPENT, rest, strict=True)
        if (told := getattr(copy, name)) is not None
    }
    # What is left was one request at least, though its number is told with the others'.
    counts["requests"] = min(copy.requests, max(1, rest[0]))
    if "reasoning" in counts:
        counts["reasoning"] = min(rest[_REASONING], rest[_OUTPUT], counts["reasoning"])
    return copy._replace(grade=int(Grade.DERIVED), **counts)


def _spent(parts: Sequence[Part]) -> Iterator[Counted]:
    """Yield requests, and of what was spent in a time what they leave of it."""
    requests = [(part, part.copy) for part in parts if part.since_ms is None and part.copy]
    told = [copy for _, copy in requests if copy.input is not None]
    yield from told
    yield from _untold([copy for _, copy in requests if copy.input is None], told)
    left = {
        copy.key: copy
        for part, copy in requests
        if copy.input is not None and not part.is_taken_off
    }
    legs: defaultdict[tuple[int, int], list[Counted]] = defaultdict(list)
    for part in parts:
        if part.since_ms is not None and part.copy is not None:
            legs[part.copy.instant_ms, part.since_ms].append(part.copy)
    for (until_ms, since_ms), wholes in sorted(legs.items()):
        held = [
            left.pop(one.key)
            for one in list(left.values())
            if since_ms < one.instant_ms <= until_ms
        ]
        yield from _less(wholes, held) if held else wholes


def _untold(answers: Sequence[Counted], requests: Sequence[Counted]) -> Iterator[Counted]:
    """Yield the answers, whose prompts nobody tells, that none of the requests is.

    The same answer ended at about the same time; one of the same length is it sooner.
    """
    ordered = sorted(requests, key=_instant)
    pairs: list[tuple[bool, int, int, int]] = []
    for answer in answers:
        at_ms = answer.instant_ms
        first = bisect_left(ordered, at_ms - _SAME_MS, key=_instant)
        for one in ordered[first : bisect_right(ordered, at_ms + _SAME_MS, key=_instant)]:
            apart_ms = abs(at_ms - one.instant_ms)
            pairs.append((answer.output != one.output, apart_ms, answer.key, one.key))
    told: set[int] = set()
    for _, _, answer_key, request_key in sorted(pairs):
        if answer_key not in told and request_key not in told:
            told |= {answer_key, request_key}
    yield from (answer for answer in answers if answer.key not in told)


def _instant(copy: Counted) -> int:
    return copy.instant_ms


def _less(wholes: Sequence[Counted], held: Sequence[Counted]) -> Iterator[Counted]:
    """Yield what is left of wholes, one for each model, without the requests that they hold.

    Requests to models that no whole is of are taken from all of them.
    """
    models = {whole.model for whole in wholes}
    elsewhere = _sum(one for one in held if one.model not in models)
    for whole in sorted(wholes, key=lambda one: one.key):
        before = _counts(whole)
        own = _minus(before, _sum(one for one in held if one.model == whole.model))
        rest = _minus(own, elsewhere)
        elsewhere = _minus(elsewhere, own)
        tokens = sum(before[_TOKENS])
        cost = before[_COST] * sum(rest[_TOKENS]) // tokens if tokens else before[_COST]
        if event := _with_rest(whole, before, (*rest[:_COST], cost)):
            yield event


def _counts(copy: Counted) -> Counts:
    return tuple(getattr(copy, name) or 0 for name in SPENT)


def _sum(copies: Iterable[Counted]) -> Counts:
    columns = zip((0,) * len(SPENT), *map(_counts, copies), strict=True)
    return tuple(map(sum, columns))


def _minus(counts: Counts, others: Counts) -> Counts:
    return tuple(max(0, part) for part in map(sub, counts, others))
