"""Pictures of the cache screen; look at one before accepting it (`pytest --snapshot-update`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.ui.cache_pages import EMPTY_PAGE, PAGE, RESPONSES
from tests.ui.conftest import MakeApp, feed_of, settle
from tokwatch.pages.cache import CacheAsk, CachePage
from tokwatch.pages.response_cache import ResponseAsk

Compare = Callable[..., bool]
"""As pytest-textual-snapshot's snap_compare."""


def going(*names: str) -> Callable[[Pilot[int]], object]:
    """Return what goes to the cache screen and presses these keys there."""

    async def press(pilot: Pilot[int]) -> None:
        await settle(pilot)
        for name in ("4", *names):
            await pilot.press(name)
            await settle(pilot)

    return press


@pytest.mark.parametrize(
    ("size", "names", "page"),
    [
        pytest.param((120, 36), (), PAGE, id="120x36"),
        pytest.param((80, 24), (), PAGE, id="80x24"),
        pytest.param((60, 30), (), PAGE, id="60-wide"),
        pytest.param((50, 24), (), PAGE, id="narrow"),
        pytest.param((80, 24), ("tab", "tab", "tab"), PAGE, id="further-down"),
        pytest.param((120, 36), (), EMPTY_PAGE, id="empty"),
        pytest.param((120, 36), ("v", "down", "down"), PAGE, id="responses"),
        pytest.param((80, 24), ("v",), PAGE, id="responses-80x24"),
        pytest.param((60, 30), ("v",), PAGE, id="responses-60-wide"),
    ],
)
def test_cache(
    make_app: MakeApp,
    snap_compare: Compare,
    size: tuple[int, int],
    names: tuple[str, ...],
    page: CachePage,
) -> None:
    app = make_app()
    feed_of(app).pages |= {CacheAsk: page, ResponseAsk: RESPONSES}
    assert snap_compare(app, terminal_size=size, run_before=going(*names))
