"""Portkey's analytics by model: requests and cents of one UTC day a call; it tells no tokens."""

from __future__ import annotations

from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Ask, Moment, Part, Poll
from tokwatch.gateways.paged import records
from tokwatch.gateways.reports import Heap, span_of, told_of
from tokwatch.gateways.values import CENTS, count, day, money, name
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS

PAGE: Final = 100
MOST_PAGES: Final = 3
"""Of one day: 31 of them are less than what one poll may ask."""


def _headers(key: str) -> dict[str, str]:
    return {"x-portkey-api-key": key} if key else {}


def _days(moment: Moment, cursor: str, days: int) -> Poll:
    """Ask for one day after the other: a group is a sum of all the time that is asked for."""
    span = span_of("daily", moment, cursor, days, DAY_MS)
    heaps, is_whole = [], True
    for begin_ms in range(span.begin_ms, moment.there_ms + 1, DAY_MS):
        rows: list[Any] = []
        is_whole = False
        for page in range(MOST_PAGES):
            query = (
                ("time_of_generation_min", f"{day(begin_ms)}T00:00:00.000Z"),
                ("time_of_generation_max", f"{day(begin_ms)}T23:59:59.999Z"),
                ("current_page", str(page)),
                ("page_size", str(PAGE)),
            )
            document = (yield Ask("/v1/analytics/groups/ai-models", query)).document()
            found = records(document, "data")
            rows += found
            if len(found) < PAGE or len(rows) >= (count(document.get("total")) or len(rows) + 1):
                is_whole = True
                break
        heaps.append(Heap(begin_ms, rows))
        if not is_whole:
            break
    return told_of(span, heaps, _by_model, is_whole=is_whole, moment=moment)


def _by_model(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    requests, nano = count(record.get("requests")), money(record.get("cost"), CENTS)
    if requests is None or nano is None:
        return None
    return bucket._replace(model=name(record.get("ai_model")), requests=requests, cost_nano=nano)


ADAPTER: Final = Adapter(
    "portkey",
    "Portkey",
    (Part("daily", 900, 300, _days, help="requests and dollars by UTC day and model"),),
    _headers,
)
