"""The session screen by its keys: cursor, views, agents, carried blocks, records, neighbours."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tests.ui.session_pages import COUNT, CUT, MAIN, app_with, opened, page
from tokwatch.model.detail import DetailReading
from tokwatch.model.snapshot import Page
from tokwatch.pages.request import RequestAsk
from tokwatch.pages.session import SessionAsk, SessionPage
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.overview import Overview
from tokwatch.ui.screens.session import SessionScreen, open_session
from tokwatch.ui.widgets.request_facts import RequestFacts
from tokwatch.ui.widgets.session_composition import SessionComposition
from tokwatch.ui.widgets.session_name import SessionName
from tokwatch.ui.widgets.session_requests import SessionRequests
from tokwatch.ui.widgets.session_timeline import AXIS_WIDTH, SessionTimeline

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


async def publish(pilot: Pilot[int], content: SessionPage) -> None:
    """Let the feed answer the open screen's question with another page."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    assert isinstance(app.screen, SessionScreen)
    feed_of(app).publish(replace(BUSY, page=Page(app.screen.ask, content)))
    await settle(pilot)


async def test_it_asks_for_the_session_and_gives_the_word_back(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, Overview)
    assert feed_of(app).asked == [SessionAsk(*MAIN), None]


async def test_a_screen_beneath_asks_again_when_it_is_left(make_app: MakeApp) -> None:
    from tokwatch.pages.feed import FeedAsk

    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("0")
        await settle(pilot)
        open_session(app, *MAIN)
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
    asked = [type(ask) for ask in feed_of(app).asked]
    assert asked == [FeedAsk, SessionAsk, FeedAsk]


async def test_the_cursor_drives_timeline_composition_and_requests(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        assert f"#{COUNT} " in screen.query_one(SessionTimeline).plain
        before = screen.query_one(SessionComposition).plain
        await pilot.press(*["left"] * (COUNT - CUT))
        await settle(pilot)
        assert screen.cursor == CUT
        assert f"#{CUT} " in screen.query_one(SessionTimeline).plain
        row = screen.query_one(SessionRequests).row
        assert row is not None
        assert row.number == CUT
        assert "summary" in screen.query_one(SessionComposition).plain
        assert screen.query_one(SessionComposition).plain != before
        await pilot.press("shift+left")
        await settle(pilot)
        assert screen.cursor == CUT - 10
        await pilot.press("end")
        await settle(pilot)
        assert screen.query_one(SessionComposition).plain == before
        assert f"#{COUNT} " in screen.query_one(SessionTimeline).plain


async def test_the_table_moves_the_cursor_too(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot, "home")
        assert screen.cursor == 1
        assert "#1 " in screen.query_one(SessionTimeline).plain


async def test_a_click_on_a_bar_goes_there(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        await pilot.click(SessionTimeline, offset=(2 + AXIS_WIDTH, 4))
        await settle(pilot)
        assert screen.cursor == 1


async def test_the_newest_request_is_followed_until_the_cursor_moves(make_app: MakeApp) -> None:
    whole = page()
    shorter = replace(
        whole,
        lines=whole.lines[:-1],
        course=replace(
            whole.course, requests=whole.course.requests[:-1], points=whole.course.points[:-1]
        ),
    )
    app = app_with(make_app, shorter)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        table = screen.query_one(SessionRequests)
        assert table.row is not None
        assert table.row.number == COUNT - 1
        await publish(pilot, whole)
        assert table.row is not None
        assert table.row.number == COUNT
        assert f"#{COUNT} " in screen.query_one(SessionTimeline).plain
        await pilot.press("left")
        await publish(pilot, shorter)
        assert screen.cursor == COUNT - 1


async def test_a_session_opens_at_a_request(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        open_session(app, *MAIN, event_key=12)
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, SessionScreen)
        assert screen.cursor == 12
        assert "#12 " in screen.query_one(SessionTimeline).plain


async def test_enter_shows_the_request_and_its_record(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "home")
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen.query_one(RequestFacts), RequestFacts)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, SessionScreen)
    asked = feed_of(app).asked
    assert RequestAsk(1, shows_raw=True) in asked
    assert isinstance(asked[-1], SessionAsk)


async def test_the_sessions_before_and_after_are_those_of_the_list(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        screen = await opened(pilot, "<")
        assert screen.asked == SessionAsk(*MAIN)
        assert [note.message for note in app._notifications] == [
            "The list has no session before this one."
        ]
        await pilot.press(">")
        await settle(pilot)
        assert screen.asked.session == BUSY.sessions[1].session
        await pilot.press("<")
        await settle(pilot)
        assert screen.asked == SessionAsk(*MAIN)


async def test_a_list_of_its_own_is_stepped_through_in_its_order(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        open_session(app, *MAIN, among=[("codex", "z"), MAIN[:2], ("codex", "a")])
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, SessionScreen)
        await pilot.press(">")
        await settle(pilot)
        assert screen.asked == SessionAsk("codex", "a")


async def test_while_the_log_is_read_events_are_shown_with_the_progress(
    make_app: MakeApp,
) -> None:
    reading = DetailReading("claude-code", "7f3a", 31_000_000, 90_000_000)
    app = app_with(make_app, page(told=False, reading=reading))
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        shown = screen.query_one(SessionComposition).plain
        assert "reading the log … 34% of 90.0 MB" in shown
        assert "cache read" in shown
        await pilot.press("v", "v")
        await settle(pilot)
        assert "reading the log … 34% of 90.0 MB" in text_of(app)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (DetailReading("x", "y", is_offered=False), "its log does not tell"),
        (DetailReading("x", "y", error="a log could not be read"), "a log could not be read"),
    ],
)
async def test_what_cannot_be_told_says_why(
    make_app: MakeApp, reading: DetailReading, words: str
) -> None:
    app = app_with(make_app, page(told=False, reading=reading))
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        assert words in screen.query_one(SessionComposition).plain


async def test_a_session_of_which_nothing_is_known_says_so(make_app: MakeApp) -> None:
    whole = page(told=False)
    empty = replace(
        whole, row=None, course=replace(whole.course, points=(), requests=(), cliffs=()),
        lines=(), lanes=(), breaks={}, usable=None,
    )  # fmt: skip
    app = app_with(make_app, empty)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        assert "no request of it up to this moment" in screen.query_one(SessionName).plain
        for view in ("agents", "carried", "truncation", "facts"):
            screen.action_show_view(view)
            await settle(pilot)
        assert "n goes to now" in screen.query_one(SessionTimeline).plain


async def test_a_page_that_is_not_whole_is_asked_for_again(make_app: MakeApp) -> None:
    app = app_with(make_app, replace(page(told=False), is_whole=False))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
    assert feed_of(app).asked.count(SessionAsk(*MAIN)) >= 2


async def test_the_title_is_read_for_the_shown_session(make_app: MakeApp) -> None:
    app = make_app(titles={"7f3a": "Fix the flaky checkout test"})
    feed_of(app).pages[SessionAsk] = page()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot)
        assert "Fix the flaky" in text_of(app).splitlines()[1]
    off = app_with(make_app, config="[ui]\ntitles = false")
    async with off.run_test(size=SIZE) as pilot:
        await opened(pilot)
    assert feed_of(off).titled == []


async def test_y_copies_the_resume_command_or_what_fills_the_screen(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "y")
        assert app.clipboard == "claude --resume 7f3a"
        await pilot.press("+", "y")
        await settle(pilot)
        assert app.clipboard.startswith("╭─ requests · ")


async def test_e_writes_the_requests_to_a_file(make_app: MakeApp) -> None:
    shown = page()
    app = app_with(make_app, shown)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "e")
        await settle(pilot)
    [file] = (app.config.data / "exports").glob("session-*.csv")
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert len(rows) == COUNT
    paid = sum(int(Decimal(row["cost_usd"]).scaleb(9)) for row in rows)
    assert paid == sum(line.request.computed_nano or 0 for line in shown.lines)
    assert rows[CUT - 1]["cache_break"] == "compaction"
    assert {row["path"] for row in rows} == {"/logs/7f3a.jsonl"}


async def test_markup_and_control_characters_of_a_log_change_nothing(make_app: MakeApp) -> None:
    shown = page()
    assert shown.row is not None
    row = replace(shown.row, project="[red]x\x1b[31m", model="[bold]", label="[/]")
    lanes = tuple(lane._replace(kind="[@click=app.quit]x[/]\x07") for lane in shown.lanes)
    app = app_with(make_app, replace(shown, row=row, lanes=lanes))
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "v")
        text = text_of(app)
        assert "[red]x" in text
        assert "[@click=app.quit]x[/]" in text
        assert "\x1b" not in text
