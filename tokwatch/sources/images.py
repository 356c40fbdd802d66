"""What an image weighs in a context window, from the header of its file."""

from __future__ import annotations

import base64
import binascii
from typing import Final

MOST_TOKENS: Final = 1600
"""Larger images are made smaller before a model sees them; also of those of unknown size."""

_PIXELS_PER_TOKEN: Final = 750
_HEADER_CHARS: Final = 4 * 16
_JPEG_CHARS: Final = 4 * 65_536
"""Within so much of a JPEG's base64 its size is looked for, behind its metadata."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE: Final = frozenset(range(0xD0, 0xD9)) | {0x01}


def image_tokens(data: str) -> int:
    """Return the estimated tokens of an image in base64, with or without a `data:` address."""
    if data.startswith("data:"):
        data = data.partition(",")[2]
    size = image_size(_bytes_of(data[:_HEADER_CHARS]))
    if size is None and data.startswith("/9j/"):
        size = _jpeg_size(_bytes_of(data[:_JPEG_CHARS]))
    if size is None or min(size) <= 0:
        return MOST_TOKENS
    return max(1, min(MOST_TOKENS, size[0] * size[1] // _PIXELS_PER_TOKEN))


def image_size(header: bytes) -> tuple[int, int] | None:
    """Return width and height as the first bytes of a PNG, GIF or WebP tell them."""
    if header.startswith(b"\x89PNG\r\n\x1a\n") and len(header) >= 24:
        return int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")
    if header.startswith((b"GIF87a", b"GIF89a")) and len(header) >= 10:
        return int.from_bytes(header[6:8], "little"), int.from_bytes(header[8:10], "little")
    if header.startswith(b"RIFF") and header[8:12] == b"WEBP" and len(header) >= 30:
        return _webp_size(header)
    return None


def _webp_size(header: bytes) -> tuple[int, int] | None:
    kind = header[12:16]
    if kind == b"VP8X":
        sides = (header[24:27], header[27:30])
        return int.from_bytes(sides[0], "little") + 1, int.from_bytes(sides[1], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(header[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        sides = (header[26:28], header[28:30])
        return (
            int.from_bytes(sides[0], "little") & 0x3FFF,
            int.from_bytes(sides[1], "little") & 0x3FFF,
        )
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Walk over a JPEG's segments to the one that tells its size."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        mark = content[place + 1]
        if mark in _FRAMES:
            height = int.from_bytes(content[place + 5 : place + 7], "big")
            return int.from_bytes(content[place + 7 : place + 9], "big"), height
        if mark == 0xFF:
            place += 1
        elif mark in _BARE:
            place += 2
        else:
            place += 2 + max(2, int.from_bytes(content[place + 2 : place + 4], "big"))
    return None


def _bytes_of(data: str) -> bytes:
    """Decode as much of base64 as is whole."""
    try:
        return base64.b64decode(data[: len(data) // 4 * 4], validate=False)
    except (binascii.Error, ValueError):
        return b""
