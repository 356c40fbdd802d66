"""Anthropic's reports for admin keys: messages, costs, and Claude Code by user.

Input tokens exclude the cache; amounts are cents as text; costs and Claude Code are by UTC day.
"""

from __future__ import annotations

from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Moment, Part, Poll
from tokwatch.gateways.paged import pages, records
from tokwatch.gateways.reports import Heap, report, span_of, told_of
from tokwatch.gateways.values import CENTS, count, day, iso, money, name, part, person
from tokwatch.gateways.values import moment as instant
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS, HOUR_MS

VERSION: Final = "2023-06-01"
_GROUPS: Final = ("model", "workspace_id", "api_key_id", "service_tier")
_COST_GROUPS: Final = ("workspace_id", "description")


def headers(key: str) -> dict[str, str]:
    """Return what Anthropic wants to be sent along."""
    return {"x-api-key": key, "anthropic-version": VERSION}


def _messages(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("usage", moment, cursor, days, HOUR_MS)
    query = (
        ("starting_at", iso(span.begin_ms)),
        ("bucket_width", "1h"),
        ("limit", "168"),
        *(("group_by[]", group) for group in _GROUPS),
    )
    path = "/v1/organizations/usage_report/messages"
    return report(path, query, span, _begin, _usage_of, moment)


def _costs(moment: Moment, cursor: str, days: int) -> Poll:
    span = span_of("cost", moment, cursor, days, DAY_MS)
    query = (
        ("starting_at", iso(span.begin_ms)),
        ("bucket_width", "1d"),
        ("limit", "31"),
        *(("group_by[]", group) for group in _COST_GROUPS),
    )
    return report("/v1/organizations/cost_report", query, span, _begin, _cost_of, moment)


def _claude_code(moment: Moment, cursor: str, days: int) -> Poll:
    """Ask for one day after the other, as this report has it."""
    span = span_of("claude-code", moment, cursor, days, DAY_MS)
    heaps, is_whole = [], True
    for begin_ms in range(span.begin_ms, moment.there_ms + 1, DAY_MS):
        query = (("starting_at", day(begin_ms)), ("limit", "1000"))
        read = yield from pages("/v1/organizations/usage_report/claude_code", query)
        actors = [actor for document in read.documents for actor in records(document, "data")]
        heaps.append(Heap(begin_ms, [row for actor in actors for row in _rows(actor)]))
        if not read.is_whole:
            is_whole = False
            break
    return told_of(span, heaps, _by_user, is_whole=is_whole, moment=moment)


def _begin(bucket: dict[str, Any]) -> int | None:
    return instant(bucket.get("starting_at"))


def tokens_in(usage: dict[str, Any], bucket: Bucket) -> Bucket | None:
    """Fill the tokens of a bucket from Anthropic's counts; None where there are none."""
    fresh, output = count(usage.get("uncached_input_tokens")), count(usage.get("output_tokens"))
    if fresh is None or output is None:
        return None
    written = part(usage, "cache_creation")
    return bucket._replace(
        provider="anthropic",
        input=fresh,
        cache_read=count(usage.get("cache_read_input_tokens")),
        cache_write_5m=count(written.get("ephemeral_5m_input_tokens")),
        cache_write_1h=count(written.get("ephemeral_1h_input_tokens")),
        output=output,
        web_searches=count(part(usage, "server_tool_use").get("web_search_requests")),
        requests=count(usage.get("requests")),
    )


def group_in(group: dict[str, Any], bucket: Bucket) -> Bucket:
    """Fill whose a bucket is."""
    tier = name(group.get("service_tier"))
    return bucket._replace(
        model=name(group.get("model")),
        project=name(group.get("workspace_id")),
        key=name(group.get("api_key_id")),
        tier="" if tier == "standard" else tier,
    )


def _usage_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    return tokens_in(record, group_in(record, bucket))


def _cost_of(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    nano = money(record.get("amount"), CENTS)
    if nano is None or str(record.get("currency", "USD")).upper() != "USD":
        return None
    told = group_in(record, bucket)
    item = name(record.get("description"))
    return told._replace(provider="anthropic", key="", item=item, cost_nano=nano)


def _rows(actor: object) -> list[object]:
    """Return what one user used of each model."""
    if not isinstance(actor, dict):
        return [None]
    who = part(actor, "actor")
    found = actor.get("model_breakdown")
    if not isinstance(found, list):
        return [None]
    return [{**row, "who": who} if isinstance(row, dict) else None for row in found]


def _by_user(record: dict[str, Any], bucket: Bucket) -> Bucket | None:
    tokens, cost = part(record, "tokens"), part(record, "estimated_cost")
    fresh, output = count(tokens.get("input")), count(tokens.get("output"))
    if fresh is None or output is None:
        return None
    who = part(record, "who")
    return bucket._replace(
        provider="anthropic",
        model=name(record.get("model")),
        user=person(who.get("email_address")),
        key=name(who.get("api_key_name")),
        input=fresh,
        cache_read=count(tokens.get("cache_read")),
        cache_write_5m=count(tokens.get("cache_creation")),
        output=output,
        cost_nano=money(cost.get("amount"), CENTS),
    )


ADAPTER: Final = Adapter(
    "anthropic-admin",
    "Anthropic usage and cost reports",
    (
        Part("usage", 60, 60, _messages, help="tokens by hour, model, workspace and key"),
        Part("cost", 3600, 900, _costs, help="dollars by day, workspace and description"),
        Part("claude-code", 3600, 900, _claude_code, help="Claude Code by day, user and model"),
    ),
    headers,
)
