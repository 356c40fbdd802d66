"""The page of the prompt cache: long ranges piece by piece, and the same as all at once."""

from __future__ import annotations

from random import Random

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store import made_detail
from tests.store.build import Made, build
from tokwatch.analysis.cache_savings import cache_part, total
from tokwatch.model.caching import Cause, Chain, SessionName
from tokwatch.model.detail import Compaction, Detail
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages import cache as page_module
from tokwatch.pages import stretches as stretching
from tokwatch.pages.cache import CacheAsk, CachePage, grouped
from tokwatch.pages.sight import Sight
from tokwatch.store.connect import Database
from tokwatch.store.read.every import cached_requests

MARCH_MS = 1_772_323_200_000
"""2026-03-01, midnight."""
NOON_MS = MARCH_MS + DAY_MS // 2
MINUTE_MS = 60_000


def history(count: int = 120, days: int = 9) -> list[Made]:
    """Return requests of a few agents over some days, some after long pauses."""
    dice = Random(7)
    made = []
    for number in range(count):
        at_ms = NOON_MS - days * DAY_MS + days * DAY_MS * number // count + dice.randrange(9_000)
        read = dice.choice([0, 0, 4_000, 20_000])
        made.append(
            Made(
                at_ms,
                session=dice.choice(["s1", "s2"]),
                agent=dice.choice(["", "a1"]),
                model=dice.choice(["opus", "opus", "sonnet"]),
                cache_read=read,
                cache_write_5m=21_000 - read,
                cache_write_1h=dice.choice([0, 0, 500]),
                branch=dice.choice(["main", "dev"]),
            )
        )
    return made


def add_card(database: Database) -> None:
    """Price every model: $5, $0.50, $6.25 and $10 a million tokens."""
    database.execute(
        "INSERT INTO card (workspace, model, since_ms, above_tokens, until_ms, upto_tokens, "
        "input, cache_read, cache_write_5m, cache_write_1h, output, web_search, source) "
        "SELECT 1, id, 0, -1, 99999999999999, 99999999999999, "
        "5000000, 500000, 6250000, 10000000, 1, 1, '' FROM model"
    )


def whole(ask: CacheAsk, sight: Sight) -> tuple[CachePage, int]:
    """Return the page once all of it is there, and how many answers that took."""
    for number in range(1, 1_000):
        page = ask.answer(sight)
        if page.is_whole:
            return page, number
    raise AssertionError("the page never became whole")


@pytest.mark.parametrize("span", [Span.DAY, Span.WEEK, Span.MONTH, Span.ALL])
def test_stretches_amount_to_the_whole_range(
    database: Database, monkeypatch: pytest.MonkeyPatch, span: Span
) -> None:
    monkeypatch.setattr(stretching, "MOST_EVENTS", 7)
    view = build(database, history())
    add_card(database)
    sight = sight_of(view, NOON_MS, span)
    page, answers = whole(CacheAsk(), sight)

    requests = cached_requests(view, Slice(0, NOON_MS + 1))
    inside = [one for one in requests if one.instant_ms >= sight.slice.since_ms]
    at_once = cache_part(requests, {}, {}, lambda at_ms: int(at_ms >= sight.slice.since_ms))
    expected = at_once.buckets[1]
    assert expected.lost_nano > 0
    assert page.total == expected
    assert page.requests == len(inside)
    assert total(one for one in page.course.sums if one is not None) == expected
    assert total(one.sum for one in page.sessions) == expected
    assert total(one.sum for one in page.models) == expected
    listed = {one.key for one in page.breaks}
    assert listed == {one.key for one in at_once.breaks} & {one.key for one in inside}
    assert answers >= len(inside) // 14


def test_what_is_past_is_read_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Slice] = []

    def counting(view: object, part: Slice) -> object:
        reads.append(part)
        return cached_requests(view, part)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(page_module, "cached_requests", counting)
    view = build(database, history())
    sight = sight_of(view, NOON_MS, Span.WEEK)
    ask = CacheAsk()
    first = ask.answer(sight)
    assert first.is_whole
    count = len(reads)
    assert ask.answer(replace(sight, at_ms=NOON_MS + 9_000, now_ms=NOON_MS + 9_000)) == replace(
        first, at_ms=NOON_MS + 9_000
    )
    assert len(reads) == count

    database.execute("UPDATE day SET events = events + 1 WHERE day = ?", (MARCH_MS // DAY_MS - 2,))
    ask.answer(sight)
    assert [part.since_ms // DAY_MS for part in reads[count:]] == [MARCH_MS // DAY_MS - 2]


def test_the_newest_part_comes_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "MOST_EVENTS", 10)
    sight = sight_of(build(database, history()), NOON_MS, Span.ALL)
    ask = CacheAsk()
    page = ask.answer(sight)
    assert not page.is_whole
    known = [place for place, one in enumerate(page.course.sums) if one is not None]
    assert max(known) == len(page.course.sums) - 1
    reads = [page.read, ask.answer(sight).read, ask.answer(sight).read]
    assert reads == sorted(set(reads))


def test_a_compaction_that_is_told_later_changes_the_day(database: Database) -> None:
    made = [
        Made(NOON_MS - 3 * DAY_MS, cache_read=0, cache_write_5m=20_000),
        Made(NOON_MS - 3 * DAY_MS + MINUTE_MS, cache_read=0, cache_write_5m=20_000),
    ]
    view = build(database, made)
    sight = sight_of(view, NOON_MS, Span.WEEK)
    ask = CacheAsk()
    assert Cause.PREFIX in ask.answer(sight).causes
    compacted = Compaction(NOON_MS - 3 * DAY_MS + 9_000, "", 900, None, "auto", 50)
    made_detail.write(database, "/logs/a.jsonl", Detail(compactions=(compacted,)))
    assert set(ask.answer(sight).causes) == {Cause.FIRST, Cause.COMPACTION}


def test_what_is_still_warm_at_the_moment(database: Database) -> None:
    hour = {"cache_write_5m": 0, "cache_write_1h": 2_000}
    made = [
        Made(NOON_MS - 50 * MINUTE_MS, session="long", **hour),  # type: ignore[arg-type]  # ints
        Made(NOON_MS - 4 * MINUTE_MS, session="short", cache_write_1h=0),
        Made(NOON_MS - 6 * MINUTE_MS, session="cold", cache_write_1h=0),
        Made(NOON_MS - 61 * MINUTE_MS, session="old", **hour),  # type: ignore[arg-type]  # ints
    ]
    page = CacheAsk().answer(sight_of(build(database, made), NOON_MS, Span.HOURS))
    assert [(one.chain, one.warm.cached) for one in page.warm] == [
        (Chain("claude-code", "short", ""), 860),
        (Chain("claude-code", "long", ""), 2_800),
    ]


def test_a_moment_in_the_past_sees_nothing_behind_it(database: Database) -> None:
    made = [Made(NOON_MS - MINUTE_MS), Made(NOON_MS + MINUTE_MS, output=9)]
    sight = sight_of(build(database, made), NOON_MS, Span.HOURS)
    page = CacheAsk().answer(replace(sight, now_ms=NOON_MS + DAY_MS))
    assert page.total.told == 1


def test_an_empty_range_is_whole(database: Database) -> None:
    made = [Made(NOON_MS - 5 * DAY_MS)]
    page = CacheAsk().answer(sight_of(build(database, made), NOON_MS, Span.DAY))
    assert page.is_whole
    assert (page.requests, page.total.prompt, page.breaks) == (0, 0, ())


def test_a_store_whose_days_are_of_another_zone_tells_the_same(database: Database) -> None:
    view = build(database, history(), zone="Asia/Tokyo")
    page, _ = whole(CacheAsk(), sight_of(view, NOON_MS, Span.WEEK))
    inside = cached_requests(view, Slice(page.course.start_ms, NOON_MS + 1))
    assert page.total.prompt == sum(
        one.input + (one.cache_read or 0) + one.cache_write_5m + one.cache_write_1h
        for one in inside
    )


def test_a_course_in_fewer_steps_has_the_same_sums(database: Database) -> None:
    page = CacheAsk().answer(sight_of(build(database, history()), NOON_MS, Span.WEEK))
    steps, seconds = grouped(page.course, 50)
    assert len(steps) <= 50
    assert seconds == 4 * 3_600
    assert total(one for one in steps if one is not None) == page.total


def test_what_goes_through_a_gateway_is_no_conversation(database: Database) -> None:
    cold = {"cache_read": 0, "cache_write_5m": 21_000, "path": "/logs/proxy.jsonl"}
    made = [
        Made(NOON_MS - number * MINUTE_MS, source="headroom", session=session, **cold)  # type: ignore[arg-type]  # of the fields' own types
        for number, session in enumerate(["proxy", "proxy", "client", "client"])
    ]
    page = CacheAsk().answer(sight_of(build(database, made), NOON_MS, Span.HOURS))
    assert {one.chain.session for one in page.breaks} == {"client"}
    assert page.causes[Cause.PREFIX].breaks == 1
    assert page.total.told == 4


def test_sessions_are_named_with_where_they_worked_last(database: Database) -> None:
    made = [Made(NOON_MS - QUARTER_MS, project="/a"), Made(NOON_MS - 9, project="/b")]
    page = CacheAsk().answer(sight_of(build(database, made), NOON_MS, Span.HOURS))
    [session] = page.sessions
    assert (session.name, session.project) == (SessionName("claude-code", "s1"), "/b")
    assert session.sum.told == 2
