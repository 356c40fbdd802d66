"""The chart of the overview, where there is little room for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.app import App

from tests.ui.conftest import MakeApp, feed_of, text_of
from tests.ui.literal import BUSY, NOW, dollars
from tokwatch.analysis.baseline import Stretch
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.snapshot import Span, Spike
from tokwatch.pages.triage import TriageAsk
from tokwatch.ui.inks import inks_of
from tokwatch.ui.stacks import columns_of
from tokwatch.ui.widgets.spend import SpendOverTime, marked

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


SPIKE = Spike(
    NOW.replace(hour=13, minute=15, second=0),
    NOW.replace(hour=13, minute=30, second=0),
    dollars(9.12),
    "claude-opus-4-5-20251101",
    0.84,
    "/home/ana/checkout-svc",
)


def test_the_mark_of_a_spike_takes_the_place_of_a_whole_time() -> None:
    columns = columns_of(BUSY.chart, 48)
    labels = "12:00 22 Jul  " * 4
    line = "".join(
        text for text, _ in marked(labels, (SPIKE,), columns, inks_of(App()), words=True)
    )
    assert line.count("▲") == 1
    before, after = line.split("▲")
    assert len(line) == len(labels)
    assert (before[-1], after[0]) == (" ", " ")
    assert line.split() == [*["12:00", "22", "Jul"] * 2, "▲", *["12:00", "22", "Jul"]]


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_spike_is_marked_with_its_sentence(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    app = make_app(replace(BUSY, spikes=(SPIKE,)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        *axis, foot = app.screen.query_one(SpendOverTime).plain.splitlines()
    told = "▲ 13:15 spike · $9.12 in 15 min · 84% opus-4-5 · checkout-svc"
    assert told in foot or size[0] == 80
    assert "▲ 13:15 spike · $9.12 in 15 min · 84% opus-4-5" in foot
    assert foot.rstrip("─╯ ").endswith("5: triage")
    assert "".join(axis).count("▲") == 1


async def test_enter_opens_the_triage_of_the_newest_spike(make_app: MakeApp) -> None:
    earlier = replace(SPIKE, since=SPIKE.since - timedelta(hours=2), until=NOW - timedelta(hours=2))
    app = make_app(replace(BUSY, spikes=(earlier, SPIKE)))
    async with app.run_test(size=(120, 36)) as pilot:
        app.screen.query_one(SpendOverTime).focus()
        await pilot.pause()
        assert "1 more before · enter: triage" in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        ask = feed_of(app).asked[-1]
        assert isinstance(ask, TriageAsk)
        assert ask.shown == Stretch(epoch_ms(SPIKE.since), epoch_ms(SPIKE.until))


async def test_every_label_of_a_tall_chart_is_round(make_app: MakeApp) -> None:
    rows = await drawn(make_app, (200, 60))
    labels = [row.split("┤")[0].strip("│ ") for row in rows if "┤" in row]
    assert len(labels) == 3
    assert all(label.endswith(("0", "5")) for label in labels)
