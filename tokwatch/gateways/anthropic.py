"""Anthropic's analytics of usage and cost: a key that may read analytics, or an admin key.

Input tokens exclude the cache; amounts are cents as text, after discounts. Rows come for buckets
with use only.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from tokwatch.gateways.anthropic_admin import group_in, headers, tokens_in
from tokwatch.gateways.ask import Adapter, Moment, Part, Poll
from tokwatch.gateways.paged import pages, records
from tokwatch.gateways.reports import Heap, Reader, Span, span_of, told_of
from tokwatch.gateways.values import CENTS, count, iso, money, part
from tokwatch.gateways.values import moment as instant
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import HOUR_MS

VERSION: Final = "2026-10-21"
BETA: Final = "analytics-usage-cost-2026-08-24"
_GROUPS: Final = ("model", "workspace_id", "api_key_id", "service_tier")
_COST_GROUPS: Final = ("model", "workspace_id")


def _headers(key: str) -> dict[str, str]:
    return {**headers(key), "anthropic-version": VERSION, "anthropic-beta": BETA}


def _usage(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("usage", moment, cursor, days, HOUR_MS)
    return _rows("usage", _GROUPS, span, _usage_of, moment)


def _cost(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("cost", moment, cursor, days, HOUR_MS)
    return _rows("cost", _COST_GROUPS, span, _cost_of, moment)


def _rows(what: str, groups: tuple[str, ...], span: Span, reader: Reader, moment: Moment) -> Poll:
    query = (
        ("starting_at", iso(span.begin_ms)),
        ("ending_at", iso(span.until_ms)),
        ("time_bucket_width", "1h"),
        ("order_by", "time"),
        ("order", "asc"),
        ("limit", "1000"),
        *(("group_by[]", group) for group in groups),
    )
    read = yield from pages(f"/v1/organizations/analytics/{what}", query)
    rows = [row for document in read.documents for row in records(document, "data")]
    heaps = [Heap(begin_ms, list(of)) for begin_ms, of in groupby(rows, _begin)]
    return told_of(span, heaps, reader, is_whole=read.is_whole, moment=moment)


def _begin(row: object) -> int | None:
    return instant(row.get("starting_at")) if isinstance(row, dict) else None


def _usage_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    return tokens_in(part(record, "usage"), group_in(part(record, "group"), bucket))


def _cost_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    cost = part(record, "cost")
    nano = money(cost.get("amount"), CENTS)
    if nano is None or str(cost.get("currency", "USD")).upper() != "USD":
        return None
    told = group_in(part(record, "group"), bucket)
    requests = count(cost.get("requests"))
    return told._replace(provider="anthropic", requests=requests, cost_nano=nano)


ADAPTER: Final = Adapter(
    "anthropic",
    "Anthropic analytics",
    (
        Part("usage", 60, 60, _usage, help="tokens by hour, model, workspace and key"),
        Part("cost", 900, 300, _cost, help="dollars by hour, model and workspace"),
    ),
    _headers,
)
