"""A triage as Markdown, for the incident's page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tokwatch.analysis.calendar import instant
from tokwatch.model.usage import Dimension
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_names as names
from tokwatch.ui import triage_tables as tables
from tokwatch.ui import triage_words as words

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~])")


def markdown(page: TriagePage, zone: str, by: Sequence[Dimension] = ()) -> str:
    """Return everything that the screen shows; `by` lists more of some dimensions."""
    parts = [
        _head(page, zone),
        _verdict(page, zone),
        _changes(page, by),
        _bridge(page),
        _happenings(page, zone),
    ]
    return "\n".join(line for part in parts for line in [*part, ""]).rstrip() + "\n"


def _head(page: TriagePage, zone: str) -> Iterator[str]:
    found = page.triage
    yield f"# Cost triage, {names.stretch_words(found.shown, zone)} ({escaped(zone)})"
    yield ""
    yield f"* A: {names.stretch_words(found.shown, zone)}, {names.length_words(found.shown)}"
    yield (
        f"* B: {names.stretch_words(found.baseline, zone)}, {names.baseline_words(page)}, "
        f"{names.scale_words(found)}"
    )
    if found.trail:
        yield f"* Only {escaped(names.trail_words(found))}"


def _verdict(page: TriagePage, zone: str) -> Iterator[str]:
    first, *others = words.sentences(page, zone)
    yield f"**{escaped(first)}**"
    for line in others:
        yield ""
        yield escaped(line)


def _changes(page: TriagePage, by: Sequence[Dimension]) -> Iterator[str]:
    rows = tables.change_rows(page, by)
    if rows:
        yield "## What changed"
        yield ""
        yield from table(rows[0], rows[1:], 2)


def _bridge(page: TriagePage) -> Iterator[str]:
    yield "## Cost bridge"
    yield ""
    yield from table(("part", "cost"), tables.bridge_rows(page), 1)


def _happenings(page: TriagePage, zone: str) -> Iterator[str]:
    if not page.happenings:
        return
    yield "## Events in A"
    yield ""
    for one in page.happenings:
        at = instant(one.at_ms).astimezone(fmt.zone(zone))
        told = escaped(words.happening_words(one, zone))
        yield f"* {at:%a %d %b %H:%M:%S} {one.what}: {told}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int) -> Iterator[str]:
    """Yield the lines of a table; from column `left` on, cells stand at the right."""
    yield f"| {' | '.join(heads)} |"
    yield "|" + "|".join(" --- " if at < left else " ---: " for at in range(len(heads))) + "|"
    for row in rows:
        yield f"| {' | '.join(map(escaped, row))} |"


def escaped(text: str) -> str:
    """Return text of a log so that Markdown shows it as it is."""
    return _SPECIAL.sub(r"\\\1", fmt.clean(text))
