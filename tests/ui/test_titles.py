"""Titles are asked for visible rows only, and again only where a session went on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace
from textual.app import App

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY, NOW
from tokwatch.model.snapshot import SessionRow
from tokwatch.ui.titles import TitleReader
from tokwatch.ui.widgets.sessions import Sessions

pytestmark = pytest.mark.anyio
SIZE = (200, 36)


async def test_a_title_stands_in_the_table(make_app: MakeApp) -> None:
    app = make_app(titles={"7f3a": "Fix the flaky checkout test"})
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "Fix the flaky checkout test" in text_of(app)


async def test_titles_can_be_off(make_app: MakeApp) -> None:
    app = make_app(titles={"7f3a": "secret"}, config="[ui]\ntitles = false")
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert feed_of(app).titled == []
        assert "secret" not in text_of(app)


async def test_only_visible_rows_are_asked_for(make_app: MakeApp) -> None:
    rows = tuple(replace(BUSY.sessions[0], key=f"k{n}", cost_nano=-n) for n in range(200))
    app = make_app(replace(BUSY, sessions=rows))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        visible = app.screen.query_one(Sessions).viewport.height
        assert feed_of(app).titled == [f"k{n}" for n in range(visible)]
        await pilot.press("pagedown")
        await settle(pilot)
        assert len(feed_of(app).titled) == len(set(feed_of(app).titled)) <= 2 * visible


async def test_a_row_without_a_log_is_not_asked_for(make_app: MakeApp) -> None:
    rows = tuple(replace(row, path="") for row in BUSY.sessions)
    app = make_app(replace(BUSY, sessions=rows))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert feed_of(app).titled == []


async def test_a_session_that_went_on_is_asked_for_again_at_the_next_tick(
    make_app: MakeApp,
) -> None:
    now = [NOW]
    app = make_app(clock=lambda: now[0])
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        asked = len(feed_of(app).titled)
        went_on = replace(BUSY.sessions[0], last=NOW + timedelta(seconds=3))
        feed_of(app).publish(replace(BUSY, sessions=(went_on, *BUSY.sessions[1:])))
        await pilot.pause()
        await settle(pilot)
        assert len(feed_of(app).titled) == asked
        now[0] += timedelta(seconds=10)
        app.tick()
        await pilot.pause()
        await settle(pilot)
        assert feed_of(app).titled[asked:] == ["7f3a"]


async def test_titles_that_cannot_be_read_leave_the_ids(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()

    def fail(rows: Sequence[SessionRow]) -> dict[str, str]:
        raise OSError("gone")

    monkeypatch.setattr(feed_of(app), "titles", fail)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert app.is_running
        assert "7f3a·4c1" in text_of(app)


class _AtOnce:
    """An application that does in its own thread what it is asked to do in another one."""

    def run_worker(self, work: Callable[[], None], **_: object) -> None:
        work()

    def call_from_thread(self, call: Callable[..., None], *arguments: object) -> None:
        call(*arguments)


def test_titles_that_were_read_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokwatch.ui.titles.MOST_KEPT", 3)
    asked: list[str] = []

    def read(rows: Sequence[SessionRow]) -> dict[str, str]:
        asked.extend(row.key for row in rows)
        return {row.key: f"title of {row.key}" for row in rows}

    reader = TitleReader(cast("App[Any]", _AtOnce()), read, lambda titles: None)
    rows = [replace(BUSY.sessions[0], key=f"k{number}") for number in range(5)]
    reader.look(rows[:3])
    reader.look([replace(rows[0], last=NOW + timedelta(seconds=3))], again=True)  # newer than k1
    reader.look(rows[3:])
    assert reader.known == {f"k{number}": f"title of k{number}" for number in (0, 3, 4)}
    reader.look(rows[1:2])
    assert asked == ["k0", "k1", "k2", "k0", "k3", "k4", "k1"]
