"""What the tiles say, in full and in little room."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.app import App

from tests.ui.budget_pages import DAILY
from tests.ui.conftest import MakeApp
from tests.ui.literal import BUSY, NOW, dollars
from tokwatch.model.snapshot import Progress, Snapshot
from tokwatch.ui.budget_gauge import budget_gauges
from tokwatch.ui.inks import inks_of
from tokwatch.ui.widgets.tile import Tile, fitting
from tokwatch.ui.widgets.tiles import BurnRate, CacheHits, DayForecast, Today

pytestmark = pytest.mark.anyio
READING = replace(BUSY, progress=Progress(10, 100, 9))


async def plain(
    make_app: MakeApp,
    tile: type[Tile],
    shown: Snapshot,
    size: tuple[int, int] = (120, 36),
    *,
    moved: bool = True,
    config: str = "",
) -> str:
    """Return a tile's text on one snapshot."""
    app = make_app(shown, config=config)
    async with app.run_test(size=size) as pilot:
        app.moved = moved
        await pilot.pause()
        return app.screen.query_one(tile).plain


def test_a_budget_keeps_its_name_rather_than_a_wide_bar() -> None:
    inks = inks_of(App())
    fits = fitting(budget_gauges(DAILY, inks), 22)
    assert "".join(text for text, _ in fits).endswith(f" of {DAILY.name}")


async def test_a_moment_of_today_is_named(make_app: MakeApp) -> None:
    past = replace(BUSY, until=NOW - timedelta(hours=2))
    assert "─ today until 12:02 ─" in await plain(make_app, Today, past)
    assert "─ today ─" in await plain(make_app, Today, past, (80, 24))


@pytest.mark.parametrize(
    ("size", "title"),
    [((120, 36), "─ Sat 15 Nov ─"), ((80, 24), "─ Sat 15 Nov ─"), ((60, 24), "─ 15 Nov ─")],
)
async def test_a_day_of_the_past_is_called_by_its_date(
    make_app: MakeApp, size: tuple[int, int], title: str
) -> None:
    past = replace(BUSY, is_today=False, day="2025-11-15", until=NOW - timedelta(days=3))
    assert title in await plain(make_app, Today, past, size)


async def test_without_a_frame_the_date_stands_in_front(make_app: MakeApp) -> None:
    past = replace(BUSY, is_today=False, day="2025-11-15")
    assert (await plain(make_app, Today, past, (50, 20))).startswith(" 15 Nov")


@pytest.mark.parametrize("until", [None, NOW - timedelta(days=3)])
async def test_the_last_active_day_is_named(make_app: MakeApp, until: None) -> None:
    past = replace(BUSY, is_today=False, day="2025-11-15", until=until)
    assert "Sat 15 Nov · last active" in await plain(make_app, Today, past, moved=False)


async def test_money_of_a_plan_comes_before_why_a_day_is_shown(make_app: MakeApp) -> None:
    past = replace(BUSY, is_today=False, day="2025-11-15")
    config = "[plan]\nsubscription = true"
    text = await plain(make_app, Today, past, (140, 36), moved=False, config=config)
    assert "Sat 15 Nov · API-equivalent" in text


@pytest.mark.parametrize(
    ("width", "title"),
    [(120, " today · API-equivalent ─"), (100, " today · equivalent ─"), (80, " today · equiv. ─")],
)
async def test_money_of_a_plan_is_named_in_whole_words(
    make_app: MakeApp, width: int, title: str
) -> None:
    config = "[plan]\nsubscription = true"
    assert title in await plain(make_app, Today, BUSY, (width, 36), config=config)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (200, 60)])
async def test_what_rests_on_history_waits_for_it(make_app: MakeApp, size: tuple[int, int]) -> None:
    forecast = await plain(make_app, DayForecast, READING, size)
    assert "…" in forecast
    assert "$" not in forecast
    assert "usual" not in await plain(make_app, Today, READING, size)
    assert "×" not in await plain(make_app, Today, READING, size)
    assert "pts" not in await plain(make_app, CacheHits, READING, size)
    assert "$41.27" in await plain(make_app, Today, READING, size)


async def test_the_running_block_loses_words_before_it_is_cut(make_app: MakeApp) -> None:
    small = replace(BUSY.forecast, block_nano=dollars(0.59), block_forecast_nano=dollars(5.87))
    shown = replace(BUSY, forecast=small)
    assert "block $0.59 → ≈$5.87 at 17:00" in await plain(make_app, DayForecast, shown, (140, 36))
    assert "block $0.59 → ≈$5.87  " in await plain(make_app, DayForecast, shown)
    assert "block ≈$5.87  " in await plain(make_app, DayForecast, shown, (80, 36))


async def test_a_burn_rate_of_nothing_says_for_how_long(make_app: MakeApp) -> None:
    quiet = tuple(replace(each, last_event=NOW - timedelta(minutes=41)) for each in BUSY.sources)
    still = replace(BUSY, sources=quiet, sessions=(), burn=replace(BUSY.burn, nano_per_hour=0))
    assert "$0.00/h  quiet 40m" in await plain(make_app, BurnRate, still)
    assert "peak $38.10" in await plain(make_app, BurnRate, replace(BUSY, sources=quiet))


async def test_a_small_share_of_the_usual_is_not_nothing(make_app: MakeApp) -> None:
    little = replace(BUSY, spend=replace(BUSY.spend, times_usual=0.004))
    assert "▼ <0.1× usual" in await plain(make_app, Today, little)


@pytest.mark.parametrize(
    ("tile", "words"),
    [
        (Today, "a bar for each hour since midnight, the highest $9.00"),
        (BurnRate, "a bar for each five minutes of the last hour, the highest $0.90/h"),
        (CacheHits, "a bar for each hour since midnight; the full height is 100%"),
    ],
)
async def test_zoomed_it_says_what_its_bars_are(
    make_app: MakeApp, tile: type[Tile], words: str
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        app.screen.query_one(tile).focus()
        await pilot.press("+")
        await pilot.pause()
        assert words in app.screen.query_one(tile).plain
