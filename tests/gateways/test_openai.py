"""OpenAI's usage and costs: what is asked for, what the counts include, and late figures."""

from __future__ import annotations

from typing import Any

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query
from tests.gateways.polling import desk, last_buckets
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.poll import Endpoint
from tokwatch.model.endpoint import Bucket, PollState, Replaced
from tokwatch.model.units import DAY_MS

USAGE, COSTS = "/v1/organization/usage/completions", "/v1/organization/costs"
HOUR_MS = 3_600_000


def result(**more: object) -> dict[str, Any]:
    """Return one group of a bucket, as the reference has it."""
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": 1000,
        "input_cached_tokens": 800,
        "input_cache_write_tokens": 50,
        "input_uncached_tokens": 150,
        "output_tokens": 500,
        "num_model_requests": 5,
        "project_id": "proj_1",
        "user_id": None,
        "api_key_id": "key_1",
        "model": "gpt-5.4",
        "batch": False,
        "service_tier": "default",
        **more,
    }


def page(*buckets: tuple[int, list[object]], after: str | None = None) -> dict[str, Any]:
    """Return a page of buckets that begin so many hours from noon."""
    data = [
        {
            "object": "bucket",
            "start_time": (NOON_MS + at * HOUR_MS) // 1000,
            "end_time": (NOON_MS + (at + 1) * HOUR_MS) // 1000,
            "results": results,
        }
        for at, results in buckets
    ]
    return {"object": "page", "data": data, "has_more": after is not None, "next_page": after}


def test_a_bucket_is_read_with_disjoint_tokens(server: EndpointServer) -> None:
    server.tell(USAGE, page((-2, [result()]), (-1, []), (0, [])))
    told = desk(server, "openai", ["usage"])

    told.step()

    [bucket] = last_buckets(told)
    assert bucket == Bucket(
        *("usage", NOON_MS - 2 * HOUR_MS, HOUR_MS, "gpt-5.4", "openai", "proj_1", "", "key_1"),
        requests=5, input=150, cache_read=800, cache_write_5m=50, output=500,
    )  # fmt: skip
    assert told.state("usage").newest_ms == NOON_MS - HOUR_MS


def test_the_first_question_looks_some_days_back_by_hour_and_group(server: EndpointServer) -> None:
    server.tell(USAGE, page())
    desk(server, "openai", ["usage"]).step()

    [(_, query)] = server.asked
    assert query["start_time"] == str((NOON_MS - 7 * DAY_MS) // 1000)
    assert (query["bucket_width"], query["limit"]) == ("1h", "168")
    assert "group_by[]" in query


def test_the_last_buckets_are_asked_for_again_and_late_figures_replace_them(
    server: EndpointServer,
) -> None:
    server.tell(USAGE, page((-1, [result()]), (0, [result(output_tokens=1)])))
    told = desk(server, "openai", ["usage"])
    told.step()
    server.tell(USAGE, page((-1, [result(output_tokens=900)])))
    told.later(60)
    told.step()

    assert int(server.asked[1][1]["start_time"]) * 1000 == NOON_MS - 2 * HOUR_MS
    polled = told.got[-1].told
    assert polled is not None
    assert polled.replaced == (Replaced("usage", NOON_MS - 2 * HOUR_MS, NOON_MS + HOUR_MS),)
    assert [bucket.output for bucket in polled.buckets] == [900]


def test_pages_are_read_to_the_end(server: EndpointServer) -> None:
    def answer(query: Query) -> Answer:
        if query.get("page") == "p2":
            return Answer(page((-1, [result(output_tokens=2)])))
        return Answer(page((-2, [result(output_tokens=1)]), after="p2"))

    server.answers[USAGE] = answer
    told = desk(server, "openai", ["usage"])
    told.step()

    assert [bucket.output for bucket in last_buckets(told)] == [1, 2]


def test_a_long_history_is_taken_in_several_polls(server: EndpointServer) -> None:
    def answer(query: Query) -> Answer:
        number = int(query.get("page", "0"))
        at = (int(query["start_time"]) * 1000 - NOON_MS) // HOUR_MS + number
        return Answer(page((at, [result()]), after=str(number + 1) if at < 0 else None))

    server.answers[USAGE] = answer
    endpoint = Endpoint("box", adapter_of("openai"), days=1)
    told = desk(server, "openai", ["usage"], endpoint=endpoint)
    told.run(5)
    begins = [bucket.begin_ms for polled in told.got if polled.told
              for bucket in polled.told.buckets]  # fmt: skip

    assert len(told.got) == 2
    assert begins == list(range(NOON_MS - DAY_MS, NOON_MS + 1, HOUR_MS))


def test_what_the_endpoint_does_not_tell_is_unknown(server: EndpointServer) -> None:
    few = {"input_tokens": "70", "output_tokens": 3, "batch": True}
    server.tell(USAGE, page((-1, [few])))
    told = desk(server, "openai", ["usage"])
    told.step()

    [bucket] = last_buckets(told)
    assert (bucket.input, bucket.cache_read, bucket.requests) == (70, None, None)
    assert bucket.tier == "batch"


def test_records_of_wrong_types_are_counted_and_the_others_read(server: EndpointServer) -> None:
    wrong: list[object] = [result(input_tokens="many"), result(output_tokens=-1), [], None, "x"]
    server.tell(USAGE, page((-1, [*wrong, result()])))
    told = desk(server, "openai", ["usage"])
    told.step()

    assert len(last_buckets(told)) == 1
    assert told.state("usage").bad == 5


def test_a_page_of_another_shape_is_a_failure(server: EndpointServer) -> None:
    wrong: list[object] = [[], {"data": 5}, {"data": [{"results": 7}]}, b"\xff", b"[" * 100_000]
    for body in wrong:
        told = desk(server, "openai", ["usage"])
        server.tell(USAGE, body)
        told.step()

        assert told.state("usage").state is PollState.OPEN
        assert told.got[-1].told is None


def test_the_servers_clock_counts_where_it_is_another(server: EndpointServer) -> None:
    server.tell(USAGE, page())
    told = desk(server, "openai", ["usage"])
    server.clock_ms = lambda: NOON_MS + 5 * HOUR_MS
    told.step()
    told.later(60)
    told.step()

    assert int(server.asked[1][1]["start_time"]) * 1000 <= NOON_MS
    told.later(60)
    told.step()
    assert int(server.asked[2][1]["start_time"]) * 1000 == NOON_MS + 3 * HOUR_MS


def test_costs_come_by_day_in_dollars(server: EndpointServer) -> None:
    amount = {"value": 0.06, "currency": "usd"}
    day = {
        "start_time": (NOON_MS - NOON_MS % DAY_MS) // 1000,
        "results": [
            {"amount": amount, "line_item": "gpt-5.4, output", "project_id": "p"},
            {"amount": {"value": "0.0600000001", "currency": "usd"}, "line_item": None},
            {"amount": {"value": 1, "currency": "eur"}},
        ],
    }
    server.tell(COSTS, {"data": [day], "has_more": False, "next_page": None})
    told = desk(server, "openai", ["cost"])
    told.step()

    found = [(bucket.item, bucket.project, bucket.cost_nano) for bucket in last_buckets(told)]
    assert found == [("gpt-5.4, output", "p", 60_000_000), ("", "", 60_000_000)]
    assert (told.state("cost").bad, server.asked[0][1]["bucket_width"]) == (1, "1d")
