"""The costs page: a range and the one before against plain sums, down to the requests."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.model.facets import Facet, Pick, Unit
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.pages.costs import MOST_REQUESTS, CostsAsk, CostsPage, range_before, shown_range
from tokwatch.pages.sight import Sight
from tokwatch.pages.spent import KEPT_MS
from tokwatch.store.connect import Database

MARCH_MS = 1_772_323_200_000
"""A Sunday, 00:00 UTC."""
NOW_MS = MARCH_MS + 40 * DAY_MS + 14 * 4 * QUARTER_MS + 7 * 60_000 + 1_234
"""In the middle of a quarter of an hour."""


def random_requests(count: int = 400) -> list[Made]:
    """Return requests up to now, most of them recent."""
    dice = random.Random(3)
    return [
        Made(
            at_ms=NOW_MS - round(dice.random() ** 6 * 40 * DAY_MS),
            session=dice.choice(("s1", "s2", "s3")),
            agent=dice.choice(("", "a1")),
            model=dice.choice(("opus", "haiku")),
            project=dice.choice(("/code/shop", "/code/docs")),
            output=dice.randrange(500),
            computed_nano=dice.randrange(9) * 10**9,
        )
        for _ in range(count)
    ]


def answer(sight: Sight, ask: CostsAsk | None = None) -> CostsPage:
    """Return the page, and hold that asking twice tells the same."""
    ask = ask or CostsAsk()
    page = ask.answer(sight)
    assert ask.answer(sight) == page
    return page


def inside(made: list[Made], since_ms: int, until_ms: int) -> list[Made]:
    """Return the requests of a range."""
    return [one for one in made if since_ms <= one.at_ms < until_ms]


def cost(made: list[Made]) -> int:
    """Return what requests cost."""
    return sum(one.computed_nano or 0 for one in made)


@pytest.mark.parametrize("span", list(Span))
def test_each_range_is_the_sum_of_its_requests(database: Database, span: Span) -> None:
    made = random_requests()
    page = answer(sight_of(build(database, made), NOW_MS, span))

    kept = inside(made, page.shown.since_ms, page.shown.until_ms)
    assert page.table.amount.nano == cost(kept)
    assert page.table.amount.requests == len(kept) > 0
    for line in page.table.lines:
        of_line = [one for one in kept if one.project == line.value]
        assert line.amount.nano == cost(of_line)
        for model, cell in zip(page.table.values, line.cells, strict=True):
            assert cell.nano == cost([one for one in of_line if one.model == model])
    if page.before is None:
        assert span is Span.ALL
        assert page.table.before is None
    else:
        earlier = inside(made, page.before.since_ms, page.before.until_ms)
        assert page.table.before is not None
        assert page.table.before.nano == cost(earlier)


@pytest.mark.parametrize("span", [Span.HOUR, Span.HOURS, Span.DAY, Span.WEEK, Span.MONTH])
def test_the_range_before_is_as_long_and_ends_where_the_shown_one_begins(
    database: Database, span: Span
) -> None:
    sight = sight_of(build(database, [Made(NOW_MS)]), NOW_MS, span)
    shown, before = shown_range(sight), range_before(sight)
    assert before is not None
    assert before.until_ms == shown.since_ms
    longer = (before.until_ms - before.since_ms) - (shown.until_ms - shown.since_ms)
    assert 0 <= longer < QUARTER_MS
    assert longer == 0 or span not in (Span.HOUR, Span.HOURS)


def test_short_ranges_are_exact_to_the_request(database: Database) -> None:
    begin = (NOW_MS // 60_000 - 59) * 60_000
    made = [Made(begin - 1, computed_nano=1), Made(begin, computed_nano=2), Made(NOW_MS)]
    page = answer(sight_of(build(database, made), NOW_MS, Span.HOUR))
    assert page.table.amount.requests == 2
    assert page.table.before is not None
    assert page.table.before.nano == 1


def test_a_moment_in_the_past_sees_nothing_after_it(database: Database) -> None:
    made = [Made(MARCH_MS + number * DAY_MS) for number in range(10)]
    view = build(database, made)
    for span in (Span.WEEK, Span.ALL):
        page = answer(sight_of(view, MARCH_MS + 4 * DAY_MS, span))
        assert page.table.amount.requests == 5


def test_picks_narrow_everything(database: Database) -> None:
    made = random_requests()
    picks = (Pick(Facet.MODEL, "opus"), Pick(Facet.KIND, "main"))
    ask = CostsAsk(Facet.SESSION, Facet.PROJECT, Unit.TOKENS, picks)
    page = answer(sight_of(build(database, made), NOW_MS, Span.WEEK), ask)

    kept = [one for one in inside(made, page.shown.since_ms, page.shown.until_ms)
            if one.model == "opus" and not one.agent]  # fmt: skip
    assert page.table.amount.nano == cost(kept)
    assert {line.value for line in page.table.lines} <= {"s1", "s2", "s3"}
    heat = inside(made, page.heat.since_ms, page.heat.until_ms)
    assert page.heat.amount.nano == cost(
        [one for one in heat if one.model == "opus" and not one.agent]
    )
    assert page.events is None


def test_the_heat_map_shows_four_weeks_at_least(database: Database) -> None:
    made = random_requests()
    view = build(database, made)
    for span in (Span.HOUR, Span.ALL):
        page = answer(sight_of(view, NOW_MS, span))
        kept = inside(made, page.heat.since_ms, page.heat.until_ms)
        assert page.heat.amount.nano == cost(kept)
        days = (page.heat.until_ms - page.heat.since_ms) / DAY_MS
        assert days > 27 if span is Span.HOUR else days > 39


def test_the_week_begins_as_configured(database: Database, tmp_path: Path) -> None:
    view = build(database, [Made(MARCH_MS + 9 * 4 * QUARTER_MS)])
    settings = tmp_path / "config.toml"
    settings.write_text('[week]\nstarts = "sunday"\n')
    at_ms = MARCH_MS + 10 * 4 * QUARTER_MS
    monday = answer(sight_of(view, at_ms))
    sunday = answer(sight_of(view, at_ms, settings=settings))
    assert monday.heat.weekdays[0] == 0
    assert monday.heat.cells[6][9].requests == 1
    assert sunday.heat.weekdays[0] == 6
    assert sunday.heat.cells[0][9].requests == 1


def test_requests_are_listed_once_they_are_asked_for(database: Database) -> None:
    made = random_requests(700)
    ask = CostsAsk(picks=(Pick(Facet.MODEL, "haiku"),), lists_requests=True)
    page = answer(sight_of(build(database, made), NOW_MS, Span.ALL), ask)
    kept = sorted((one.at_ms for one in made if one.model == "haiku"), reverse=True)
    assert page.events is not None
    assert [event.instant_ms for event in page.events] == kept[:MOST_REQUESTS]


def test_an_empty_range_says_nothing(database: Database) -> None:
    page = answer(sight_of(build(database, [Made(MARCH_MS)]), NOW_MS, Span.DAY))
    assert page.table.lines == ()
    assert page.table.amount.requests == 0


def test_what_arrives_later_is_seen_at_once(database: Database) -> None:
    """What is kept between two answers is of days that are over."""
    made = random_requests(50)
    ask = CostsAsk()
    sight = sight_of(build(database, made), NOW_MS, Span.WEEK)
    first = ask.answer(sight)
    database.execute("UPDATE quarter SET auto_nano = auto_nano + 5 WHERE quarter_ms >= ?",
                     (NOW_MS // DAY_MS * DAY_MS,))  # fmt: skip
    second = ask.answer(replace(sight, now_ms=sight.now_ms + 1))
    assert second.table.amount.nano > first.table.amount.nano


def test_the_heat_map_of_a_long_range_grows(database: Database) -> None:
    old = [Made(NOW_MS - days * DAY_MS, computed_nano=days) for days in range(30, 500, 7)]
    made = [*random_requests(50), *old]
    ask = CostsAsk()
    sight = sight_of(build(database, made), NOW_MS, Span.ALL)

    pages = [ask.answer(sight)]
    while pages[-1].goes_on:
        pages.append(ask.answer(sight))

    assert len(pages) == 4
    assert all(page.table == pages[0].table for page in pages)
    assert pages[0].heat.until_ms - pages[0].heat.since_ms <= 28 * DAY_MS
    for page in pages:
        inside = [one for one in made if one.grade < 2 and page.heat.since_ms <= one.at_ms]
        assert page.heat.amount.nano == sum(one.usage.auto_nano for one in inside)
    assert pages[-1].heat.since_ms == pages[-1].shown.since_ms
    assert pages[-1].heat.amount == pages[-1].table.amount


def test_days_that_are_over_are_kept_while_they_are_known_to_be_as_they_were(
    database: Database,
) -> None:
    view = build(database, random_requests(50))
    ask, sight = CostsAsk(), replace(sight_of(view, NOW_MS, Span.WEEK), past=1)
    first = ask.answer(sight)
    database.execute("UPDATE day SET auto_nano = auto_nano + 5")
    later = replace(sight, now_ms=sight.now_ms + DAY_MS)
    assert ask.answer(later).table == first.table
    after = replace(later, past=2, now_ms=later.now_ms + DAY_MS)
    assert ask.answer(after).table.amount.nano > first.table.amount.nano


def test_what_changed_between_two_answers_is_in_the_sum_of_kept_parts(database: Database) -> None:
    """A longer range is added up of parts, one of which was read just before the change."""
    old = [Made(NOW_MS - days * DAY_MS, computed_nano=days) for days in range(30, 500, 7)]
    view = build(database, [*random_requests(50), *old])
    ask, sight = CostsAsk(), replace(sight_of(view, NOW_MS, Span.ALL), past=1)
    ask.answer(sight)
    database.execute("UPDATE quarter SET auto_nano = auto_nano + 5")
    changed = replace(sight, past=2, now_ms=sight.now_ms + 1)
    while ask.answer(changed).goes_on:
        pass
    later = replace(changed, now_ms=changed.now_ms + 2 * KEPT_MS)
    fresh = CostsAsk()
    while fresh.answer(later).goes_on:
        pass
    assert ask.answer(later).heat == fresh.answer(later).heat
