"""The overview: every figure of the screen, from facts of one moment."""

from __future__ import annotations

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.analysis.burn import burn
from tokwatch.analysis.cache import cache_rate
from tokwatch.analysis.calendar import date_of, epoch_ms
from tokwatch.analysis.chart import chart
from tokwatch.analysis.facts import Facts
from tokwatch.analysis.forecast import forecast
from tokwatch.analysis.session_rows import RowRules, session_rows
from tokwatch.analysis.spend import spend, usual_days
from tokwatch.analysis.sums import grouped
from tokwatch.model.snapshot import EMPTY, SessionState, Snapshot
from tokwatch.model.usage import CostMode, Usage


class OverviewRules(Struct, frozen=True):
    """What the overview depends on apart from the facts."""

    rows: RowRules = field(default_factory=RowRules)
    block_hours: int = 5
    week_starts: str = "monday"


def overview(
    facts: Facts | None, frame: Snapshot, rules: OverviewRules, before: Snapshot = EMPTY
) -> Snapshot:
    """Return a frame (moment, range, sources, progress) filled with what the facts come to.

    Without facts the store is empty. Parts that are equal to those of `before` are the same
    objects, so that the screen draws only what changed.
    """
    if facts is None:
        return _versioned(replace(frame, empty=True), before)
    mode, rows = rules.rows.mode, rules.rows
    usual = usual_days(facts)
    day = spend(facts, mode, usual)
    listed = session_rows(facts, rows, before.sessions)
    filled = replace(
        frame,
        zone=facts.calendar.zone,
        day=date_of(facts.day).isoformat(),
        is_today=facts.day == facts.calendar.day(epoch_ms(frame.now)),
        spend=day,
        burn=burn(facts, mode, rows.burn_minutes),
        cache=cache_rate(facts),
        forecast=forecast(
            facts,
            mode,
            day.cost_nano,
            usual,
            block_hours=rules.block_hours,
            week_starts=rules.week_starts,
        ),
        chart=chart(facts.past.chart + facts.chart, facts.range),
        sessions=listed,
        sessions_in_range=facts.session_count,
        sessions_live=sum(row.state is SessionState.LIVE and row.depth == 0 for row in listed),
        empty=False,
        unpriced_models=_unpriced(facts, mode),
        lower_bound_share=_share(day.usage.lower_bound, day.usage),
        derived_share=_share(day.usage.derived, day.usage),
    )
    return _versioned(filled, before)


def _versioned(made: Snapshot, before: Snapshot) -> Snapshot:
    """Return the snapshot with the equal parts of the one before, and its number."""
    same = {
        name: getattr(before, name)
        for name in Snapshot.__struct_fields__
        if getattr(made, name) == getattr(before, name)
    }
    kept = replace(made, **(same | {"version": before.version}))
    if kept == before:
        return before
    return replace(kept, version=before.version + 1)


def _unpriced(facts: Facts, mode: CostMode) -> tuple[str, ...]:
    """Return the models with tokens that have no cost, among the latest."""
    by_model = grouped(facts.cells, lambda cell: str(cell.group[1]))
    return tuple(sorted(name for name, usage in by_model.items() if usage.missing(mode)))


def _share(requests: int, usage: Usage) -> float:
    return requests / usage.requests if usage.requests else 0.0
