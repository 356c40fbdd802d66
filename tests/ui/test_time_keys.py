"""The keys that move the shown range of time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, feed_of, text_of
from tests.ui.literal import BUSY, NOW
from tokwatch.model.snapshot import Span
from tokwatch.ui.app import TokwatchApp

pytestmark = pytest.mark.anyio
SIZE = (120, 36)
PAST = replace(BUSY, until=NOW - timedelta(hours=2))


def told(app: TokwatchApp) -> list[str]:
    """Return what toasts say."""
    return [notification.message for notification in app._notifications]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("[", (Span.HOURS, NOW - timedelta(hours=2))),
        ("{", (Span.HOUR, None)),
        ("}", (Span.DAY, None)),
        ("r", (Span.DAY, None)),
    ],
)
async def test_time_keys_ask_for_a_range(
    make_app: MakeApp, key: str, shown: tuple[Span, object]
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(key)
        assert feed_of(app).shown == [shown]


async def test_keys_that_are_faster_than_the_feed_all_count(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("}", "}", "[")
        assert feed_of(app).shown[-1] == (Span.WEEK, NOW - timedelta(days=3, hours=12))
        span, until = feed_of(app).shown[-1]
        feed_of(app).publish(replace(BUSY, span=span, until=until, version=2))
        await pilot.pause()
        await pilot.press("{")
        assert feed_of(app).shown[-1] == (Span.DAY, until)


async def test_n_goes_back_to_now_and_is_offered_only_then(make_app: MakeApp) -> None:
    app = make_app(PAST)
    async with app.run_test(size=SIZE) as pilot:
        assert "n now" in text_of(app)
        await pilot.press("n")
        assert feed_of(app).shown == [(Span.HOURS, None)]
        feed_of(app).publish(replace(BUSY, version=2))
        await pilot.pause()
        assert "n now" not in text_of(app)


async def test_later_than_now_is_explained(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("]")
        assert feed_of(app).shown == []
        assert told(app) == ["This is now."]


async def test_all_of_history_cannot_be_moved_and_says_why(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, span=Span.ALL))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("[")
        assert feed_of(app).shown == []
        assert "shorter range" in told(app)[0]


async def test_half_a_range_before_now_leads_back_to_now(make_app: MakeApp) -> None:
    app = make_app(PAST)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("]")
        assert feed_of(app).shown == [(Span.HOURS, None)]


async def test_in_the_past_ages_are_told_from_there(make_app: MakeApp) -> None:
    row = replace(BUSY.sessions[4], last=NOW - timedelta(hours=2, minutes=20))
    app = make_app(replace(PAST, sessions=(row,)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "idle 20m" in text_of(app)
