"""All of one measure, share or kind of error, as lines; those about a session can be opened."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.analysis.calendar import instant
from tokwatch.analysis.distribution import Spread
from tokwatch.analysis.measured import Definition, Measured, Point, ToldBy
from tokwatch.analysis.outcomes import RETRIED, ErrorKind, Ratio
from tokwatch.model.performance import IncidentTold
from tokwatch.ui import format as fmt
from tokwatch.ui import quality_words as words
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.quality_words import Trio
from tokwatch.words import counted

NAME: Final = 16
STATISTICS: Final = ("count", "avg", "min", "p50", "p90", "p99", "max", "sum")


class Of(NamedTuple):
    """Whose a line is."""

    source: str
    session: str
    agent: str
    request: int = 0


Entry = tuple[Line, Of | None]
"""A line, and the agent that it leads to."""


class Look(Struct, frozen=True):
    """How lines are drawn."""

    width: int
    zone: str
    titles: Mapping[str, str]
    """Of sources, by name."""
    inks: Inks


def measure_entries(row: Trio[Measured], look: Look) -> Iterator[Entry]:
    """Yield the definition, the figures, who tells them, the distribution, the highest values."""
    of, inks = row.whole.definition, look.inks
    yield from _wrapped(of.words, look)
    yield _blank()
    yield from _figures(row, look)
    yield _blank()
    yield _plain(f"Told by, of {row.whole.whole:,} {of.what}", inks)
    for one in row.whole.told:
        yield _told_line(one, look), None
    if not row.whole.told:
        yield [(f"  there were no {of.what} in this range", inks.muted)], None
    if row.whole.bars:
        yield _blank()
        yield _plain("Distribution", inks)
        yield from _bars(row.whole, look)
    if row.whole.highest and row.whole.highest[0].source:
        yield _blank()
        yield _plain("The highest", inks)
        for point in row.whole.highest:
            yield _point(point, of, look), Of(point.source, point.session, point.agent, point.key)


def _wrapped(text: str, look: Look) -> Iterator[Entry]:
    for line in textwrap.wrap(text, look.width):
        yield [(line, look.inks.text)], None


def _blank() -> Entry:
    return [], None


def _plain(text: str, inks: Inks) -> Entry:
    return [(text, inks.strong)], None


def _figures(row: Trio[Measured], look: Look) -> Iterator[Entry]:
    """Yield a line of figures for the whole, and for each side of the marked instant."""
    inks = look.inks
    sides = [("", row.whole), ("before", row.before), ("after", row.after)]
    shown = [(name, side) for name, side in sides if side is not None]
    has_sides = len(shown) > 1
    width = 11 if look.width >= 11 * len(STATISTICS) + 10 else 9
    names = [one for one in STATISTICS if width * len(STATISTICS) <= look.width - 8 or one != "sum"]
    head = "".join(f"{name:>{width}}" for name in names)
    yield [(f"{'':<8}" if has_sides else "", inks.muted), (head, inks.muted)], None
    for name, side in shown:
        label = f"{name or 'all':<8}" if has_sides else ""
        marks = words.marks(side)
        cells = _cells(side.spread, side.definition, names)
        text = "".join(f"{cell:>{width}}" for cell in cells)
        yield [(label, inks.muted), (text, inks.strong), (f"  {marks}", inks.muted)], None


def _cells(spread: Spread | None, of: Definition, names: Iterable[str]) -> list[str]:
    if spread is None:
        return [words.UNKNOWN for _ in names]
    found = {
        "avg": spread.mean,
        "min": spread.least,
        "p50": spread.p50,
        "p90": spread.p90,
        "p99": spread.p99,
        "max": spread.most,
        "sum": spread.total,
    }
    return [
        f"{spread.count:,}" if name == "count" else words.value(found[name], of) for name in names
    ]


def _title(source: str, look: Look) -> str:
    return fmt.fit(look.titles.get(source, source) or "(not told)", NAME)


def _told_line(one: ToldBy, look: Look) -> Line:
    inks = look.inks
    if not one.known:
        told = "tells none"
    else:
        told = f"{one.known:,} of {one.whole:,}"
        told += f", {one.derived:,} derived (~)" if one.derived else ""
    return [("  " + _title(one.source, look), inks.text), (f" {told}", inks.muted)]


def _bars(of: Measured, look: Look) -> Iterator[Entry]:
    """Yield a line for each bar of the distribution."""
    inks, total = look.inks, sum(bar.values for bar in of.bars)
    peak = max(bar.values for bar in of.bars)
    room = max(8, min(48, look.width - 44))
    for bar in of.bars:
        bounds = f"  {words.value(bar.since, of.definition):>9} – "
        bounds += f"{words.value(bar.until, of.definition):<9}"
        full, rest = gauge(bar.values / peak, room)
        share = words.share(bar.values / total)
        line: Line = [(bounds, inks.muted), (full, inks.trend), (rest, inks.frame)]
        yield [*line, (f" {bar.values:>8,}", inks.text), (f" {share:>6}", inks.muted)], None


def _moment(at_ms: int, look: Look) -> str:
    return f"{instant(at_ms).astimezone(fmt.zone(look.zone)):%d %b %H:%M:%S}"


def _point(point: Point, of: Definition, look: Look) -> Line:
    """Return one value, and whose it is."""
    inks = look.inks
    mark = ("≥" if point.is_lower else "") + ("~" if point.is_derived else "")
    value = f"{mark}{words.value(point.value, of)}"
    agent = f" └ {fmt.clean(point.kind)}" if point.agent else ""
    model = fmt.short_model(point.model)
    return [
        (f" {_moment(point.at_ms, look)} ", inks.muted),
        (f"{value:>9}  ", inks.strong),
        (_title(point.source, look), inks.muted),
        (f" {fmt.fit(point.session, 9)}{agent}", inks.text),
        (f"  {fmt.clean(model)}" if model else "", inks.muted),
    ]


def ratio_entries(row: Trio[Ratio], errors: Iterable[ErrorKind], look: Look) -> Iterator[Entry]:
    """Yield the definition, the figures, who tells them, and for the success rate the errors."""
    inks, aim = look.inks, row.whole.aim
    yield from _wrapped(aim.words, look)
    yield _blank()
    sides = (("all", row.whole), ("before", row.before), ("after", row.after))
    for name, side in sides:
        if side is not None:
            yield (
                [
                    (f"{name:<8}", inks.muted),
                    (f"{words.ratio_value(side):>8}", inks.strong),
                    (f"  {words.ratio_basis(side)}", inks.muted),
                ],
                None,
            )
    yield _blank()
    yield _plain("Told by", inks)
    for one in row.whole.told:
        yield _ratio_line(one, row.whole, look), None
    if not row.whole.told:
        yield [(f"  no log here tells {aim.what}", inks.muted)], None
    kinds = list(errors)
    if kinds and aim.what == "attempts":
        yield _blank()
        yield _plain("Errors by kind", inks)
        for kind in kinds:
            yield [(f"  {kind.trouble:<18}", inks.text), (f"{kind.count:>7,}", inks.muted)], None


def _ratio_line(one: ToldBy, of: Ratio, look: Look) -> Line:
    inks = look.inks
    if of.aim.is_money:
        value = words.money(one.known * 1_000_000 / one.whole) if one.whole else words.UNKNOWN
        told = f"{fmt.money(one.known)} for {counted(one.whole, 'token')}"
    else:
        value = words.share(one.known / one.whole if one.whole else None)
        told = f"{one.known:,} of {one.whole:,} {of.aim.what}"
    name = ("  " + _title(one.source, look), inks.text)
    return [name, (f"{value:>8}", inks.strong), (f"  {told}", inks.muted)]


def error_entries(kind: ErrorKind, look: Look) -> Iterator[Entry]:
    """Yield who tells a kind of error, and the newest of it."""
    inks = look.inks
    if kind.trouble == RETRIED:
        told = (
            "Attempts before the one that was answered, as gateways and some tools count them; "
            "why they failed is not told."
        )
        yield from _wrapped(told, look)
    else:
        times = "once" if kind.count == 1 else counted(kind.count, "time")
        yield from _wrapped(f"It happened {times}. {_followed(kind)}", look)
    yield _blank()
    yield _plain("Told by", inks)
    for source, number in kind.told:
        yield [("  " + _title(source, look), inks.text), (f"{number:>8,}", inks.muted)], None
    if kind.newest:
        yield _blank()
        yield _plain("The newest", inks)
    for one in kind.newest:
        yield _incident(one, look), Of(one.source, one.session, one.agent)


def _followed(kind: ErrorKind) -> str:
    if not kind.ended:
        return "Another attempt followed each time."
    if kind.ended == kind.count:
        return "No other attempt followed."
    return f"{counted(kind.ended, 'time')} no other attempt followed."


def _incident(one: IncidentTold, look: Look) -> Line:
    inks = look.inks
    agent = f" └ {fmt.clean(one.kind)}" if one.agent else ""
    attempt = f"attempt {one.attempt}" if one.attempt else "no other attempt"
    status = f"  HTTP {one.status}" if one.status else ""
    return [
        (f" {_moment(one.at_ms, look)} ", inks.muted),
        (_title(one.source, look), inks.muted),
        (f" {fmt.fit(one.session, 9)}{agent}", inks.text),
        (f"  {attempt}{status}", inks.muted),
    ]
