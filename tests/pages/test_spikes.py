"""The spikes of the chart: those that triage opens, and judged only when costs changed."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.pages.test_triage import DOLLAR, HOUR_MS, MINUTE_MS, NOW_MS, SPIKE, spike, working_days
from tests.store.build import Made, build
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS
from tokwatch.pages import spikes as module
from tokwatch.pages.judged import judged
from tokwatch.pages.memory import Memory
from tokwatch.pages.spikes import spikes
from tokwatch.pages.triage import TriageAsk
from tokwatch.store.connect import Database


def test_the_newest_is_the_one_that_triage_opens(database: Database) -> None:
    made = [*working_days(), *spike(), Made(SPIKE.since_ms, computed_nano=DOLLAR)]
    sight = sight_of(build(database, made), NOW_MS, Span.HOURS)
    (found,) = spikes(sight, Memory())
    page = TriageAsk().answer(sight)
    shown = page.triage.shown
    assert (epoch_ms(found.since), epoch_ms(found.until)) == (shown.since_ms, shown.until_ms)
    inside = [one for one in made if SPIKE.since_ms <= one.at_ms < SPIKE.until_ms]
    whole = sum(one.computed_nano or 0 for one in inside)
    till = sum(one.computed_nano or 0 for one in inside if one.project == "/code/till")
    assert (found.nano, found.project) == (whole, "/code/till")
    assert till > whole / 2
    assert (found.model, found.model_share) == ("claude-opus-4-5", 1.0)


def test_the_share_is_that_of_the_dearest_model(database: Database) -> None:
    haiku = [replace(one, model="haiku", computed_nano=DOLLAR) for one in spike()[1:]]
    sight = sight_of(build(database, [*working_days(), *spike(), *haiku]), NOW_MS, Span.HOURS)
    (found,) = spikes(sight, Memory())
    opus = sum(one.computed_nano or 0 for one in spike()) + 3 * DOLLAR // 10
    assert found.model_share == opus / found.nano


def test_calm_days_have_none_and_neither_have_other_ranges(database: Database) -> None:
    view = build(database, [*working_days(), *spike()])
    assert spikes(sight_of(view, NOW_MS, Span.HOURS), Memory())
    assert spikes(sight_of(view, NOW_MS + 9 * HOUR_MS, Span.HOUR), Memory()) == ()
    assert spikes(sight_of(view, SPIKE.since_ms - MINUTE_MS, Span.DAY), Memory()) == ()
    assert len(spikes(sight_of(view, NOW_MS + 3 * DAY_MS, Span.WEEK), Memory())) == 1


def test_nothing_is_judged_again_until_costs_change(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counting(*of: object) -> object:
        asked.append(of)
        return judged(*of)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(module, "judged", counting)
    view, memory = build(database, [*working_days(), *spike()]), Memory()
    for second in range(0, 3_000, 10):
        at_ms = NOW_MS + second * 1000
        sight = sight_of(view, at_ms, Span.DAY)
        first = spikes(sight, memory)
    assert len(asked) == 1
    database.execute("UPDATE day SET auto_nano = auto_nano + 1, events = events + 1")
    assert spikes(replace(sight, now_ms=at_ms + 1), memory) == first
    assert len(asked) == 2
