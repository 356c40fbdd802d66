"""A range as a whole, as tables and as JSON; see docs/reports.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from tokwatch.analysis.periods import Row
from tokwatch.cli.money import dollars, usd
from tokwatch.cli.report_sections import Section
from tokwatch.model.units import NANO
from tokwatch.model.usage import CostMode, Usage
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.cli.report_overall import Overall
    from tokwatch.model.suggestion import Suggestion

FIRST: Final = 3
"""Suggestions that a summary names."""
Object = dict[str, Any]  # JSON: what a key holds is known to its reader


def summary_sections(found: Overall, mode: CostMode, money: str) -> list[Section]:
    """Return a summary as tables."""
    total, per_day = found.total, found.daily
    figures = [
        (money, _cost(total, mode)),
        ("tokens", f"{total.total:,}"),
        ("requests", f"{total.requests:,}"),
        (f"{money} a request", _each(total, mode)),
        (f"{money} a day", f"{_a_day(found, mode)} over {counted(per_day.days, 'day')}"),
        ("trend", _trend(found)),
        ("cache hit rate", _percent(found.cache.token_rate)),
        *((f"top {one.sort}", _consumer(one.name, one.nano, one.share)) for one in found.top),
        ("realised savings", _realised(found.followed)),
    ]
    rows = tuple((name, figure) for name, figure in figures)
    return [
        Section(f"{found.since} to {found.until}", (), rows, names=2),
        _suggestions(found.suggestions[:FIRST]),
    ]


def detailed_sections(found: Overall, mode: CostMode, money: str) -> list[Section]:
    """Return a summary, and what it rests on."""
    return [
        *summary_sections(found, mode, money),
        _by_agent(found.agents, mode, money),
        _by_day(found, mode, money),
        _by_model(found.models, mode, money),
        _effects(found),
    ]


def summary_document(found: Overall, mode: CostMode) -> Object:
    """Return a summary as JSON."""
    total = found.total
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "newestBefore": found.newest_before and found.newest_before.isoformat(),
        **_object(total, mode),
        "unpricedTokens": total.missing(mode),
        "lowerBoundRequests": total.lower_bound,
        "derivedRequests": total.derived,
        "cacheHitRate": found.cache.token_rate,
        "daily": {
            "days": found.daily.days,
            "activeDays": found.daily.active,
            "averageCost": dollars(found.daily.mean_nano),
            "earlierAverageCost": dollars(found.daily.earlier_nano),
            "laterAverageCost": dollars(found.daily.later_nano),
            "change": found.daily.change,
        },
        "topConsumers": [
            {
                "by": one.sort,
                "name": _plain(one.name),
                "cost": dollars(one.nano),
                "share": one.share,
            }
            for one in found.top
        ],
        "realisedUsdMonth": _realised_nano(found.followed) / NANO,
        "suggestions": [
            {"id": one.id, "title": one.title, "savingUsdMonth": one.saving_nano_month / NANO}
            for one in found.suggestions[:FIRST]
        ],
    }


def detailed_document(found: Overall, mode: CostMode) -> Object:
    """Return a summary as JSON, with what it rests on."""
    return summary_document(found, mode) | {
        "agents": [
            {"agent": row.name, **_object(row.usage, mode), "optimisedTokens": row.usage.cache_read}
            for row in found.agents
        ],
        "days": [{"date": row.name, **_object(row.usage, mode)} for row in found.days],
        "models": [{"modelName": row.name, **_object(row.usage, mode)} for row in found.models],
        "techniques": [
            {
                "technique": one.technique,
                "times": one.times,
                "tokens": one.tokens,
                "savedUsd": dollars(one.nano),
            }
            for one in found.effects
        ],
    }


def _object(usage: Usage, mode: CostMode) -> Object:
    cost = usage.cost_nano(mode)
    return {
        "requests": usage.requests,
        "totalTokens": usage.total,
        "totalCost": cost / NANO,
        "costPerRequest": cost / usage.requests / NANO if usage.requests else None,
        "tokensPerRequest": usage.total / usage.requests if usage.requests else None,
    }


def _by_agent(rows: Sequence[Row], mode: CostMode, money: str) -> Section:
    return _table(
        "By agent",
        ("agent", "requests", "tokens", "a request", "optimised", money, f"{money} a request"),
        rows,
        lambda row: (
            f"{row.usage.requests:,}",
            f"{row.usage.total:,}",
            _mean(row.usage.total, row.usage.requests),
            f"{row.usage.cache_read:,}",
            _cost(row.usage, mode),
            _each(row.usage, mode),
        ),
        mode,
        ("optimised: prompt tokens that were read from a cache instead of sent anew",),
    )


def _by_day(found: Overall, mode: CostMode, money: str) -> Section:
    return _table(
        "By day",
        ("day", "requests", "tokens", money),
        found.days,
        lambda row: (f"{row.usage.requests:,}", f"{row.usage.total:,}", _cost(row.usage, mode)),
        mode,
        (f"{_a_day(found, mode)} a day on average; {_trend(found)}",),
    )


def _by_model(rows: Sequence[Row], mode: CostMode, money: str) -> Section:
    whole = sum(row.usage.cost_nano(mode) for row in rows)
    return _table(
        "By model",
        ("model", "requests", "tokens", money, "share"),
        rows,
        lambda row: (
            f"{row.usage.requests:,}",
            f"{row.usage.total:,}",
            _cost(row.usage, mode),
            _percent(row.usage.cost_nano(mode) / whole if whole else None),
        ),
        mode,
    )


def _effects(found: Overall) -> Section:
    rows = tuple(
        (
            printable(one.technique),
            f"{one.times:,}",
            "–" if one.tokens is None else f"{one.tokens:,}",
            "–" if one.nano is None else usd(one.nano),
        )
        for one in found.effects
    )
    notes = ("What reading from caches saved is less what writing to them cost above plain input.",)
    return Section(
        "What optimisation did",
        ("technique", "times", "tokens", "saved"),
        rows,
        notes if rows else ("No technique was at work in this range.",),
    )


def _suggestions(found: Iterable[Suggestion]) -> Section:
    rows = tuple(
        (str(one.id), printable(one.title), f"{usd(one.saving_nano_month)}/month") for one in found
    )
    notes = () if rows else ("None is open: `tokwatch suggestions` looks for them.",)
    return Section("Suggestions", ("#", "suggestion", "saves"), rows, notes, names=2)


def _table(
    title: str,
    heads: tuple[str, ...],
    rows: Sequence[Row],
    cells: Callable[[Row], tuple[str, ...]],
    mode: CostMode,
    notes: tuple[str, ...] = (),
) -> Section:
    largest = max((row.usage.cost_nano(mode) for row in rows), default=0)
    shares = tuple(row.usage.cost_nano(mode) / largest if largest else 0.0 for row in rows)
    lines = tuple((_plain(row.name), *cells(row)) for row in rows)
    return Section(title, heads, lines, notes, shares=shares)


def _plain(name: str) -> str:
    """Return a name as it is told; of a session without its source."""
    return printable(name.rpartition("\0")[2]) or "(none)"


def _consumer(name: str, nano: int, share: float | None) -> str:
    return f"{_plain(name)}, {usd(nano)} ({_percent(share)})"


def _a_day(found: Overall, mode: CostMode) -> str:
    missing = found.total.missing(mode)
    if missing and not found.daily.mean_nano:
        return "n/a"
    marks = "≥" if missing or found.total.lower_bound else ""
    return f"{marks}{usd(found.daily.mean_nano)}"


def _trend(found: Overall) -> str:
    change = found.daily.change
    if change is None or found.daily.days < 2:
        return "too little for a trend"
    word = "more" if change >= 0 else "less"
    return f"a day of the later half costs {abs(change):.0%} {word} than one of the first"


def _realised_nano(followed: Iterable[Suggestion]) -> int:
    return sum(one.realised_counted_nano_month for one in followed)


def _realised(followed: Sequence[Suggestion]) -> str:
    if not followed:
        return "none: no suggestion was followed yet"
    return f"{usd(_realised_nano(followed))} a month from {counted(len(followed), 'suggestion')}"


def _cost(usage: Usage, mode: CostMode) -> str:
    nano, missing = usage.cost_nano(mode), usage.missing(mode)
    if missing and not nano:
        return "unpriced"
    marks = ("≥" if missing or usage.lower_bound else "") + ("~" if usage.derived else "")
    return f"{marks}{usd(nano)}{'+?' if missing else ''}"


def _each(usage: Usage, mode: CostMode) -> str:
    if not usage.requests or (usage.missing(mode) and not usage.cost_nano(mode)):
        return "n/a"
    marks = "≥" if usage.missing(mode) or usage.lower_bound else ""
    return f"{marks}${usage.cost_nano(mode) / usage.requests / NANO:,.4f}"


def _mean(amount: int, count: int) -> str:
    return f"{amount / count:,.0f}" if count else "n/a"


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{share:.0%}"
