"""What a widget painted goes with it."""

from __future__ import annotations

import gc

import pytest
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style
from textual.widgets import Static

from tests.ui.conftest import MakeApp, settle
from tokwatch.ui.blended import inner_and_outer

pytestmark = pytest.mark.anyio
SHOWN = 20


def painted() -> int:
    """Return of how many widgets painted lines are held."""
    gc.collect()
    return sum(type(each) is StylesCache for each in gc.get_objects())


async def test_removed_widgets_are_let_go(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        before = painted()
        for number in range(SHOWN):
            note = Static(f"note {number}")
            await app.screen.mount(note)
            await pilot.pause()
            await note.remove()
        del note
        assert painted() - before < SHOWN / 2


def test_a_see_through_background_is_blended_with_the_one_below() -> None:
    below, above = Color.parse("#202020"), Color.parse("#ffffff").with_alpha(0.5)
    assert inner_and_outer(below, above) == (
        Style(background=below + above),
        Style(background=below),
    )
