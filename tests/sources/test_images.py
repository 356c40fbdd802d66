"""Images weigh by the size that their headers tell."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.sources.images import MOST_TOKENS, image_size, image_tokens


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + b"\0" * 9


def jpeg(width: int, height: int, comment: int = 0) -> bytes:
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    exif = b"\xff\xe1" + (comment + 2).to_bytes(2, "big") + b"x" * comment
    return b"\xff\xd8\xff\xd0" + exif + b"\xff\xff\xc2\0\x11\x08" + size + b"\x03" + b"\0" * 30


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + rest + b"\0" * 9


def lossy(width: int, height: int) -> bytes:
    sides = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + sides)


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + (width - 1 | (height - 1) << 14).to_bytes(4, "little"))


def extended(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp(b"VP8X", b"\0\0\0\0" + sides)


MADE = [png, gif, jpeg, lossy, lossless, extended]


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("size", [(1000, 800, 1066), (30, 25, 1), (8000, 6000, MOST_TOKENS)])
def test_tokens_follow_from_width_and_height(make: object, size: tuple[int, int, int]) -> None:
    assert callable(make)
    width, height, tokens = size
    assert image_tokens(base64.b64encode(make(width, height)).decode()) == tokens


def test_a_jpegs_size_may_stand_behind_its_metadata() -> None:
    content = base64.b64encode(jpeg(750, 100, comment=30_000)).decode()
    assert image_tokens(f"data:image/jpeg;base64,{content}") == 100


@pytest.mark.parametrize("data", ["", "https://example.org/a.png", "!!!!", "iVBORw0K", "/9j/"])
def test_an_image_of_unknown_size_counts_as_a_large_one(data: str) -> None:
    assert image_tokens(data) == MOST_TOKENS


def test_an_image_without_extent_counts_as_a_large_one() -> None:
    assert image_tokens(base64.b64encode(png(0, 800)).decode()) == MOST_TOKENS


@given(content=st.binary(max_size=200), start=st.sampled_from([make(9, 9) for make in MADE]))
def test_no_bytes_are_fatal(content: bytes, start: bytes) -> None:
    for whole in (content, start[: len(content)], start[:12] + content):
        image_size(whole)
        assert 1 <= image_tokens(base64.b64encode(whole).decode()) <= MOST_TOKENS


@given(data=st.text(max_size=80))
def test_no_text_is_fatal(data: str) -> None:
    assert 1 <= image_tokens(data) <= MOST_TOKENS
