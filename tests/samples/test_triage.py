"""Triage on the real logs: attribution, bridge and anomalies equal plain sums of requests."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.pages.sights import sight_of
from tests.samples.plain import DAY_MS, HOUR_MS, QUARTER_MS, Plain, moment, plain_rows, within
from tokwatch.analysis.attribution import DIMENSIONS
from tokwatch.analysis.baseline import Against, Stretch
from tokwatch.analysis.bridge import CAUSES
from tokwatch.model.snapshot import Span
from tokwatch.model.usage import Dimension
from tokwatch.pages.triage import TriageAsk, TriagePage
from tokwatch.store.connect import Database
from tokwatch.store.view import View

SPIKES = ("2026-07-14T07:59:59", "2026-06-18T09:00:00", "2026-02-06T19:00:00")
CHOSEN = (
    ("2026-07-14T06:00:00", "2026-07-14T08:00:00", Against.WEEK),
    ("2026-06-18T02:00:00", "2026-06-18T08:00:00", "2026-06-17T00:00:00/2026-06-18T00:00:00"),
    ("2026-02-06T06:00:00", "2026-02-06T07:00:00", "2026-02-04T15:00:00/2026-02-04T18:00:00"),
    ("2026-02-11T15:00:00", "2026-02-11T19:00:00", Against.BEFORE),
    ("2026-01-30T00:00:00", "2026-01-31T00:00:00", "2026-01-20T00:00:00/2026-01-21T00:00:00"),
    ("2026-02-01T00:00:00", "2026-03-01T00:00:00", "2026-01-01T00:00:00/2026-02-01T00:00:00"),
    ("2026-03-25T00:00:00", "2026-03-26T00:00:00", Against.YESTERDAY),
)


@pytest.fixture(scope="module")
def rows(samples: Database) -> list[Plain]:
    """Return all stored requests."""
    return plain_rows(samples)


def value_of(one: Plain, dimension: Dimension) -> str:
    """Return a request's value of a dimension."""
    named = {Dimension.USER: "user", Dimension.KEY: "key_name"}
    return str(getattr(one, named.get(dimension, dimension.value)))


def check_parts(page: TriagePage, at_ms: int, kept: list[Plain]) -> None:
    """Hold attribution and bridge of a triage against plain sums; `kept` was narrowed to."""
    found, until_ms = page.triage, at_ms + 1
    after = within(kept, found.shown.since_ms, min(found.shown.until_ms, until_ms))
    before = within(kept, found.baseline.since_ms, min(found.baseline.until_ms, until_ms))
    assert found.after.cost_nano() == sum(one.nano for one in after)
    assert found.before.cost_nano() == sum(one.nano for one in before)
    assert found.after.requests == sum(one.requests for one in after)
    assert found.after.total == sum(one.tokens for one in after)
    assert found.before.total == sum(one.tokens for one in before)
    lengths = []
    for stretch in (found.shown, found.baseline):
        passed_ms = -(-(at_ms - stretch.since_ms) // 60_000) * 60_000
        lengths.append(max(60_000, min(stretch.until_ms - stretch.since_ms, passed_ms)))
    scale = Fraction(lengths[0], lengths[1])
    assert found.scale == scale
    expected = sum(one.nano for one in before) * scale
    difference = sum(one.nano for one in after) - round(expected)
    built = found.bridge
    assert built.baseline_nano == round(expected)
    assert built.nano == sum(one.nano for one in after)
    assert tuple(step.cause for step in built.steps) == CAUSES
    assert sum(step.nano for step in built.steps) == difference
    assert built.residual_nano == 0
    assert found.verdict.difference_nano == difference
    for dimension in DIMENSIONS:
        told = found.of(dimension)
        names = {value_of(one, dimension) for one in [*after, *before]}
        assert {one.value for one in told} == (names if names != {""} else set())
        for one in told:
            mine = [row for row in after if value_of(row, dimension) == one.value]
            was = [row for row in before if value_of(row, dimension) == one.value]
            assert one.nano == sum(row.nano for row in mine)
            assert one.requests == sum(row.requests for row in mine)
            assert abs(one.baseline_nano - sum(row.nano for row in was) * scale) <= 1
            if difference:
                assert one.share == pytest.approx((one.nano - one.baseline_nano) / difference)
        if told:
            assert sum(one.difference_nano for one in told) == difference
    check_bridge(page, after, before, scale)


def check_bridge(
    page: TriagePage, after: list[Plain], before: list[Plain], scale: Fraction
) -> None:
    """Hold the bridge's first two parts against their definition: they need no prices."""
    steps = {step.cause: step.nano for step in page.triage.bridge.steps}
    if not sum(one.tokens for one in after) or not sum(one.tokens for one in before):
        assert steps[CAUSES[0]] == sum(steps.values())
        return
    was = sum(one.nano for one in before) * scale
    # What models cost that took no tokens has no volume.
    timed = [one.model for one in before if one.tokens]
    priced = sum(one.nano for one in before if one.model in timed) * scale
    volume = Fraction(sum(one.requests for one in after), 1)
    volume /= sum(one.requests for one in before) * scale
    size = Fraction(sum(one.tokens for one in after), sum(one.tokens for one in before)) / scale
    assert abs(steps["request volume"] - priced * (volume - 1)) <= 1
    assert abs(steps["tokens a request"] - priced * (size - volume)) <= 1
    assert was >= priced


def check_course(page: TriagePage, at_ms: int, rows: list[Plain], kept: list[Plain]) -> None:
    """Hold each bucket of the chart against plain sums."""
    course, shown = page.course, page.triage.shown
    end_ms = max(shown.until_ms, min(2 * shown.until_ms - shown.since_ms, at_ms + 1))
    lines = ((course.nano, rows), (course.narrowed, kept if page.triage.trail else []))
    for told, of in lines:
        for place, nano in enumerate(told):
            since_ms = course.start_ms + place * course.bucket_ms
            found = within(of, since_ms, min(since_ms + course.bucket_ms, end_ms))
            assert nano == sum(one.nano for one in found)
    assert sum(course.nano) >= page.triage.after.cost_nano()


def test_two_ranges_and_what_was_narrowed_to(view: View, rows: list[Plain]) -> None:
    for since, until, against in CHOSEN:
        shown = Stretch(moment(since), moment(until))
        at_ms = shown.until_ms + DAY_MS
        other: Against | Stretch
        if isinstance(against, Against):
            other = against
        else:
            first, last = against.split("/")
            other = Stretch(moment(first), moment(last))
        sight = sight_of(view, at_ms, Span.WEEK)
        page = TriageAsk(shown, other).answer(sight)
        assert page.triage.shown == shown
        check_parts(page, at_ms, rows)
        check_course(page, at_ms, rows, rows)
        for dimension in (Dimension.SESSION, Dimension.MODEL, Dimension.PROJECT):
            value = page.triage.of(dimension)[0].value
            kept = [one for one in rows if value_of(one, dimension) == value]
            narrowed = TriageAsk(shown, other, ((dimension, value),)).answer(sight)
            check_parts(narrowed, at_ms, kept)
            check_course(narrowed, at_ms, rows, kept)


def test_a_spike_while_it_runs_and_what_was_usual(view: View, rows: list[Plain]) -> None:
    found = 0
    for text in SPIKES:
        at_ms = moment(text)
        sight = sight_of(view, at_ms, Span.MONTH)
        page = TriageAsk().answer(sight)
        check_parts(page, at_ms, rows)
        for one in page.anomalies:
            check_anomaly(one.since_ms, one.until_ms, one.nano, rows, at_ms)
            peak = within(rows, one.peak_ms, min(one.peak_ms + HOUR_MS, at_ms + 1))
            assert one.peak_nano == sum(row.nano for row in peak) >= one.threshold_nano
            hours = usual_hours(rows, one.peak_ms)
            if not one.is_of_slot:
                middle = sorted(hours)
                assert one.hours == len(hours)
                assert one.usual_nano >= round(
                    Fraction(middle[(len(middle) - 1) // 2] + middle[len(middle) // 2], 2)
                )
            assert one.peak_nano >= 3 * one.usual_nano
            assert one.peak_nano >= one.usual_nano + 10**9
            found += 1
        if page.anomaly is not None:
            shown = page.triage.shown
            assert (shown.since_ms, shown.until_ms) == (
                page.anomalies[0].since_ms,
                page.anomalies[0].until_ms,
            )
    assert found >= 3


def check_anomaly(since_ms: int, until_ms: int, nano: int, rows: list[Plain], at_ms: int) -> None:
    """Hold an anomaly's amount against the plain sum of its stretch."""
    assert since_ms % QUARTER_MS == until_ms % QUARTER_MS == 0
    assert nano == sum(one.nano for one in within(rows, since_ms, min(until_ms, at_ms + 1)))


def usual_hours(rows: list[Plain], peak_ms: int) -> list[int]:
    """Return what each hour with cost came to, in the eight weeks before a day (UTC)."""
    day_ms = peak_ms // DAY_MS * DAY_MS
    sums: dict[int, int] = {}
    for one in within(rows, day_ms - 56 * DAY_MS, day_ms):
        hour = one.at_ms // HOUR_MS
        sums[hour] = sums.get(hour, 0) + one.nano
    return [nano for nano in sums.values() if nano > 0]
