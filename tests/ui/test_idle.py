"""Between changes of a shown value not a byte is written; a change repaints its own lines only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from textual.geometry import Region

from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.literal import BUSY, NOW
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.widgets.painted import Painted

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


class Watch:
    """What is written to the terminal, and which panes are drawn anew."""

    def __init__(self, app: TokwatchApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.painted: dict[str, list[Region]] = {}
        self.bytes = 0
        self._console = app.console
        monkeypatch.setattr(app, "_display", self._count)
        refresh = Painted.refresh

        def counted(pane: Painted, *regions: Region, **options: Any) -> Painted:  # as refresh takes
            self.painted.setdefault(pane.id or "", []).extend(regions)
            return refresh(pane, *regions, **options)

        monkeypatch.setattr(Painted, "refresh", counted)

    def _count(self, screen: object, renderable: Any) -> None:  # several kinds of updates
        if renderable is not None:
            self.bytes += len(renderable.render_segments(self._console))

    def clear(self) -> None:
        """Begin to count anew."""
        self.painted.clear()
        self.bytes = 0


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW.replace(second=0)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


async def test_an_idle_screen_writes_nothing(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands()
    ended = tuple(row for row in BUSY.sessions if row.state.value == "live")
    app = make_app(replace(BUSY, sessions=ended), clock=hands)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.tick()
        await pilot.pause()
        watch = Watch(app, monkeypatch)
        for _ in range(59):
            hands.move(1)
            app.tick()
            await pilot.pause(0)
        assert watch.bytes == 0
        hands.move(1)
        app.tick()
        await pilot.pause()
        assert 0 < watch.bytes < 1_000


async def test_ages_move_every_ten_seconds_and_nothing_else_does(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands = Hands()
    young = replace(BUSY.sessions[4], last=hands.now - timedelta(seconds=20))
    app = make_app(replace(BUSY, sessions=(BUSY.sessions[0], young)), clock=hands)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.tick()
        await pilot.pause()
        watch = Watch(app, monkeypatch)
        hands.move(9)
        app.tick()
        await pilot.pause()
        assert watch.bytes == 0
        hands.move(1)
        app.tick()
        await pilot.pause()
        assert list(watch.painted) == ["sessions"]
        assert watch.painted["sessions"] == [Region(0, 3, 120, 1)]


async def test_a_snapshot_that_looks_the_same_writes_nothing(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        watch = Watch(app, monkeypatch)
        for version in range(2, 20):
            sessions = tuple(replace(row) for row in BUSY.sessions)
            feed_of(app).publish(replace(BUSY, version=version, sessions=sessions))
            await pilot.pause(0)
        assert watch.bytes == 0
        assert watch.painted == {}


@pytest.mark.parametrize(
    ("snapshot", "panes"),
    [
        (replace(BUSY, spend=replace(BUSY.spend, cost_nano=1)), {"today"}),
        (replace(BUSY, burn=replace(BUSY.burn, nano_per_hour=1)), {"burn"}),
        (replace(BUSY, sessions_live=9), {"sessions"}),
        (replace(BUSY, error="no"), {"alerts", "first-line"}),
        (replace(BUSY, sources=BUSY.sources[:1]), {"first-line"}),
    ],
)
async def test_only_the_pane_that_changed_is_drawn_anew(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot, panes: set[str]
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        watch = Watch(app, monkeypatch)
        feed_of(app).publish(snapshot)
        await pilot.pause()
        assert set(watch.painted) == panes
        assert 0 < watch.bytes < 1_500


async def test_one_changed_session_repaints_one_line(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        watch = Watch(app, monkeypatch)
        changed = replace(BUSY.sessions[4], cost_nano=BUSY.sessions[4].cost_nano + 10**9)
        feed_of(app).publish(
            replace(BUSY, sessions=(*BUSY.sessions[:4], changed, *BUSY.sessions[5:]))
        )
        await pilot.pause()
        assert watch.painted == {"sessions": [Region(0, 6, 120, 1)]}


async def test_moving_the_cursor_repaints_two_lines(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        watch = Watch(app, monkeypatch)
        await pilot.press("j")
        await pilot.pause()
        assert watch.painted == {"sessions": [Region(0, 2, 120, 1), Region(0, 3, 120, 1)]}


async def test_a_thousand_sessions_draw_only_what_is_visible(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = tuple(replace(BUSY.sessions[1], key=f"k{n}", cost_nano=10**12 - n) for n in range(1000))
    app = make_app(replace(BUSY, sessions=rows))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        watch = Watch(app, monkeypatch)
        unseen = replace(rows[900], nano_per_hour=77_000_000_000)
        feed_of(app).publish(replace(BUSY, sessions=(*rows[:900], unseen, *rows[901:])))
        await pilot.pause()
        assert watch.painted == {}


async def test_a_burst_of_snapshots_is_shown_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        seen: list[int] = []
        app.watch(app, "snapshot", lambda shown: seen.append(shown.version), init=False)
        for version in range(2, 50):
            app.publish(replace(BUSY, version=version))
        await pilot.pause()
        assert seen[-1] == 49
        assert len(seen) < 5
