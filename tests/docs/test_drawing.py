"""Pictures of a screen: its words at their columns, its lines and blocks as shapes."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style

from docs.camera.drawing import svg
from docs.camera.glyphs import HEIGHT, WIDTH, number

BLUE = Style(color="#0000ff", bgcolor="#101010")
BOLD = Style(color="#ffffff", bgcolor="#202020", bold=True)


def test_words_stand_at_their_columns_as_wide_as_their_cells() -> None:
    drawn = svg([[Segment("  a <b> & c", BLUE), Segment("日本", BOLD)]], 15, "a picture")

    begin, wide = number(2 * WIDTH), number(9 * WIDTH)
    assert (
        f'<text x="{begin}" y="12.92" textLength="{wide}" fill="#0000ff">a &lt;b&gt; &amp; c<'
        in drawn
    )
    assert f'textLength="{number(4 * WIDTH)}" fill="#ffffff" class="b">日本<' in drawn
    assert f'<rect x="{number(11 * WIDTH)}" y="0" width="{number(4 * WIDTH)}"' in drawn


def test_a_run_of_lines_is_one_line_and_a_block_fills_its_part_of_a_cell() -> None:
    drawn = svg([[Segment("────▄", BLUE)]], 5, "a picture")

    assert drawn.count("<path") == 1
    assert f"h{number(4 * WIDTH)}" in drawn
    assert (
        f'y="{number(HEIGHT / 2)}" width="{number(WIDTH)}" height="{number(HEIGHT / 2)}"' in drawn
    )
    assert "<text x" not in drawn


def test_the_same_screen_is_the_same_picture() -> None:
    lines = [[Segment("╭─╮ ⣿ text", BLUE)], [Segment("│ │", BOLD)]]

    assert svg(lines, 10, "x") == svg(lines, 10, "x")
