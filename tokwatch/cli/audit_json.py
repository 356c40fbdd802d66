"""An audit as JSON; docs/audit.md describes the shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from tokwatch.analysis.calendar import date_of
from tokwatch.cli.json_form import as_json
from tokwatch.model.units import OPEN_END_MS

if TYPE_CHECKING:
    from tokwatch.analysis.audit import Audit, Disagreement, SourceAudit
    from tokwatch.audit.reading import AboutSource
    from tokwatch.config import Config
    from tokwatch.model.evidence import Evidence, LogsOf, Place
    from tokwatch.model.usage import CostMode, Usage


def document(config: Config, audit: Audit) -> str:
    """Return the whole audit."""
    from tokwatch.audit.reading import about_sources

    about, part = about_sources(config), audit.focus.part
    mode = config.prices.mode
    told = {
        "since": instant(part.since_ms) if part.since_ms > 0 else None,
        "until": instant(part.until_ms) if part.until_ms < OPEN_END_MS else None,
        "session": audit.focus.session or None,
        "mode": str(mode),
        "totals": _usage(audit.usage, mode),
        "sources": [_source(one, about.get(one.source), mode) for one in audit.sources],
        "disagreements": [_disagreement(one) for one in audit.disagreements],
        "events": [_event(one, mode) for one in audit.events],
    }
    return as_json(told)


def instant(at_ms: int) -> str:
    """Return an instant as ISO 8601 text in UTC."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _usage(usage: Usage, mode: CostMode) -> dict[str, int]:
    return {
        "requests": usage.requests,
        "inputTokens": usage.input,
        "cacheReadTokens": usage.cache_read,
        "cacheWrite5mTokens": usage.cache_write_5m,
        "cacheWrite1hTokens": usage.cache_write_1h,
        "outputTokens": usage.output,
        "reasoningTokens": usage.reasoning,
        "totalTokens": usage.total,
        "loggedNano": usage.logged_nano,
        "computedNano": usage.computed_nano,
        "countedNano": usage.cost_nano(mode),
        "lowerBoundRequests": usage.lower_bound,
        "derivedRequests": usage.derived,
        "unpricedTokens": usage.unpriced_tokens,
    }


def _source(one: SourceAudit, about: AboutSource | None, mode: CostMode) -> dict[str, object]:
    return {
        "source": one.source,
        "title": about.title if about else one.source,
        "totals": _usage(one.usage, mode),
        "sessions": one.sessions,
        "exactRequests": one.exact,
        "overlappingRequests": one.overlaps,
        **(_logs(one.logs) if one.logs else {}),
        "records": one.records,
        "events": one.kept.events,
        "prunedRequests": one.pruned,
        "duplicates": {
            "repeatedLines": one.duplicates.repeated_lines,
            "copies": one.duplicates.copies,
            "echoes": one.duplicates.echoes,
            "ghosts": one.duplicates.ghosts,
            "witnesses": one.duplicates.witnesses,
        },
        "hidden": _usage(one.hidden, mode) if one.hidden else None,
        "unpriced": [{"model": model, "tokens": tokens} for model, tokens in one.unpriced],
        "bothCosts": {
            "requests": one.costs.requests,
            "loggedNano": one.costs.logged_nano,
            "computedNano": one.costs.computed_nano,
            "differenceNano": one.costs.logged_nano - one.costs.computed_nano,
        }
        if one.costs
        else None,
        "witnessed": {"requests": one.witnessed, "disagreeing": one.disagreeing},
        "coverage": _coverage(one),
        "retention": about.retention if about else "",
        "knowledge": asdict(about.knowledge) if about else None,
    }


def _coverage(one: SourceAudit) -> dict[str, object]:
    return {
        "first": None if one.first_ms is None else instant(one.first_ms),
        "last": None if one.last_ms is None else instant(one.last_ms),
        "activeDays": one.active_days,
        "gaps": [
            {
                "first": date_of(gap.first_day).isoformat(),
                "last": date_of(gap.last_day).isoformat(),
                "days": gap.days,
            }
            for gap in one.gaps
        ],
    }


def _logs(logs: LogsOf) -> dict[str, object]:
    return {
        "machines": list(logs.machines),
        "files": logs.files,
        "lines": logs.lines,
        "skipped": {
            "badLines": logs.bad_lines,
            "gluedLines": logs.glued_lines,
            "oversizedLines": logs.oversized_lines,
            "undated": logs.undated,
            "synthetic": logs.synthetic,
            "unknown": logs.unknown,
            "unknownFields": logs.sample.split(", ") if logs.sample else [],
        },
    }


def _disagreement(one: Disagreement) -> dict[str, object]:
    return {
        "at": instant(one.at_ms),
        "session": one.session,
        "model": one.model,
        "sources": list(one.sources),
        "differing": list(one.differing),
    }


def _event(one: Evidence, mode: CostMode) -> dict[str, object]:
    return {
        "at": instant(one.at_ms),
        **{name: value for name, value in one.scope._asdict().items() if name != "machine"},
        "provider": one.model.provider,
        "model": one.model.name,
        "tier": one.model.tier,
        "requests": one.requests,
        "inputTokens": one.input,
        "cacheReadTokens": one.cache_read,
        "cacheWrite5mTokens": one.cache_write_5m,
        "cacheWrite1hTokens": one.cache_write_1h,
        "outputTokens": one.output,
        "reasoningTokens": one.reasoning,
        "loggedNano": one.logged_nano,
        "computedNano": one.computed_nano,
        "counts": one.counted(mode)[0] or None,
        "final": one.is_final,
        **_place(one.place),
        "alsoIn": [_place(place) for place in one.others],
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "machine": place.machine,
        "path": place.path,
        "offset": place.offset,
        "grade": place.grade.name.lower(),
    }
