"""Cloudflare's AI Gateway: its logs by hour, page by page, and what its own cache answered."""

from __future__ import annotations

from typing import Any

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query
from tests.gateways.polling import Desk, buckets, desk
from tokwatch.gateways.cloudflare import MOST_PAGES, PAGE
from tokwatch.gateways.values import iso
from tokwatch.model.endpoint import Bucket, PollState
from tokwatch.model.units import DAY_MS

HOUR_MS = 3_600_000


def log(number: int, at_ms: int = NOON_MS - HOUR_MS, **more: object) -> dict[str, Any]:
    """Return a log as it is listed."""
    return {
        "id": f"01JADMCQQQBWH3NXZ5GCRN{number:04}",
        "created_at": iso(at_ms),
        "model": "gpt-5.4",
        "provider": "openai",
        "cached": False,
        "success": True,
        "status_code": 200,
        "tokens_in": 100,
        "tokens_out": 20,
        "cost": 0.00125,
        "metadata": '{"email": "ana@example.org"}',
        **more,
    }


def polled(server: EndpointServer, *logs: object) -> Desk:
    """Return a poller that read these logs."""

    def answer(query: Query) -> Answer:
        first = (int(query["page"]) - 1) * int(query["per_page"])
        found = [one for one in logs if _since(one) >= query["start_date"]]
        return Answer({"result": found[first:][:PAGE], "success": True, "errors": []})

    server.answers["/logs"] = answer
    found = desk(server, "cloudflare")
    found.step()
    return found


def _since(one: object) -> str:
    return str(one["created_at"]) if isinstance(one, dict) else "9"


def test_logs_of_an_hour_are_one_sum_with_an_unknown_cache(server: EndpointServer) -> None:
    told = polled(server, log(1), log(2), log(2), log(3, NOON_MS))

    first, second = buckets(told)
    assert first == Bucket(
        *("usage", NOON_MS - HOUR_MS, HOUR_MS, "gpt-5.4", "openai"),
        requests=2, input=200, output=40, cost_nano=2_500_000,
    )  # fmt: skip
    assert second.begin_ms == NOON_MS
    assert "example.org" not in repr(told.got)


def test_logs_are_asked_for_in_order_of_time_and_page_by_page(server: EndpointServer) -> None:
    told = polled(server, *(log(number) for number in range(PAGE + 1)))

    first, second = (query for _, query in server.asked)
    assert (first["start_date"], first["end_date"]) == (
        *(iso(NOON_MS - 7 * DAY_MS), iso(NOON_MS + HOUR_MS)),
    )
    assert (first["order_by"], first["order_by_direction"]) == ("created_at", "asc")
    assert (first["page"], second["page"]) == ("1", "2")
    assert buckets(told)[0].requests == PAGE + 1


def test_what_its_cache_answered_or_what_failed_used_nothing(server: EndpointServer) -> None:
    cached, failed = log(1, cached=True), log(2, success=False, tokens_in=0, tokens_out=None)
    billed = log(3, success=False)

    assert [one.requests for one in buckets(polled(server, cached, failed, billed))] == [1]


def test_what_is_not_told_is_unknown_and_what_is_no_number_is_counted(
    server: EndpointServer,
) -> None:
    told = polled(server, log(1, tokens_in=None, cost=None), log(2, tokens_out="many"), "log")

    [bucket] = buckets(told)
    assert (bucket.requests, bucket.input, bucket.output, bucket.cost_nano) == (1, None, 20, None)
    assert told.state("usage").bad == 2


def test_many_logs_go_on_in_the_next_poll(server: EndpointServer) -> None:
    hours = [NOON_MS - 2 * HOUR_MS] * (MOST_PAGES * PAGE - 10) + [NOON_MS] * 20
    told = polled(server, *(log(number, at_ms) for number, at_ms in enumerate(hours)))
    told.run(5)

    assert [one.requests for one in buckets(told)] == [MOST_PAGES * PAGE - 10, 20]


def test_logs_that_are_in_no_order_are_a_failure_where_there_are_too_many(
    server: EndpointServer,
) -> None:
    hours = [NOON_MS] * 20 + [NOON_MS - HOUR_MS] * MOST_PAGES * PAGE
    told = polled(server, *(log(number, at_ms) for number, at_ms in enumerate(hours)))

    assert told.state("usage").state is PollState.OPEN
    assert "in no order of time" in told.state("usage").error
