"""Helicone: its list of requests, summed by hour, model, provider and user; bodies stay there.

Its prompt tokens exclude the cache and its completion tokens the reasoning; costs are dollars.
"""

from __future__ import annotations

import json
from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Ask, Moment, Part, Poll, bearer
from tokwatch.gateways.listed import told_of_list
from tokwatch.gateways.paged import records
from tokwatch.gateways.reports import Span, span_of
from tokwatch.gateways.values import count, iso, money, name, person
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import HOUR_MS

PAGE: Final = 1000
MOST_PAGES: Final = 10
"""It refuses to go further from the first of a list; the next poll begins later."""
_NO_ID: Final = "00000000-0000-0000-0000-000000000000"
_COUNTS: Final = (
    *("prompt_tokens", "prompt_cache_read_tokens", "prompt_cache_write_tokens"),
    "completion_tokens",
)


def _requests(moment: Moment, cursor: str, days: int) -> Poll:
    """Read pages up to an empty one: what Helicone wrote twice leaves gaps in those before."""
    span = span_of("usage", moment, cursor, days, HOUR_MS)
    rows: list[Any] = []
    is_whole = False
    for page in range(MOST_PAGES):
        ask = Ask("/v1/request/query-clickhouse", body=_body(span, page * PAGE))
        found = records((yield ask).document(), "data")
        rows += (row for row in found if not _is_nothing(row))
        if not found:
            is_whole = True
            break
    names = ("request_created_at", "request_id")
    return told_of_list(span, rows, names, _request, is_whole=is_whole, moment=moment)


def _body(span: Span, offset: int) -> str:
    since = {"request_response_rmt": {"request_created_at": {"gte": iso(span.begin_ms)}}}
    asked = {
        "filter": since,
        "offset": offset,
        "limit": PAGE,
        "sort": {"created_at": "asc"},
        "isCached": False,
        "includeInputs": False,
    }
    return json.dumps(asked, separators=(",", ":"))


def _is_nothing(row: object) -> bool:
    """Tell a request that its own cache answered, or that failed and used nothing."""
    if not isinstance(row, dict):
        return False
    if (row.get("cache_reference_id") or _NO_ID) != _NO_ID:
        return True
    status = row.get("response_status")
    failed = isinstance(status, int) and not 200 <= status < 300
    return failed and not any(count(row.get(key)) for key in _COUNTS)


def _request(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    counts = [record.get(key) for key in _COUNTS]
    fresh, read, write, output = (count(told) for told in counts)
    if any(told is not None and count(told) is None for told in counts):
        return None
    thought = count(record.get("reasoning_tokens")) or 0
    model = record.get("model_override") or record.get("request_model")
    return bucket._replace(
        provider=name(record.get("provider")).lower(),
        model=name(model or record.get("response_model") or record.get("model")),
        user=person(record.get("request_user_id")),
        requests=1,
        input=fresh,
        cache_read=read,
        cache_write_5m=write,
        output=None if output is None else output + thought,
        cost_nano=money(record.get("cost")),
    )


ADAPTER: Final = Adapter(
    "helicone",
    "Helicone",
    (Part("usage", 300, 60, _requests, help="requests, tokens and dollars by hour and model"),),
    bearer,
)
