"""Keys: documented, remappable, and explained when they cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.keymap import bindings
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.sessions import Sessions


def test_the_page_on_keys_lists_every_binding(repository: Path) -> None:
    page = (repository / "docs" / "keys.md").read_text("utf-8")
    rows = [
        f"| {' '.join(f'`{key}`' for key in binding.key.split(','))} "
        f"| {binding.tooltip} | `{binding.id}` |"
        for binding in bindings()
    ]
    assert re.findall(r"^\| `.*` \| .* \| `.*` \|$", page, re.MULTILINE) == rows


def test_every_binding_says_what_it_does() -> None:
    assert [binding.id for binding in bindings() if not binding.tooltip] == []


def test_every_key_of_the_contract_is_bound() -> None:
    keys = {key for binding in bindings() for key in binding.key.split(",")}
    wanted = [*"1234567890", *"[]{}nr", *"jk/s!p+tyei:?q", "enter", "escape", "tab", "<", ">"]
    assert [key for key in wanted if key not in keys] == []


def test_no_binding_is_left_out_of_the_list(repository: Path) -> None:
    known = {binding.id for binding in bindings()}
    source = "".join(
        file.read_text("utf-8") for file in (repository / "tokwatch" / "ui").rglob("*.py")
    )
    written = set(re.findall(r'\bid="([\w.-]+)",\s*(?:tooltip|key_display|priority)', source))
    assert written
    assert written <= known


async def _ready(pilot: Pilot[int]) -> TokwatchApp:
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    app.look_at_files()
    await pilot.pause()
    return app


@pytest.mark.anyio
async def test_the_users_keys_take_the_place_of_ours(make_app: MakeApp) -> None:
    app = make_app(config='[keys]\npause = "f5"\n"session.down" = "j,ctrl+n"')
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("p", "f5", "ctrl+n")
        assert app.paused
        assert app.screen.query_one(Sessions).viewport.index == 1


@pytest.mark.anyio
async def test_one_id_holds_on_every_screen(make_app: MakeApp) -> None:
    app = make_app(config='[keys]\nquit = "f10"')
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("enter", "q")
        assert isinstance(app.screen, SessionScreen)
        await pilot.press("f10")
    assert feed_of(app).stopped


@pytest.mark.anyio
async def test_an_unknown_id_is_told_with_the_nearest(make_app: MakeApp) -> None:
    app = make_app(config='[keys]\npuase = "x"\nnonsense-of-mine = "y"')
    async with app.run_test(size=(120, 36)) as pilot:
        await _ready(pilot)
        told = [notice.message for notice in app._notifications]
        assert "[keys] puase is no action: did you mean pause?" in told
        assert any("nonsense-of-mine" in message for message in told)


@pytest.mark.anyio
async def test_a_key_taken_from_another_action_is_told_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        lost = {Binding("p", "pause", id="pause")}
        for _ in range(2):
            app.handle_bindings_clash(lost, app)
            await pilot.pause()
        (notice,) = app._notifications
        assert notice.message == "[keys] leaves pause without its key."
