"""A past that runs on: its clock, the keys that pace it, and what every screen is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, enter_text, feed_of, text_of
from tests.ui.literal import BUSY, NOW
from tests.ui.test_idle import Hands
from tokwatch.model.snapshot import Span
from tokwatch.pages.feed import FeedAsk, FeedPage
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.replay import FIRST_SPEED, SPEEDS, Replay

THEN = NOW - timedelta(hours=2)
WIDE = (160, 36)


def after(seconds: float) -> datetime:
    """Return an instant of the clock after the replay began."""
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_moment_runs_as_fast_as_it_is_told(speed: int) -> None:
    replay = Replay(THEN, NOW, speed)
    for seconds in (0, 0.25, 1, 7):
        then = THEN + timedelta(seconds=seconds * speed)
        assert replay.at(after(seconds)) == then.replace(microsecond=0)


def test_speeds_reach_from_once_to_a_thousand_times_and_no_further() -> None:
    slow = fast = Replay(THEN, NOW)
    for _ in range(20):
        slow, fast = slow.paced(-1, NOW), fast.paced(1, NOW)
    assert (slow.speed, FIRST_SPEED, fast.speed) == (1, 60, 1000)


def test_another_speed_goes_on_from_the_moment_that_is_shown() -> None:
    replay = Replay(THEN, NOW, 60).paced(1, after(10))
    assert replay.at(after(10)) == THEN + timedelta(minutes=10)
    assert replay.at(after(11)) == THEN + timedelta(minutes=12)


def test_held_it_stands_still_and_goes_on_from_there() -> None:
    held = Replay(THEN, NOW, 60).toggled(after(5))
    assert held.at(after(900)) == THEN + timedelta(minutes=5)
    assert held.toggled(after(900)).at(after(901)) == THEN + timedelta(minutes=6)


def test_it_is_over_when_it_has_caught_up_with_now() -> None:
    replay = Replay(THEN, NOW, 1000)
    assert not replay.is_over(after(7))
    assert replay.is_over(after(7.3))
    assert replay.at(after(7.3)) == after(7.3).replace(microsecond=0)
    assert replay.is_over(after(1e9)), "however long the terminal slept"
    assert Replay(THEN, NOW, 1).is_over(after(1e9)) is False, "at its own pace it never catches up"


def test_a_clock_that_is_set_back_does_not_turn_it_round() -> None:
    assert Replay(THEN, NOW).at(after(-60)) == THEN


def shown(app: TokwatchApp) -> list[datetime | None]:
    """Return the ends of the ranges that the feed was asked for."""
    return [until for _, until in feed_of(app).shown]


def answer(app: TokwatchApp) -> None:
    """Let the feed publish what it was asked for last."""
    span, until = feed_of(app).shown[-1]
    feed_of(app).publish(replace(BUSY, span=span, until=until, version=len(shown(app)) + 1))


@pytest.mark.anyio
async def test_the_past_runs_on_until_n(make_app: MakeApp) -> None:
    hands = Hands()
    app = make_app(replace(BUSY, until=THEN), clock=hands)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("P")
        answer(app)
        await pilot.pause()
        assert "▶ replay 60x · 12:02" in text_of(app)
        hands.move(60)
        app._step()
        answer(app)
        await pilot.pause()
        assert shown(app) == [THEN.replace(microsecond=0), THEN + timedelta(hours=1)]
        assert "▶ replay 60x · 13:02" in text_of(app)
        await pilot.press(")", "p")
        hands.move(60)
        app._step()
        assert shown(app)[-1] == THEN + timedelta(hours=1), "held"
        assert "‖ replay 120x, held" in text_of(app)
        await pilot.press("p", "(", "(", "0")
        feed_of(app).pages[FeedAsk] = FeedPage((), 0)
        hands.move(1)
        app._step()
        answer(app)
        await pilot.pause()
        assert shown(app)[-1] == THEN + timedelta(hours=1, seconds=30), "on every screen"
        assert "▶ replay 30x · 13:03:01" in text_of(app)
        await pilot.press("n")
        assert feed_of(app).shown[-1] == (Span.HOURS, None)
        assert app._steps is None, "nothing runs any more"


@pytest.mark.anyio
async def test_it_begins_with_the_range_where_now_is_shown_and_ends_at_now(
    make_app: MakeApp,
) -> None:
    hands = Hands()
    app = make_app(clock=hands)
    async with app.run_test(size=WIDE) as pilot:
        assert app._steps is None
        assert ") faster" not in text_of(app)
        await pilot.press("p", "P")
        assert shown(app) == [hands.now - timedelta(hours=4)]
        answer(app)
        await pilot.pause()
        assert ") faster" in text_of(app)
        assert not app.paused
        await pilot.press("]")
        assert shown(app)[-1] == hands.now - timedelta(hours=2), "time keys move it"
        hands.move(7200)
        app._step()
        assert shown(app)[-1] is None
        await pilot.pause()
        assert [each.message for each in app._notifications] == ["The replay has reached now."]
        assert (app.replay, app._steps) == (None, None)


@pytest.mark.anyio
async def test_all_of_history_has_no_moment_to_begin_at(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, span=Span.ALL))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("P")
        assert shown(app) == []
        assert "shorter range" in next(each.message for each in app._notifications)


@pytest.mark.anyio
async def test_the_palette_replays_from_a_time(make_app: MakeApp) -> None:
    app = make_app(clock=Hands())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(":")
        await enter_text(pilot, "13:20")
        await pilot.pause(0.5)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.replay is not None
        assert shown(app) == [NOW.replace(hour=13, minute=20, second=0)]
