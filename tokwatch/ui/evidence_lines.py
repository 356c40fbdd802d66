"""An audit as lines of the screen: what a number rests on, and each request with its place."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from tokwatch.analysis.audit import Audit, SourceAudit
from tokwatch.analysis.calendar import instant
from tokwatch.model.event import Grade
from tokwatch.model.evidence import Evidence, Place
from tokwatch.model.snapshot import Snapshot, SourceMode
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import CostMode
from tokwatch.ui import format as fmt
from tokwatch.ui.facet_words import INTO, trail
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.words import counted, named

GRADES: Final = {
    Grade.WITNESS: "seen by a gateway",
    Grade.DERIVED: "derived from totals",
    Grade.ECHO: "echo in another transcript",
    Grade.RECORD: "its own record",
    Grade.GHOST: "told by other records",
}
TIME: Final = 15
MODEL: Final = 18
COUNT: Final = 7
COST: Final = 10
WIDE: Final = 90
"""Width from which there is room for every class of tokens beside the place."""


class Look(Struct, frozen=True):
    """How audits are drawn."""

    mode: CostMode
    zone: str
    titles: Mapping[str, str]
    """Of sources, by name."""
    width: int
    inks: Inks


def sums_of(audit: Audit, look: Look) -> list[Line]:
    """Return what the number is the sum of, and how sure it is."""
    inks, usage = look.inks, audit.usage
    sessions = sum(source.sessions for source in audit.sources)
    whole = (
        f"{counted(usage.requests, 'request')} · {counted(sessions, 'session')} · "
        f"{counted(usage.total, 'token')} · {fmt.cost(usage.cost_nano(look.mode), usage)}"
    )
    told = ((whole, inks.strong), (_range(audit, look), inks.muted))
    lines: list[Line] = [
        [(line, ink)] for text, ink in told for line in textwrap.wrap(text, look.width)
    ]
    for source in audit.sources:
        name = f"  {fmt.clean(look.titles.get(source.source, source.source))}: "
        first, *rest = textwrap.wrap(
            _source(source), look.width, initial_indent=name, subsequent_indent="    "
        )
        lines.append([(name, inks.text), (first[len(name) :], inks.muted)])
        lines += [[(line, inks.muted)] for line in rest]
    lines += [[], [("How sure it is", inks.strong)], *_certainty(audit, look), []]
    listed = len(audit.events)
    more = f"the newest {listed:,} of " if listed < usage.requests else ""
    events = f" in {counted(listed, 'event')}" if listed > usage.requests else ""
    lines.append([(f"Requests · {more}{usage.requests:,}{events}", inks.strong)])
    lines.append([(_headings(look) if listed else "  none is stored singly", inks.muted)])
    return lines


def _headings(look: Look) -> str:
    classes = ("new", "read", "output") if look.width >= WIDE else ("output",)
    counts = "".join(f"{name:>{COUNT}}" for name in classes)
    return f" {'time':<{TIME}} {'model':<{_model_width(look)}}{counts}{'cost':>{COST}}  place"


def _model_width(look: Look) -> int:
    return MODEL if look.width >= WIDE else MODEL // 2


def _range(audit: Audit, look: Look) -> str:
    part = audit.focus.part
    if audit.focus.keys:
        return "these requests alone" if len(audit.focus.keys) > 1 else "this request alone"
    if audit.focus.session:
        agent = audit.focus.agent
        whose = f"agent {fmt.clean(agent)} of " if agent else ""
        return f"{whose}session {fmt.clean(audit.focus.session)}, all of its life"
    since = _moment(part.since_ms, look.zone) if part.since_ms > 0 else "the first request"
    until = _moment(part.until_ms, look.zone) if part.until_ms < OPEN_END_MS else "the last"
    projects = ", ".join(fmt.clean(name) for name in part.projects)
    within = trail(audit.focus.picks) + (f" {INTO} project {projects}" if projects else "")
    return f"from {since} to {until} ({look.zone}){within}"


def _moment(at_ms: int, zone: str) -> str:
    return f"{instant(at_ms).astimezone(fmt.zone(zone)):%d %b %H:%M:%S}"


def _source(source: SourceAudit) -> str:
    """Return how a source was read."""
    logs, found = source.logs, source.duplicates
    told = [counted(source.usage.requests, "request")]
    if logs:
        told[0] += f" in {counted(logs.files, 'log')}"
        machines = [fmt.clean(name) for name in logs.machines if name]
        of = named(len(machines), "machine")
        told += [f"{of} {', '.join(machines)}"] if machines else []
    causes = (
        (found.repeated_lines, "repeated line", "repeated lines"),
        (found.copies, "copy in another log", "copies in other logs"),
        (found.echoes, "echo", "echoes"),
        (found.ghosts, "total that records tell", "totals that records tell"),
        (found.witnesses, "seen by a gateway too", "seen by a gateway too"),
    )
    merged = [counted(*cause) for cause in causes if cause[0]]
    told += ["merged " + ", ".join(merged)] if merged else []
    bad = logs.bad_lines + logs.oversized_lines if logs else 0
    told += [f"{counted(bad, 'bad line')} left out"] if bad else []
    return " · ".join(told)


def _certainty(audit: Audit, look: Look) -> Iterator[Line]:
    inks, usage = look.inks, audit.usage
    exact = sum(source.exact for source in audit.sources)
    shares = [
        (f"{exact:,} exact", inks.text),
        (f" · ≥ {counted(usage.lower_bound, 'lower bound')}", inks.text),
        (f" · ~ {usage.derived:,} derived", inks.text),
    ]
    yield [("  ", inks.text), *shares]
    unpriced = [pair for source in audit.sources for pair in source.unpriced]
    if unpriced:
        names = ", ".join(
            f"{fmt.clean(model)} ({counted(tokens, 'token')})" for model, tokens in unpriced
        )
        for line in textwrap.wrap(f"+? without a price: {names}", look.width - 2):
            yield [(f"  {line}", inks.warning)]
    else:
        yield [("  every model has a price", inks.text)]
    both = [source.costs for source in audit.sources if source.costs]
    if both:
        requests = sum(costs.requests for costs in both)
        logged = fmt.money(sum(costs.logged_nano for costs in both))
        computed = fmt.money(sum(costs.computed_nano for costs in both))
        have = counted(requests, "request has", "requests have")
        yield [(f"  {have} both costs: logged {logged}, computed {computed}", inks.text)]
    overlaps = sum(source.overlaps for source in audit.sources)
    if overlaps:
        may = counted(overlaps, "request")
        yield [(f"  {may} may be in Claude Code's log too, and counted twice", inks.warning)]
    hidden = sum(source.hidden.auto_nano for source in audit.sources if source.hidden)
    if hidden:
        yield [(f"  not in it: {fmt.money(hidden)} of hidden calls, derived", inks.text)]
    if audit.disagreements:
        differ = counted(len(audit.disagreements), "request is", "requests are")
        yield [(f"  {differ} told differently by several sources", inks.warning)]


def event_line(event: Evidence, look: Look) -> Line:
    """Return one request on one line: when, what, how much, where."""
    inks = look.inks
    _, nano = event.counted(look.mode)
    is_priced = event.logged_nano is not None or event.computed_nano is not None
    mark = "" if event.is_final else "≥"
    mark += "~" if event.place.grade is Grade.DERIVED else ""
    cost = f"{mark}{fmt.money(nano, 4)}" if is_priced else fmt.UNPRICED
    counts = _count(event.output)
    if look.width >= WIDE:
        fresh = _count(event.input, event.cache_write_5m, event.cache_write_1h)
        counts = fresh + _count(event.cache_read) + counts
    model = fmt.short_model(event.model.name) or fmt.NOTHING
    line: Line = [
        (f"{_moment(event.at_ms, look.zone):<{TIME}} ", inks.muted),
        (fmt.fit(model, _model_width(look)) + counts, inks.text),
        (f"{cost:>{COST}}", inks.strong if is_priced else inks.warning),
    ]
    room = look.width - width_of(line) - 3
    others = f" +{len(event.others)}" if event.others else ""
    place = _place(event.place, short=True)
    if room > len(others) + 8:
        line.append((f"  {_tail(place, room - len(others))}{others}", inks.muted))
    return line


def _count(*classes: int | None) -> str:
    """Return the sum of token classes in a few cells; unknown is a question mark."""
    if all(count is None for count in classes):
        return f"{'?':>{COUNT}}"
    return f"{fmt.count(sum(count or 0 for count in classes)):>{COUNT}}"


def _tail(text: str, width: int) -> str:
    """Return the end of a text, which of a path says most."""
    return text if len(text) <= width else "…" + text[len(text) - width + 1 :]


def _place(place: Place, *, short: bool = False) -> str:
    path = fmt.clean(place.path)
    machine = f"{fmt.clean(place.machine)}:" if place.machine else ""
    path = fmt.from_home(path) if not place.machine else path
    elsewhere = "" if short or place.is_here else " (not on this machine)"
    return f"{machine}{fmt.short_project(path) if short else path}:{place.offset}{elsewhere}"


def places_of(event: Evidence, look: Look) -> list[Line]:
    """Return all of one request: its tokens, both costs, and every place that tells of it."""
    inks = look.inks
    tokens = " · ".join(
        f"{name} {'?' if count is None else f'{count:,}'}"
        for name, count in (
            ("input", event.input),
            ("read", event.cache_read),
            ("written 5m", event.cache_write_5m),
            ("1h", event.cache_write_1h),
            ("output", event.output),
            ("reasoning", event.reasoning),
        )
    )
    which, _ = event.counted(look.mode)
    costs = [
        f"{name} {fmt.money(nano, 6)}{' (counts)' if name == which else ''}"
        for name, nano in (("logged", event.logged_nano), ("computed", event.computed_nano))
        if nano is not None
    ]
    whole = "final" if event.is_final else "not finished: a lower bound"
    state = f"{' · '.join(costs) or 'no price'} · {whole} · {GRADES[event.place.grade]}"
    agent = f" └ {fmt.clean(event.scope.agent)}" if event.scope.agent else ""
    told = [
        f"{event.scope.source} · session {fmt.clean(event.scope.session)}{agent}",
        tokens,
        state,
        _place(event.place),
        *(f"also {_place(place)} · {GRADES[place.grade]}" for place in event.others),
    ]
    wrapped = (part for line in told for part in textwrap.wrap(line, max(20, look.width - 4)))
    return [[(f"    {line}", inks.muted)] for line in wrapped]


def read_from(snapshot: Snapshot, inks: Inks) -> list[Line]:
    """Return what is read at all, for panes that show no number of their own."""
    lines: list[Line] = [[("Read from", inks.strong)]]
    for source in snapshot.sources:
        if source.mode is SourceMode.ABSENT:
            continue
        bad = f", {counted(source.bad_lines, 'bad line')}" if source.bad_lines else ""
        requests = f"{counted(source.events, 'request')} in " if source.events else ""
        what = f"{requests}{counted(source.files, 'log')}{bad}"
        lines.append([(f"  {source.title}: ", inks.text), (what, inks.muted)])
    return lines


def doubts_of(snapshot: Snapshot, width: int, inks: Inks) -> list[Line]:
    """Return how sure the whole picture is."""
    lines: list[Line] = [[("How sure it is", inks.strong)]]
    share = snapshot.lower_bound_share
    lines.append([(f"  ≥ lower bounds: {share * 100:.1f}% of the shown requests", inks.text)])
    if snapshot.derived_share:
        told = f"  ~ derived: {snapshot.derived_share * 100:.1f}% of the shown requests"
        lines.append([(told, inks.text)])
    if snapshot.unpriced_models:
        names = ", ".join(map(fmt.clean, snapshot.unpriced_models))
        wrapped = textwrap.wrap(f"+? without a price: {names}", width - 2)
        lines += [[(f"  {line}", inks.warning)] for line in wrapped]
    else:
        lines.append([("  every model in use has a price", inks.text)])
    if snapshot.follower_of is not None:
        words = f"  the logs are read by process {snapshot.follower_of}; this one follows its store"
        lines.append([(words, inks.text)])
    return lines
