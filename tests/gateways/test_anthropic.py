"""Anthropic's analytics and its reports for admin keys: units, groups, and one day a call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query
from tests.gateways.polling import desk, last_buckets
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.poll import Endpoint
from tokwatch.gateways.values import iso
from tokwatch.model.endpoint import Bucket, PollState
from tokwatch.model.units import DAY_MS

HOUR_MS = 3_600_000
MIDNIGHT_MS = NOON_MS - NOON_MS % DAY_MS
MESSAGES = "/v1/organizations/usage_report/messages"
COSTS = "/v1/organizations/cost_report"
CLAUDE_CODE = "/v1/organizations/usage_report/claude_code"
ANALYTICS = "/v1/organizations/analytics/usage"
ANALYTICS_COST = "/v1/organizations/analytics/cost"
TOKENS: dict[str, Any] = {
    "uncached_input_tokens": 1500,
    "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
    "cache_read_input_tokens": 200,
    "output_tokens": 700,
    "server_tool_use": {"web_search_requests": 10},
}
GROUP = {"model": "claude-opus-5", "workspace_id": "wrk", "api_key_id": "key",
         "service_tier": "standard"}  # fmt: skip
READ: dict[str, Any] = {
    "input": 1500,
    "cache_read": 200,
    "cache_write_5m": 500,
    "cache_write_1h": 1000,
    "output": 700,
    "web_searches": 10,
}


def bucket(begin_ms: int, width_ms: int, results: list[object]) -> dict[str, object]:
    """Return a bucket of a report."""
    return {
        "starting_at": iso(begin_ms),
        "ending_at": iso(begin_ms + width_ms),
        "results": results,
    }


def page(*data: object) -> dict[str, object]:
    """Return a last page."""
    return {"data": list(data), "has_more": False, "next_page": None}


def test_the_report_of_messages_keeps_both_lives_of_cache_writes(server: EndpointServer) -> None:
    begin_ms = NOON_MS - HOUR_MS
    server.tell(MESSAGES, page(bucket(begin_ms, HOUR_MS, [{**TOKENS, **GROUP}])))
    endpoint = Endpoint("box", adapter_of("anthropic-admin"), key=lambda: "sk-ant-admin-x")
    told = desk(server, "anthropic-admin", ["usage"], endpoint=endpoint)
    told.step()

    expected = Bucket(
        *("usage", begin_ms, HOUR_MS, "claude-opus-5", "anthropic", "wrk", "", "key"), **READ
    )
    assert last_buckets(told) == [expected]
    sent = server.headers[0]
    assert (sent["x-api-key"], sent["anthropic-version"]) == ("sk-ant-admin-x", "2023-06-01")
    assert server.asked[0][1]["bucket_width"] == "1h"
    assert server.asked[0][1]["starting_at"] == iso(NOON_MS - 7 * DAY_MS)


def test_the_cost_report_is_in_cents(server: EndpointServer) -> None:
    results: list[object] = [
        {"amount": "123.45", "currency": "USD", "description": "Claude Opus 5 input", **GROUP},
        {"amount": "0.000001", "currency": "USD", "description": "Web search"},
        {"amount": "1", "currency": "EUR"},
        {"amount": None, "currency": "USD"},
    ]
    server.tell(COSTS, page(bucket(MIDNIGHT_MS, DAY_MS, results)))
    told = desk(server, "anthropic-admin", ["cost"])
    told.step()

    found = {one.item: (one.model, one.cost_nano) for one in last_buckets(told)}
    assert found == {
        "Claude Opus 5 input": ("claude-opus-5", 1_234_500_000),
        "Web search": ("", 10),
    }
    assert told.state("cost").bad == 2


def claude_code(query: Query) -> Answer:
    """Answer as the analytics of Claude Code: one day a call."""
    model = {
        "model": "claude-sonnet-5",
        "tokens": {"input": 100, "output": 20, "cache_read": 3000, "cache_creation": 400},
        "estimated_cost": {"currency": "USD", "amount": 1025},
    }
    actor = {"type": "user_actor", "email_address": "Ana@example.org"}
    used = query["starting_at"] == iso(MIDNIGHT_MS)[:10]
    told = {"date": iso(MIDNIGHT_MS), "actor": actor, "model_breakdown": [model]}
    other = {"actor": {"type": "api_actor", "api_key_name": "ci"}, "model_breakdown": [model]}
    return Answer(page(*([told, other] if used else [])))


def test_claude_code_is_asked_for_day_by_day_and_names_no_address(server: EndpointServer) -> None:
    server.answers[CLAUDE_CODE] = claude_code
    told = desk(server, "anthropic-admin", ["claude-code"])
    told.step()

    days = [query["starting_at"] for _, query in server.asked]
    assert (days[0], days[-1], len(days)) == ("2026-03-16", "2026-03-23", 8)
    ana, ci = sorted(last_buckets(told), key=lambda one: one.key)
    assert (ana.input, ana.cache_read, ana.cache_write_5m, ana.output) == (100, 3000, 400, 20)
    assert (ana.cost_nano, ci.key) == (10_250_000_000, "ci")
    assert ana.user.startswith("user-")
    assert "example" not in repr(told.got).lower()
    server.asked.clear()
    told.later(3600)
    told.step()
    assert [query["starting_at"] for _, query in server.asked] == [
        "2026-03-21", "2026-03-22", "2026-03-23",
    ]  # fmt: skip


def row(begin_ms: int, **more: object) -> dict[str, object]:
    """Return a row of the analytics."""
    return {
        "starting_at": iso(begin_ms),
        "ending_at": iso(begin_ms + HOUR_MS),
        "group": {**GROUP, "session_id": None},
        "usage": {**TOKENS, "total_tokens": 3900, "requests": 4},
        **more,
    }


def test_analytics_are_rows_with_requests(server: EndpointServer) -> None:
    server.tell(ANALYTICS, page(row(NOON_MS - HOUR_MS), row(NOON_MS)))
    told = desk(server, "anthropic", ["usage"])
    told.step()

    found = last_buckets(told)
    assert [one.begin_ms for one in found] == [NOON_MS - HOUR_MS, NOON_MS]
    assert {(one.requests, one.input, one.cache_write_1h) for one in found} == {(4, 1500, 1000)}
    query = server.asked[0][1]
    assert (query["time_bucket_width"], query["order_by"]) == ("1h", "time")
    assert query["ending_at"] == iso(NOON_MS + HOUR_MS)
    sent = server.headers[0]
    assert sent["anthropic-beta"] == "analytics-usage-cost-2026-08-24"
    assert sent["anthropic-version"] == "2026-10-21"


def test_groups_that_are_not_kept_apart_add_up(server: EndpointServer) -> None:
    server.tell(ANALYTICS, page(row(NOON_MS), row(NOON_MS)))
    told = desk(server, "anthropic", ["usage"])
    told.step()

    assert [(one.requests, one.output) for one in last_buckets(told)] == [(8, 1400)]


def test_an_hour_that_goes_on_over_the_last_page_is_read_again(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(query: Query) -> Answer:
        pages = {"": "2", "2": "3", "3": ""}
        after = pages[query.get("page", "")]
        if query["starting_at"] != iso(NOON_MS - 7 * DAY_MS):  # the second poll: the rest
            return Answer(page(row(NOON_MS - HOUR_MS), row(NOON_MS - HOUR_MS), row(NOON_MS)))
        at_ms = NOON_MS - (2 if not query.get("page") else 1) * HOUR_MS
        told = {"has_more": bool(after), "next_page": after or None}
        return Answer({**page(row(at_ms)), **told})

    monkeypatch.setattr("tokwatch.gateways.paged.MOST_PAGES", 2)
    server.answers[ANALYTICS] = answer
    told = desk(server, "anthropic", ["usage"])
    told.run(10)

    first, second = (polled.told for polled in told.got)
    assert first is not None
    assert second is not None
    assert [one.begin_ms for one in first.buckets] == [NOON_MS - 2 * HOUR_MS]
    assert [(one.begin_ms, one.requests) for one in second.buckets] == [
        (NOON_MS - HOUR_MS, 8),
        (NOON_MS, 4),
    ]


def test_analytics_of_cost_are_after_discounts(server: EndpointServer) -> None:
    cost = {"amount": "250.5", "list_amount": "300", "currency": "USD", "requests": 9}
    server.tell(ANALYTICS_COST, page(row(NOON_MS, cost=cost), row(NOON_MS, cost={})))
    told = desk(server, "anthropic", ["cost"])
    told.step()

    assert [(one.cost_nano, one.requests) for one in last_buckets(told)] == [(2_505_000_000, 9)]
    assert told.state("cost").bad == 1


def test_rows_of_wrong_types_are_counted(server: EndpointServer) -> None:
    wrong: list[object] = [
        row(NOON_MS, starting_at=5), row(NOON_MS, usage=[]), row(NOON_MS + 1000), "row", None,
    ]  # fmt: skip
    server.tell(ANALYTICS, page(*wrong, row(NOON_MS)))
    told = desk(server, "anthropic", ["usage"])
    told.step()

    assert len(last_buckets(told)) == 1
    assert told.state("usage").bad == 5
    assert told.state("usage").state is PollState.CLOSED
