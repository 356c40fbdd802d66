"""A picture of the overview in sentences and as JSON: words in place of marks and gauges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any, Final

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.cli.money import dollars, usd
from tokwatch.cli.status_gateways import gateway_documents, gateway_lines
from tokwatch.model.snapshot import Context, SessionRow, SessionState, Snapshot
from tokwatch.model.standing import Standing
from tokwatch.model.units import NANO
from tokwatch.words import counted, printable

MOST_ALERTS: Final = 10


def lines(found: Snapshot, zone: tzinfo, money: str, *, everything: bool) -> Iterator[str]:
    """Yield the picture, a sentence a line."""
    if found.empty:
        yield "Nothing is stored yet: `tokwatch sources` says which logs are looked for."
        return
    now = found.now.astimezone(zone)
    yield f"tokwatch at {now:%Y-%m-%d %H:%M}, {found.zone}."
    yield from _day(found, zone, money)
    yield from _alerts(found)
    if found.budget is not None:
        yield _budget(found.budget, zone)
    yield from _sessions(found, everything=everything)
    yield from gateway_lines(found.gateways, epoch_ms(now))
    yield _savings(found)


def _day(found: Snapshot, zone: tzinfo, money: str) -> Iterator[str]:
    name = "Today" if found.is_today else f"On {found.day}, the last day of use"
    usual = found.spend.times_usual
    against = "" if usual is None else f", {_times(usual)} times the usual by this time of day"
    least = "at least " if _is_least(found) else ""
    yield f"{name}: {least}{usd(found.spend.cost_nano)} {money}{against}."
    burn = found.burn
    yield (
        f"Burn rate: {usd(burn.nano_per_hour)} an hour over the last "
        f"{counted(burn.minutes, 'minute')}, {burn.tokens_per_minute:,} tokens a minute."
    )
    if found.cache.rate is not None:
        yield f"Cache hit rate: {found.cache.rate:.0%} of the day's prompt tokens."
    yield from _forecast(found, zone)
    if found.unpriced_models:
        names = ", ".join(map(printable, found.unpriced_models))
        yield f"Without a price, and in no sum of money: {names}."


def _times(usual: float) -> str:
    return f"{usual:.1f}" if usual < 10 else f"{usual:,.0f}"


def _is_least(found: Snapshot) -> bool:
    return bool(found.unpriced_models) or bool(found.spend.usage.lower_bound)


def _forecast(found: Snapshot, zone: tzinfo) -> Iterator[str]:
    ahead = found.forecast
    if ahead.end_of_day_nano is not None:
        yield f"Forecast: about {usd(ahead.end_of_day_nano)} by the end of the day."
    this = "This" if found.is_today else "Its"
    yield f"{this} week {usd(ahead.week_nano)}, {this.lower()} month {usd(ahead.month_nano)}."
    if ahead.block_nano is not None and ahead.block_end is not None:
        until = f"{ahead.block_end.astimezone(zone):%H:%M}"
        end = ahead.block_forecast_nano
        about = "" if end is None else f", about {usd(end)} by then"
        yield f"Block until {until}: {usd(ahead.block_nano)}{about}."


def _alerts(found: Snapshot) -> Iterator[str]:
    if not found.alerts:
        yield "No alert is open."
        return
    yield f"{counted(len(found.alerts), 'alert')} open:"
    for alert in found.alerts[:MOST_ALERTS]:
        seen = "" if alert.acknowledged_ms is None else ", acknowledged"
        yield f"  {alert.severity}{seen}: {printable(alert.title)}"
    if len(found.alerts) > MOST_ALERTS:
        yield f"  and {len(found.alerts) - MOST_ALERTS:,} more: `tokwatch alerts` lists them"


def _budget(one: Standing, zone: tzinfo) -> str:
    of = f" ({printable(one.subject)})" if one.subject else ""
    left = f"{_amount(one, one.left)} left" if one.left >= 0 else f"{_amount(one, -one.left)} over"
    least = "at least " if one.lower_bound else ""
    told = f"{least}{_amount(one, one.spent)} of {_amount(one, one.limit)} spent, {left}"
    end = ""
    if one.runs_out_ms is not None:
        at = datetime.fromtimestamp(one.runs_out_ms / 1000, zone)
        end = f", about to run out {at:%Y-%m-%d %H:%M}"
    return f"Tightest budget: {printable(one.name)}{of}: {told}{end}."


def _amount(one: Standing, number: int) -> str:
    return usd(number) if one.unit == "usd" else f"{number:,} {one.unit}"


def _sessions(found: Snapshot, *, everything: bool) -> Iterator[str]:
    shown = [row for row in found.sessions if everything or row.state is not SessionState.ENDED]
    whole = counted(found.sessions_in_range, "session")
    yield f"{found.sessions_live:,} live of {whole} in the last 24 hours{':' if shown else '.'}"
    yield from (_session(row) for row in shown)


def _session(row: SessionRow) -> str:
    who = f"{'  ' * (row.depth + 1)}{printable(row.label)}"
    where = f", {printable(row.project)}" if row.project else ""
    least = "at least " if row.usage.lower_bound else ""
    told = f"{least}{usd(row.cost_nano)}" + (
        f", {usd(row.nano_per_hour)} an hour" if row.nano_per_hour else ""
    )
    context = "" if row.context is None else f", {_context(row.context)}"
    return f"{who}{where}, {printable(row.model)}, {row.state}: {told}{context}"


_WINDOWS: Final = {
    "logged": ("", "as its log says"),
    "configured": ("", "as you set it"),
    "inferred": ("about ", "guessed from its largest prompt"),
    "settings": ("about ", "as its tool's settings ask for"),
    "table": ("about ", "as is usual for the model"),
}
"""Whether the share is an estimate, and how the window's size is known, by a context's basis."""


def _context(context: Context) -> str:
    level = "" if context.level == "ok" else f" ({context.level})"
    about, known = _WINDOWS[context.basis]
    return f"context {about}{context.share:.0%} of {context.window:,} tokens, {known}{level}"


def _savings(found: Snapshot) -> str:
    if not found.savings.is_looked:
        return "Suggestions: not looked for yet; `tokwatch suggestions` does."
    if not found.savings.count:
        return "No suggestion is open."
    would = f"{usd(found.savings.nano_month)} a month"
    return f"{counted(found.savings.count, 'suggestion')} open, about {would}."


def document(found: Snapshot, *, everything: bool) -> dict[str, Any]:  # JSON
    """Return the picture as JSON; money in dollars, null where nothing is known."""
    ahead = found.forecast
    return {
        "at": found.now.isoformat(),
        "day": found.day,
        "isToday": found.is_today,
        "cost": dollars(found.spend.cost_nano),
        "totalTokens": found.spend.usage.total,
        "requests": found.spend.usage.requests,
        "lowerBoundRequests": found.spend.usage.lower_bound,
        "timesUsual": found.spend.times_usual,
        "costPerHour": found.burn.nano_per_hour / NANO,
        "tokensPerMinute": found.burn.tokens_per_minute,
        "cacheHitRate": found.cache.rate,
        "forecastCost": dollars(ahead.end_of_day_nano),
        "weekCost": dollars(ahead.week_nano),
        "monthCost": dollars(ahead.month_nano),
        "blockCost": dollars(ahead.block_nano),
        "unpricedModels": list(found.unpriced_models),
        "alerts": [
            {"id": one.id, "severity": str(one.severity), "rule": one.rule, "title": one.title}
            for one in found.alerts
        ],
        "sessionsLive": found.sessions_live,
        "sessions": [
            _row(row) for row in found.sessions if everything or row.state is not SessionState.ENDED
        ],
        "gateways": gateway_documents(found.gateways),
        "suggestions": found.savings.count,
        "savingUsdMonth": found.savings.nano_month / NANO,
    }


def _row(row: SessionRow) -> dict[str, Any]:  # JSON
    context = row.context
    return {
        "source": row.source,
        "sessionId": row.session,
        "agent": row.agent,
        "project": row.project,
        "modelName": row.model,
        "state": str(row.state),
        "cost": dollars(row.cost_nano),
        "costPerHour": row.nano_per_hour / NANO,
        "lastActivity": row.last.isoformat(),
        "context": context
        and {
            "tokens": context.tokens,
            "window": context.window,
            "basis": context.basis,
            "share": context.share,
            "level": context.level,
        },
    }
