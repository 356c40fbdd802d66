"""Lines, blocks and dots of a terminal as shapes, so that they meet in every font."""

from __future__ import annotations

from typing import Final

WIDTH: Final = 8.4
HEIGHT: Final = 17.0
"""Of a cell, in pixels."""

_EIGHTHS: Final = {chr(0x2581 + step): (step + 1) / 8 for step in range(8)}
_LEFT_EIGHTHS: Final = {chr(0x2588 + step): (8 - step) / 8 for step in range(8)}
_QUADRANTS: Final = {
    "▖": "c", "▗": "d", "▘": "a", "▙": "acd", "▚": "ad", "▛": "abc", "▜": "abd", "▝": "b",
    "▞": "bc", "▟": "bcd",
}  # fmt: skip
"""a b above, c d below."""
_SHADES: Final = {"░": 0.25, "▒": 0.5, "▓": 0.75}
_ARMS: Final = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "urd", "┤": "uld",
    "┬": "lrd", "┴": "lru", "┼": "lrud", "╴": "l", "╵": "u", "╶": "r", "╷": "d",
    "━": "LR", "┃": "UD", "╸": "L", "╺": "R", "╹": "U", "╻": "D", "╾": "Lr", "╼": "lR",
    "┏": "RD", "┓": "LD", "┗": "RU", "┛": "LU", "┠": "UDr", "┨": "UDl",
}  # fmt: skip
"""Which way a line goes from the middle; capitals are heavy."""
_CORNERS: Final = {"╭": (1, 1), "╮": (-1, 1), "╰": (1, -1), "╯": (-1, -1)}
_DASHES: Final = {"╌": ("─", "3 2"), "┄": ("─", "2 1.5"), "┆": ("│", "2.5 2"), "╎": ("│", "4 3"),
                  "┊": ("│", "1.5 2")}  # fmt: skip


def shape_of(sign: str, cells: int, x: float, y: float, colour: str) -> str | None:
    """Return a run of one sign as SVG, None where it is a letter to write."""
    if sign in _ARMS:
        return _lines(sign, cells, x, y, colour)
    if sign in _DASHES:
        base, dashes = _DASHES[sign]
        return _lines(base, cells, x, y, colour, f' stroke-dasharray="{dashes}"')
    if sign in _CORNERS:
        return "".join(_corner(sign, x + at * WIDTH, y, colour) for at in range(cells))
    if sign in _SHADES:
        return _rect(x, y, cells * WIDTH, HEIGHT, colour, f' opacity="{_SHADES[sign]}"')
    if (share := _EIGHTHS.get(sign)) is not None:
        return _rect(x, y + HEIGHT * (1 - share), cells * WIDTH, HEIGHT * share, colour)
    if sign == "▀":
        return _rect(x, y, cells * WIDTH, HEIGHT / 2, colour)
    if sign == "▔":
        return _rect(x, y, cells * WIDTH, HEIGHT / 8, colour)
    single = [_single(sign, x + at * WIDTH, y, colour) for at in range(cells)]
    return None if None in single else "".join(part or "" for part in single)


def rect(x: float, y: float, width: float, height: float, colour: str) -> str:
    """Return a filled rectangle."""
    return _rect(x, y, width, height, colour)


def number(value: float) -> str:
    """Return a length as short as it can be written, to a hundredth."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _single(sign: str, x: float, y: float, colour: str) -> str | None:
    """Return one cell of a sign that fills a part of its width."""
    if (share := _LEFT_EIGHTHS.get(sign)) is not None:
        return _rect(x, y, WIDTH * share, HEIGHT, colour)
    if sign == "▐":
        return _rect(x + WIDTH / 2, y, WIDTH / 2, HEIGHT, colour)
    if sign == "▕":
        return _rect(x + WIDTH * 7 / 8, y, WIDTH / 8, HEIGHT, colour)
    if sign in _QUADRANTS:
        half, tall = WIDTH / 2, HEIGHT / 2
        places = {"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1)}
        return "".join(
            _rect(x + places[part][0] * half, y + places[part][1] * tall, half, tall, colour)
            for part in _QUADRANTS[sign]
        )
    if 0x2800 < ord(sign) <= 0x28FF:
        return _dots(ord(sign) - 0x2800, x, y, colour)
    return None


def _dots(bits: int, x: float, y: float, colour: str) -> str:
    """Return the dots of a sign of braille, with which charts are drawn."""
    order = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
    parts = [
        f"M{number(x + (column + 0.5) * WIDTH / 2 - 0.9)}"
        f" {number(y + (row + 0.5) * HEIGHT / 4)}h1.8"
        for bit, (column, row) in enumerate(order)
        if bits >> bit & 1
    ]
    return f'<path d="{"".join(parts)}" stroke="{colour}" stroke-width="1.8"/>'


def _lines(sign: str, cells: int, x: float, y: float, colour: str, more: str = "") -> str:
    """Return a run of box drawing; equal signs in a row of a line are one line."""
    arms = _ARMS[sign]
    middle, half = y + HEIGHT / 2, WIDTH / 2
    parts = []
    if set(arms.lower()) == {"l", "r"} and arms in ("lr", "LR"):
        parts.append((arms.isupper(), f"M{number(x)} {number(middle)}h{number(cells * WIDTH)}"))
    else:
        for at in range(cells):
            centre = x + at * WIDTH + half
            for arm in arms:
                begin = f"M{number(centre)} {number(middle)}"
                step = {
                    "l": f"h{number(-half)}", "r": f"h{number(half)}",
                    "u": f"v{number(-HEIGHT / 2)}", "d": f"v{number(HEIGHT / 2)}",
                }[arm.lower()]  # fmt: skip
                parts.append((arm.isupper(), begin + step))
    drawn = ""
    for is_heavy in (False, True):
        path = "".join(one for heavy, one in parts if heavy == is_heavy)
        width = "2.4" if is_heavy else "1.1"
        if path:
            drawn += f'<path d="{path}" stroke="{colour}" stroke-width="{width}"{more}/>'
    return drawn


def _corner(sign: str, x: float, y: float, colour: str) -> str:
    """Return a round corner: where it leads to is right or left, and down or up."""
    right, down = _CORNERS[sign]
    across, along = x + WIDTH / 2, y + HEIGHT / 2
    middle, level = number(across), number(along)
    begin, bend = number(along + down * HEIGHT / 2), number(along + down * WIDTH / 2)
    path = f"M{middle} {begin}V{bend}Q{middle} {level} {number(across + right * WIDTH / 2)} {level}"
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.1"/>'


def _rect(x: float, y: float, width: float, height: float, colour: str, more: str = "") -> str:
    size = f'width="{number(width)}" height="{number(height)}"'
    return f'<rect x="{number(x)}" y="{number(y)}" {size} fill="{colour}"{more}/>'
