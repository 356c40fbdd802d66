"""Helicone's requests: summed by hour, each once; what its cache answered, mail and bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query
from tests.gateways.polling import Desk, buckets, desk
from tokwatch.gateways import helicone
from tokwatch.gateways.values import iso
from tokwatch.model.endpoint import Bucket
from tokwatch.model.units import DAY_MS

PATH = "/v1/request/query-clickhouse"
HOUR_MS = 3_600_000


def request(number: int, at_ms: int = NOON_MS - HOUR_MS, **more: object) -> dict[str, Any]:
    """Return a request as it is listed."""
    return {
        "request_id": f"id-{number}",
        "request_created_at": iso(at_ms),
        "request_model": "claude-opus-4-5",
        "provider": "ANTHROPIC",
        "request_user_id": "Ana@example.org",
        "response_status": 200,
        "prompt_tokens": 100,
        "prompt_cache_read_tokens": 3000,
        "prompt_cache_write_tokens": 400,
        "completion_tokens": 20,
        "reasoning_tokens": 7,
        "cost": 0.0125,
        "cache_reference_id": "00000000-0000-0000-0000-000000000000",
        "signed_body_url": "https://example.org/what-was-said",
        **more,
    }


def polled(server: EndpointServer, *requests: object) -> Desk:
    """Return a poller that read these requests."""

    def answer(query: Query) -> Answer:
        told = json.loads(query["body"])
        return Answer({"data": requests[told["offset"] :][: told["limit"]], "error": None})

    server.answers[PATH] = answer
    found = desk(server, "helicone")
    found.step()
    return found


def test_requests_of_an_hour_are_one_sum_and_never_requests(server: EndpointServer) -> None:
    told = polled(server, request(1), request(2), request(3, NOON_MS))

    first, second = buckets(told)
    assert first._replace(user="") == Bucket(
        *("usage", NOON_MS - HOUR_MS, HOUR_MS, "claude-opus-4-5", "anthropic"),
        requests=2, input=200, cache_read=6000, cache_write_5m=800, output=54,
        cost_nano=25_000_000,
    )  # fmt: skip
    assert (second.requests, second.begin_ms) == (1, NOON_MS)
    assert told.got[0].told is not None
    assert told.got[0].told.rows == ()


def test_who_asked_is_told_without_the_address_and_what_was_said_is_dropped(
    server: EndpointServer,
) -> None:
    told = polled(server, request(1))

    assert buckets(told)[0].user.startswith("user-")
    assert not any(word in repr(told.got) for word in ("example.org", "what-was-said"))


def test_the_question_asks_for_no_bodies_from_some_days_back(server: EndpointServer) -> None:
    polled(server)

    asked = json.loads(server.asked[0][1]["body"])
    assert server.headers[0]["content-type"] == "application/json"
    assert asked["filter"]["request_response_rmt"]["request_created_at"] == {
        "gte": iso(NOON_MS - 7 * DAY_MS)
    }
    assert (asked["includeInputs"], asked["sort"]) == (False, {"created_at": "asc"})


def test_what_its_cache_answered_or_what_failed_used_nothing(server: EndpointServer) -> None:
    own = request(1, cache_reference_id="5d0c0e9a-0000-4000-8000-000000000001")
    none = dict.fromkeys(helicone._COUNTS, 0)
    failed = request(2, response_status=429, **none)
    billed = request(3, response_status=500)

    assert [one.requests for one in buckets(polled(server, own, failed, billed))] == [1]


def test_a_request_that_is_listed_twice_counts_once(server: EndpointServer) -> None:
    told = polled(server, request(1), request(1), request(2))

    assert buckets(told)[0].requests == 2


def test_a_page_with_gaps_is_not_the_last(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helicone, "PAGE", 3)
    pages = {0: [request(1), request(2)], 3: [request(4)], 6: []}
    server.answers[PATH] = lambda query: Answer(
        {"data": pages[json.loads(query["body"])["offset"]], "error": None}
    )
    told = desk(server, "helicone")
    told.step()

    assert (len(server.asked), buckets(told)[0].requests) == (3, 3)


def test_a_long_list_goes_on_in_the_next_poll(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helicone, "PAGE", 2)
    monkeypatch.setattr(helicone, "MOST_PAGES", 2)
    listed = [request(at, NOON_MS - (5 - at) * HOUR_MS) for at in range(6)]

    def answer(query: Query) -> Answer:
        told = json.loads(query["body"])
        since = told["filter"]["request_response_rmt"]["request_created_at"]["gte"]
        left = [one for one in listed if one["request_created_at"] >= since]
        return Answer({"data": left[told["offset"] :][: told["limit"]], "error": None})

    server.answers[PATH] = answer
    told = desk(server, "helicone")
    told.run(5)

    assert sorted(one.begin_ms for one in set(buckets(told))) == [
        NOON_MS - at * HOUR_MS for at in range(5, -1, -1)
    ]
    assert len(told.got) == 3


def test_what_is_not_told_is_unknown_and_what_is_no_number_is_counted(
    server: EndpointServer,
) -> None:
    bare = {"request_id": "a", "request_created_at": iso(NOON_MS), "completion_tokens": 4}
    wrong = [request(1, prompt_tokens="many"), request(2, request_created_at="soon"), None, "x"]
    told = polled(server, bare, *wrong)

    [bucket] = buckets(told)
    assert (bucket.input, bucket.cache_read, bucket.output, bucket.cost_nano) == (
        *(None, None, 4, None),
    )
    assert told.state("usage").bad == 4
