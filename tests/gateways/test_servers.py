"""Servers on one's own machine and OpenRouter: live context, loaded models, budgets, days."""

from __future__ import annotations

from tests.endpoint_server import NOON_MS, Answer, EndpointServer
from tests.gateways.polling import Desk, desk
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.openrouter import MOST_LOOKED_UP
from tokwatch.gateways.poll import Endpoint
from tokwatch.model.endpoint import PollState
from tokwatch.model.units import DAY_MS

METRICS = (
    "llamacpp:prompt_tokens_total %d\nllamacpp:prompt_tokens_cached_total %d\n"
    "llamacpp:tokens_predicted_total %d\nllamacpp:requests_processing 1\n"
)


def measured(told: Desk) -> dict[tuple[str, str], float]:
    """Return the gauges of all polls by name and what they are of."""
    found = [one for polled in told.got for one in polled.measures]
    named = ((one, dict(one.tags)) for one in found)
    return {
        (one.name, tags.get("of", "") or tags.get("model", "")): one.value for one, tags in named
    }


def test_llama_cpp_names_its_model_elsewhere(server: EndpointServer) -> None:
    server.tell("/v1/models", {"data": [{"id": "/home/ana/models/qwen3.gguf"}]})
    told = desk(server, "llamacpp", ["metrics"])
    for counts in ((100, 40, 9), (160, 90, 12)):
        server.tell("/metrics", (METRICS % counts).encode())
        told.step()

    [grown] = told.grown
    assert (grown.model, grown.input, grown.cache_read, grown.output) == ("qwen3.gguf", 60, 50, 3)
    assert server.paths() == ["/metrics", "/v1/models", "/metrics"]
    assert measured(told)["requests_running", "qwen3.gguf"] == 1


def test_after_a_restart_llama_cpp_may_serve_another_model(server: EndpointServer) -> None:
    told = desk(server, "llamacpp", ["metrics"])
    for model, counts in (("a", (100, 40, 9)), ("b", (5, 0, 2))):
        server.tell("/v1/models", {"data": [{"id": model}]})
        server.tell("/metrics", (METRICS % counts).encode())
        told.step()

    [grown] = told.grown
    assert (grown.model, grown.input, grown.output) == ("b", 5, 2)


def test_the_fill_of_each_slot_is_prompt_and_answer_over_its_size(server: EndpointServer) -> None:
    prompt = {"n_prompt_tokens_processed": 900, "n_prompt_tokens_cache": 100}
    slots: list[object] = [
        {"id": 0, "n_ctx": 4096, **prompt, "n_prompt_tokens": 1000,
         "next_token": {"n_decoded": 24}},
        {"id": 1, "n_ctx": 4096, **prompt, "n_prompt_tokens": 1024,
         "next_token": [{"n_decoded": 24}]},
        {"id": 2, "n_ctx": 4096, "n_prompt_tokens": 512, "next_token": [{"n_decoded": 0}]},
        {"id": 3, "n_ctx": 4096},
        {"id": 4, "n_ctx": "x"},
        None,
    ]  # fmt: skip
    server.tell("/slots", slots)
    told = desk(server, "llamacpp", ["slots"])
    told.step()

    assert measured(told) == {
        ("context_share", "slot 0"): 0.25,
        ("context_tokens", "slot 0"): 1024,
        ("context_share", "slot 1"): 0.25,
        ("context_tokens", "slot 1"): 1024,
        ("context_share", "slot 2"): 0.125,
        ("context_tokens", "slot 2"): 512,
        ("context_share", "slot 3"): 0,
        ("context_tokens", "slot 3"): 0,
    }
    assert told.state("slots").bad == 2


def test_slots_that_are_switched_off_leave_the_metrics_alone(server: EndpointServer) -> None:
    server.answers["/slots"] = Answer(status=501)
    server.tell("/v1/models", {"data": [{"id": "m"}]})
    server.tell("/metrics", (METRICS % (1, 1, 1)).encode())
    told = desk(server, "llamacpp")
    told.run(60)

    assert told.state("slots").error == "answered with status 501"
    assert told.state("metrics").state is PollState.CLOSED
    assert told.state("metrics").requests >= 4


def test_ollama_tells_what_is_loaded(server: EndpointServer) -> None:
    model = {"name": "qwen3:8b", "size": 5_000, "size_vram": 4_000, "context_length": 8192}
    server.tell("/api/ps", {"models": [model, {"name": 5}]})
    told = desk(server, "ollama")
    told.step()

    assert measured(told) == {
        ("window_tokens", "qwen3:8b"): 8192,
        ("memory_bytes", "qwen3:8b"): 5000,
        ("video_memory_bytes", "qwen3:8b"): 4000,
        ("models_loaded", ""): 1,
    }


def test_openrouter_tells_the_keys_budget_and_never_its_label(server: EndpointServer) -> None:
    data = {"label": "sk-or-v1-abc...123", "usage": 25.5, "usage_daily": 1.5, "limit": None}
    server.tell("/v1/key", {"data": data})
    server.tell("/v1/credits", {"data": {"total_credits": 110.5, "total_usage": 25.5}})
    told = desk(server, "openrouter", ["key", "credits"])
    told.step()
    told.step()

    assert measured(told) == {
        ("spent_usd", ""): 25.5,
        ("spent_today_usd", ""): 1.5,
        ("credits_left_usd", ""): 85,
    }
    assert "sk-or" not in repr(told.got)


def test_openrouters_days_are_of_endpoints_which_add_up(server: EndpointServer) -> None:
    row = {
        **{"date": "2026-03-22", "model": "openai/gpt-5", "provider_name": "OpenAI"},
        **{"usage": 0.015, "requests": 5, "prompt_tokens": 50, "completion_tokens": 125},
        **{"reasoning_tokens": 25, "cached_tokens": 80},
    }
    server.tell("/v1/activity", {"data": [row, row, {**row, "prompt_tokens": None}]})
    told = desk(server, "openrouter", ["daily"])
    told.step()

    polled = told.got[0].told
    assert polled is not None
    [bucket] = polled.buckets
    assert (bucket.provider, bucket.model) == ("OpenAI", "openai/gpt-5")
    assert (bucket.input, bucket.cache_read, bucket.output) == (0, 160, 250)
    assert (bucket.requests, bucket.cost_nano) == (10, 30_000_000)
    assert bucket.begin_ms == NOON_MS - NOON_MS % DAY_MS - DAY_MS
    assert told.state("daily").bad == 1


def test_credits_without_numbers_are_counted(server: EndpointServer) -> None:
    server.tell("/v1/credits", {"data": {"total_credits": "many"}})
    told = desk(server, "openrouter", ["credits"])
    told.step()

    assert told.state("credits").bad == 1


def test_vercels_credits_are_text(server: EndpointServer) -> None:
    server.tell("/v1/credits", {"balance": "95.50", "total_used": "4.50"})
    told = desk(server, "vercel")
    told.step()
    server.tell("/v1/credits", {"balance": None})
    told.step()

    assert measured(told) == {("credits_left_usd", ""): 95.5, ("spent_usd", ""): 4.5}
    assert told.state("credits").bad == 2


def generation(own_id: str, **more: object) -> dict[str, object]:
    """Return what OpenRouter tells of a request."""
    tokens = {"native_tokens_prompt": 100, "native_tokens_completion": 20}
    return {"id": own_id, "created_at": "2026-03-23T11:00:00Z", "model": "a/m", **tokens, **more}


def looked_up(server: EndpointServer, *ids: str) -> Desk:
    """Return a poller of lookups, after an hour of them."""
    endpoint = Endpoint("box", adapter_of("openrouter"), unfinished=lambda: ids)
    told = desk(server, "openrouter", ["generation"], endpoint=endpoint)
    told.run(3600)
    return told


def test_openrouter_is_asked_for_its_own_ids_alone_a_few_at_a_time_and_once(
    server: EndpointServer,
) -> None:
    server.answers["/v1/generation"] = lambda query: Answer({"data": generation(query["id"])})
    ids = [f"gen-{number:03}" for number in range(MOST_LOOKED_UP + 5)]
    told = looked_up(server, "msg_01234567", *ids, "chatcmpl-abcdefgh")

    assert [query["id"] for _, query in server.asked] == ids
    brought = [len(polled.told.rows) for polled in told.got if polled.told]
    assert brought == [MOST_LOOKED_UP, 5]
    assert "http" not in repr(told.got)


def test_what_openrouter_does_not_know_is_asked_for_three_times(server: EndpointServer) -> None:
    server.answers["/v1/generation"] = Answer(status=404)
    told = looked_up(server, "gen-1")

    assert len(server.asked) == 3
    assert told.state("generation").error == ""


def test_lookups_without_counts_and_answers_of_its_own_cache_are_no_requests(
    server: EndpointServer,
) -> None:
    odd = {
        "gen-1": generation("gen-1", native_tokens_completion=None),
        "gen-2": generation("gen-2", response_cache_source_id="gen-0"),
    }
    server.answers["/v1/generation"] = lambda query: Answer({"data": odd[query["id"]]})
    told = looked_up(server, *odd)

    assert len(server.asked) == 2
    assert [polled.told.rows for polled in told.got if polled.told] == [()]


def test_without_unfinished_requests_openrouter_is_not_asked(server: EndpointServer) -> None:
    told = looked_up(server)

    assert server.asked == []
    assert told.state("generation").error == ""
