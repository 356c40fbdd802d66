"""The window over a long list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokwatch.ui.viewport import Excerpt, Viewport

KEYS = [f"k{number}" for number in range(50)]


def test_the_cursor_stays_on_its_row_when_the_order_changes() -> None:
    viewport = Viewport()
    viewport.update(KEYS, 10)
    viewport.select(3)
    viewport.update(KEYS[::-1], 10)
    assert viewport.keys[viewport.index] == "k3"


def test_until_the_user_moves_the_first_line_is_selected() -> None:
    viewport = Viewport()
    viewport.update(KEYS, 10)
    viewport.update(KEYS[::-1], 10)
    assert viewport.index == 0


def test_a_row_that_left_hands_its_place_on() -> None:
    viewport = Viewport()
    viewport.update(KEYS, 10)
    viewport.select(49)
    viewport.update(KEYS[:5], 10)
    assert viewport.index == 4


def test_moving_brings_the_line_into_view() -> None:
    viewport = Viewport()
    viewport.update(KEYS, 10)
    viewport.select(25)
    assert viewport.top == 16
    viewport.select(2)
    assert viewport.top == 2


def test_the_wheel_leaves_the_cursor() -> None:
    viewport = Viewport()
    viewport.update(KEYS, 10)
    viewport.scroll(1000)
    assert (viewport.top, viewport.index) == (40, 0)


def test_finding_says_whether_there_is_such_a_line() -> None:
    viewport = Viewport()
    viewport.update(KEYS, 10)
    assert viewport.find("k20")
    assert viewport.index == 20
    assert not viewport.find("other")


def test_an_empty_list_can_be_moved_in() -> None:
    viewport = Viewport()
    viewport.update([], 10)
    viewport.select(3)
    assert (viewport.index, viewport.top, viewport.thumb()) == (0, 0, None)


def test_the_handle_goes_from_top_to_bottom() -> None:
    viewport = Viewport()
    viewport.update(KEYS, 10)
    assert viewport.thumb() == (0, 2)
    viewport.scroll(1000)
    assert viewport.thumb() == (8, 2)


@given(st.integers(0, 60), st.integers(1, 80), st.lists(st.integers(-100, 100), max_size=20))
def test_the_window_never_leaves_the_list(total: int, height: int, steps: list[int]) -> None:
    viewport = Viewport()
    viewport.update(KEYS[:total], height)
    for step in steps:
        viewport.select(viewport.index + step)
        viewport.scroll(step)
        assert 0 <= viewport.top <= max(0, len(viewport.keys) - viewport.height)
        assert 0 <= viewport.index < max(1, len(viewport.keys))


def test_lines_come_into_view_by_the_least_movement_and_the_first_of_them_surely() -> None:
    excerpt = Excerpt()
    excerpt.fit(50, 10)
    excerpt.reveal(3, 5)
    assert excerpt.top == 0
    excerpt.reveal(14, 16)
    assert (excerpt.top, excerpt.shows(7), excerpt.shows(6), excerpt.shows(16)) == (
        *(7, True, False, True),
    )
    excerpt.reveal(20, 45)
    assert excerpt.top == 20
    excerpt.fit(25, 10)
    assert (excerpt.top, excerpt.shows(24), excerpt.shows(25)) == (15, True, False)
    excerpt.fit(4, 10)
    assert (excerpt.top, excerpt.shows(3), excerpt.shows(4), excerpt.thumb()) == (
        *(0, True, False, None),
    )
