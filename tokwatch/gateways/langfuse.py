"""Langfuse's metrics (v2): sums by hour and model of what was traced as a generation.

Its input includes whatever a trace calls some sort of input, the cache too; costs are dollars.
The key is both of a project's keys in one: PUBLIC:SECRET.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Ask, Moment, Part, Poll
from tokwatch.gateways.keys import KeyTrouble
from tokwatch.gateways.paged import records
from tokwatch.gateways.reports import Heap, Span, span_of, told_of
from tokwatch.gateways.values import count, iso, money, name
from tokwatch.gateways.values import moment as instant
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import HOUR_MS

MOST_ROWS: Final = 1000
"""It lists no more rows than that, and has no pages."""
_SUMS: Final = ("inputTokens", "outputTokens", "totalCost")


def _headers(key: str) -> dict[str, str]:
    public, _, secret = key.partition(":")
    if key and not (public and secret):
        raise KeyTrouble("Langfuse wants both keys of a project in one: PUBLIC:SECRET")
    return {"authorization": f"Basic {b64encode(key.encode()).decode()}"} if key else {}


def _usage(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("usage", moment, cursor, days, HOUR_MS)
    query = (("query", json.dumps(_query(span), separators=(",", ":"))),)
    rows = records((yield Ask("/api/public/v2/metrics", query)).document(), "data")
    heaps = [Heap(_begin(row), [row]) for row in rows if not _is_filled_in(row)]
    return told_of(span, heaps, _of_hour, is_whole=len(rows) < MOST_ROWS, moment=moment)


def _query(span: Span) -> dict[str, Any]:
    return {
        "view": "observations",
        "metrics": [
            {"measure": "count", "aggregation": "count"},
            *({"measure": measure, "aggregation": "sum"} for measure in _SUMS),
        ],
        "dimensions": [{"field": "providedModelName"}],
        "filters": [
            {"column": "type", "operator": "=", "value": "GENERATION", "type": "string"},
        ],
        "timeDimension": {"granularity": "hour"},
        "fromTimestamp": iso(span.begin_ms),
        "toTimestamp": iso(span.until_ms),
        "orderBy": [{"field": "time_dimension", "direction": "asc"}],
        "config": {"row_limit": MOST_ROWS},
    }


def _begin(row: object) -> int | None:
    return instant(row.get("time_dimension")) if isinstance(row, dict) else None


def _is_filled_in(row: object) -> bool:
    """Tell a row that only stands where nothing happened."""
    return isinstance(row, dict) and count(row.get("count_count")) == 0


def _of_hour(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    requests = count(record.get("count_count"))
    if requests is None:
        return None
    return bucket._replace(
        model=name(record.get("providedModelName")),
        requests=requests,
        input=count(record.get("sum_inputTokens")),
        output=count(record.get("sum_outputTokens")),
        cost_nano=money(record.get("sum_totalCost")),
    )


ADAPTER: Final = Adapter(
    "langfuse",
    "Langfuse",
    (Part("usage", 300, 60, _usage, help="tokens and dollars by hour and model"),),
    _headers,
)
