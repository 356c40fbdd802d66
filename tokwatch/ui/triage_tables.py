"""A triage as tables of text: what changed, and the bridge."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tokwatch.model.usage import Dimension
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_names as names


def change_rows(page: TriagePage, by: Sequence[Dimension] = ()) -> list[tuple[str, ...]]:
    """Return what changed as a table with a heading; nothing where nothing was used.

    The largest of each dimension, or all of those that are asked for.
    """
    found = page.triage
    listed = found.leading if not by else [one for each in by for one in found.of(each)]
    places = names.places_of(found.verdict.nano, found.verdict.expected_nano)
    rows: list[tuple[str, ...]] = [("dimension", "value", "A", "B", "A - B", "of A - B")]
    for one in listed:
        cost, was = names.cents([one.nano], places)[0], names.cents([one.baseline_nano], places)[0]
        rows.append(
            (
                names.dimension_name(one.dimension),
                names.value_name(one.dimension, one.value),
                fmt.money(cost, places),
                fmt.money(was, places),
                names.signed(cost - was, places),
                names.share_words(one),
            )
        )
    return rows if len(rows) > 1 else []


def bridge_rows(page: TriagePage) -> list[tuple[str, ...]]:
    """Return the bridge as a table, in amounts that still add up."""
    built = page.triage.bridge
    places = names.places_of(built.nano, built.baseline_nano)
    shown = names.cents([built.baseline_nano, *(step.nano for step in built.steps)], places)
    rows: list[tuple[str, ...]] = [("B, scaled", fmt.money(shown[0], places))]
    rows += [
        (step.cause, names.signed(nano, places))
        for step, nano in zip(built.steps, shown[1:], strict=True)
    ]
    if built.residual_nano:
        rows.append(("not explained", names.signed(built.residual_nano, 9)))
    return [*rows, ("A", fmt.money(built.nano, places))]


def aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Return a table's lines; from column `left` on, cells stand at the right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            fmt.fit(cell, width, right=place >= left)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
