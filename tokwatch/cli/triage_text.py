"""A triage as plain text: the same as on the screen, one part after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tokwatch.analysis.calendar import instant
from tokwatch.model.usage import Dimension
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_names as names
from tokwatch.ui import triage_tables as tables
from tokwatch.ui import triage_words as words


def lines(page: TriagePage, zone: str, by: Sequence[Dimension] = ()) -> Iterator[str]:
    """Yield the lines; `by` lists all values of some dimensions."""
    found = page.triage
    shown = names.stretch_words(found.shown, zone)
    baseline = names.stretch_words(found.baseline, zone)
    yield f"A  {shown}, {names.length_words(found.shown)}"
    yield f"B  {baseline}, {names.baseline_words(page)}, {names.scale_words(found)}"
    yield ""
    yield from words.sentences(page, zone)
    yield from _part("what changed", tables.change_rows(page, by), left=2)
    yield from _part("why: cost bridge", tables.bridge_rows(page), left=1)
    events = [
        (f"{instant(one.at_ms).astimezone(fmt.zone(zone)):%d %b %H:%M:%S}", str(one.what),
         words.happening_words(one, zone))
        for one in page.happenings
    ]  # fmt: skip
    yield from _part("events in A", events, left=3)


def _part(title: str, rows: Sequence[Sequence[str]], left: int) -> Iterator[str]:
    """Yield a titled table; from column `left` on, cells stand at the right."""
    if not rows:
        return
    yield ""
    yield title
    for line in tables.aligned(rows, left):
        yield f"  {line}"
