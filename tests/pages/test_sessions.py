"""The page of all sessions, from a store."""

from __future__ import annotations

import pytest

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.model.snapshot import SessionState, Span
from tokwatch.model.units import QUARTER_MS
from tokwatch.pages import sessions as page_module
from tokwatch.pages.sessions import SessionsAsk
from tokwatch.store.connect import Database

MARCH_MS = 1_772_323_200_000
MINUTE_MS = 60_000


def test_every_session_of_the_range_is_listed_the_newest_first(database: Database) -> None:
    made = [
        Made(MARCH_MS, session="first", computed_nano=3),
        Made(MARCH_MS + MINUTE_MS, session="second", computed_nano=5),
        Made(MARCH_MS + 2 * MINUTE_MS, session="first", agent="a1", computed_nano=7),
        Made(MARCH_MS - 90 * 86_400_000, session="long ago"),
    ]
    sight = sight_of(build(database, made), MARCH_MS + 3 * MINUTE_MS)
    page = SessionsAsk().answer(sight)

    assert [(row.session, row.agent, row.depth) for row in page.rows] == [
        ("first", "", 0),
        ("first", "a1", 1),
        ("second", "", 0),
    ]
    assert page.count == 2
    assert [row.cost_nano for row in page.rows] == [3, 7, 5]
    assert {row.state for row in page.rows} == {SessionState.LIVE}
    assert SessionsAsk().answer(sight) == page


def test_all_time_shows_the_oldest_too(database: Database) -> None:
    made = [Made(MARCH_MS - 90 * 86_400_000, session="long ago"), Made(MARCH_MS, session="new")]
    sight = sight_of(build(database, made), MARCH_MS, Span.ALL)

    assert [row.session for row in SessionsAsk().answer(sight).rows] == ["new", "long ago"]


def test_more_sessions_than_are_listed_are_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "MOST", 3)
    monkeypatch.setattr(page_module, "FIRST", 2)
    made = [Made(MARCH_MS + number * QUARTER_MS, session=f"s{number}") for number in range(10)]
    ask, sight = SessionsAsk(), sight_of(build(database, made), MARCH_MS + 10 * QUARTER_MS)
    first, page = ask.answer(sight), ask.answer(sight)

    assert [row.session for row in first.rows] == ["s9", "s8"]
    assert (first.count, first.goes_on) == (10, True)
    assert [row.session for row in page.rows] == ["s9", "s8", "s7"]
    assert (page.count, page.goes_on) == (10, False)
