"""Polite polling of a real server: faults, waits, the breaker, bytes, and what a key never does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, endpoint_server
from tests.gateways.polling import Desk, desk
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.poll import Endpoint
from tokwatch.model.endpoint import PollState

CANARY = "sk-canary-5f1d0e7c9b"
MINUTE_MS = 60_000
TEXT = b'# TYPE vllm:generation_tokens counter\nvllm:generation_tokens_total{model_name="m"} %d\n'


def vllm(server: EndpointServer) -> Desk:
    """Return a poller of a vLLM server that has answered once with a hundred tokens."""
    told = desk(server, "prometheus", path="/m")
    server.tell("/m", TEXT % 100)
    told.step()
    return told


def test_metrics_that_break_off_in_the_middle_are_none(server: EndpointServer) -> None:
    told = vllm(server)
    server.tell("/m", (TEXT % 12345)[:-3])

    failed = told.step()

    assert failed.told is None
    assert "break off in the middle" in failed.state.error
    assert failed.state.cursor == told.got[0].state.cursor
    server.tell("/m", TEXT % 250)
    told.step()
    assert sum(bucket.output or 0 for bucket in told.grown) == 150


def test_waits_double_up_to_a_quarter_of_an_hour(server: EndpointServer) -> None:
    told = vllm(server)
    server.answers["/m"] = Answer(status=500)
    waits, states = [], []
    for _ in range(10):
        state = told.step().state
        waits.append((state.next_ms - told.at_ms) // 1000)
        states.append(state.state)
        told.at_ms = state.next_ms

    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert states == [PollState.CLOSED] * 4 + [PollState.OPEN] * 6


@pytest.mark.parametrize("text", ["1800", "Mon, 23 Mar 2026 12:30:00 GMT"])
def test_nothing_is_asked_before_retry_after_is_over(server: EndpointServer, text: str) -> None:
    told = desk(server, "openai")
    server.answers["/v1/organization/usage/completions"] = Answer(
        status=429, headers={"Retry-After": text}
    )

    told.run(29 * 60)

    assert server.paths() == ["/v1/organization/usage/completions"]
    told.run(5 * 60)
    assert len(server.asked) > 1


def test_one_question_finds_out_whether_it_answers_again(server: EndpointServer) -> None:
    told = vllm(server)
    server.answers["/m"] = Answer(status=401)
    told.step()
    told.at_ms = told.state("metrics").next_ms

    assert told.step().state.state is PollState.OPEN
    server.tell("/m", TEXT % 100)
    told.at_ms = told.state("metrics").next_ms
    closed = told.step().state

    assert (closed.state, closed.failures) == (PollState.CLOSED, 0)


def test_a_retry_asks_at_once(server: EndpointServer) -> None:
    told = vllm(server)
    server.answers["/m"] = Answer(status=503)
    told.step()

    told.poller.retry()

    assert (told.poller.due_ms() or 0) <= told.at_ms


def test_what_is_paused_is_not_due(server: EndpointServer) -> None:
    told = vllm(server)
    told.poller.pause(True)
    assert told.poller.due_ms() is None

    told.poller.pause(False)
    assert told.poller.due_ms() is not None


def test_a_clock_that_was_set_back_does_not_stop_it(server: EndpointServer) -> None:
    told = vllm(server)

    told.later(-7200)

    assert told.poller.due_ms() == told.at_ms


def test_an_unchanged_endpoint_costs_a_fifth_of_the_bytes_at_most(server: EndpointServer) -> None:
    lines = b"".join(b'vllm:request_success_total{model_name="m%d"} 5\n' % at for at in range(80))
    server.tell("/m", lines)
    plain, kind = desk(server, "prometheus", path="/m"), desk(server, "prometheus", path="/m")
    for _ in range(100):
        plain.step()
    server.has_etags = True
    for _ in range(100):
        kind.step()

    state = kind.state("metrics")

    assert (state.requests, state.unchanged) == (100, 99)
    assert state.bytes <= plain.state("metrics").bytes / 5
    assert kind.got[-1].told is None


def test_what_did_not_change_is_read_again_once_it_did(server: EndpointServer) -> None:
    server.has_etags = True
    told = vllm(server)
    told.step()
    server.tell("/m", TEXT % 130)
    told.step()

    assert [bucket.output for bucket in told.grown] == [30]


def test_a_redirect_is_not_followed(server: EndpointServer) -> None:
    with endpoint_server() as elsewhere:
        elsewhere.tell("/m", TEXT % 1)
        server.answers["/m"] = Answer(status=302, headers={"Location": f"{elsewhere.url}/m"})
        told = desk(server, "prometheus", path="/m")
        told.step()

        assert elsewhere.asked == []


def test_what_stays_on_this_machine_goes_through_no_proxy(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert vllm(server).state("metrics").error == ""


def test_a_new_process_goes_on_where_the_last_one_stopped(server: EndpointServer) -> None:
    first = vllm(server)
    server.tell("/m", TEXT % 160)

    second = desk(server, "prometheus", path="/m", states=first.poller.states)
    assert (second.poller.due_ms() or 0) > second.at_ms
    second.later(60)
    second.step()

    assert [bucket.output for bucket in second.grown] == [60]


def test_the_key_is_sent_and_told_nowhere(server: EndpointServer) -> None:
    endpoint = Endpoint("box", adapter_of("openai"), key=lambda: CANARY)
    told = desk(server, "openai", endpoint=endpoint)
    for answer in (Answer(status=401, body=CANARY.encode()), Answer(CANARY.encode())):
        server.answers["/v1/organization/usage/completions"] = answer
        told.step()
        told.poller.retry()

    assert server.headers[0]["authorization"] == f"Bearer {CANARY}"
    assert CANARY not in repr((told.got, told.poller.states, told.poller.endpoint))


def test_an_unforeseen_error_is_shown_by_its_kind_alone(server: EndpointServer) -> None:
    told = vllm(server)

    broken = told.poller.broke(RuntimeError(CANARY)).state

    assert (broken.error, broken.state) == ("unexpected RuntimeError", PollState.OPEN)


def test_pages_without_end_are_left(server: EndpointServer) -> None:
    page = {"data": [], "has_more": True, "next_page": "again"}
    server.tell("/v1/organization/usage/completions", page)
    told = desk(server, "openai", ["usage"])

    told.step()

    assert "names itself" in told.state("usage").error


def test_a_gauge_is_noted_when_it_changes_and_every_few_minutes(server: EndpointServer) -> None:
    told = desk(server, "prometheus", path="/m")
    text = b'vllm:num_requests_running{model_name="m"} %d\n'
    for value, seconds in ((3, 0), (3, 60), (4, 60), (5, 10), (5, 60), (5, 400)):
        told.later(seconds)
        server.tell("/m", text % value)
        told.step()

    noted = [(m.value, (m.instant_ms - NOON_MS) // 1000) for p in told.got for m in p.measures]

    assert noted == [(3, 0), (4, 120), (5, 190), (5, 590)]
    [one, *_] = told.got[0].measures
    assert (one.name, one.tags) == ("requests_running", (("endpoint", "box"), ("model", "m")))


def test_where_nothing_names_the_model_the_configured_one_is_meant(server: EndpointServer) -> None:
    endpoint = replace(Endpoint("box", adapter_of("prometheus")), model="mistral")
    told = desk(server, "prometheus", path="/m", endpoint=endpoint)
    for tokens in (b"5", b"9"):
        server.tell("/m", b"tgi_request_generated_tokens_sum " + tokens + b"\n")
        told.step()

    assert [(bucket.model, bucket.output) for bucket in told.grown] == [("mistral", 4)]
