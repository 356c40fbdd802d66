"""What a widget painted goes with it, and with what it paints next."""

from __future__ import annotations

import gc
import weakref

import pytest
from rich.segment import Segment
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.strip import Strip
from textual.style import Style
from textual.widgets import Static
from textual.widgets._toast import Toast, ToastHolder

from tests.garbage import left_behind
from tests.ui.conftest import MakeApp, settle
from tokwatch.ui.let_go import divided, inner_and_outer, let_go, textual_divide

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


async def test_lines_that_others_replace_leave_no_cycles(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        note = Static("first")
        await app.screen.mount(note)
        await settle(pilot)
        with left_behind() as left:
            for number in range(20):
                note.update(f"number {number}")
                await pilot.pause()
    assert not [each for each in left if isinstance(each, Strip)]


async def test_a_note_that_is_over_when_another_comes_leaves_no_frame(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settle(pilot)
        app.notify("first", timeout=600)
        await settle(pilot)
        (first,) = app._notifications
        first.raised_at -= 600  # over, though the note's own clock has not told it
        app.notify("second")
        await settle(pilot)
        frames = len(app.screen.query(ToastHolder))
        told = [note._notification.message for note in app.screen.query(Toast)]
    assert (frames, told) == (1, ["second"])


@pytest.mark.parametrize("cuts", [[3, 6], [6], [2, 9], [6, 9], [9], []])
def test_a_line_is_divided_as_textual_does_it(cuts: list[int]) -> None:
    ours = divided(_line(), iter(cuts))
    theirs = textual_divide(_line(), cuts)
    assert [(each, each.cell_length) for each in ours] == [
        (each, each.cell_length) for each in theirs
    ]


@pytest.mark.parametrize("cuts", [[6], [6, 9]])
def test_a_line_that_is_not_divided_leaves_no_cycle(cuts: list[int]) -> None:
    with left_behind() as left:
        assert divided(_line(), cuts) == [_line()]
    assert not [each for each in left if isinstance(each, Strip)]


def _line() -> Strip:
    return Strip([Segment("ab"), Segment("cdef")])


def test_all_widgets_share_what_was_blended() -> None:
    let_go()
    assert StylesCache().get_inner_outer == inner_and_outer


def test_a_see_through_background_is_blended_with_the_one_below() -> None:
    below, above = Color.parse("#202020"), Color.parse("#ffffff").with_alpha(0.5)
    assert inner_and_outer(below, above) == (
        Style(background=below + above),
        Style(background=below),
    )
