"""The cache screen by its keys: what it shows, where its lines lead, and that time moves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.cache_pages import (
    BREAKS,
    CALM,
    CODEX,
    EMPTY_PAGE,
    NO_RESPONSES,
    PAGE,
    RESPONSES,
    SICK,
)
from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY, NOW
from tokwatch.model.repeats import KeyKind
from tokwatch.model.snapshot import Page
from tokwatch.pages.cache import CacheAsk, CachePage
from tokwatch.pages.response_cache import ResponseAsk, ResponsePage
from tokwatch.pages.session import SessionAsk
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.cache_breaks import CacheBreaks
from tokwatch.ui.widgets.cache_chart import CacheChart
from tokwatch.ui.widgets.cache_sums import CacheModels, CacheSessions
from tokwatch.ui.widgets.cache_warm import CacheWarm
from tokwatch.ui.widgets.response_sizes import ResponseSizes
from tokwatch.ui.widgets.table import Table

pytestmark = pytest.mark.anyio


async def open_cache(
    pilot: Pilot[int], page: CachePage = PAGE, responses: ResponsePage = RESPONSES
) -> TokwatchApp:
    """Go to the cache screen."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages |= {CacheAsk: page, ResponseAsk: responses}
    await settle(pilot)
    await pilot.press("4")
    await settle(pilot)
    return app


async def test_rates_and_amounts_of_the_range(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        text = text_of(await open_cache(pilot))
        for shown in (
            *("90.8% of the prompt", "41.0M of 45.1M", "99.9% of requests", "4,206 of 4,210"),
            *("$184.50", "$181.50 after writes", "$15.00", "$3.00 above", "$3.31", "8 breaks"),
        ):
            assert shown in text
        assert "litellm" not in text


async def test_every_break_has_its_cause_and_its_price(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 48)) as pilot:
        table = (await open_cache(pilot)).screen.query_one(CacheBreaks)
        lines = {line.split()[0]: line for line in table.plain.splitlines() if ":" in line}
        text = table.plain
        for told in ("idle > 5 min", "idle > 1 h", "model switched", "provider's miss"):
            assert told in text
        assert "breaks · 8 · prefix changed 3 $1.71 · idle 2 $1.23" in text
        assert "unpriced" in text
        assert "2h30m" in text
        assert lines


async def test_breaks_sort_by_time_and_by_dollars(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        table = (await open_cache(pilot)).screen.query_one(CacheBreaks)
        assert [one.key for one in table.rows] == [one.key for one in BREAKS]
        await pilot.press("s")
        assert [one.key for one in table.rows][:3] == [8, 2, 1]
        table.sort_by("lost")
        assert [one.key for one in table.rows][:3] == [1, 2, 3]


async def test_enter_on_a_break_opens_its_session_at_the_request(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, SessionScreen)
        assert feed_of(app).asked[-1] == SessionAsk(*CALM)
        assert app.screen.cursor == BREAKS[2].key
        await pilot.press(">", ">")
        await settle(pilot)
        assert feed_of(app).asked[-1] == SessionAsk(*CODEX), "the next in the order of the table"
        await pilot.press("escape")
        await settle(pilot)
        assert feed_of(app).asked[-1] == CacheAsk()


async def test_enter_on_a_session_leads_to_it(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        app.screen.query_one(CacheSessions).focus()
        await pilot.press("down", "enter")
        await settle(pilot)
        assert feed_of(app).asked[-1] == SessionAsk(*CALM)
        app.pop_screen()
        await settle(pilot)
        app.screen.query_one("#cache-warm").focus()
        await pilot.press("enter")
        await settle(pilot)
        assert feed_of(app).asked[-1] == SessionAsk(*SICK)


async def test_enter_on_a_model_shows_all_of_it(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        app.screen.query_one(CacheModels).focus()
        await pilot.press("enter")
        await settle(pilot)
        text = text_of(app)
        assert "claude-opus-4-5-20251101 · cache in the shown range" in text
        assert "21,000,000" in text
        assert "saved, net" in text


async def test_what_is_warm_cools_as_time_goes_by_and_nobody_is_asked(make_app: MakeApp) -> None:
    moment = [NOW]
    clock: Callable[[], datetime] = lambda: moment[0]  # noqa: E731 -- a clock that a test moves
    async with make_app(clock=clock).run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        table = app.screen.query_one("#cache-warm", CacheWarm)
        asked = len(feed_of(app).asked)
        for seconds, *left in (
            (0, "4:50", "58m", "≈0:40"),
            (10, "4:40", "58m", "≈0:30"),
            (18, "4:40", "58m", "≈0:30"),
            (50, "4:00", "57m"),
        ):
            moment[0] = NOW + timedelta(seconds=seconds)
            app.tick()
            await settle(pilot)
            shown = [line.split()[-2] for line in table.plain.splitlines()[2 : 2 + len(left)]]
            assert shown == left
        assert len(table.rows) == 2
        assert len(feed_of(app).asked) == asked


async def test_a_moment_in_the_past_stands_still(make_app: MakeApp) -> None:
    past = replace(BUSY, until=NOW)
    async with make_app(past, clock=lambda: NOW + timedelta(hours=5)).run_test(
        size=(120, 36)
    ) as pilot:
        app = await open_cache(pilot)
        assert len(app.screen.query_one("#cache-warm", CacheWarm).rows) == 4


async def test_a_long_range_is_asked_for_until_all_of_it_is_there(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        feed = feed_of(app)
        del feed.pages[CacheAsk]
        asked = len(feed.asked)
        part = replace(PAGE, read=1_000)
        feed.publish(replace(BUSY, page=Page(CacheAsk(), part), version=2))
        await settle(pilot)
        assert "23% read" in app.screen.query_one(CacheChart).plain
        assert feed.asked[asked:] == [CacheAsk()]
        feed.publish(replace(BUSY, page=Page(CacheAsk(), PAGE), version=3))
        await settle(pilot)
        assert len(feed.asked) == asked + 1
        assert "read" not in app.screen.query_one(CacheChart).plain


async def test_an_empty_range_says_what_to_do(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot, EMPTY_PAGE, NO_RESPONSES)
        text = text_of(app)
        assert "nothing was sent in this range; } widens it" in text
        assert "no cache broke in this range" in text
        assert "nothing is in a cache at this moment" in text
        assert "n/a of the prompt" in text
        await pilot.press("v")
        await settle(pilot)
        text = text_of(app)
        assert "no log here tells of one; LiteLLM, headroom and mapped logs can" in text
        assert "of no request in this range is it known what it was made of" in text


async def test_v_shows_response_caches_and_the_prompt_cache_again(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        await pilot.press("v")
        await settle(pilot)
        assert feed_of(app).asked[-1] == ResponseAsk()
        text = text_of(app)
        assert "litellm" in text
        assert "7.9%" in text, "96 of 1,204"
        assert "2,012 of 4,210 requests known" in text
        assert "hit rate, tokens" not in text
        assert "v prompt cache" in text
        await pilot.press("v")
        await settle(pilot)
        assert feed_of(app).asked[-1] == CacheAsk()
        assert "hit rate, tokens" in text_of(app)


async def test_the_chart_is_of_the_key_under_the_cursor(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        await pilot.press("v")
        await settle(pilot)
        sizes = app.screen.query_one(ResponseSizes)
        assert "whole request" in sizes.plain
        await pilot.press("down", "down")
        await settle(pilot)
        assert sizes.kind is KeyKind.NEWEST
        text = sizes.plain
        assert "prompt + model + temperature · 100 MB, expiring after 1h00m" in text
        assert "▲ small" in text
        assert "▲ large" in text
        assert "13.0%" in text, "262 of 2,012 with 100 items"
        assert "48 expired · 702 gone for too many" in text
        await pilot.press("enter")
        assert app.screen.maximized is sizes


async def test_a_gateway_says_where_its_figures_come_from(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        await pilot.press("v")
        await settle(pilot)
        app.screen.query_one("#response-gateways").focus()
        await pilot.press("enter")
        await settle(pilot)
        assert "As the gateways' logs tell it" in text_of(app)


@pytest.mark.parametrize("pane", ["#lost", "#cache-chart", "#cache-breaks", "#cache-lifetimes"])
async def test_each_pane_explains_itself(make_app: MakeApp, pane: str) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = await open_cache(pilot)
        app.screen.query_one(pane).focus()
        await pilot.press("i")
        await settle(pilot)
        assert "where this comes from" in text_of(app)


async def test_names_of_logs_are_no_markup(make_app: MakeApp) -> None:
    hostile = BREAKS[0]._replace(project="[red]x", model="[@click=app.quit]m")
    async with make_app().run_test(size=(160, 36)) as pilot:
        app = await open_cache(pilot, replace(PAGE, breaks=(hostile,)))
        assert "[red]x" in text_of(app)
        assert app.screen.query_one("#cache-breaks", Table).rows == (hostile,)
