"""Pictures of the quality screen; look at one before accepting it."""

from __future__ import annotations

import pytest

from tests.ui.conftest import MakeApp, feed_of
from tests.ui.quality_pages import MARK_MS, page
from tests.ui.test_pictures import Compare, keys
from tokwatch.pages.quality import QualityAsk, QualityPage


@pytest.mark.parametrize(
    ("size", "shown", "pressed"),
    [
        pytest.param((120, 36), page(), (), id="120x36"),
        pytest.param((80, 24), page(), (), id="80x24"),
        pytest.param((60, 30), page(), (), id="60x30"),
        pytest.param((120, 36), page(mark_ms=MARK_MS), (), id="before-and-after"),
        pytest.param((120, 36), page(), ("enter",), id="measure"),
        pytest.param((120, 36), page(), ("shift+tab", "shift+tab", "left", "left"), id="outcome"),
    ],
)
def test_quality(
    make_app: MakeApp,
    snap_compare: Compare,
    size: tuple[int, int],
    shown: QualityPage,
    pressed: tuple[str, ...],
) -> None:
    app = make_app()
    feed_of(app).pages[QualityAsk] = shown
    assert snap_compare(app, terminal_size=size, run_before=keys("f", *pressed))
