"""A triage as CSV: every contribution and every part of the bridge, exact to the nano-dollar."""

from __future__ import annotations

import csv
import io

from tokwatch.pages.triage import TriagePage
from tokwatch.ui.export import cell, exact
from tokwatch.ui.triage_names import dimension_name

COLUMNS = (
    *("dimension", "value", "requests", "cost_usd", "expected_usd", "difference_usd"),
    "share_of_difference",
)


def as_csv(page: TriagePage) -> str:
    """Return the triage as CSV with a heading; a part of the bridge has a difference alone."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write(COLUMNS)
    found = page.triage
    for one in found.contributions:
        write(
            [
                dimension_name(one.dimension),
                cell(one.value),
                one.requests,
                exact(one.nano),
                exact(one.baseline_nano),
                exact(one.difference_nano),
                "" if one.share is None else f"{one.share:.6f}",
            ]
        )
    for step in found.bridge.steps:
        share = found.verdict.share(step.nano)
        told = "" if share is None else f"{share:.6f}"
        write(["bridge", step.cause, "", "", "", exact(step.nano), told])
    return text.getvalue()
