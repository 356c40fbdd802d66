"""A LiteLLM proxy: what it tells with and without a database, and what is never asked."""

from __future__ import annotations

from typing import Any

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query
from tests.gateways.polling import Desk, desk
from tokwatch.gateways.litellm import LATE_MS, PAGE
from tokwatch.model.endpoint import Bucket, PollState
from tokwatch.model.units import DAY_MS

READY = {"status": "healthy", "db": "connected"}
LOGS, DAILY = "/spend/logs/v2", "/user/daily/activity"


def row(number: int, at: str = "2026-03-23T11:00:00Z", **more: object) -> dict[str, Any]:
    """Return a request as the proxy lists it."""
    return {
        "request_id": f"chatcmpl-{number:08d}",
        "call_type": "acompletion",
        "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
        "spend": 0.25,
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "startTime": at,
        "endTime": at,
        "model": "gpt-5.4",
        "custom_llm_provider": "openai",
        "messages": [{"role": "user", "content": "a secret prompt"}],
        "response": {"choices": []},
        "metadata": {"user_api_key_alias": "ana", "requester_ip_address": "10.0.0.1"},
        **more,
    }


def listed(*rows: object, pages: int = 1) -> dict[str, object]:
    """Return a page of requests."""
    return {"data": list(rows), "total": len(rows), "page": 1, "total_pages": pages}


def ids(told: Desk) -> list[list[str]]:
    """Return which requests each poll told."""
    return [[row["request_id"] for row in one.told.rows] for one in told.got if one.told]


def test_requests_are_asked_for_in_order_from_some_days_back(server: EndpointServer) -> None:
    server.tell("/health/readiness", READY)
    server.tell(LOGS, listed(row(1)))
    told = desk(server, "litellm", ["requests"])
    told.step()

    assert server.paths() == ["/health/readiness", LOGS]
    query = server.asked[1][1]
    assert (query["start_date"], query["end_date"]) == ("2026-03-16 12:00:00",
                                                        "2026-03-24 12:00:00")  # fmt: skip
    assert (query["sort_by"], query["sort_order"]) == ("startTime", "asc")
    assert query["exclude_internal_health_checks"] == "true"
    assert ids(told) == [["chatcmpl-00000001"]]


def test_what_was_said_and_from_where_is_dropped_as_it_comes(server: EndpointServer) -> None:
    server.tell("/health/readiness", READY)
    server.tell(LOGS, listed(row(1)))
    told = desk(server, "litellm", ["requests"])
    told.step()

    assert not any(word in repr(told.got) for word in ("secret", "10.0.0.1", "88dc28"))


def test_requests_that_ended_late_are_found_by_looking_back_a_while(
    server: EndpointServer,
) -> None:
    server.tell("/health/readiness", READY)
    server.tell(LOGS, listed(row(1, "2026-03-23 11:50:00")))
    told = desk(server, "litellm", ["requests"])
    told.step()
    told.later(60)
    told.step()

    assert server.paths() == ["/health/readiness", LOGS, LOGS]
    assert LATE_MS == 15 * 60_000
    assert server.asked[2][1]["start_date"] == "2026-03-23 11:35:00"


def test_many_pages_are_read_page_by_page(server: EndpointServer) -> None:
    def answer(query: Query) -> Answer:
        first = (int(query["page"]) - 1) * PAGE
        return Answer(listed(*map(row, range(first, min(first + PAGE, 1200))), pages=3))

    server.tell("/health/readiness", READY)
    server.answers[LOGS] = answer
    told = desk(server, "litellm", ["requests"])
    told.step()

    assert [query["page"] for _, query in server.asked[1:]] == ["1", "2", "3"]
    assert len(set(ids(told)[0])) == 1200


def test_rows_of_wrong_types_are_counted(server: EndpointServer) -> None:
    server.tell("/health/readiness", READY)
    wrong = [row(1, request_id=5), row(2, "soon"), None, "row"]
    server.tell(LOGS, listed(*wrong, row(3)))
    told = desk(server, "litellm", ["requests"])
    told.step()

    assert (ids(told), told.state("requests").bad) == ([["chatcmpl-00000003"]], 4)


def test_without_a_database_nothing_fails_and_nothing_more_is_asked(
    server: EndpointServer,
) -> None:
    server.tell("/health/readiness", {"status": "healthy", "db": "Not connected"})
    server.answers[LOGS] = Answer(status=401)
    told = desk(server, "litellm", ["requests", "daily", "key"])
    for _ in range(3):
        told.step()

    assert set(server.paths()) == {"/health/readiness"}
    for state in told.poller.states:
        assert (state.state, state.error) == (PollState.CLOSED, "")
        assert "no database" in state.note
        assert state.next_ms - told.at_ms == 15 * 60_000


def day(date: str, **models: dict[str, object]) -> dict[str, object]:
    """Return a day of the activity, with metrics of models."""
    return {"date": date, "metrics": {}, "breakdown": {"models": models}}


def test_days_come_by_model_and_key_also_over_pages(server: EndpointServer) -> None:
    metrics = {"spend": 0.5, "prompt_tokens": 1000, "completion_tokens": 10,
               "cache_read_input_tokens": 600, "cache_creation_input_tokens": 100,
               "successful_requests": 3}  # fmt: skip
    of_ana = {"metrics": metrics, "metadata": {"key_alias": "ana"}}
    check = {"metrics": metrics, "metadata": {"key_alias": "litellm-internal-health-check"}}
    by_key = {"metrics": metrics, "api_key_breakdown": {"88d": of_ana, "99e": check}}

    def answer(query: Query) -> Answer:
        more = query["page"] == "1"
        days = [day("2026-03-22", opus=by_key, haiku={"metrics": metrics})]
        return Answer({"results": days, "metadata": {"has_more": more}})

    server.tell("/health/readiness", READY)
    server.answers[DAILY] = answer
    told = desk(server, "litellm", ["daily"])
    told.step()

    polled = told.got[0].told
    assert polled is not None
    opus, haiku = sorted(polled.buckets, key=lambda one: one.model, reverse=True)
    begin_ms = NOON_MS - NOON_MS % DAY_MS - DAY_MS
    assert opus == Bucket(
        *("daily", begin_ms, DAY_MS, "opus"), key="ana", requests=6, input=600, cache_read=1200,
        cache_write_5m=200, output=20, cost_nano=1_000_000_000,
    )  # fmt: skip
    assert (haiku.key, haiku.requests) == ("", 6)


def test_the_keys_budget_is_told_without_the_key(server: EndpointServer) -> None:
    server.tell("/health/readiness", READY)
    info = {"key_alias": "team-a", "spend": 2.5, "max_budget": 10, "tpm_limit": None}
    server.tell("/key/info", {"key": "sk-canary-1", "info": info})
    told = desk(server, "litellm", ["key"])
    told.step()

    found = {one.name: one.value for one in told.got[0].measures}
    assert found == {"spent_usd": 2.5, "limit_usd": 10, "budget_left_usd": 7.5}
    assert dict(told.got[0].measures[0].tags) == {"endpoint": "box", "of": "team-a"}
    assert "canary" not in repr(told.got)


def test_windows_come_from_the_list_of_models(server: EndpointServer) -> None:
    models: list[object] = [
        {"model_name": "gpt", "model_info": {"max_input_tokens": 272_000}},
        {"model_name": "odd", "model_info": {"max_input_tokens": None}},
        7,
    ]
    server.tell("/model/info", {"data": models})
    told = desk(server, "litellm", ["models"])
    told.step()

    assert [(one.name, one.value) for one in told.got[0].measures] == [("window_tokens", 272_000)]
    assert told.state("models").bad == 1


def test_all_parts_together_never_ask_for_health_itself(server: EndpointServer) -> None:
    server.tell("/health/readiness", READY)
    server.tell("/metrics/", b'litellm_spend_metric_total{model="m"} 1\n')
    server.tell(LOGS, listed())
    told = desk(server, "litellm")
    told.run(120)

    assert {"/metrics/", "/model/info", LOGS, DAILY, "/key/info"} <= set(server.paths())
    assert "/health" not in server.paths()
    assert server.most_at_once == 1
    assert told.state("metrics").state is PollState.CLOSED


def test_where_no_request_can_be_read_that_is_a_failure(server: EndpointServer) -> None:
    server.tell("/health/readiness", READY)
    server.tell(LOGS, listed(row(1, request_id=5), None))
    told = desk(server, "litellm", ["requests"])
    told.step()

    assert told.state("requests").error == "no record of the answer is of the known shape"


def test_a_proxy_that_tells_no_status_is_not_said_to_be_down(server: EndpointServer) -> None:
    server.tell("/health/readiness", {"db": "connected"})
    told = desk(server, "litellm", ["ready"])
    told.step()

    assert told.state("ready").error == "the answer has no status"
    assert told.got[0].measures == ()
