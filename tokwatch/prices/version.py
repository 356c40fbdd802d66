"""The version of all prices: loaded by every start, so it reads no list."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from tokwatch.prices.header import header, package
from tokwatch.prices.settings import PriceSettings

REVISION: Final = 1
"""Grows when the same lists and settings give other cards than before."""

CORRECTIONS: Final = Path(__file__).resolve().parent.parent / "prices.toml"
"""What we know better than the list."""


def version(settings: PriceSettings | None = None) -> str:
    """Return a text that differs whenever any price could differ."""
    chosen = settings or PriceSettings()
    stored = header(chosen.folder) if chosen.folder else None
    own = repr((sorted(chosen.overrides.items()), sorted(chosen.aliases.items())))
    mine = hashlib.sha256(own.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    update = stored.update if stored and stored.update else "installed"
    return f"{REVISION}-{package()}-{update}-{digest()}-{mine}"


@lru_cache(maxsize=1)
def digest() -> str:
    """Return a fingerprint of the shipped corrections."""
    return hashlib.sha256(CORRECTIONS.read_bytes()).hexdigest()[:8]
