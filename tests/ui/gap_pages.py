"""A literal reconciliation: two days, a proxy, a provider's usage and bill."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from tests.analysis.reconciled import HOUR_MS, USED, logged, spelled
from tests.ui.literal import dollars
from tokwatch.analysis.reconciliation import Reconciliation, reconcile
from tokwatch.model.endpoint import Bucket
from tokwatch.model.reconciliation import Report
from tokwatch.model.units import DAY_MS
from tokwatch.pages.reconciliation import ReconcilePage

DAY = (date(2025, 11, 17) - date(1970, 1, 1)).days
OPUS, HAIKU = "claude-opus-4-5", "claude-haiku-4-5"
SMALL = replace(USED, requests=40, input=9_000, cache_read=0, cache_write_5m=0, cache_write_1h=0,
                output=11_000, auto_nano=dollars(0.0640), lower_bound=2)  # fmt: skip
CELLS = [
    logged(day=DAY, key="laptop"),
    logged(SMALL, DAY, HAIKU, key="laptop"),
    logged(replace(USED, requests=4, cache_read=90_000, auto_nano=dollars(1.77)), DAY + 1,
           key="laptop"),
    logged(replace(USED, auto_nano=0, uncosted_tokens=600_000), DAY + 1, "gpt-5.5",
           provider="openai"),
]  # fmt: skip


def bucket(report: str, day: int, model: str, *counts: int | None, key: str = "") -> Bucket:
    """Return requests, input, cache reads and writes, output and nano-dollars of a day."""
    requests, fresh, read, write, output, nano = counts
    return Bucket(
        report, day * DAY_MS, HOUR_MS, model, key=key, requests=requests, input=fresh,
        cache_read=read, cache_write_5m=write, output=output, cost_nano=nano,
    )  # fmt: skip


def told(endpoint: str, report: str, kind: str, *buckets: Bucket) -> Report:
    """Return a report that was read at the end of the second day."""
    return Report(endpoint, report, kind, buckets, DAY * DAY_MS, (DAY + 2) * DAY_MS - 1)


USAGE = told(
    *("org", "usage", "anthropic"),
    bucket("usage", DAY, OPUS, 10, 20_000, 500_000, 40_000, 40_000, None, key="laptop"),
    bucket("usage", DAY, OPUS, 4, 2_000, 0, 0, 5_100, None, key="ci"),
    bucket("usage", DAY, HAIKU, 40, 9_000, 0, 0, 12_400, None, key="laptop"),
    bucket("usage", DAY + 1, OPUS, 4, 20_000, 90_000, 40_000, 40_000, None, key="laptop"),
)
BILL = told(
    *("org", "cost", "anthropic"),
    *(bucket("cost", DAY + n, "", None, None, None, None, None, nano)
      for n, nano in enumerate((dollars(5.31), dollars(1.29)))),
)  # fmt: skip
PROXY = told(
    *("proxy", "litellm", "litellm"),
    bucket("litellm", DAY, f"anthropic/{OPUS}", 10, 520_000, None, 40_000, 40_000, dollars(5)),
    bucket("litellm", DAY + 1, f"anthropic/{OPUS}", 5, 21_000, 90_000, 40_000, 44_000,
           dollars(1.9), key="laptop"),
)  # fmt: skip
REPORTS = (USAGE, BILL, PROXY)
NAMES = [OPUS, HAIKU, "gpt-5.5", "", f"anthropic/{OPUS}"]
FOUND = reconcile(CELLS, REPORTS, range(DAY, DAY + 2), spelled(*NAMES))
PAGE = ReconcilePage(FOUND, range(DAY, DAY + 2), 0, 2, has_told=True)
READING = replace(PAGE, days=range(DAY - 28, DAY + 2), left=28)
NO_ENDPOINT = ReconcilePage(Reconciliation(), range(0), 0, 0, has_told=False)
NOT_HERE = replace(NO_ENDPOINT, endpoints=2, has_told=True)
SILENT = replace(NO_ENDPOINT, endpoints=2)
