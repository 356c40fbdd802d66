"""The chart of the overview, where there is little room for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui.conftest import MakeApp
from tests.ui.literal import BUSY
from tokwatch.snapshot import Span
from tokwatch.ui.widgets.spend import SpendOverTime

pytestmark = pytest.mark.anyio


async def drawn(make_app: MakeApp, size: tuple[int, int]) -> list[str]:
    """Return the lines of the chart."""
    app = make_app(replace(BUSY, span=Span.HOURS))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return app.screen.query_one(SpendOverTime).plain.splitlines()


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_low_chart_says_its_highest_bar_and_its_range(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    top, *_, labels, _ = await drawn(make_app, size)
    assert "· max $" in top
    assert top.endswith("[4h] ─╮")
    assert "14:00" not in top
    assert "max" not in labels
    assert labels.split()[1:-1] == ["11:00", "12:00", "13:00"]


async def test_a_high_chart_has_all_ranges_and_an_axis(make_app: MakeApp) -> None:
    top, *rows = await drawn(make_app, (120, 36))
    assert "1h [4h] 24h 7d 30d all" in top
    assert "max" not in top
    assert [row.split("┤")[0].strip("│ ") for row in rows if "┤" in row] == ["$1.60", "$0.80"]


async def test_every_label_of_a_tall_chart_is_round(make_app: MakeApp) -> None:
    rows = await drawn(make_app, (200, 60))
    labels = [row.split("┤")[0].strip("│ ") for row in rows if "┤" in row]
    assert len(labels) == 3
    assert all(label.endswith(("0", "5")) for label in labels)
