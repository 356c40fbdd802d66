"""The command palette."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from textual.command import Hit
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY, NOW
from tokwatch.model.snapshot import Span
from tokwatch.ui.palette import Commands, instant_of
from tokwatch.ui.widgets.sessions import Sessions

SIZE = (120, 36)


def at(day: int, hour: int, minute: int) -> datetime:
    """Return an instant in UTC."""
    return datetime(2025, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("13:20", "UTC", at(18, 13, 20)),
        ("23:30", "UTC", at(17, 23, 30)),
        ("13:20", "Europe/Berlin", at(18, 12, 20)),
        ("2025-11-17 09:05", "UTC", at(17, 9, 5)),
        ("2025-11-16", "UTC", at(17, 0, 0)),
        ("2025-11-18", "UTC", NOW),
        ("2026-01-01 10:00", "UTC", NOW),
        ("2025-02-31", "UTC", None),
        ("25:00", "UTC", None),
        ("opus", "UTC", None),
        ("", "UTC", None),
    ],
)
def test_an_instant_is_the_last_one_it_may_mean(
    text: str, zone: str, instant: datetime | None
) -> None:
    assert instant_of(text, NOW, zone) == instant


async def choose(pilot: Pilot[int], text: str) -> None:
    """Run the best hit for a text."""
    provider = Commands(pilot.app.screen)
    hits = [hit async for hit in provider.search(text)]
    best = max(hits, key=lambda hit: hit.score)
    assert isinstance(best, Hit)
    best.command()
    await pilot.pause()


@pytest.mark.anyio
async def test_a_time_is_gone_to(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await choose(pilot, "13:20")
        assert feed_of(app).shown == [(Span.HOURS, at(18, 13, 20))]


@pytest.mark.anyio
async def test_a_session_is_selected_even_when_a_filter_hides_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("!")
        await choose(pilot, "session 5512")
        table = app.screen.query_one(Sessions)
        assert table.row is not None
        assert table.row.key == "5512"
        assert not table.view.problems


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("text", "keys"),
    [("project infra-tf", ["5512"]), ("model gemini", ["9e10"])],
)
async def test_a_project_or_model_is_filtered_by(
    make_app: MakeApp, text: str, keys: list[str]
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await choose(pilot, text)
        assert [each.row.key for each in app.screen.query_one(Sessions).listed] == keys


@pytest.mark.anyio
async def test_a_theme_is_put_on(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await choose(pilot, "theme terminal")
        assert app.theme == "terminal"


@pytest.mark.anyio
@pytest.mark.parametrize("key", [":", "ctrl+p"])
async def test_what_has_a_key_has_a_name(make_app: MakeApp, key: str) -> None:
    app = make_app(replace(BUSY, until=NOW - timedelta(hours=2)))
    async with app.run_test(size=SIZE) as pilot:
        named = {command.title for command in app.get_system_commands(app.screen)}
        assert named >= {"Pause", "Sort", "Zoom", "Export", "Export as JSON", "Now", "Quit"}
        assert "Down" not in named
        await pilot.press(key, *"pause")
        await settle(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert app.paused


@pytest.mark.anyio
async def test_without_a_word_projects_and_themes_are_offered(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 80)) as pilot:
        await pilot.press(":")
        await settle(pilot)
        assert "Project checkout-svc" in text_of(app)
        assert "Session 7f3a" not in text_of(app)
