"""The page of performance and quality: of the shown range, kept for a moment, narrowed, split."""

from __future__ import annotations

import dataclasses

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tests.store.made_detail import write
from tokwatch.analysis.quality import By, Narrow
from tokwatch.model.detail import Detail, Turn
from tokwatch.model.snapshot import Span
from tokwatch.model.units import QUARTER_MS
from tokwatch.pages import quality as pages
from tokwatch.pages.quality import QualityAsk
from tokwatch.store.connect import Database
from tokwatch.store.view import View

NOON_MS = 1_774_267_200_000
HOUR_MS = 4 * QUARTER_MS
MADE = tuple(
    Made(
        NOON_MS - hours * HOUR_MS - 60_000,
        session=f"s{hours % 2}",
        agent="x1" if hours == 3 else "",
        model="opus" if hours < 3 else "haiku",
        path=f"/logs/s{hours % 2}.jsonl",
    )
    for hours in range(5)
)


def made(database: Database) -> View:
    return build(database, MADE)


def add(database: Database, key: int, at_ms: int) -> None:
    """Write one more request, a copy of the first one."""
    columns = [row[1] for row in database.rows("PRAGMA table_info(event)")]
    told = ", ".join({"key": str(key), "instant_ms": str(at_ms)}.get(one, one) for one in columns)
    database.execute(f"INSERT INTO event SELECT {told} FROM event WHERE key = 1")


def test_it_is_about_the_shown_range(database: Database) -> None:
    view = made(database)

    day = QualityAsk().answer(sight_of(view, NOON_MS))
    hours = QualityAsk().answer(sight_of(view, NOON_MS, Span.HOURS))
    past = QualityAsk().answer(sight_of(view, NOON_MS - 2 * HOUR_MS, Span.HOURS))

    assert [page.whole.requests for page in (day, hours, past)] == [5, 4, 3]
    assert hours.at_ms == NOON_MS
    assert hours.since_ms % QUARTER_MS == 0
    cost = next(one for one in hours.whole.measures if one.definition.name == "cost")
    assert sum(bar.values for bar in cost.bars) == 4


def test_it_is_narrowed_and_grouped_as_asked(database: Database) -> None:
    sight = sight_of(made(database), NOON_MS)

    by_agent = QualityAsk(By.AGENT).answer(sight)
    haiku = QualityAsk(By.AGENT, (Narrow(By.MODEL, "haiku"),)).answer(sight)

    assert {one.name: one.requests for one in by_agent.whole.groups} == {"main": 4, "sub-agent": 1}
    assert {one.name: one.requests for one in haiku.whole.groups} == {"main": 1, "sub-agent": 1}
    assert haiku.trail == (Narrow(By.MODEL, "haiku"),)


def test_before_and_after_an_instant_stand_beside_the_whole(database: Database) -> None:
    sight = sight_of(made(database), NOON_MS)

    page = QualityAsk(mark_ms=NOON_MS - 2 * HOUR_MS).answer(sight)

    assert page.before is not None
    assert page.after is not None
    assert (page.before.requests, page.after.requests, page.whole.requests) == (3, 2, 5)


def test_turns_of_the_range_are_told_where_conversations_are_read(database: Database) -> None:
    view = made(database)
    turn = Turn(0, "", NOON_MS - HOUR_MS, NOON_MS - 60_000, 1, 0, interrupted=False, finished=True)
    write(database, "/logs/s0.jsonl", Detail(turns=(turn,)))

    whole = QualityAsk().answer(sight_of(view, NOON_MS)).whole

    assert (whole.read, whole.sessions) == (1, 2)
    turns = next(one for one in whole.measures if one.definition.name == "turn")
    assert turns.spread is not None
    assert turns.spread.p50 == HOUR_MS - 60_000


@pytest.mark.parametrize(
    ("span", "kept_ms"),
    [(Span.HOURS, 1_000), (Span.DAY, 10_000), (Span.ALL, 60_000)],
)
def test_a_long_range_is_read_anew_only_now_and_then(
    database: Database, span: Span, kept_ms: int
) -> None:
    if database.postgres:
        pytest.skip("what is kept does not depend on the store")
    ask, sight = QualityAsk(), sight_of(made(database), NOON_MS, span)

    def requests_at(later_ms: int, ask: QualityAsk = ask) -> int:
        now_ms = NOON_MS + later_ms
        return ask.answer(replace(sight, now_ms=now_ms, at_ms=now_ms)).whole.requests

    before = requests_at(0)
    add(database, 99, NOON_MS)

    assert requests_at(kept_ms - 1) == before
    assert requests_at(kept_ms - 1, dataclasses.replace(ask, by=By.SOURCE)) == before
    assert requests_at(kept_ms) == before + 1


def test_what_is_beyond_the_newest_requests_is_left_out_and_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 2)
    monkeypatch.setattr(pages, "FIRST", 1)
    ask, sight = QualityAsk(), sight_of(made(database), NOON_MS)

    first, page, again = (ask.answer(sight) for _ in range(3))

    assert (first.whole.requests, first.left_out, first.goes_on) == (1, 4, True)
    assert (page.whole.requests, page.left_out, page.goes_on) == (2, 3, False)
    assert again is page


def test_an_answer_that_lacks_nothing_is_the_whole_one_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, sight = QualityAsk(), sight_of(made(database), NOON_MS)
    whole = ask.answer(sight)
    monkeypatch.setattr(pages, "FIRST", 1)

    assert (whole.whole.requests, whole.goes_on) == (5, False)
    assert ask.answer(sight) is whole
