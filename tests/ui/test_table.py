"""The table of the pages: columns that fit, a cursor that stays with its row, keys and clicks."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.message import Message
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tokwatch.analysis.feed import FeedLine, What
from tokwatch.model.event import ModelName, Scope
from tokwatch.model.snapshot import Page
from tokwatch.model.usage import Usage
from tokwatch.pages.feed import FeedAsk, FeedPage
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.feed import FeedLines
from tokwatch.ui.widgets.table import Table, TableColumn, fitted

pytestmark = pytest.mark.anyio
START_MS = 1_763_474_400_000


def event(number: int, cost: int = 0, output: int = 10) -> FeedLine:
    """Return a request: each a second after the one before."""
    return FeedLine(
        What.REQUEST, START_MS + number * 1000, str(number),
        Scope("claude-code", f"session{number}"), "main",
        ModelName("anthropic", "claude-opus-4-8"),
        Usage(1, 100, 2_000, 300, 0, output, auto_nano=cost * 1_000_000_000),
    )  # fmt: skip


def page(*events: FeedLine) -> FeedPage:
    """Return the newest first, as the store does."""
    return FeedPage(tuple(reversed(events)), START_MS)


async def open_feed(pilot: Pilot[int], *events: FeedLine) -> FeedLines:
    """Go to the feed of these requests."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages[FeedAsk] = page(*events)
    await settle(pilot)
    await pilot.press("0")
    await settle(pilot)
    return app.screen.query_one(FeedLines)


def costs(table: FeedLines) -> list[int]:
    return [row.usage.auto_nano // 1_000_000_000 for row in table.rows]


async def test_the_screen_asks_while_it_is_open_and_not_after(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await open_feed(pilot, event(1))
        await pilot.press("escape")
        await settle(pilot)
        assert app.current_mode == "overview"

    assert feed_of(app).asked == [FeedAsk(), None]


async def test_before_its_page_comes_a_pane_says_so(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("0")
        await settle(pilot)
        assert "reading …" in text_of(app)


async def test_the_cursor_stays_with_its_row_when_others_arrive(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        table = await open_feed(pilot, event(1), event(2), event(3))
        await pilot.press("down")
        chosen = table.row
        assert chosen is not None
        assert chosen.key == "2"

        feed_of(app).publish(
            replace(BUSY, page=Page(FeedAsk(), page(*(event(number) for number in range(1, 9)))))
        )
        await settle(pilot)
        assert table.row is not None
        assert table.row.key == "2"


async def test_the_first_line_stays_first_until_the_cursor_moves(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        table = await open_feed(pilot, event(1))
        feed_of(app).publish(replace(BUSY, page=Page(FeedAsk(), page(event(1), event(2)))))
        await settle(pilot)
        assert table.row is not None
        assert table.row.key == "2"


async def test_sorting_goes_through_the_columns_and_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        table = await open_feed(pilot, event(1, cost=5), event(2, cost=9), event(3, cost=7))
        assert costs(table) == [7, 9, 5]
        table.sort_by("cost")
        assert costs(table) == [9, 7, 5]
        await pilot.press("S")
        assert costs(table) == [5, 7, 9]
        names = [column.name for column in table.columns() if column.order]
        table.sort_by("")
        seen = []
        for _ in names:
            await pilot.press("s")
            seen.append(table._sort)
            assert "▼" in table.plain.splitlines()[1]
        await pilot.press("s")
        assert seen == names
        assert table._sort == ""


async def test_a_click_selects_and_a_click_on_a_heading_sorts(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 30)) as pilot:
        table = await open_feed(pilot, event(1, cost=5), event(2, cost=9), event(3, cost=7))
        await pilot.click(FeedLines, offset=(5, 4))
        assert table.row is not None
        assert table.row.key == "1"
        await pilot.click(FeedLines, offset=(table.size.width - 4, 1))
        assert costs(table) == [9, 7, 5]


async def test_enter_opens_the_row(make_app: MakeApp) -> None:
    app = make_app()
    opened: list[Table.Opened] = []
    async with app.run_test(message_hook=lambda message: collect(message, opened)) as pilot:
        await open_feed(pilot, event(1), event(2))
        await pilot.press("down", "enter")
        await settle(pilot)

    assert [message.row.key for message in opened] == ["1"]


def collect(message: Message, opened: list[Table.Opened]) -> None:
    """Keep what tells that a row was opened, once."""
    if isinstance(message, Table.Opened) and message not in opened:
        opened.append(message)


async def test_far_more_rows_than_lines_scroll(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        table = await open_feed(pilot, *(event(number) for number in range(100)))
        await pilot.press("end")
        assert table.row is not None
        assert table.row.key == "0"
        assert "14:00:00" in table.plain
        await pilot.press("home")
        assert "14:01:39" in table.plain
        assert "14:00:00" not in table.plain
        assert table.thumb() is not None


def draw(row: str, width: int, inks: Inks) -> Line:
    return []


def test_columns_give_way_by_rank_and_take_spare_room() -> None:
    columns = [
        TableColumn("name", 5, draw, most=20),
        TableColumn("second", 8, draw, rank=2),
        TableColumn("cost", 6, draw, rank=1),
    ]

    def names(width: int) -> list[tuple[str, int]]:
        return [(column.name, size) for column, size in fitted(columns, width)]

    assert names(12) == [("name", 5), ("cost", 6)]
    assert names(20) == [("name", 13), ("cost", 6)]
    assert names(21) == [("name", 5), ("second", 8), ("cost", 6)]
    assert names(60) == [("name", 20), ("second", 8), ("cost", 6)]
