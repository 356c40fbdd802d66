"""A LiteLLM proxy: its metrics, models, single requests, days, and the key's own budget.

Never `/health`: that sends a question to every model. Prompt tokens include the cache. Single
requests, days and keys need its database.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any, Final

from tokwatch.gateways.ask import (
    Adapter,
    Ask,
    BadAnswer,
    Gauge,
    Moment,
    NotOffered,
    Part,
    Poll,
    Reply,
    Told,
    bearer,
)
from tokwatch.gateways.paged import records
from tokwatch.gateways.profiles import CHECKS
from tokwatch.gateways.prometheus import scrape
from tokwatch.gateways.reports import Heap, span_of, told_of
from tokwatch.gateways.values import EPOCH, count, cursor_of, money, name, part, real, state_of
from tokwatch.gateways.values import moment as instant
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS

LATE_MS: Final = 15 * 60_000
"""A request is listed under its begin when it has ended: so far back is read again."""
PAGE: Final = 500
MOST_PAGES: Final = 20
KEPT: Final = (
    *("request_id", "litellm_call_id", "call_type", "spend", "prompt_tokens"),
    *("completion_tokens", "startTime", "endTime", "completionStartTime", "model"),
    *("custom_llm_provider", "cache_hit", "request_tags", "end_user", "session_id", "status"),
)
"""Columns of a request that are of use; messages and answers are dropped as they come."""
KEPT_META: Final = (
    *("user_api_key_alias", "user_api_key_team_alias", "user_api_key_user_id", "status"),
    *("usage_object", "additional_usage_values", "error_information"),
    *("user_api_key_project_alias", "user_api_key_end_user_id", "cost_breakdown"),
)


def _metrics(moment: Moment, cursor: str, days: int) -> Poll:
    return scrape("/metrics/", moment, cursor)


def _ready(moment: Moment, cursor: str, days: int) -> Poll:
    reply = yield Ask("/health/readiness")
    status = reply.document().get("status")
    if not isinstance(status, str):
        raise BadAnswer("the answer has no status")
    is_ready = status.lower() in ("healthy", "connected")
    return Told(gauges=(Gauge("ready", float(is_ready)),), newest_ms=None)


def _models(moment: Moment, cursor: str, days: int) -> Poll:
    reply = yield Ask("/model/info")
    gauges, bad = [], 0
    for model in records(reply.document(), "data"):
        if not isinstance(model, dict):
            bad += 1
            continue
        told = part(model, "model_info").get("max_input_tokens")
        window, called = count(told), name(model.get("model_name"))
        if window and called:
            gauges.append(Gauge("window_tokens", window, "tokens", called))
        bad += told is not None and window is None
    return Told(gauges=tuple(gauges), bad=bad)


def _with_database(cursor: str) -> Generator[Ask, Reply, None]:
    """Ask whether there is a database, until it is known that there is one."""
    if state_of(cursor):
        return
    reply = yield Ask("/health/readiness")
    told = reply.document().get("db")
    if isinstance(told, str) and told.lower() not in ("", "connected"):
        raise NotOffered("this LiteLLM has no database, which it needs for that")


def _requests(moment: Moment, cursor: str, days: int) -> Poll:
    """Read requests in the order of their begin, from a while before the newest one known."""
    yield from _with_database(cursor)
    since_ms = state_of(cursor).get("from")
    if not isinstance(since_ms, int):
        since_ms = moment.there_ms - days * DAY_MS
    since_ms = min(since_ms, moment.there_ms - LATE_MS)  # its clock may have been set back
    until_ms = max(moment.there_ms, since_ms) + DAY_MS  # a clock that is ahead hides nothing
    rows: list[dict[str, Any]] = []
    bad, is_whole, last_ms = 0, False, since_ms
    for page in range(1, MOST_PAGES + 1):
        reply = yield Ask("/spend/logs/v2", _span(since_ms, until_ms, page))
        document = reply.document()
        found = records(document, "data")
        for row in found:
            begin_ms = instant(row.get("startTime")) if isinstance(row, dict) else None
            if begin_ms is None or not isinstance(row.get("request_id"), str):
                bad += 1
                continue
            last_ms = max(last_ms, begin_ms)
            if row.get("api_key") != CHECKS:
                rows.append(_kept(row))
        if len(found) < PAGE or page >= (count(document.get("total_pages")) or page + 1):
            is_whole = True
            break
    if bad and not rows:
        raise BadAnswer("no record of the answer is of the known shape")
    from_ms = last_ms - LATE_MS if is_whole else last_ms
    stalled = not is_whole and from_ms // 1000 <= since_ms // 1000
    return Told(
        cursor=cursor_of({"from": max(since_ms, from_ms)}),
        rows=tuple(rows),
        newest_ms=min(last_ms, moment.here_ms) if rows else None,
        bad=bad,
        more=not is_whole and not stalled,
    )


def _span(since_ms: int, until_ms: int, page: int) -> tuple[tuple[str, str], ...]:
    return (
        ("start_date", _clock(since_ms)),
        ("end_date", _clock(until_ms)),
        ("page", str(page)),
        ("page_size", str(PAGE)),
        ("sort_by", "startTime"),
        ("sort_order", "asc"),
        ("exclude_internal_health_checks", "true"),
    )


def _clock(at_ms: int) -> str:
    return (EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%d %H:%M:%S")


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    """Return a request without what was said in it."""
    meta = part(row, "metadata")
    kept: dict[str, Any] = {key: row[key] for key in KEPT if key in row}
    kept["metadata"] = {key: meta[key] for key in KEPT_META if key in meta}
    return kept


def _days(moment: Moment, cursor: str, days: int) -> Poll:
    """Read sums by day; one day may go on over several pages."""
    yield from _with_database(cursor)
    span = span_of("daily", moment, cursor, days, DAY_MS)
    heaps, is_whole = [], False
    for page in range(1, MOST_PAGES + 1):
        query = (
            ("start_date", _clock(span.begin_ms)[:10]),
            ("end_date", _clock(span.until_ms - 1)[:10]),
            ("page", str(page)),
            ("page_size", "1000"),
        )
        document = (yield Ask("/user/daily/activity", query)).document()
        for one in records(document, "results"):
            day = one if isinstance(one, dict) else {}
            heaps.append(Heap(instant(day.get("date")), list(_by_model(day))))
        if part(document, "metadata").get("has_more") is not True:
            is_whole = True
            break
    return told_of(span, heaps, _day_of, is_whole=is_whole, moment=moment)


def _by_model(day: dict[str, Any]) -> Generator[object, None, None]:
    """Yield what each key used of each model that day."""
    for model, told in part(part(day, "breakdown"), "models").items():
        if not isinstance(told, dict):
            yield None
            continue
        keys = part(told, "api_key_breakdown")
        for of_key in keys.values():
            if isinstance(of_key, dict):
                alias = part(of_key, "metadata").get("key_alias")
                yield {**part(of_key, "metrics"), "model": model, "key": alias}
            else:
                yield None
        if not keys:
            yield {**part(told, "metrics"), "model": model}


def _day_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    prompt, output = count(record.get("prompt_tokens")), count(record.get("completion_tokens"))
    if prompt is None or output is None or record.get("key") == CHECKS:
        return None
    read = count(record.get("cache_read_input_tokens"))
    write = count(record.get("cache_creation_input_tokens"))
    cached = (read or 0) + (write or 0)
    return bucket._replace(
        model=name(record.get("model")),
        key=name(record.get("key")),
        requests=count(record.get("successful_requests")),
        input=prompt - cached if cached <= prompt else prompt,
        cache_read=read,
        cache_write_5m=write,
        output=output,
        cost_nano=money(record.get("spend")),
    )


def _key(moment: Moment, cursor: str, days: int) -> Poll:
    """Read the budget and the limits of the key that is sent; the key itself is not kept."""
    yield from _with_database(cursor)
    info = part((yield Ask("/key/info")).document(), "info")
    alias = name(info.get("key_alias"))
    spent, most = real(info.get("spend")), real(info.get("max_budget"))
    told = {
        ("spent_usd", "usd"): spent,
        ("limit_usd", "usd"): most,
        ("budget_left_usd", "usd"): most - (spent or 0.0) if most is not None else None,
        ("tokens_per_minute_limit", "tokens"): real(info.get("tpm_limit")),
        ("requests_per_minute_limit", ""): real(info.get("rpm_limit")),
    }
    return Told(
        cursor=cursor_of({"db": True}),
        gauges=tuple(
            Gauge(called, value, unit, of=alias)
            for (called, unit), value in told.items()
            if value is not None
        ),
        bad=int(all(value is None for value in told.values())),
    )


ADAPTER: Final = Adapter(
    "litellm",
    "LiteLLM proxy",
    (
        Part("metrics", 15, 5, _metrics, help="growth of tokens, requests and cost; budgets"),
        Part("ready", 60, 15, _ready, help="whether it serves"),
        Part("models", 3600, 300, _models, help="sizes of context windows"),
        Part(
            *("requests", 60, 15, _requests, "litellm-spend"),
            help="each request; the database is needed",
        ),
        Part("daily", 300, 60, _days, help="sums by UTC day, model and key; likewise"),
        Part("key", 60, 15, _key, help="spent and left of the key's budget; likewise"),
    ),
    bearer,
)
