"""What a widget painted goes with it."""

from __future__ import annotations

import gc
import weakref

import pytest
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style
from textual.widgets import Static

from tests.ui.conftest import MakeApp, settle
from tokwatch.ui.blended import blend_once, inner_and_outer

pytestmark = pytest.mark.anyio


async def test_removed_widgets_are_let_go(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        painted = []
        for number in range(4):
            note = Static(f"note {number}")
            await app.screen.mount(note)
            await pilot.pause()
            painted.append(weakref.ref(note._styles_cache))
            await note.remove()
        await app.screen.mount(Static("what Textual may remember of the last one"))
        await pilot.pause()
        del note
        gc.collect()
        assert [each() for each in painted] == [None] * 4


def test_all_widgets_share_what_was_blended() -> None:
    blend_once()
    assert StylesCache().get_inner_outer == inner_and_outer


def test_a_see_through_background_is_blended_with_the_one_below() -> None:
    below, above = Color.parse("#202020"), Color.parse("#ffffff").with_alpha(0.5)
    assert inner_and_outer(below, above) == (
        Style(background=below + above),
        Style(background=below),
    )
