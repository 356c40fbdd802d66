"""Counters to growth and gauges as they are, for every server whose names are known."""

from __future__ import annotations

import pytest

from tests.endpoint_server import EndpointServer
from tests.gateways.polling import Desk, desk
from tokwatch.gateways.profiles import COUNTERS
from tokwatch.model.endpoint import Bucket, PollState
from tokwatch.model.measure import Measure

MINUTE_MS = 60_000


def scraped(server: EndpointServer, *texts: str, only: str = "") -> Desk:
    """Return a poller after it got these texts, a quarter of a minute apart."""
    told = desk(server, "prometheus", path="/m")
    for text in texts:
        server.tell("/m", text.encode())
        told.step()
        told.later(15)
    return told


def tokens(bucket: Bucket) -> tuple[int | None, ...]:
    """Return input, cache reads, cache writes and output."""
    return bucket.input, bucket.cache_read, bucket.cache_write_5m, bucket.output


def gauges(told: Desk) -> dict[tuple[str, str, str], float]:
    """Return the last value of each gauge by name, model and what it is of."""
    found: list[Measure] = [one for polled in told.got for one in polled.measures]
    named = ((one, dict(one.tags)) for one in found)
    return {(one.name, tags.get("model", ""), tags.get("of", "")): one.value for one, tags in named}


VLLM = """# HELP vllm:prompt_tokens_total Number of prefill tokens processed.
# TYPE vllm:prompt_tokens_total counter
vllm:prompt_tokens_total{{engine="0",model_name="qwen"}} {prompt}
vllm:prompt_tokens_total{{engine="1",model_name="qwen"}} 50.0
vllm:prefix_cache_queries_total{{engine="0",model_name="qwen"}} {prompt}
vllm:prefix_cache_hits_total{{engine="0",model_name="qwen"}} {hits}
vllm:generation_tokens_total{{engine="0",model_name="qwen"}} {output}
vllm:request_success_total{{engine="0",finished_reason="stop",model_name="qwen"}} {stopped}
vllm:request_success_total{{engine="0",finished_reason="length",model_name="qwen"}} 2.0
vllm:num_requests_running{{engine="0",model_name="qwen"}} 3.0
vllm:num_requests_running{{engine="1",model_name="qwen"}} 1.0
vllm:num_requests_waiting{{engine="0",model_name="qwen"}} 7.0
vllm:kv_cache_usage_perc{{engine="0",model_name="qwen"}} 0.25
vllm:kv_cache_usage_perc{{engine="1",model_name="qwen"}} 0.5
process_start_time_seconds {started}
"""


def vllm(prompt: float, hits: float, output: float, stopped: float, started: float = 1e9) -> str:
    """Return the metrics of a vLLM server."""
    told = {"prompt": prompt, "hits": hits, "output": output}
    return VLLM.format(**told, stopped=stopped, started=started)


def test_what_was_before_the_first_look_is_nobodys_growth(server: EndpointServer) -> None:
    assert scraped(server, vllm(1000, 400, 90, 5)).grown == []


def test_growth_is_summed_over_labels_and_prompt_parted_from_cache(
    server: EndpointServer,
) -> None:
    told = scraped(server, vllm(1000, 400, 90, 5), vllm(1600, 700, 120, 6.0))

    [grown] = told.grown
    assert (grown.report, grown.model, grown.width_ms) == ("vllm", "qwen", MINUTE_MS)
    assert grown.begin_ms % MINUTE_MS == 0
    assert tokens(grown) == (300, 300, None, 30)
    assert grown.requests == 1


def test_gauges_of_workers_add_up_and_the_fullest_cache_counts(server: EndpointServer) -> None:
    assert gauges(scraped(server, vllm(0, 0, 0, 0))) == {
        ("requests_running", "qwen", ""): 4,
        ("requests_waiting", "qwen", ""): 7,
        ("kv_cache_share", "qwen", ""): 0.5,
    }


def test_a_counter_that_fell_started_anew(server: EndpointServer) -> None:
    told = scraped(server, vllm(1000, 400, 90, 5), vllm(60, 10, 9, 1))

    assert tokens(told.grown[0]) == (50, 10, None, 9)


def test_a_server_that_started_anew_counts_from_nothing(server: EndpointServer) -> None:
    told = scraped(server, vllm(10, 0, 90, 5), vllm(2000, 500, 95, 6, started=2e9))

    assert tokens(told.grown[0]) == (2050 - 500, 500, None, 95)


def test_a_series_that_appears_later_grew_from_nothing(server: EndpointServer) -> None:
    text = 'vllm:generation_tokens_total{model_name="%s"} %d\n'
    told = scraped(server, text % ("a", 5), text % ("a", 5) + text % ("b", 8))

    assert [(bucket.model, bucket.output) for bucket in told.grown] == [("b", 8)]


def test_a_series_that_is_missing_for_once_does_not_count_twice(server: EndpointServer) -> None:
    text = 'vllm:generation_tokens_total{model_name="%s"} %d\n'
    both = text % ("a", 5) + text % ("b", 8)

    told = scraped(server, both, text % ("a", 6), text % ("a", 6) + text % ("b", 9))

    assert [(bucket.model, bucket.output) for bucket in told.grown] == [("a", 1), ("b", 1)]


def test_what_a_newer_tokwatch_counts_too_did_not_grow_before(
    server: EndpointServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'vllm:generation_tokens_total{model_name="m"} %d\nvllm:request_success_total %d\n'
    told = desk(server, "prometheus", path="/m")
    with monkeypatch.context() as older:
        older.delitem(COUNTERS, "vllm:request_success_total")
        server.tell("/m", (text % (5, 7)).encode())
        told.step()
    for counts in ((6, 9), (8, 10)):
        server.tell("/m", (text % counts).encode())
        told.step()

    assert [(bucket.output, bucket.requests) for bucket in told.grown] == [
        (1, None), (2, None), (None, 1),
    ]  # fmt: skip


LITELLM = """# TYPE litellm_input_tokens_metric_total counter
litellm_input_tokens_metric_total{{api_key_alias="ana",model="gpt-5",user="None",client_ip="1"}} {a}
litellm_input_tokens_metric_total{{api_key_alias="ana",model="gpt-5",user="None",client_ip="2"}} {b}
litellm_input_tokens_metric_total{{api_key_alias="litellm-internal-health-check",model="gpt-5"}} {b}
litellm_input_cached_tokens_metric_total{{api_key_alias="ana",model="gpt-5"}} {c}
litellm_output_tokens_metric_total{{api_key_alias="ana",model="gpt-5"}} {a}
litellm_requests_metric_total{{api_key_alias="ana",model="gpt-5"}} {a}
litellm_spend_metric_total{{api_key_alias="ana",model="gpt-5"}} {d}
litellm_spend_metric_created{{api_key_alias="ana",model="gpt-5"}} 1.7e+09
litellm_remaining_api_key_budget_metric{{api_key_alias="ana"}} 4.5
litellm_remaining_api_key_budget_metric{{api_key_alias="bob"}} +Inf
litellm_remaining_tokens_metric{{model_group="x",litellm_model_name="gpt-5"}} 9.223372036854776e+18
"""


def test_litellm_is_read_without_its_own_health_checks(server: EndpointServer) -> None:
    told = scraped(
        server,
        LITELLM.format(a=10, b=20, c=5, d=0.5),
        LITELLM.format(a=110, b=220, c=205, d=0.5000001),
    )

    [grown] = told.grown
    assert (grown.report, grown.model, grown.key, grown.user) == ("litellm", "gpt-5", "ana", "")
    assert tokens(grown) == (100, 200, None, 100)
    assert (grown.requests, grown.cost_nano) == (100, 100)
    assert gauges(told) == {("budget_left_usd", "", "ana"): 4.5}


KONG = 'kong_ai_llm_tokens_total{{ai_model="m",consumer="ana",'
OTHERS = {
    "sglang": (
        'sglang:prompt_tokens_total{{model_name="m"}} {0}\n'
        'sglang:cached_tokens_total{{model_name="m",cache_source="device"}} {1}\n'
        'sglang:cached_tokens_total{{model_name="m",cache_source="host"}} {1}\n'
        'sglang:generation_tokens_total{{model_name="m"}} {2}\n',
        ("m", (60, 40, None, 7)),
    ),
    "tgi": (
        "tgi_request_input_length_sum {0}\ntgi_request_generated_tokens_sum {2}\n",
        ("", (100, None, None, 7)),
    ),
    "llamacpp": (
        "llamacpp:prompt_tokens_total {0}\nllamacpp:prompt_tokens_cached_total {1}\n"
        "llamacpp:tokens_predicted_total {2}\n",
        ("", (100, 20, None, 7)),
    ),
    "kong": (
        f'{KONG}token_type="prompt_tokens",cache_status=""}}}} {{0}}\n'
        f'{KONG}token_type="prompt_tokens",cache_status="Hit"}}}} {{0}}\n'
        f'{KONG}token_type="completion_tokens"}}}} {{2}}\n'
        f'{KONG}token_type="total_tokens"}}}} 9{{0}}\n',
        ("m", (100, None, None, 7)),
    ),
    "headroom": (
        "headroom_tokens_input_total {0}\nheadroom_tokens_output_total {2}\n",
        ("", (100, None, None, 7)),
    ),
}


@pytest.mark.parametrize("report", OTHERS)
def test_every_known_server_is_read_by_its_own_rules(server: EndpointServer, report: str) -> None:
    text, (model, expected) = OTHERS[report]

    told = scraped(server, text.format(0, 0, 0), text.format(100, 20, 7))

    [grown] = told.grown
    assert (grown.report, grown.model, tokens(grown)) == (report, model, expected)


def test_vllm_tells_what_came_from_any_cache(server: EndpointServer) -> None:
    older = (
        'vllm:prompt_tokens_total{{model_name="m"}} {0}\n'
        'vllm:prefix_cache_hits_total{{model_name="m"}} {1}\n'
        'vllm:external_prefix_cache_hits_total{{model_name="m"}} {1}\n'
    )
    newer = older + 'vllm:prompt_tokens_cached_total{{model_name="m"}} {2}\n'

    grown = [
        scraped(server, text.format(0, 0, 0), text.format(100, 20, 30)).grown
        for text in (older, newer)
    ]

    assert [tokens(bucket)[:2] for [bucket] in grown] == [(60, 40), (70, 30)]


def test_headroom_parts_the_cache_by_provider_and_the_prompt_not(server: EndpointServer) -> None:
    text = (
        "headroom_tokens_input_total {0}\nheadroom_requests_total 4\n"
        'headroom_cache_read_tokens_total{{provider="anthropic"}} {1}\n'
        'headroom_cache_read_tokens_total{{provider="openai"}} {1}\n'
        'headroom_cache_write_ttl_tokens_total{{provider="anthropic",ttl="5m"}} {2}\n'
        'headroom_cache_write_ttl_tokens_total{{provider="anthropic",ttl="1h"}} {3}\n'
        'headroom_cache_write_tokens_total{{provider="openai"}} {0}\n'
    )
    [grown] = scraped(server, text.format(0, 0, 0, 0), text.format(100, 20, 7, 3)).grown

    assert tokens(grown) == (50, 40, 7, None)
    assert (grown.cache_write_1h, grown.provider) == (3, "")


@pytest.mark.parametrize("called", ["ai_tokens", "kong_ai_tokens", "ai_llm_tokens"])
def test_kongs_other_names_are_known(server: EndpointServer, called: str) -> None:
    declared = f"# TYPE {called}_total counter\n"
    labels = 'ai_provider="p",consumer="ana",token_type="completion_tokens"'

    [grown] = scraped(server, declared, f"{declared}{called}_total{{{labels}}} 4\n").grown

    assert (grown.report, grown.provider, grown.user, grown.output) == ("kong", "p", "ana", 4)


def test_a_server_that_has_served_nothing_yet_is_known(server: EndpointServer) -> None:
    name = "litellm_input_tokens_metric_total"
    declared = f"# TYPE {name} counter\n"

    [grown] = scraped(server, declared, f'{declared}{name}{{model="gpt-5"}} 7.0\n').grown

    assert (grown.model, grown.input) == ("gpt-5", 7)


def test_a_line_that_is_no_metric_is_counted_and_the_rest_is_read(server: EndpointServer) -> None:
    good = 'vllm:generation_tokens_total{model_name="m"} %d\n'
    told = scraped(server, good % 1, good % 4 + "this is }{ no metric\n")

    assert told.grown[0].output == 3
    assert told.state("metrics").bad == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("up 1\n", "no metric of a known server"),
        ('{"detail":"Not Found"}\n', "no Prometheus text"),
        ("", "no metric of a known server"),
    ],
)
def test_an_answer_that_tells_nothing_is_a_failure(
    server: EndpointServer, text: str, words: str
) -> None:
    state = scraped(server, text).state("metrics")

    assert words in state.error
    assert state.state is PollState.OPEN


def test_numbers_that_are_none_are_left_out(server: EndpointServer) -> None:
    text = (
        'vllm:generation_tokens_total{model_name="m"} %s\nvllm:num_requests_running NaN\n'
        "vllm:num_requests_waiting +Inf\n"
    )
    told = scraped(server, text % "5", text % "NaN", text % "9")

    assert gauges(told) == {}
    assert sum(bucket.output or 0 for bucket in told.grown) == 4


def test_names_are_made_harmless(server: EndpointServer) -> None:
    text = 'vllm:generation_tokens_total{model_name="a\x1b[31m\u202eb"} %d\n'

    [grown] = scraped(server, text % 0, text % 1).grown

    assert grown.model == "a[31mb"
