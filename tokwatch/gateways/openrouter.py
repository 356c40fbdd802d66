"""OpenRouter: the key's own spending and limits; credits and days need a management key.

Prompt tokens include the cached, which may exceed them where its own cache answered. A request of
which an agent's log holds a lower bound is looked up by its id, once.
"""

from __future__ import annotations

from typing import Any, Final

from tokwatch.gateways.ask import (
    Adapter,
    Ask,
    BadAnswer,
    Gauge,
    Moment,
    Part,
    Poll,
    Told,
    bearer,
    fields,
)
from tokwatch.gateways.paged import records
from tokwatch.gateways.reports import Heap, span_of, told_of
from tokwatch.gateways.values import count, cursor_of, money, name, part, real, state_of
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
KEPT: Final = (
    *("id", "created_at", "model", "native_tokens_prompt", "native_tokens_completion"),
    *("native_tokens_cached", "native_tokens_reasoning", "total_cost", "is_byok"),
)
"""What of a request is of use."""
IDS: Final = "gen-"
"""How its ids begin."""
MOST_LOOKED_UP: Final = 20
"""In one poll."""
MOST_TRIES: Final = 3
"""For one that is not there: it may be another key's, or not be there yet."""
MOST_REMEMBERED: Final = 1000
"""Ids of which it is known how often they were asked for."""


def _key(moment: Moment, cursor: str, days: int) -> Poll:
    data = fields((yield Ask("/v1/key")).document().get("data"))
    label = name(data.get("label"))
    of = "" if label.startswith("sk-") else label  # unless named, a part of the key itself
    found = {told: real(data.get(key)) for key, told in _KEY.items()}
    return Told(
        gauges=tuple(
            Gauge(told, value, "usd", of=of) for told, value in found.items() if value is not None
        ),
        bad=int(all(value is None for value in found.values())),
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


def _generation(moment: Moment, cursor: str, days: int) -> Poll:
    """Look up requests whose answers were logged unfinished; one of another key is not there."""
    tries = {own_id: count(told) or 0 for own_id, told in part(state_of(cursor), "tries").items()}
    wanted = [
        own_id
        for own_id in moment.unfinished
        if own_id.startswith(IDS) and tries.get(own_id, 0) < MOST_TRIES
    ]
    rows: list[dict[str, Any]] = []
    for own_id in wanted[:MOST_LOOKED_UP]:
        reply = yield Ask("/v1/generation", (("id", own_id),), may_lack=True)
        if not reply.is_there:
            tries[own_id] = tries.get(own_id, 0) + 1
            continue
        tries[own_id] = MOST_TRIES
        data = fields(reply.document().get("data"))
        told = [data.get(f"native_tokens_{which}") for which in ("prompt", "completion")]
        if data.get("id") != own_id or any(one is not None and count(one) is None for one in told):
            raise BadAnswer("the answer is not of the known shape")
        if None not in told and data.get("response_cache_source_id") is None:
            rows.append({key: data[key] for key in KEPT if key in data})
    return Told(
        cursor=cursor_of({"tries": dict(list(tries.items())[-MOST_REMEMBERED:])}),
        rows=tuple(rows),
        newest_ms=moment.here_ms if rows else None,
    )


ADAPTER: Final = Adapter(
    "openrouter",
    "OpenRouter",
    (
        Part("key", 60, 30, _key, help="spent and left of the key's limit"),
        Part("credits", 300, 60, _credits, help="credits left; a management key is needed"),
        Part("daily", 21_600, 3600, _activity, help="whole UTC days by model; likewise"),
        Part(
            *("generation", 300, 60, _generation, "openrouter-generation", True),
            help="requests that were logged unfinished, looked up by their ids",
        ),
    ),
    bearer,
)
