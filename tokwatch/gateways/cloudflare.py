"""Cloudflare's AI Gateway: its logs, summed by hour, model and provider; costs are dollars.

It tells tokens as the provider counted them, and nothing of the provider's cache.
"""

from __future__ import annotations

from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Ask, Moment, Part, Poll, bearer
from tokwatch.gateways.listed import told_of_list
from tokwatch.gateways.paged import records
from tokwatch.gateways.reports import span_of
from tokwatch.gateways.values import count, iso, money, name
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import HOUR_MS

PAGE: Final = 50
"""It lists no more at once."""
MOST_PAGES: Final = 90


def _logs(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("usage", moment, cursor, days, HOUR_MS)
    rows: list[Any] = []
    is_whole = False
    for page in range(1, MOST_PAGES + 1):
        query = (
            ("start_date", iso(span.begin_ms)),
            ("end_date", iso(span.until_ms)),
            ("order_by", "created_at"),
            ("order_by_direction", "asc"),
            ("page", str(page)),
            ("per_page", str(PAGE)),
        )
        found = records((yield Ask("/logs", query)).document(), "result")
        rows += (row for row in found if not _is_nothing(row))
        if len(found) < PAGE:
            is_whole = True
            break
    return told_of_list(
        span, rows, ("created_at", "id"), _request, is_whole=is_whole, moment=moment
    )


def _is_nothing(row: object) -> bool:
    """Tell a request that its own cache answered, or that failed and used nothing."""
    if not isinstance(row, dict):
        return False
    used = count(row.get("tokens_in")) or count(row.get("tokens_out"))
    return row.get("cached") is True or (row.get("success") is False and not used)


def _request(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    told = (record.get("tokens_in"), record.get("tokens_out"))
    fresh, output = (count(tokens) for tokens in told)
    if (fresh is None and told[0] is not None) or (output is None and told[1] is not None):
        return None
    return bucket._replace(
        provider=name(record.get("provider")),
        model=name(record.get("model")),
        requests=1,
        input=fresh,
        output=output,
        cost_nano=money(record.get("cost")),
    )


ADAPTER: Final = Adapter(
    "cloudflare",
    "Cloudflare AI Gateway",
    (Part("usage", 300, 60, _logs, help="requests, tokens and dollars by hour and model"),),
    bearer,
)
