"""Pictures of costs, feed, a request and what-if; look at one before accepting it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.costs_pages import (
    COSTS,
    FEED,
    LISTED,
    NARROWED,
    NOTHING,
    RAW,
    REQUEST,
    WHAT_IF,
)
from tokwatch.pages.costs import CostsAsk, CostsPage
from tokwatch.pages.feed import FeedAsk
from tokwatch.pages.request import RequestAsk, RequestPage
from tokwatch.pages.what_if import WhatIfAsk
from tokwatch.ui.app import TokwatchApp

Compare = Callable[..., bool]
"""As pytest-textual-snapshot's snap_compare."""
SIZES = pytest.mark.parametrize(
    "size", [(120, 36), (80, 24), (60, 24)], ids=lambda s: f"{s[0]}x{s[1]}"
)


def opened(
    *keys: str, costs: CostsPage = COSTS, request: RequestPage = REQUEST
) -> Callable[[Pilot[int]], object]:
    """Return what presses keys, one after the other's answer."""

    async def press(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, TokwatchApp)
        feed_of(app).pages |= {
            CostsAsk: costs,
            FeedAsk: FEED,
            RequestAsk: request,
            WhatIfAsk: WHAT_IF,
        }
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return press


@SIZES
def test_costs(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=opened("3"))


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        pytest.param(NARROWED, (), id="narrowed"),
        pytest.param(LISTED, (), id="requests"),
        pytest.param(NOTHING, (), id="nothing"),
        pytest.param(COSTS, ("tab", "down"), id="heat"),
        pytest.param(COSTS, ("tab", "tab", "tab", "enter"), id="zoomed-tile"),
        pytest.param(COSTS, ("?",), id="help"),
    ],
)
def test_costs_after(
    make_app: MakeApp, snap_compare: Compare, page: CostsPage, keys: tuple[str, ...]
) -> None:
    before = opened("3", *keys, costs=page)
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=before)


def test_costs_without_colour(
    make_app: MakeApp, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=opened("3", "tab"))


@SIZES
def test_feed(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=opened("0"))


@SIZES
def test_request(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = opened("0", "down", "enter")
    assert snap_compare(make_app(), terminal_size=size, run_before=before)


def test_record(make_app: MakeApp, snap_compare: Compare) -> None:
    before = opened("0", "down", "enter", "end", request=RAW)
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=before)


@SIZES
def test_what_if(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=opened("3", "W"))


def test_what_if_of_one_model(make_app: MakeApp, snap_compare: Compare) -> None:
    before = opened("3", "W", "enter")
    assert snap_compare(make_app(), terminal_size=(120, 36), run_before=before)
