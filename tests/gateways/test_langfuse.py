"""Langfuse's metrics: one question for hours and models, both keys in one, and its row limit."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query
from tests.gateways.polling import Desk, buckets, desk
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.langfuse import MOST_ROWS
from tokwatch.gateways.poll import Endpoint
from tokwatch.gateways.values import iso
from tokwatch.model.endpoint import Bucket, PollState
from tokwatch.model.units import DAY_MS

PATH = "/api/public/v2/metrics"
HOUR_MS = 3_600_000
KEY = "pk-lf-1:sk-lf-2"


def row(at_ms: int, **more: object) -> dict[str, Any]:
    """Return a row as the cloud answers: some numbers are text."""
    return {
        "time_dimension": iso(at_ms),
        "providedModelName": "gpt-5.4",
        "count_count": "5",
        "sum_inputTokens": "1000",
        "sum_outputTokens": 200,
        "sum_totalCost": 0.0125,
        **more,
    }


def langfuse(server: EndpointServer, key: str = KEY, days: int = 7) -> Desk:
    """Return a poller of a project."""
    endpoint = Endpoint("box", adapter_of("langfuse"), key=lambda: key, days=days)
    return desk(server, "langfuse", endpoint=endpoint)


def test_hours_come_by_model_in_dollars_and_with_an_unknown_cache(server: EndpointServer) -> None:
    server.tell(PATH, {"data": [row(NOON_MS - HOUR_MS), row(NOON_MS, providedModelName=None)]})
    told = langfuse(server)
    told.step()

    known, unnamed = buckets(told)
    assert known == Bucket(
        *("usage", NOON_MS - HOUR_MS, HOUR_MS, "gpt-5.4"),
        requests=5, input=1000, output=200, cost_nano=12_500_000,
    )  # fmt: skip
    assert unnamed.model == ""
    assert server.headers[0]["authorization"] == f"Basic {b64encode(KEY.encode()).decode()}"


def test_only_what_models_generated_is_asked_for_by_hour_and_in_order(
    server: EndpointServer,
) -> None:
    server.tell(PATH, {"data": []})
    langfuse(server).step()

    query = json.loads(server.asked[0][1]["query"])
    assert query["fromTimestamp"] == iso(NOON_MS - 7 * DAY_MS)
    assert query["toTimestamp"] == iso(NOON_MS + HOUR_MS)
    assert (query["view"], query["timeDimension"]) == ("observations", {"granularity": "hour"})
    assert query["filters"][0]["value"] == "GENERATION"
    assert query["orderBy"] == [{"field": "time_dimension", "direction": "asc"}]
    assert query["config"] == {"row_limit": MOST_ROWS}


def test_hours_that_only_fill_gaps_and_unknown_costs_are_no_figures(server: EndpointServer) -> None:
    nothing = row(NOON_MS - HOUR_MS, count_count="0", providedModelName="", sum_totalCost=None)
    server.tell(PATH, {"data": [nothing, row(NOON_MS, sum_totalCost=None)]})
    told = langfuse(server)
    told.step()

    [bucket] = buckets(told)
    assert (bucket.requests, bucket.cost_nano) == (5, None)
    assert told.state("usage").bad == 0


def full(server: EndpointServer, width: int) -> None:
    """Let it have so many models in each hour."""

    def answer(query: Query) -> Answer:
        since = json.loads(query["query"])["fromTimestamp"]
        hours = [NOON_MS - at * HOUR_MS for at in range(30, -1, -1)]
        rows = [row(at, providedModelName=f"m{n}") for at in hours for n in range(width)]
        return Answer({"data": [one for one in rows if one["time_dimension"] >= since][:MOST_ROWS]})

    server.answers[PATH] = answer


def test_what_is_more_than_its_limit_is_taken_in_several_polls(server: EndpointServer) -> None:
    full(server, 60)
    told = langfuse(server)
    told.run(5)

    assert len(server.asked) == 2
    found = buckets(told)
    assert len(found) == len(set(found)) == 31 * 60


def test_an_hour_that_is_more_than_its_limit_is_a_failure_and_no_gap(
    server: EndpointServer,
) -> None:
    full(server, MOST_ROWS + 1)
    told = langfuse(server, days=1)
    told.step()

    assert told.state("usage").error == "one bucket of time has more pages than one poll reads"


def test_one_key_alone_is_none(server: EndpointServer) -> None:
    told = langfuse(server, key="sk-lf-2")
    told.step()

    assert server.asked == []
    assert "PUBLIC:SECRET" in told.state("usage").error
    assert told.state("usage").state is PollState.OPEN
    assert "sk-lf-2" not in told.state("usage").error
