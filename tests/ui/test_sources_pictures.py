"""Pictures of gateways, endpoints, their forms and the reconciliation; look before accepting."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.gap_pages import NO_ENDPOINT, PAGE
from tests.ui.source_pages import SHOWN
from tests.ui.test_endpoint_list import BOTH
from tests.ui.test_gateways import SHOWN as WITH_GATEWAYS
from tests.ui.test_pictures import Compare
from tokwatch.ingest.asking import Answer
from tokwatch.pages.reconciliation import ReconcileAsk, ReconcilePage
from tokwatch.pages.sources import SourcesAsk
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.endpoint_trial import EndpointTrial

SIZES = pytest.mark.parametrize(
    "size", [(120, 36), (80, 24), (60, 30)], ids=lambda s: f"{s[0]}x{s[1]}"
)


def opened(*keys: str, page: ReconcilePage = PAGE) -> Callable[[Pilot[int]], object]:
    """Return what presses keys, one after the other's answer."""

    async def press(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, TokwatchApp)
        feed_of(app).pages |= {ReconcileAsk: page, SourcesAsk: BOTH}
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return press


@SIZES
def test_reconciliation(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = opened("9", "v", "down", "down", "down", "down")
    assert snap_compare(make_app(SHOWN), terminal_size=size, run_before=before)


def test_reconciliation_of_one_line(make_app: MakeApp, snap_compare: Compare) -> None:
    before = opened("9", "v", "down", "enter")
    assert snap_compare(make_app(SHOWN), terminal_size=(80, 24), run_before=before)


def test_nothing_to_reconcile_with(make_app: MakeApp, snap_compare: Compare) -> None:
    before = opened("9", "v", page=NO_ENDPOINT)
    assert snap_compare(make_app(SHOWN), terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_gateways(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = opened("tab", "down")
    assert snap_compare(make_app(WITH_GATEWAYS), terminal_size=size, run_before=before)


@SIZES
def test_endpoints(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = opened("9", "tab", "down")
    assert snap_compare(make_app(SHOWN), terminal_size=size, run_before=before)


def test_one_endpoint(make_app: MakeApp, snap_compare: Compare) -> None:
    before = opened("9", "tab", "down", "enter")
    assert snap_compare(make_app(SHOWN), terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize("size", [(80, 24), (60, 30)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_form(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int]) -> None:
    before = opened("9", "N", "b", "tab", "x", "ctrl+s")
    assert snap_compare(make_app(SHOWN), terminal_size=size, run_before=before)


def test_trial(make_app: MakeApp, snap_compare: Compare) -> None:
    answers = (
        Answer("metrics", ("+ box metrics: 2 gauges", "    requests_running 2 (qwen)"), False),
        Answer("slots", ("! box slots: answered with status 403",), True),
    )

    async def tried(pilot: Pilot[int]) -> None:
        await settle(pilot)
        trial = EndpointTrial("box · llamacpp · http://127.0.0.1:8080", lambda: iter(answers))
        await pilot.app.push_screen(trial)
        await settle(pilot)

    assert snap_compare(make_app(SHOWN), terminal_size=(80, 24), run_before=tried)
