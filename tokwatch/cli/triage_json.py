"""A triage as JSON: exact amounts as whole nano-dollars, beside dollars to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict

from tokwatch.analysis.anomalies import Anomaly
from tokwatch.analysis.attribution import Contribution
from tokwatch.analysis.baseline import Stretch
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.happenings import Happening
from tokwatch.cli.json_form import as_json
from tokwatch.model.units import NANO
from tokwatch.model.usage import Dimension, Usage
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import triage_names as names
from tokwatch.ui import triage_words as words

Record = dict[str, Any]  # what becomes JSON: texts, numbers and lists of them


def document(page: TriagePage, by: Sequence[Dimension]) -> str:
    """Return the triage as a JSON object; `by` keeps to the contributions of some dimensions."""
    found, verdict = page.triage, page.triage.verdict
    listed = [one for one in found.contributions if not by or one.dimension in by]
    record: Record = {
        "a": _stretch(found.shown) | _usage(found.after) | _amounts(cost=verdict.nano),
        "b": _stretch(found.baseline) | _usage(found.before)
        | {"against": page.against, "scale": str(found.scale)},
        **_amounts(expected=verdict.expected_nano, difference=verdict.difference_nano),
        "times": verdict.times,
        "verdict": [words.headline(page), words.why(page), words.figures(page)],
        "contributions": [_contribution(one) for one in listed],
        "bridge": [{"cause": step.cause} | _amounts(cost=step.nano) for step in found.bridge.steps],
        "residualNano": found.bridge.residual_nano,
        "events": [_happening(one) for one in page.happenings],
        "anomalies": [_anomaly(one) for one in page.anomalies],
        "hasHistory": page.has_history,
    }  # fmt: skip
    return as_json(record)


def _amounts(**nano: int) -> Record:
    """Return amounts both ways: `costNano` and `costUSD`."""
    exact = {f"{name}Nano": value for name, value in nano.items()}
    return exact | {f"{name}USD": value / NANO for name, value in nano.items()}


def _stretch(of: Stretch) -> Record:
    return {"from": _iso(of.since_ms), "to": _iso(of.until_ms)}


def _iso(at_ms: int) -> str:
    return instant(at_ms).isoformat().replace("+00:00", "Z")


def _usage(usage: Usage) -> Record:
    return {
        "requests": usage.requests,
        "inputTokens": usage.input,
        "cacheReadTokens": usage.cache_read,
        "cacheWriteTokens": usage.cache_write,
        "outputTokens": usage.output,
        "cacheHitRate": usage.hit_rate,
        "unpricedTokens": usage.uncosted_tokens,
        "lowerBoundRequests": usage.lower_bound,
        "derivedRequests": usage.derived,
    }


def _contribution(one: Contribution) -> Record:
    return {
        "dimension": names.dimension_name(one.dimension),
        "value": one.value,
        "requests": one.requests,
        **_amounts(cost=one.nano, expected=one.baseline_nano, difference=one.difference_nano),
        "share": one.share,
    }


def _happening(one: Happening) -> Record:
    record = {"at": _iso(one.at_ms), "what": str(one.what)}
    told = asdict(one) | {"key": str(one.key) if one.key else ""}
    for name in ("source", "session", "agent", "name", "before", "cause", "key"):
        if told[name]:
            record[name] = told[name]
    if one.count > 1:
        return {**record, "count": one.count, "last": _iso(one.last_ms)}
    return dict(record)


def _anomaly(one: Anomaly) -> Record:
    return {
        **_stretch(Stretch(one.since_ms, one.until_ms)),
        **_amounts(cost=one.nano, usual=one.usual_nano, threshold=one.threshold_nano),
        "times": one.times,
        "hours": one.hours,
        "isOfSlot": one.is_of_slot,
    }
