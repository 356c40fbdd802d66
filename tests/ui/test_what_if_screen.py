"""What-if on the screen: models from the cheapest, what does not fit, and one in detail."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.costs_pages import COSTS, WHAT_IF
from tests.ui.literal import BUSY
from tokwatch.model.snapshot import Page
from tokwatch.pages.costs import CostsAsk
from tokwatch.pages.what_if import WhatIfAsk
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.what_if import WhatIfScreen
from tokwatch.ui.widgets.what_if import WhatIfLines

pytestmark = pytest.mark.anyio


def of(pilot: Pilot[int]) -> TokwatchApp:
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    return app


async def open_what_if(pilot: Pilot[int]) -> WhatIfLines:
    """Go to the what-if of the costs."""
    feed_of(of(pilot)).pages |= {CostsAsk: COSTS, WhatIfAsk: WHAT_IF}
    await settle(pilot)
    await pilot.press("3")
    await settle(pilot)
    await pilot.press("W")
    await settle(pilot)
    return of(pilot).screen.query_one(WhatIfLines)


async def test_models_stand_from_the_cheapest_with_what_does_not_fit(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        table = await open_what_if(pilot)
        shown = table.plain.splitlines()
        for place, told in enumerate(
            (
                ("claude-haiku-4-5", "$2.78", "▼ -89%", "$19.46", "$1.39", "! 12 (2%) exceed 200k"),
                ("claude-sonnet-4-5", "$8.34", "fits 1M"),
                ("● claude-opus-4-5", "$13.90", "window not known"),
                ("no-price", "n/a"),
            ),
            start=2,
        ):
            for part in told:
                assert part in shown[place], (place, part)
        assert "511 requests · computed $25.54 +? deepinfra/mixtral" in shown[0]


async def test_it_says_what_is_left_out(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        told = " ".join((await open_what_if(pilot)).meaning(BUSY))
        assert "212,000 tokens" in told
        assert "deepinfra/mixtral (1,020,480 tokens)" in told
        assert "3 requests stored as sums alone" in told


async def test_enter_shows_rates_and_where_the_difference_arises(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await open_what_if(pilot)
        await pilot.press("enter")
        await settle(pilot)
        shown = text_of(of(pilot))
        for told in ("what if · claude-haiku-4-5", "$6.250", "from genai-prices", "as cached",
                     "made with", "opus-4-5", "180"):  # fmt: skip
            assert told in shown, told
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(of(pilot).screen, WhatIfScreen)


async def test_ways_can_be_sorted_by(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        table = await open_what_if(pilot)
        table.sort_by("no cache")
        names = [row.candidate.model.name for row in table.rows]
        assert names == ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5", "no-price"]


async def test_going_elsewhere_and_back_asks_again(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await open_what_if(pilot)
        await pilot.press("1")
        await settle(pilot)
        assert feed_of(of(pilot)).asked[-1] is None
        await pilot.press("3")
        await settle(pilot)
        assert isinstance(feed_of(of(pilot)).asked[-1], WhatIfAsk)


async def test_a_long_range_says_how_far_it_is_read_and_asks_on(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await open_what_if(pilot)
        asked = feed_of(of(pilot)).asked[-1]
        part = replace(WHAT_IF, what_if=None, read=20, requests=200)
        before = len(feed_of(of(pilot)).asked)
        feed_of(of(pilot)).publish(replace(BUSY, page=Page(asked, part)))
        await settle(pilot)
        assert len(feed_of(of(pilot)).asked) > before
        assert feed_of(of(pilot)).asked[-1] == asked
        feed_of(of(pilot)).pages.clear()
        table = of(pilot).screen.query_one(WhatIfLines)
        feed_of(of(pilot)).publish(replace(BUSY, page=Page(asked, part)))
        await settle(pilot)
        assert "reading: 20 of 200 requests" in table.plain
        assert table.meaning(BUSY)
