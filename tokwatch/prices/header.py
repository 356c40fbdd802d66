"""The first line of the price list on disk: what it was made from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

FORMAT: Final = 1
"""Version of the encoding; a list in another one is not read."""

FILE_NAME: Final = "prices.json"


class Header(msgspec.Struct, frozen=True):
    """First line of the price list on disk."""

    format: int
    package: str
    """Version of genai-prices that wrote it; another one brings its own, newer list."""
    update: str = ""
    """Fingerprint of a downloaded list; empty for the installed one."""


def header(folder: Path) -> Header | None:
    """Return what the price list on disk is; None when it is missing, damaged or out of date."""
    return header_of(folder / FILE_NAME)


def header_of(file: Path) -> Header | None:
    """Return what a price list is; None when it is missing, damaged or out of date."""
    try:
        with file.open("rb") as opened:
            found = msgspec.json.decode(opened.readline(1_000), type=Header)
    except (OSError, ValueError):
        return None
    return found if (found.format, found.package) == (FORMAT, package()) else None


@lru_cache(maxsize=1)
def package() -> str:
    """Return the installed version of genai-prices, without importing anything of it."""
    from importlib.util import find_spec

    spec = find_spec("genai_prices")
    if spec and spec.origin:
        for place in Path(spec.origin).parent.parent.glob("genai_prices-*.dist-info"):
            return place.name.removesuffix(".dist-info").partition("-")[2]
    from importlib.metadata import version

    return version("genai-prices")
