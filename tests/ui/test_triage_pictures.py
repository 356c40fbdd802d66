"""Pictures of the triage; look at one before accepting it (`pytest --snapshot-update`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.triage_pages import NARROWED, NOTHING, SPIKE
from tokwatch.pages.triage import TriageAsk, TriagePage
from tokwatch.ui.app import TokwatchApp

Compare = Callable[..., bool]
"""As pytest-textual-snapshot's snap_compare."""


def opened(page: TriagePage, *keys: str) -> Callable[[Pilot[int]], object]:
    """Return what opens the triage and presses keys there."""

    async def press(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, TokwatchApp)
        feed_of(app).pages[TriageAsk] = page
        await settle(pilot)
        await pilot.press("5")
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return press


@pytest.mark.parametrize(
    ("size", "page", "keys"),
    [
        pytest.param((120, 36), SPIKE, (), id="120x36"),
        pytest.param((80, 24), SPIKE, (), id="80x24"),
        pytest.param((60, 24), SPIKE, (), id="60x24"),
        pytest.param((60, 24), SPIKE, ("tab", "tab"), id="60x24-below"),
        pytest.param((120, 36), NARROWED, ("right",), id="narrowed"),
        pytest.param((120, 36), NOTHING, (), id="nothing"),
    ],
)
def test_triage(
    make_app: MakeApp,
    snap_compare: Compare,
    size: tuple[int, int],
    page: TriagePage,
    keys: tuple[str, ...],
) -> None:
    assert snap_compare(make_app(), terminal_size=size, run_before=opened(page, *keys))
