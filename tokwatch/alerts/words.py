"""Alerts in words: a title for whoever reads them, on a screen, in a chat or on a desktop."""

from __future__ import annotations

from typing import Final

from tokwatch.config.measures import MEASURES

_NAMES: Final = {
    "burn_usd_per_hour": "burn rate",
    "spend_times_usual": "spend of the last hour",
    "tokens_times_usual": "tokens of the last hour",
    "session_cost_usd": "session cost",
    "context_share": "context window",
    "session_cache_drop": "cache hit rate fell by",
    "rewritten_tokens": "context sent anew",
    "turn_requests": "requests without you",
    "loop_calls": "same tool call",
    "unpriced_tokens": "tokens without a price",
    "source_failing": "source cannot be read",
    "endpoint_failing": "endpoint fails",
    "source_silent_days": "source silent for",
    "budget_share": "budget spent",
    "quota_share": "limit used",
    "quota_pace": "limit used too fast",
    "tokens_per_minute_share": "rate limit used",
    "rate_limit_errors": "refused by a rate limit",
    "latency_p90_seconds": "latency p90",
    "error_rate": "failed requests",
    "retry_rate": "requests tried again",
    "estimate_error": "computed cost off by",
    "token_estimate_error": "counted tokens off by",
    "optimisation_failure_rate": "optimisations without effect",
}

STATES: Final = ("source_failing", "endpoint_failing")
"""Measures that are 0 or 1: their number tells nothing."""


def amount(measure: str, value: float) -> str:
    """Return a measure's value with its unit."""
    unit = MEASURES[measure].unit if measure in MEASURES else ""
    match unit:
        case "usd":
            return f"${value:,.2f}" if value < 1000 else f"${value:,.0f}"
        case "share":
            return f"{value * 100:.3g}%" if value < 0.1 else f"{value:.0%}"
        case "points":
            return f"{value:.0f} points"
        case "tokens":
            return f"{_short(value)} tokens"
        case "times":
            return f"{value:.1f}x"
        case "minutes" | "seconds":
            return f"{value:,.0f} {unit[:3] if unit == 'minutes' else 's'}"
        case _:
            return f"{value:,.6g}"


def _short(value: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:,.0f}"


def name_of(measure: str) -> str:
    """Return what a measure is called."""
    return _NAMES.get(measure, measure.removeprefix("measure.").replace("_", " "))


def title_of(measure: str, value: float, threshold: float, label: str, *, above: bool) -> str:
    """Return one line: what, how much, against what, and of what."""
    told = name_of(measure)
    if measure not in STATES:
        side = "above" if above else "below"
        told = f"{told} {amount(measure, value)}"
        if threshold:
            told += f" ({side} {amount(measure, threshold)})"
    return f"{told} · {label}" if label else told
