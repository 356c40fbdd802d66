"""Performance and quality as JSON: milliseconds, tokens, nano-dollars, exact as they are."""

from __future__ import annotations

from typing import Any

from tokwatch.analysis.distribution import Spread
from tokwatch.analysis.measured import Measured
from tokwatch.analysis.outcomes import ErrorKind, Ratio
from tokwatch.analysis.quality import Group, Quality
from tokwatch.cli.json_form import as_json
from tokwatch.pages.quality import QualityPage

Record = dict[str, Any]  # what becomes JSON: texts, numbers and lists of them


def document(page: QualityPage) -> str:
    """Return the page as a JSON object."""
    record: Record = {
        "sinceMs": page.since_ms,
        "untilMs": page.at_ms + 1,
        "only": [{"by": str(one.by), "value": one.value} for one in page.trail],
        **_quality(page.whole),
        "by": str(page.by),
        "groups": [_group(one) for one in page.whole.groups],
    }
    if page.before is not None and page.after is not None:
        record["markMs"] = page.mark_ms
        record["before"], record["after"] = _quality(page.before), _quality(page.after)
    return as_json(record)


def _quality(of: Quality) -> Record:
    return {
        "requests": of.requests,
        "requestsInSums": of.sums,
        "sessions": of.sessions,
        "sessionsRead": of.read,
        "stretchesMs": of.division.starts,
        "measures": [_measure(one) for one in of.measures],
        "outcomes": [_ratio(one) for one in of.ratios],
        "errors": [_error(one) for one in of.errors],
    }


def _measure(one: Measured) -> Record:
    return {
        "name": one.definition.name,
        "unit": one.definition.custom_unit or str(one.definition.unit),
        "definition": one.definition.words,
        "of": one.definition.what,
        "whole": one.whole,
        "derived": one.derived,
        "lowerBounds": one.lower,
        **(_spread(one.spread)),
        "trendP50": one.p50,
        "trendP90": one.p90,
        "distribution": [
            {"from": bar.since, "below": bar.until, "values": bar.values} for bar in one.bars
        ],
        "told": [
            {"source": by.source, "known": by.known, "whole": by.whole, "derived": by.derived}
            for by in one.told
        ],
    }


def _spread(spread: Spread | None) -> Record:
    if spread is None:
        return {"known": 0}
    return {
        "known": spread.count,
        "sum": spread.total,
        "average": spread.mean,
        "min": spread.least,
        "p50": spread.p50,
        "p90": spread.p90,
        "p99": spread.p99,
        "max": spread.most,
    }


def _ratio(one: Ratio) -> Record:
    names = ("costNano", "tokens") if one.aim.is_money else ("part", "whole")
    return {
        "name": one.aim.name,
        "definition": one.aim.words,
        "of": one.aim.what,
        names[0]: one.part,
        names[1]: one.whole,
        "value": one.value,
        "unit": "nano-dollars per million tokens" if one.aim.is_money else "share",
        "trend": one.trend,
        "told": [{"source": by.source, "part": by.known, "whole": by.whole} for by in one.told],
    }


def _error(one: ErrorKind) -> Record:
    return {
        "kind": one.trouble,
        "count": one.count,
        "lastAttempts": one.ended,
        "trend": one.trend,
        "told": dict(one.told),
    }


def _group(one: Group) -> Record:
    return {
        "name": one.name,
        "requests": one.requests,
        "measures": {name: _spread(spread) for name, spread in one.spreads.items()},
        "success": one.success.value,
        "answers": one.success.part,
        "attempts": one.success.whole,
        "costNanoPerMillionTokens": one.per_million.value,
        "errors": one.errors,
        "rateLimited": one.limits,
    }
