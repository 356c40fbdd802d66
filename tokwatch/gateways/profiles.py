"""What servers call their Prometheus metrics, and what these count."""

from __future__ import annotations

from typing import Final, NamedTuple


class Counter(NamedTuple):
    """A counter of usage: which field of a bucket it grows.

    "prompt" includes what was read from and written to the cache; "input" does not. "cached" goes
    before "cache_read": it counts the same prompts as "prompt", of whatever cache.
    """

    report: str
    field: str
    label: str = ""
    """Only series that have `value` for this label."""
    value: str = ""
    is_of_all: bool = False
    """True where labels part what the report's other counters hold together."""


class Level(NamedTuple):
    """A gauge: under which name it is noted, and how those of several workers make one."""

    name: str
    unit: str = ""
    is_share: bool = False
    """True where the highest of several counts, not their sum."""


def _one(report: str, field: str) -> tuple[Counter, ...]:
    return (Counter(report, field),)


RUNNING: Final = Level("requests_running")
WAITING: Final = Level("requests_waiting")
KV_CACHE: Final = Level("kv_cache_share", "share", is_share=True)
HIT_SHARE: Final = Level("cache_hit_share", "share", is_share=True)
BUDGET_LEFT: Final = Level("budget_left_usd", "usd")

COUNTERS: Final = {
    "vllm:prompt_tokens_total": _one("vllm", "prompt"),
    "vllm:prompt_tokens_cached_total": _one("vllm", "cached"),
    "vllm:prefix_cache_hits_total": _one("vllm", "cache_read"),
    "vllm:external_prefix_cache_hits_total": _one("vllm", "cache_read"),
    "vllm:generation_tokens_total": _one("vllm", "output"),
    "vllm:request_success_total": _one("vllm", "requests"),
    "sglang:prompt_tokens_total": _one("sglang", "prompt"),
    "sglang:cached_tokens_total": _one("sglang", "cache_read"),
    "sglang:generation_tokens_total": _one("sglang", "output"),
    "sglang:num_requests_total": _one("sglang", "requests"),
    "tgi_request_input_length_sum": _one("tgi", "prompt"),
    "tgi_request_generated_tokens_sum": _one("tgi", "output"),
    "tgi_request_generated_tokens_count": _one("tgi", "requests"),
    "llamacpp:prompt_tokens_total": _one("llamacpp", "input"),
    "llamacpp:prompt_tokens_cached_total": _one("llamacpp", "cache_read"),
    "llamacpp:tokens_predicted_total": _one("llamacpp", "output"),
    "litellm_input_tokens_metric_total": _one("litellm", "prompt"),
    "litellm_input_cached_tokens_metric_total": _one("litellm", "cache_read"),
    "litellm_input_cache_creation_tokens_metric_total": _one("litellm", "cache_write_5m"),
    "litellm_output_tokens_metric_total": _one("litellm", "output"),
    "litellm_requests_metric_total": _one("litellm", "requests"),
    "litellm_spend_metric_total": _one("litellm", "cost_usd"),
    "kong_ai_llm_tokens_total": (
        Counter("kong", "prompt", "token_type", "prompt_tokens"),
        Counter("kong", "output", "token_type", "completion_tokens"),
    ),
    "kong_ai_llm_requests_total": _one("kong", "requests"),
    "kong_ai_llm_cost_total": _one("kong", "cost_usd"),
    "headroom_tokens_input_total": _one("headroom", "prompt"),
    "headroom_cache_read_tokens_total": (Counter("headroom", "cache_read", is_of_all=True),),
    "headroom_cache_write_ttl_tokens_total": (
        Counter("headroom", "cache_write_5m", "ttl", "5m", is_of_all=True),
        Counter("headroom", "cache_write_1h", "ttl", "1h", is_of_all=True),
    ),
    "headroom_tokens_output_total": _one("headroom", "output"),
    "headroom_requests_total": _one("headroom", "requests"),
}
OLDER: Final = {
    f"{prefix}ai_{name}_total": f"kong_ai_llm_{name.removeprefix('llm_')}_total"
    for name in ("tokens", "requests", "cost", "llm_tokens", "llm_requests", "llm_cost")
    for prefix in ("kong_", "")
}
"""What earlier versions called the same, and Kong's own pages, which leave out its prefix."""

LEVELS: Final = {
    "vllm:num_requests_running": RUNNING,
    "vllm:num_requests_waiting": WAITING,
    "vllm:kv_cache_usage_perc": KV_CACHE,
    "sglang:num_running_reqs": RUNNING,
    "sglang:num_queue_reqs": WAITING,
    "sglang:token_usage": KV_CACHE,
    "sglang:cache_hit_rate": HIT_SHARE,
    "tgi_batch_current_size": RUNNING,
    "tgi_queue_size": WAITING,
    "llamacpp:requests_processing": RUNNING,
    "llamacpp:requests_deferred": WAITING,
    "litellm_remaining_api_key_budget_metric": BUDGET_LEFT,
    "litellm_remaining_team_budget_metric": BUDGET_LEFT,
    "litellm_remaining_user_budget_metric": BUDGET_LEFT,
    "litellm_remaining_requests_metric": Level("requests_left"),
    "litellm_remaining_tokens_metric": Level("tokens_left", "tokens"),
    "litellm_deployment_state": Level("deployment_state", is_share=True),
    "headroom_tokens_saved_total": Level("tokens_saved", "tokens"),
}

MODEL_LABELS: Final = ("model_name", "litellm_model_name", "model", "requested_model", "ai_model")
PROVIDER_LABELS: Final = ("api_provider", "ai_provider")
TEAM_LABELS: Final = ("team_alias", "team", "workspace")
USER_LABELS: Final = ("end_user", "user", "consumer")
KEY_LABELS: Final = ("api_key_alias",)
NOBODY: Final = frozenset({"", "None", "default_user_id", "unknown"})
"""Values of labels that name nobody."""
CHECKS: Final = "litellm-internal-health-check"
"""LiteLLM's own questions to its models, under this key, are nobody's use."""
