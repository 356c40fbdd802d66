"""Performance and quality as plain text: the same as on the screen, one part after the other."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tokwatch.analysis.calendar import instant
from tokwatch.analysis.measured import DEFINITIONS, Measured
from tokwatch.analysis.outcomes import SUCCESS, ErrorKind
from tokwatch.analysis.quality import Group, Quality
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import format as fmt
from tokwatch.ui import quality_words as words
from tokwatch.ui.triage_tables import aligned
from tokwatch.words import counted

STATISTICS = ("mean", "least", "p50", "p90", "p99", "most")
HEADINGS = ("avg", "min", "p50", "p90", "p99", "max")
COMPARED = ("latency", "first token", "speed", "turn", "cost", "output")
BY_NAME = {one.name: one for one in DEFINITIONS}
WIDTH = 96


def lines(page: QualityPage, zone: str) -> Iterator[str]:
    """Yield the lines."""
    yield from _head(page, zone)
    if page.before is None or page.after is None:
        yield from _part("outcomes", _outcomes(page.whole))
        yield from _definition()
        yield from _part("measures", _measures(page.whole))
        yield from _part("errors", _errors(page.whole.errors))
    else:
        yield from _part("outcomes", _outcomes_beside(page.before, page.after))
        yield from _definition()
        yield from _part("measures, p50", _measures_beside(page.before, page.after, "p50"))
        yield from _part("measures, p90", _measures_beside(page.before, page.after, "p90"))
        yield from _part("errors", _errors_beside(page.before.errors, page.after.errors))
    yield from _part(f"by {page.by}", _groups(page.whole.groups))


def _head(page: QualityPage, zone: str) -> Iterator[str]:
    whole = page.whole
    since, until = (_moment(at_ms, zone) for at_ms in (page.since_ms, page.at_ms))
    yield f"{since if page.since_ms else 'the first request'} .. {until} ({zone})"
    only = "".join(f" · only {by} {words.kind_name(value)}" for by, value in page.trail)
    yield f"{counted(whole.requests, 'request')} · {counted(whole.sessions, 'session')}{only}"
    if whole.read < whole.sessions:
        read = counted(whole.read, "session")
        yield f"of {read} the conversation is read: only these tell turns and errors"
    if whole.sums:
        sums = counted(whole.sums, "request is", "requests are")
        yield f"{sums} told as sums only: no single one is known"
    if page.mark_ms is not None:
        yield f"before and after {_moment(page.mark_ms, zone)}"


def _moment(at_ms: int, zone: str) -> str:
    return f"{instant(at_ms).astimezone(fmt.zone(zone)):%Y-%m-%d %H:%M}"


def _part(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a titled table whose first line is its headings; names stand at the left."""
    yield ""
    yield title
    if len(rows) < 2:
        yield "  none"
        return
    for line in aligned(rows, 1):
        yield f"  {line}"


def _definition() -> Iterator[str]:
    """Yield what the success rate is."""
    told = f"{SUCCESS.name}: {SUCCESS.words}"
    yield from textwrap.wrap(told, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _outcomes(of: Quality) -> list[tuple[str, ...]]:
    rows = [
        (ratio.aim.name, words.ratio_value(ratio), words.ratio_basis(ratio)) for ratio in of.ratios
    ]
    return [("outcome", "value", "of"), *rows]


def _outcomes_beside(before: Quality, after: Quality) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("outcome", "before", "after", "difference")]
    for was, now in zip(before.ratios, after.ratios, strict=True):
        values = (words.ratio_value(was), words.ratio_value(now))
        rows.append((was.aim.name, *values, words.ratio_difference(was, now)))
    return rows


def _measures(of: Quality) -> list[tuple[str, ...]]:
    return [("measure", "known", *HEADINGS, ""), *map(_measure, of.measures)]


def _measure(one: Measured) -> tuple[str, ...]:
    spread, of = one.spread, one.definition
    known = spread.count if spread else 0
    values = [
        words.UNKNOWN if spread is None else words.value(getattr(spread, name), of)
        for name in STATISTICS
    ]
    told = f"{known:,} of {one.whole:,}"
    return (fmt.clean(of.name), told, *values, words.marks(one))


def _measures_beside(before: Quality, after: Quality, name: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("measure", "before", "after", "difference", "", "n", "n")]
    for was, now in zip(before.measures, after.measures, strict=True):
        of = was.definition
        both = [getattr(one.spread, name) if one.spread else None for one in (was, now)]
        values = [words.UNKNOWN if value is None else words.value(value, of) for value in both]
        moved = words.difference(both[0], both[1], of)
        change = words.change(both[0], both[1]) if None not in both else ""
        counts = [f"{one.spread.count:,}" if one.spread else "0" for one in (was, now)]
        rows.append((fmt.clean(of.name), *values, moved, change, *counts))
    return rows


def _errors(kinds: Sequence[ErrorKind]) -> list[tuple[str, ...]]:
    rows = [(kind.trouble, f"{kind.count:,}", f"{kind.ended:,}") for kind in kinds]
    return [("kind", "count", "last attempts"), *rows]


def _errors_beside(
    before: Sequence[ErrorKind], after: Sequence[ErrorKind]
) -> list[tuple[str, ...]]:
    was, now = ({kind.trouble: kind.count for kind in side} for side in (before, after))
    rows: list[tuple[str, ...]] = [("kind", "before", "after", "difference")]
    for trouble in dict.fromkeys((*was, *now)):
        counts = (was.get(trouble, 0), now.get(trouble, 0))
        rows.append((trouble, *(f"{one:,}" for one in counts), f"{counts[1] - counts[0]:+,}"))
    return rows


def _groups(groups: Sequence[Group]) -> list[tuple[str, ...]]:
    rows = [
        (
            words.kind_name(group.name),
            f"{group.requests:,}",
            *(_median(group, name) for name in COMPARED),
            words.ratio_value(group.per_million),
            words.ratio_value(group.success),
            f"{group.errors:,}",
            f"{group.limits:,}",
        )
        for group in groups
    ]
    medians = ("latency", "first", "speed", "turn", "cost", "output")
    return [("p50 of", "requests", *medians, "$/M tok", "success", "errors", "limited"), *rows]


def _median(group: Group, name: str) -> str:
    spread = group.spreads.get(name)
    return words.UNKNOWN if spread is None else words.value(spread.p50, BY_NAME[name])
