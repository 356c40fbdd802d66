"""Hand-made days, buckets and reports, for the tests of reconciliation."""

from __future__ import annotations

from tokwatch.analysis.reconciliation import Reconciliation, reconcile
from tokwatch.model.endpoint import Bucket
from tokwatch.model.reconciliation import Report, Row, Why
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Cell, Usage
from tokwatch.prices.names import normalise

DAY = 20_000
AT_MS = DAY * DAY_MS
HOUR_MS = 3_600_000
MODEL = "claude-opus-4-5"
USED = Usage(
    requests=10,
    input=20_000,
    cache_read=500_000,
    cache_write_5m=30_000,
    cache_write_1h=10_000,
    output=40_000,
    auto_nano=5_000_000_000,
)


def logged(usage: Usage = USED, day: int = DAY, model: str = MODEL, **other: str) -> Cell:
    """Return what the logs tell of a day and model."""
    source, provider = other.get("source", "claude-code"), other.get("provider", "anthropic")
    owners = (other.get("key", ""), other.get("user", ""))
    return Cell((day, source, provider, model, *owners), usage)


def bucket(
    day: int = DAY, model: str = MODEL, *, name: str = "usage", **counts: int | None
) -> Bucket:
    """Return a bucket that agrees with `USED` but for what is named."""
    told: dict[str, int | None] = {
        **{"requests": 10, "input": 20_000, "cache_read": 500_000, "cache_write_5m": 40_000},
        **{"output": 40_000, "cost_nano": 5_000_000_000},
        **counts,
    }
    return Bucket(name, day * DAY_MS, HOUR_MS, model)._replace(**told)  # type: ignore[arg-type]  # counts only


def report(*buckets: Bucket, kind: str = "anthropic", name: str = "usage") -> Report:
    """Return a report that was read a day after all of its days were over."""
    return Report("org", name, kind, buckets, AT_MS - 9 * DAY_MS, AT_MS + 9 * DAY_MS)


def spelled(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: (name, *normalise(name)) for name in names}


def compared(
    cells: list[Cell], *reports: Report, days: range = range(DAY, DAY + 1)
) -> Reconciliation:
    told = [one.model for report in reports for one in report.buckets]
    return reconcile(cells, reports, days, spelled(*told, *(str(c.group[3]) for c in cells)))


def only(found: Reconciliation) -> Row:
    [row] = found.rows
    assert found.untold.total == 0
    return row


def why(row: Row) -> list[Why]:
    return [reason.why for reason in row.reasons]


def cost(nano: int, item: str = "") -> Bucket:
    """Return a day's line of a bill."""
    return Bucket("cost", AT_MS, DAY_MS, item=item, cost_nano=nano)


def of_cost(found: Reconciliation) -> Row:
    [row] = [row for row in found.rows if row.pair.report == "cost"]
    assert row.pair.is_money
    return row
