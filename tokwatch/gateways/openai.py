"""OpenAI's usage and costs of an organisation: needs an admin key.

Input tokens include what was read from and written to the cache; costs are by UTC day.
"""

from __future__ import annotations

from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Moment, Part, Poll, bearer
from tokwatch.gateways.reports import report, span_of
from tokwatch.gateways.values import count, money, name, part, seconds
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS, HOUR_MS

_GROUPS: Final = ("model", "project_id", "user_id", "api_key_id", "batch", "service_tier")
_COST_GROUPS: Final = ("line_item", "project_id")


def _usage(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("usage", moment, cursor, days, HOUR_MS)
    query = (
        ("start_time", str(span.begin_ms // 1000)),
        ("bucket_width", "1h"),
        ("limit", "168"),
        *(("group_by[]", group) for group in _GROUPS),
    )
    return report("/v1/organization/usage/completions", query, span, _begin, _usage_of, moment)


def _costs(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("cost", moment, cursor, days, DAY_MS)
    query = (
        ("start_time", str(span.begin_ms // 1000)),
        ("bucket_width", "1d"),
        ("limit", "180"),
        *(("group_by[]", group) for group in _COST_GROUPS),
    )
    return report("/v1/organization/costs", query, span, _begin, _cost_of, moment)


def _begin(bucket: dict[str, Any]) -> int | None:
    return seconds(bucket.get("start_time"))


def _usage_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    whole, output = count(record.get("input_tokens")), count(record.get("output_tokens"))
    if whole is None or output is None:
        return None
    read = count(record.get("input_cached_tokens"))
    write = count(record.get("input_cache_write_tokens"))
    fresh = count(record.get("input_uncached_tokens"))
    if fresh is None:
        cached = (read or 0) + (write or 0)
        fresh = whole - cached if cached <= whole else whole
    tier = "batch" if record.get("batch") is True else name(record.get("service_tier"))
    return bucket._replace(
        provider="openai",
        model=name(record.get("model")),
        project=name(record.get("project_id")),
        user=name(record.get("user_id")),
        key=name(record.get("api_key_id")),
        tier="" if tier == "default" else tier,
        requests=count(record.get("num_model_requests")),
        input=fresh,
        cache_read=read,
        cache_write_5m=write,
        output=output,
    )


def _cost_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    amount = part(record, "amount")
    nano = money(amount.get("value"))
    if nano is None or str(amount.get("currency", "usd")).lower() != "usd":
        return None
    return bucket._replace(
        provider="openai",
        project=name(record.get("project_id")),
        item=name(record.get("line_item")),
        cost_nano=nano,
    )


ADAPTER: Final = Adapter(
    "openai",
    "OpenAI usage and costs",
    (
        Part("usage", 60, 60, _usage, help="tokens by hour, model, project, user and key"),
        Part("cost", 3600, 900, _costs, help="dollars by day, line item and project"),
    ),
    bearer,
)
