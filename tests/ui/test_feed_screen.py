"""The feed on the screen: its lines, the filter, pause, and the request that opens."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, enter_text, feed_of, settle, text_of
from tests.ui.costs_pages import FEED, NOW_MS, RAW, REQUEST, line
from tests.ui.literal import BUSY
from tokwatch.analysis.feed import What
from tokwatch.model.snapshot import Page
from tokwatch.pages.feed import FeedAsk, FeedPage
from tokwatch.pages.request import RequestAsk, RequestPage
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.request import RequestPanel
from tokwatch.ui.widgets.feed import FeedLines
from tokwatch.ui.widgets.request_facts import RequestFacts

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


def of(pilot: Pilot[int]) -> TokwatchApp:
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    return app


async def open_feed(pilot: Pilot[int], page: FeedPage = FEED) -> FeedLines:
    """Go to the feed."""
    feed_of(of(pilot)).pages[FeedAsk] = page
    await settle(pilot)
    await pilot.press("0")
    await settle(pilot)
    return of(pilot).screen.query_one(FeedLines)


def keys(table: FeedLines) -> list[str]:
    return [row.key for row in table.rows]


async def test_every_line_tells_what_it_is(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(180, 30)) as pilot:
        table = await open_feed(pilot)
        shown = table.plain.splitlines()
        for place, told in enumerate(
            (
                ("… Explore in flight", "haiku-4-5"),
                ("main", "156k", "512", "!!93%", "$0.9900"),
                ("✓ Explore finished", "$0.2200"),
                ("Explore", "14%", "$0.0123"),
                ("!78%", "-4.2k tokens"),
                ("gateway cache -$0.0421",),
                ("+ Explore started",),
                ("○ Plan quiet", "$0.0900"),
                ("· main ended", "$1.7700"),
            ),
            start=2,
        ):
            for part in told:
                assert part in shown[place], (place, part)
        assert "feed · 4 requests · 1 in flight" in shown[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("explore", ["9 in flight", "7 finished", "7", "4 started"]),
        ("state:finished", ["7 finished"]),
        ("!explore context>90", ["8"]),
        ("cost>0.5 state:request", ["8"]),
        ("model:gpt", ["5"]),
        ("agent:plan", ["3 quiet"]),
        ("tokens>1 nothing-like-that", []),
    ],
)
async def test_a_filter_narrows_as_that_of_the_sessions(
    make_app: MakeApp, text: str, found: list[str]
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        table = await open_feed(pilot)
        await pilot.press("/")
        await enter_text(pilot, text)
        await pilot.press("enter")
        await settle(pilot)
        assert keys(table) == found
        if not found:
            assert "nothing matches the filter" in table.plain
        await pilot.press("escape")
        assert len(table.rows) == len(FEED.lines)
        assert of(pilot).current_mode == "feed"


async def test_escape_drops_what_is_typed(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        table = await open_feed(pilot)
        await pilot.press("/", "g", "p", "t")
        assert keys(table) == ["5"]
        await pilot.press("escape")
        await settle(pilot)
        assert len(table.rows) == len(FEED.lines)
        assert of(pilot).screen.focused is table


async def test_the_cost_that_counts_is_told(make_app: MakeApp) -> None:
    async with make_app(config='[prices]\nmode = "display"').run_test(size=SIZE) as pilot:
        table = await open_feed(pilot)
        assert "$0.9900" not in table.plain, "no log told what it cost"


async def test_new_lines_come_through_the_filter(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        table = await open_feed(pilot)
        table.filter("context>90")
        more = FeedPage((line(key=30, share=0.99), line(key=31), *FEED.lines), NOW_MS)
        feed_of(of(pilot)).publish(replace(BUSY, page=Page(FeedAsk(), more)))
        await settle(pilot)
        assert keys(table) == ["30", "8"]


async def test_pause_holds_the_lines_back(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        table = await open_feed(pilot)
        await pilot.press("p")
        more = FeedPage((line(key=30), *FEED.lines), NOW_MS)
        feed_of(of(pilot)).publish(replace(BUSY, page=Page(FeedAsk(), more)))
        await settle(pilot)
        assert "30" not in keys(table)
        await pilot.press("p")
        await settle(pilot)
        assert keys(table)[0] == "30"


async def test_lines_of_several_days_tell_the_day(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        table = await open_feed(pilot, FeedPage((line(key=1), line(key=2, seconds=90_000)), NOW_MS))
        assert "18 Nov 14:02:31" in table.plain
        assert "17 Nov 13:02:31" in table.plain


async def test_a_line_about_an_agent_is_no_request_and_says_so(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_feed(pilot)
        await pilot.press("enter")
        await settle(pilot)
        (note,) = of(pilot)._notifications
        assert note.message == "Explore in flight: it is no single request."


async def open_request(pilot: Pilot[int], page: RequestPage) -> str:
    """Open the second line of the feed and return what the panel shows."""
    feed_of(of(pilot)).pages[RequestAsk] = page
    await open_feed(pilot)
    await pilot.press("down", "enter")
    await settle(pilot)
    assert isinstance(of(pilot).screen, RequestPanel)
    return of(pilot).screen.query_one(RequestFacts).plain


async def test_enter_opens_the_request_with_every_stored_fact(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 50)) as pilot:
        shown = await open_request(pilot, REQUEST)
        assert feed_of(of(pilot)).asked[-1] == RequestAsk(8)
        await pilot.press("end")
        shown += of(pilot).screen.query_one(RequestFacts).plain
        for told in (
            *("Tue 18 Nov 2025 14:02:31", "first record 4.2 s before", "tier fast"),
            *("13b1d9f414974d61", "155,902", "not told", "of it reasoning 88", "web searches"),
            *("79% of 200,000 tokens; window as the log tells it", "$0.098700"),
            *("checkout/7f3a.jsonl:18311", "/var/log/litellm.jsonl:7 · seen by a gateway"),
            *("duration_ms", "9.300 s", "4,200", "told by", "515", "enter shows its record"),
        ):
            assert told in shown, told
        logged, computed = (next(row for row in shown.splitlines() if f"│ {name} " in row)
                            for name in ("logged", "computed"))  # fmt: skip
        assert "counts" in logged
        assert "counts" not in computed


async def test_enter_shows_the_record_as_plain_text(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 50)) as pilot:
        await open_request(pilot, REQUEST)
        await pilot.press("enter")
        await settle(pilot)
        assert feed_of(of(pilot)).asked[-1] == RequestAsk(8, shows_raw=True)
        feed_of(of(pilot)).publish(replace(BUSY, page=Page(RequestAsk(8, True), RAW)))
        await settle(pilot)
        await pilot.press("end")
        await settle(pilot)
        assert "[red]not markup[/red] \\u001b[2J" in text_of(of(pilot))
        await pilot.press("enter")
        assert feed_of(of(pilot)).asked[-1] == RequestAsk(8)


async def test_a_request_that_is_gone_says_so(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        assert "no longer stored" in await open_request(pilot, RequestPage(None))


async def test_the_panel_scrolls_and_copies(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        shown = await open_request(pilot, REQUEST)
        facts = of(pilot).screen.query_one(RequestFacts)
        assert facts.thumb() is not None
        await pilot.press("pagedown", "down")
        assert facts.plain != shown
        await pilot.press("home")
        assert facts.plain == shown
        await pilot.press("y")
        assert "13b1d9f414974d61" in of(pilot).clipboard


async def test_the_feed_asks_again_once_the_panel_is_closed(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_request(pilot, REQUEST)
        await pilot.press("escape")
        await settle(pilot)
        assert feed_of(of(pilot)).asked[-1] == FeedAsk()
        assert What.REQUEST in {row.what for row in of(pilot).screen.query_one(FeedLines).rows}
