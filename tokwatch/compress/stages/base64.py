"""Binary content in base64, which no model reads, replaced by its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.protect import Guard
from tokwatch.compress.scene import Scene, Stage, Touch

_ENCODED: Final = re.compile(
    r"(?:data:(?P<type>[\w/+.-]+)?(?:;[\w=.-]+)*;base64,)?"
    r"(?P<run>(?:[A-Za-z0-9+/_-]{60,}\s?)+={0,2})"
)
_SHORTEST: Final = 240


def find(scene: Scene) -> Iterator[Change]:
    """Yield long runs of base64."""
    for view in scene.views:
        for found in _ENCODED.finditer(view.text):
            run = found["run"]
            if len(run) >= _SHORTEST and _is_encoded(run):
                size = sum(not c.isspace() for c in run.rstrip("=")) * 3 // 4
                kind = f"{found['type']}, " if found["type"] else ""
                end = found.end() - (len(found[0]) - len(found[0].rstrip()))
                told = f"[{kind}base64, {size:,} bytes]"
                yield Change(view.number, found.start(), end, told, "base64")


def _is_encoded(run: str) -> bool:
    """Say whether a run mixes letters and digits as encoded bytes do."""
    head = run[:400]
    digits = sum(c.isdigit() for c in head)
    upper = sum(c.isupper() for c in head)
    lower = sum(c.islower() for c in head)
    return min(digits, upper, lower) >= len(head) / 40


STAGE: Final = Stage(
    *("base64", "encoded binary content, by its size", Risk.LOW, Touch.ENCODE, find),
    open=frozenset({Guard.TAG}),
)
