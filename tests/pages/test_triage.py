"""The triage page, from a store: where it opens, what it compares, and that its parts agree."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tests.store.test_alerts import FOUND, opened
from tokwatch.analysis.baseline import Against, Stretch
from tokwatch.analysis.happenings import What
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Dimension, Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.triage import TriageAsk, course_range
from tokwatch.store.connect import Database
from tokwatch.store.read.every import usage

MARCH_MS = 1_774_224_000_000
HOUR_MS = 4 * QUARTER_MS
MINUTE_MS = 60_000
NOW_MS = MARCH_MS + 14 * HOUR_MS
SPIKE = Stretch(MARCH_MS + 12 * HOUR_MS + QUARTER_MS, MARCH_MS + 12 * HOUR_MS + 3 * QUARTER_MS)
DOLLAR = 1_000_000_000


def working_days(days: int = 20) -> list[Made]:
    """Return days of five requests an hour, each of them ten cents."""
    return [
        Made(
            MARCH_MS - day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS,
            session=f"day-{day}",
            computed_nano=DOLLAR // 10,
        )
        for day in range(days)
        for hour in range(9, 14)
        for minute in (3, 17, 31, 40, 55)
    ]


def spike() -> list[Made]:
    """Return half an hour in which a session of another project missed its cache all the time."""
    at = [SPIKE.since_ms + place * 5 * MINUTE_MS for place in range(6)]
    first = Made(at[0], session="sick", project="/code/till", cache_read=90_000)
    misses = [
        replace(first, at_ms=at_ms, cache_read=0, cache_write_5m=91_000, computed_nano=2 * DOLLAR)
        for at_ms in at[1:]
    ]
    return [first, *misses]


@pytest.fixture
def sight(database: Database) -> Sight:
    return sight_of(build(database, [*working_days(), *spike()]), NOW_MS, Span.HOURS)


def test_it_opens_on_the_newest_anomaly_of_the_range(sight: Sight) -> None:
    page = TriageAsk().answer(sight)

    assert page.triage.shown == SPIKE
    assert page.anomaly == page.anomalies[0]
    assert page.has_history
    assert page.against is Against.BEFORE
    assert page.triage.verdict.driver is not None
    assert page.triage.verdict.driver.value == "sick"


def test_without_one_it_opens_on_the_range(database: Database) -> None:
    view = build(database, working_days())
    page = TriageAsk().answer(sight_of(view, NOW_MS, Span.HOURS))

    assert page.anomaly is None
    assert page.triage.shown == Stretch(NOW_MS - 4 * HOUR_MS, NOW_MS + QUARTER_MS)
    assert page.triage.baseline.until_ms <= page.triage.shown.since_ms


def test_an_anomaly_beyond_the_range_is_listed_only(database: Database) -> None:
    view = build(database, [*working_days(), *spike()])
    page = TriageAsk().answer(sight_of(view, NOW_MS + 9 * HOUR_MS, Span.HOUR))

    assert page.triage.shown.since_ms > SPIKE.until_ms
    assert [one.since_ms for one in page.anomalies] == [SPIKE.since_ms]


def test_all_sums_are_those_of_the_reports(sight: Sight) -> None:
    for against in Against:
        page = TriageAsk(SPIKE, against).answer(sight)
        found = page.triage
        part = Slice(found.baseline.since_ms, found.baseline.until_ms)
        before = usage(sight.view, part)
        was = before[0].usage if before else None

        assert found.after == usage(sight.view, Slice(SPIKE.since_ms, SPIKE.until_ms))[0].usage
        assert found.before.auto_nano == (was.auto_nano if was else 0)
        assert found.verdict.expected_nano == round(found.before.auto_nano * found.scale)
        for dimension in {one.dimension for one in found.contributions}:
            parts = found.of(dimension)
            assert sum(one.difference_nano for one in parts) == found.verdict.difference_nano
        steps = sum(step.nano for step in found.bridge.steps)
        assert found.bridge.baseline_nano + steps == found.after.auto_nano


def test_a_baseline_without_spending_gives_way_to_the_next(database: Database) -> None:
    made = [Made(NOW_MS), Made(NOW_MS - DAY_MS - QUARTER_MS)]
    sight = sight_of(build(database, made), NOW_MS + QUARTER_MS, Span.HOURS)
    shown = Stretch(NOW_MS, NOW_MS + QUARTER_MS)

    assert TriageAsk(shown).answer(sight).against is Against.WEEK
    assert TriageAsk(shown, Against.BEFORE).answer(sight).against is Against.BEFORE
    yesterday = replace(shown, since_ms=NOW_MS - QUARTER_MS)
    assert TriageAsk(yesterday).answer(sight).against is Against.YESTERDAY
    given = Stretch(NOW_MS - DAY_MS, NOW_MS)
    page = TriageAsk(shown, given).answer(sight)
    assert (page.against, page.triage.baseline) == (None, given)


def test_of_the_running_quarter_only_what_has_passed_counts(database: Database) -> None:
    view = build(database, working_days())
    shown = Stretch(NOW_MS - HOUR_MS, NOW_MS + QUARTER_MS)
    sight = sight_of(view, NOW_MS + 5 * MINUTE_MS)

    scale = TriageAsk(shown, Against.BEFORE).answer(sight).triage.scale
    assert scale * 3 * 75 == 65


def test_narrowing_holds_for_everything(sight: Sight) -> None:
    trail = ((Dimension.PROJECT, "/code/till"),)
    page = TriageAsk(SPIKE, trail=trail).answer(sight)
    found = page.triage

    assert found.after.requests == 6
    assert {one.value for one in found.of(Dimension.SESSION)} == {"sick"}
    assert Dimension.PROJECT not in {one.dimension for one in found.leading}
    assert sum(page.course.narrowed) == found.after.auto_nano
    assert sum(page.course.nano) > sum(page.course.narrowed)
    assert {one.session for one in page.happenings} == {"sick"}


def test_what_happened_is_told(sight: Sight) -> None:
    told = {one.what: one for one in TriageAsk(SPIKE).answer(sight).happenings}

    assert set(told) == {What.CACHE_MISS, What.NEW_SESSION, What.NEW_PROJECT}
    assert told[What.CACHE_MISS].count == 5
    assert told[What.CACHE_MISS].at_ms == SPIKE.since_ms + 5 * MINUTE_MS
    assert told[What.NEW_PROJECT].name == "/code/till"
    assert told[What.NEW_SESSION].nano == 10 * DOLLAR + 10_000_000


def test_the_chart_reaches_over_a_and_the_baseline_before_it(sight: Sight) -> None:
    course = TriageAsk(SPIKE, Against.BEFORE).answer(sight).course
    end_ms = course.start_ms + len(course.nano) * course.bucket_ms

    assert course.start_ms <= SPIKE.since_ms - 3 * SPIKE.length_ms
    assert end_ms >= SPIKE.until_ms
    part = Slice(course.start_ms, SPIKE.until_ms + SPIKE.length_ms)
    assert sum(course.nano) == usage(sight.view, part)[0].usage.auto_nano
    assert (
        course.expected_per_hour
        == usage(sight.view, Slice(SPIKE.since_ms - 6 * QUARTER_MS, SPIKE.since_ms))[
            0
        ].usage.auto_nano
        * 2
        // 3
    )


@pytest.mark.parametrize("days", [0.02, 1, 7, 30])
@pytest.mark.parametrize("against", Against)
def test_a_chart_has_few_buckets_and_shows_a(days: float, against: Against) -> None:
    length_ms = max(QUARTER_MS, int(days * DAY_MS) // QUARTER_MS * QUARTER_MS)
    shown = Stretch(NOW_MS - length_ms, NOW_MS)
    baseline = Stretch(shown.since_ms - 7 * DAY_MS, shown.since_ms)
    if against is Against.YESTERDAY:
        baseline = Stretch(shown.since_ms - DAY_MS, shown.until_ms - DAY_MS)

    start_ms, until_ms, bucket_ms = course_range(shown, baseline, NOW_MS)

    assert start_ms % bucket_ms == 0
    assert start_ms < shown.since_ms
    assert until_ms >= shown.until_ms
    assert (until_ms - start_ms) / bucket_ms <= 152
    assert shown.length_ms * 12 > until_ms - start_ms - bucket_ms


def test_the_same_sight_gives_the_same_page(sight: Sight) -> None:
    ask = TriageAsk()
    assert ask.answer(sight) == ask.answer(sight) == TriageAsk().answer(sight)
    assert ask == TriageAsk()


def test_a_change_of_the_past_is_seen_at_once(database: Database) -> None:
    view = build(database, working_days())
    ask, sight = TriageAsk(), sight_of(view, NOW_MS, Span.HOURS)
    assert ask.answer(sight).anomalies == ()

    yesterday_ms = MARCH_MS - DAY_MS + 10 * HOUR_MS
    for table, at in (("quarter", "quarter_ms"), ("day", "day")):
        place = yesterday_ms if table == "quarter" else yesterday_ms // DAY_MS
        database.execute(
            f"UPDATE {table} SET auto_nano = auto_nano + ? WHERE {at} = ?", (50 * DOLLAR, place)
        )

    assert [one.since_ms for one in ask.answer(sight).anomalies] == [yesterday_ms]


def test_a_memory_keeps_the_newest_answer_for_a_while() -> None:
    memory = Memory()
    reads: list[str] = []

    def recall(read: str, asked: str, now_ms: int, for_ms: int = 1_000) -> int:
        def make() -> int:
            reads.append(read)
            return len(reads)

        return memory.recall(read, asked, now_ms, for_ms, make)

    assert [recall("a", "x", now_ms) for now_ms in (0, 999, 1_000, 1_500)] == [1, 1, 2, 2]
    assert recall("b", "x", 1_500) == 3
    assert recall("a", "x", 1_500) == 2
    assert recall("a", "y", 1_500) == 4
    assert recall("a", "y", 1_500, for_ms=0) == 5
    assert recall("a", "y", 90) == 6
    recall("long", "x", 90, for_ms=200_000)
    recall("c", "x", 100_000)
    assert set(memory.kept) == {"c", "long"}


def test_alerts_that_were_raised_in_a_are_among_its_events(sight: Sight) -> None:
    raised = [
        replace(FOUND, subject=str(place), opened_ms=at_ms, updated_ms=at_ms, user="")
        for place, at_ms in enumerate(
            (SPIKE.since_ms - 1, SPIKE.since_ms, SPIKE.until_ms - 1, SPIKE.until_ms)
        )
    ]
    opened(sight.view.database, *raised)

    told = TriageAsk(SPIKE).answer(sight).happenings

    found = [(one.at_ms, one.name, one.before) for one in told if one.what is What.ALERT]
    assert found == [
        (SPIKE.since_ms, FOUND.title, FOUND.rule),
        (SPIKE.until_ms - 1, FOUND.title, FOUND.rule),
    ]
    assert [one.at_ms for one in told] == sorted(one.at_ms for one in told)


def test_an_alert_leads_to_the_first_of_its_requests_that_is_still_stored(sight: Sight) -> None:
    [(key, session)] = sight.view.database.rows(
        "SELECT e.key, s.session FROM event e JOIN scope s ON s.id = e.scope "
        "ORDER BY e.instant_ms DESC LIMIT 1"
    )
    raised = replace(FOUND, opened_ms=SPIKE.since_ms, updated_ms=SPIKE.since_ms, user="")
    opened(sight.view.database, replace(raised, events=(2**60, key)))

    told = TriageAsk(SPIKE).answer(sight).happenings

    assert [(one.session, one.key) for one in told if one.what is What.ALERT] == [(session, key)]
