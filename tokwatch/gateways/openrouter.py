"""OpenRouter: the key's own spending and limits; credits and days need a management key.

Prompt tokens include the cached, which may exceed them where its own cache answered.
"""

from __future__ import annotations

from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Ask, Gauge, Moment, Part, Poll, Told, bearer, fields
from tokwatch.gateways.paged import records
from tokwatch.gateways.reports import Heap, span_of, told_of
from tokwatch.gateways.values import count, money, name, real
from tokwatch.gateways.values import moment as instant
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS

_KEY: Final = {
    "usage": "spent_usd",
    "usage_daily": "spent_today_usd",
    "usage_weekly": "spent_week_usd",
    "usage_monthly": "spent_month_usd",
    "limit": "limit_usd",
    "limit_remaining": "budget_left_usd",
}


def _key(moment: Moment, cursor: str, days: int) -> Poll:
    data = fields((yield Ask("/v1/key")).document().get("data"))
    label = name(data.get("label"))
    of = "" if label.startswith("sk-") else label  # unless named, a part of the key itself
    found = {told: real(data.get(key)) for key, told in _KEY.items()}
    return Told(
        gauges=tuple(
            Gauge(told, value, "usd", of=of) for told, value in found.items() if value is not None
        )
    )


def _credits(moment: Moment, cursor: str, days: int) -> Poll:
    data = fields((yield Ask("/v1/credits")).document().get("data"))
    bought, used = real(data.get("total_credits")), real(data.get("total_usage"))
    if bought is None or used is None:
        return Told(bad=1)
    return Told(gauges=(Gauge("credits_left_usd", bought - used, "usd"),))


def _activity(moment: Moment, cursor: str, days: int) -> Poll:
    """Read the last 30 whole UTC days, all in one answer."""
    rows = records((yield Ask("/v1/activity")).document(), "data")
    span = span_of("daily", moment, "", 30, DAY_MS)
    heaps = []
    for row in rows:
        record = row if isinstance(row, dict) else {}
        at_ms = instant(str(record.get("date", ""))[:10])
        if at_ms is None or at_ms >= span.begin_ms:
            heaps.append(Heap(at_ms, [row]))
    return told_of(span, heaps, _day_of, is_whole=True, moment=moment)


def _day_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    prompt, output = count(record.get("prompt_tokens")), count(record.get("completion_tokens"))
    if prompt is None or output is None:
        return None
    read = count(record.get("cached_tokens"))
    return bucket._replace(
        provider=name(record.get("provider_name")),
        model=name(record.get("model")),
        requests=count(record.get("requests")),
        input=max(0, prompt - (read or 0)),
        cache_read=read,
        output=output,
        cost_nano=money(record.get("usage")),
    )


ADAPTER: Final = Adapter(
    "openrouter",
    "OpenRouter",
    (
        Part("key", 60, 30, _key, help="spent and left of the key's limit"),
        Part("credits", 300, 60, _credits, help="credits left; a management key is needed"),
        Part("daily", 21_600, 3600, _activity, help="whole UTC days by model; likewise"),
    ),
    bearer,
)
