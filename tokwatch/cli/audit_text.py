"""An audit in words, a line for each cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tokwatch.analysis.calendar import date_of
from tokwatch.cli.money import usd
from tokwatch.model.event import Grade
from tokwatch.model.units import OPEN_END_MS
from tokwatch.words import counted, printable
from tokwatch.zones import find_zone

if TYPE_CHECKING:
    from datetime import tzinfo

    from tokwatch.analysis.audit import Audit, Disagreement, Duplicates, SourceAudit
    from tokwatch.audit.reading import AboutSource
    from tokwatch.config import Config
    from tokwatch.model.evidence import BothCosts, Evidence, LogsOf, Place
    from tokwatch.model.usage import CostMode, Usage

MOST_GAPS: Final = 3
MOST_DISAGREEMENTS: Final = 10
GRADES: Final = {
    Grade.WITNESS: "seen by a gateway",
    Grade.DERIVED: "derived",
    Grade.ECHO: "echo",
    Grade.RECORD: "record",
    Grade.GHOST: "told by other records",
}
NAME: Final = 13


def lines(config: Config, audit: Audit) -> Iterator[str]:
    """Yield the lines of the audit."""
    from tokwatch.audit.reading import about_sources

    name, zone = find_zone(config.general.timezone)
    mode = config.prices.mode
    yield _about(audit, zone, name)
    if len(audit.sources) > 1:
        yield _records(audit.sources)
    about = about_sources(config)
    for one in audit.sources:
        yield ""
        yield from _source(one, about.get(one.source), zone, mode)
    if audit.disagreements:
        yield ""
        yield from _disagreements(audit.disagreements, zone)
    if audit.events:
        yield ""
        yield f"Requests, the newest first ({counted(len(audit.events), 'event')}):"
        for event in audit.events:
            yield from _event(event, zone, mode)


def _about(audit: Audit, zone: tzinfo, zone_name: str) -> str:
    part, usage = audit.focus.part, audit.usage
    since = _moment(part.since_ms, zone) if part.since_ms > 0 else "the first request"
    until = _moment(part.until_ms, zone) if part.until_ms < OPEN_END_MS else "the last"
    session = f" of session {printable(audit.focus.session)}" if audit.focus.session else ""
    return (
        f"{counted(usage.requests, 'request')}{session} from {since} to {until} ({zone_name}),"
        f" {counted(usage.total, 'token')}"
    )


def _records(sources: Sequence[SourceAudit]) -> str:
    """Say what the logs told, and what became of it: counts that imports and exports tell too."""
    merged = sum(one.duplicates.records for one in sources)
    events, requests = (sum(part) for part in zip(*(one.kept[1:] for one in sources), strict=True))
    pruned = sum(one.pruned for one in sources)
    told = f"{counted(merged + events, 'record')} in logs"
    told += f" - {merged:,} merged" if merged else ""
    told += f" = {counted(events, 'event')}"
    if requests != events or pruned:
        told += f", which are {counted(requests, 'request')}"
    return told + (f"; of {counted(pruned, 'request')} only sums remain" if pruned else "")


def _moment(at_ms: int, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, zone):%Y-%m-%d %H:%M:%S}"


def _source(
    one: SourceAudit, about: AboutSource | None, zone: tzinfo, mode: CostMode
) -> Iterator[str]:
    """Yield what is to be said of a source; what is nothing is left out."""
    yield f"{about.title if about else printable(one.source)}  [{printable(one.source)}]"
    told: list[tuple[str, str]] = [("counted", _counted(one, mode))]
    if one.logs:
        told.append(("read", _read(one.logs)))
    told.append(("records", _records((one,)) if one.kept.events else ""))
    told += [("merged", _merged(one.duplicates)), ("left out", _skipped(one.logs))]
    told += [("overlap", _overlap(one))]
    told += [("certainty", _certainty(one)), ("hidden", _hidden(one.hidden))]
    told += [
        ("no price", f"{printable(model)}: {counted(n, 'token')}") for model, n in one.unpriced
    ]
    told += [("costs", _costs(one.costs)), ("witnesses", _witnesses(one))]
    told += [("coverage", _coverage(one, zone))]
    if about:
        told.append(("kept", about.retention))
        known = about.knowledge
        told += [("is exact", known.exact), ("is derived", known.derived)]
        told.append(("is unknown", known.unknown))
    for name, words in told:
        if words:
            yield f"  {name:<{NAME}}{words}"


def _counted(one: SourceAudit, mode: CostMode) -> str:
    usage = one.usage
    return (
        f"{counted(usage.requests, 'request')} in {counted(one.sessions, 'session')},"
        f" {counted(usage.total, 'token')}, {usd(usage.cost_nano(mode), 4)}"
    )


def _read(logs: LogsOf) -> str:
    named = [printable(machine) for machine in logs.machines if machine]
    machines = f" of {', '.join(named)}" if named else ""
    return f"{counted(logs.files, 'log')}{machines}, {counted(logs.lines, 'line')}"


def _merged(found: Duplicates) -> str:
    causes = (
        (found.repeated_lines, "repeated line", "repeated lines", " of one response"),
        (found.copies, "copy", "copies", " in forks, resumed sessions and other folders"),
        (found.echoes, "echo", "echoes", " in another transcript"),
        (found.ghosts, "total", "totals", " that other records tell"),
        (found.witnesses, "seen by a gateway too", "seen by a gateway too", ""),
    )
    return _listed(causes)


def _listed(causes: tuple[tuple[int, str, str, str], ...]) -> str:
    """Return those of some causes that there are: how many, one or several, and what follows."""
    return ", ".join(f"{counted(n, one, many)}{rest}" for n, one, many, rest in causes if n)


def _skipped(logs: LogsOf | None) -> str:
    if logs is None:
        return ""
    fields = f" (fields: {printable(logs.sample)})" if logs.sample else ""
    causes = (
        (logs.bad_lines, "unreadable line", "unreadable lines", ""),
        (logs.oversized_lines, "oversized line", "oversized lines", ""),
        (logs.undated, "record", "records", " without a time"),
        (logs.synthetic, "local message", "local messages", " that no model wrote"),
        (logs.unknown, "record", "records", f" of an unknown shape{fields}"),
    )
    told = _listed(causes)
    glued = f"{counted(logs.glued_lines, 'line')} held several records: all counted"
    return "; ".join(part for part in (told, glued if logs.glued_lines else "") if part)


def _overlap(one: SourceAudit) -> str:
    if not one.overlaps:
        return ""
    return f"{counted(one.overlaps, 'request')} may be in Claude Code's log too, and counted twice"


def _certainty(one: SourceAudit) -> str:
    usage = one.usage
    if not usage.requests:
        return ""
    told = [f"{one.exact:,} exact"]
    if usage.lower_bound:
        bounds = counted(usage.lower_bound, "lower bound")
        told.append(f"{bounds} ({_share(usage.lower_bound, usage)})")
    if usage.derived:
        told.append(f"{usage.derived:,} derived from totals ({_share(usage.derived, usage)})")
    if one.both_doubts:
        told.append(f"{one.both_doubts:,} of these both")
    return ", ".join(told)


def _share(part: int, usage: Usage) -> str:
    return f"{part / usage.requests:.1%}" if usage.requests else "n/a"


def _hidden(hidden: Usage | None) -> str:
    if hidden is None:
        return ""
    return (
        f"{counted(hidden.total, 'token')}, {usd(hidden.auto_nano, 4)} in calls that no transcript"
        " shows: derived, in none of the sums"
    )


def _costs(costs: BothCosts | None) -> str:
    if costs is None:
        return ""
    difference = costs.logged_nano - costs.computed_nano
    share = f" ({difference / costs.computed_nano:+.1%})" if costs.computed_nano else ""
    return (
        f"{counted(costs.requests, 'request has', 'requests have')} both: logged"
        f" {usd(costs.logged_nano, 4)}, computed {usd(costs.computed_nano, 4)},"
        f" difference {usd(difference, 4)}{share}"
    )


def _witnesses(one: SourceAudit) -> str:
    if not one.witnessed:
        return ""
    seen = counted(one.witnessed, "request is", "requests are")
    differ = counted(one.disagreeing, "differs", "differ")
    return f"{seen} told by several sources, {differ}"


def _coverage(one: SourceAudit, zone: tzinfo) -> str:
    if one.first_ms is None or one.last_ms is None:
        return "no request"
    told = f"{_moment(one.first_ms, zone)} to {_moment(one.last_ms, zone)}"
    if not one.active_days:
        return told
    told += f", {counted(one.active_days, 'day')} with use"
    if one.gaps:
        missing = sum(gap.days for gap in one.gaps)
        longest = sorted(one.gaps, key=lambda gap: -gap.days)[:MOST_GAPS]
        named = ", ".join(_gap(gap.first_day, gap.last_day) for gap in longest)
        more = ", ..." if len(one.gaps) > MOST_GAPS else ""
        told += f", {missing:,} without between them: {named}{more}"
    return told


def _gap(first: int, last: int) -> str:
    begin = date_of(first).isoformat()
    return begin if first == last else f"{begin} to {date_of(last).isoformat()}"


def _disagreements(found: tuple[Disagreement, ...], zone: tzinfo) -> Iterator[str]:
    yield f"Witnesses that disagree ({len(found):,}):"
    for one in found[:MOST_DISAGREEMENTS]:
        yield (
            f"  {_moment(one.at_ms, zone)}  {printable(one.model)}: {', '.join(one.sources)}"
            f" differ in {', '.join(one.differing)}"
        )
    if len(found) > MOST_DISAGREEMENTS:
        yield f"  and {len(found) - MOST_DISAGREEMENTS:,} more: --json lists them"


def _event(event: Evidence, zone: tzinfo, mode: CostMode) -> Iterator[str]:
    which, _ = event.counted(mode)
    costs = " ".join(
        f"{name} {usd(cost, 4)}{' counts' if name == which else ''},"
        for name, cost in (("logged", event.logged_nano), ("computed", event.computed_nano))
        if cost is not None
    )
    marks = "" if event.is_final else " lower bound,"
    marks += "" if event.place.grade is Grade.RECORD else f" {GRADES[event.place.grade]},"
    agent = f" └ {printable(event.scope.agent)}" if event.scope.agent else ""
    yield (
        f"  {_moment(event.at_ms, zone)}  {printable(event.scope.source)}"
        f"  {printable(event.scope.session)}{agent}  {printable(event.model.name)}"
    )
    tokens = ", ".join(
        f"{name} {'?' if count is None else f'{count:,}'}"
        for name, count in (
            ("input", event.input),
            ("read", event.cache_read),
            ("written 5m", event.cache_write_5m),
            ("1h", event.cache_write_1h),
            ("output", event.output),
        )
    )
    yield f"      {tokens}; {costs or 'no price,'}{marks}".rstrip(",")
    yield f"      {_place(event.place)}"
    for place in event.others:
        yield f"      also {_place(place)}, {GRADES[place.grade]}"


def _place(place: Place) -> str:
    machine = f"{printable(place.machine)}:" if place.machine else ""
    return f"{machine}{printable(place.path)}:{place.offset}"
