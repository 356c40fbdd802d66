"""The measures that rules of alerts may name: what each is of, its unit, and what it says."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

USE: Final = "use"
SESSION: Final = "session"
MODEL: Final = "model"
SOURCE: Final = "source"
ENDPOINT: Final = "endpoint"
BUDGET: Final = "budget"
QUOTA: Final = "quota"
RATE: Final = "rate"
CUSTOM: Final = "measure"
"""`measure.NAME` is the newest value that `tokwatch track` or a log told under that name."""


class NamedMeasure(Struct, frozen=True):
    """One number that a rule can look at."""

    kind: str
    """What it is of; a rule's measures are all of one kind."""
    unit: str
    """"usd", "tokens", "share", "points", "count", "minutes", "seconds", "times" or ""."""
    words: str


def _of(kind: str, **told: tuple[str, str]) -> dict[str, NamedMeasure]:
    return {name: NamedMeasure(kind, unit, words) for name, (unit, words) in told.items()}


MEASURES: Final = {
    **_of(
        USE,
        burn_usd_per_hour=("usd", "dollars an hour over the last five minutes"),
        burn_times_usual=("times", "that rate over what an hour usually costs"),
        burn_over_scatter=("times", "that over what such hours usually scatter to"),
        cost_usd_per_hour=("usd", "cost of the last 60 minutes"),
        spend_times_usual=("times", "cost of the last 60 minutes over what they usually cost"),
        spend_over_scatter=("times", "that over what such hours usually scatter to"),
        spend_above_usual_usd=("usd", "cost of the last 60 minutes above the usual"),
        tokens_times_usual=("times", "tokens of the last 60 minutes over the usual number"),
        tokens_over_scatter=("times", "that over what such hours usually scatter to"),
        tokens_per_hour=("tokens", "tokens of the last 60 minutes"),
        tokens_per_minute=("tokens", "tokens of the last minute"),
        requests_per_hour=("count", "requests of the last 60 minutes"),
        cache_hit_rate=("share", "cache reads over prompt tokens, last 60 minutes"),
        known_prompt_tokens=("tokens", "prompt tokens that this rate knows of"),
        error_rate=("share", "failed attempts over all attempts, last 60 minutes"),
        retry_rate=("share", "attempts that were tried again over all, last 60 minutes"),
        attempts=("count", "attempts of the last 60 minutes, where logs tell of failures"),
        rate_limit_errors=("count", "attempts that a rate limit refused, last 15 minutes"),
        latency_p90_seconds=("seconds", "nine of ten requests take less, last 60 minutes"),
        timed_requests=("count", "requests of which the duration is told, last 60 minutes"),
        response_cache_hit_rate=("share", "answers from a gateway's cache, last 60 minutes"),
        response_requests=("count", "requests of which that is told"),
        estimate_error=("share", "computed cost off the logged one, last 24 hours"),
        estimated_requests=("count", "requests with both costs, last 24 hours"),
        optimisation_failure_rate=("share", "of the newest optimisations, those without effect"),
        optimisations=("count", "optimisations whose outcome is known, at most the newest 100"),
    ),
    **_of(
        SESSION,
        session_cost_usd=("usd", "cost of a session, sub-agents included"),
        session_tokens=("tokens", "tokens of a session, sub-agents included"),
        session_burn_usd_per_hour=("usd", "its dollars an hour over the last five minutes"),
        context_share=("share", "fullest context of its agents, of the window"),
        session_cache_hit_rate=("share", "cache reads over prompts, last 10 a cache could serve"),
        session_cache_drop=("points", "by how much that fell below the 30 requests before"),
        rewritten_tokens=("tokens", "most tokens sent anew at one cache break, last 15 minutes"),
        rewritten_usd=("usd", "what that break cost above reading"),
        turn_requests=("count", "requests since the user last spoke, sub-agents not counted"),
        turn_cost_usd=("usd", "cost since the user last spoke, sub-agents not counted"),
        loop_calls=("count", "the same tool call again and again, in the running turn"),
    ),
    **_of(
        MODEL,
        unpriced_tokens=("tokens", "tokens of a model without a price, last 24 hours"),
        token_estimate_error=("share", "counted tokens off the billed ones, as calibrated last"),
        token_estimate_pairs=("count", "pairs of counted and billed tokens that tell it"),
    ),
    **_of(
        SOURCE,
        source_failing=("", "1 while a source cannot be read, else 0"),
        source_silent_days=("", "days without a request of a source that was in daily use"),
    ),
    **_of(
        ENDPOINT,
        endpoint_failing=("", "1 while an endpoint is left alone because it fails, else 0"),
    ),
    **_of(
        BUDGET,
        budget_share=("share", "spent of a budget"),
        budget_pace=("times", "share spent over share of time gone"),
    ),
    **_of(
        QUOTA,
        quota_share=("share", "used of an official limit, as the tool last told"),
        quota_pace=("times", "share used over share of time gone"),
    ),
    **_of(RATE, tokens_per_minute_share=("share", "tokens of the last minute over the limit")),
}
"""By name."""

SCOPED: Final = (USE, SESSION)
"""Kinds whose rules may be narrowed to projects, models, agents and users."""
