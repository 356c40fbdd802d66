"""Gateways beside the sessions: there when they are configured, in few lines, opened by enter."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tests.ui.test_endpoint_list import BOTH, OPENAI, PROXY
from tokwatch.model.gateway import Gateway
from tokwatch.pages.sources import SourcesAsk
from tokwatch.ui.screens.sources import SourcesScreen
from tokwatch.ui.widgets.endpoint_list import EndpointList
from tokwatch.ui.widgets.gateways import Gateways
from tokwatch.ui.widgets.sessions import Sessions

LINES = (
    Gateway(OPENAI),
    Gateway(PROXY, 12_345.0, 3.2, 0.918, 4, 2, 1_250_000_000, 7_500_000_000),
    *(Gateway(replace(PROXY, name=f"spare-{number}"), 0.0) for number in range(4)),
)
SHOWN = replace(BUSY, gateways=LINES)


@pytest.mark.anyio
async def test_the_troubled_stand_first_and_enter_opens_the_chosen_one(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=(120, 36)) as pilot:
        feed_of(app).pages[SourcesAsk] = BOTH
        await settle(pilot)
        pane = app.screen.query_one(Gateways)
        told = [" ".join(line.strip("│ ").split()) for line in pane.plain.splitlines()]
        height = pane.size.height
        await pilot.press("tab", "down", "enter")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, SourcesScreen)
        table = screen.query_one(EndpointList)
        assert table.has_focus
        assert table.row is not None
        assert table.row.health.name == "proxy"

    assert height == 5
    assert "gateways · 6 · 1 failing" in told[0]
    assert told[1] == "x left alone openai usage: answered with status 401: the key is refused –"
    assert told[2].startswith("● polled proxy 12.3k tok/min 92% hits 4/2 run/wait $1.25 in 24h")
    assert told[2].endswith("$7.50 left 0s ago")
    assert told[3].startswith("● polled spare-0 0 tok/min –")


@pytest.mark.anyio
async def test_sessions_keep_their_room_and_without_endpoints_nothing_is_there(
    make_app: MakeApp,
) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.screen.query_one(Gateways).size.height == 3
        assert app.screen.query_one(Sessions).size.height >= 8
        assert "answered with status 401" in text_of(app)
        feed_of(app).publish(replace(BUSY, version=9))
        await settle(pilot)
        assert not app.screen.query_one(Gateways).display
        feed_of(app).publish(replace(SHOWN, version=10))
        await pilot.resize_terminal(80, 14)
        await settle(pilot)
        assert not app.screen.query_one(Gateways).display
