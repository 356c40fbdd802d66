"""Portkey's analytics by model: one UTC day a call, cents, and no tokens."""

from __future__ import annotations

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query
from tests.gateways.polling import Desk, buckets, desk
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.poll import Endpoint
from tokwatch.gateways.portkey import MOST_PAGES, PAGE
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS

PATH = "/v1/analytics/groups/ai-models"
KEY = "pk-portkey-1"


def group(model: str, requests: object = 3, cost: object = 66.5) -> dict[str, object]:
    """Return a group as it is listed."""
    return {"ai_model": model, "requests": requests, "cost": cost, "object": "analytics-group"}


def polled(server: EndpointServer, *groups: object) -> Desk:
    """Return a poller that read these groups of the 22nd of March; other days have none."""

    def answer(query: Query) -> Answer:
        found = groups if query["time_of_generation_min"].startswith("2026-03-22") else ()
        first = int(query["current_page"]) * int(query["page_size"])
        told = {"object": "list", "total": len(found)}
        return Answer({**told, "data": found[first:][: int(query["page_size"])]})

    server.answers[PATH] = answer
    endpoint = Endpoint("box", adapter_of("portkey"), key=lambda: KEY, days=2)
    told = desk(server, "portkey", endpoint=endpoint)
    told.step()
    return told


def test_a_day_is_told_by_model_in_cents_and_without_tokens(server: EndpointServer) -> None:
    told = polled(server, group("gpt-5.4"), group("claude-opus-4-5", 1, 0))

    begin_ms = NOON_MS - NOON_MS % DAY_MS - DAY_MS
    assert buckets(told) == [
        Bucket("daily", begin_ms, DAY_MS, "gpt-5.4", requests=3, cost_nano=665_000_000),
        Bucket("daily", begin_ms, DAY_MS, "claude-opus-4-5", requests=1, cost_nano=0),
    ]
    assert server.headers[0]["x-portkey-api-key"] == KEY
    assert "authorization" not in server.headers[0]


def test_each_day_is_asked_for_alone_and_the_last_three_again(server: EndpointServer) -> None:
    told = polled(server)
    told.later(3600)
    told.step()

    days = [query["time_of_generation_min"] for _, query in server.asked]
    assert days == [
        *(f"2026-03-{day}T00:00:00.000Z" for day in (21, 22, 23)),
        *(f"2026-03-{day}T00:00:00.000Z" for day in (21, 22, 23)),
    ]
    assert server.asked[0][1]["time_of_generation_max"] == "2026-03-21T23:59:59.999Z"


def test_groups_are_read_page_by_page(server: EndpointServer) -> None:
    told = polled(server, *(group(f"m{number}") for number in range(PAGE + 1)))

    assert len(buckets(told)) == PAGE + 1
    assert [query["current_page"] for _, query in server.asked] == ["0", "0", "1", "0"]


def test_a_day_with_more_models_than_are_read_is_a_failure_and_no_gap(
    server: EndpointServer,
) -> None:
    told = polled(server, *(group(f"m{number}") for number in range(MOST_PAGES * PAGE + 1)))
    told.run(5)

    assert told.state("daily").error == "one bucket of time has more pages than one poll reads"
    assert buckets(told) == []


def test_groups_of_wrong_types_are_counted(server: EndpointServer) -> None:
    told = polled(server, group("a", "many"), group("b", 1, None), "group", group("c"))

    assert [one.model for one in buckets(told)] == ["c"]
    assert told.state("daily").bad == 3
