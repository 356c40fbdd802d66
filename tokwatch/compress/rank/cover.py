"""Rare facts: what stands once and cannot be guessed from the rest."""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from tokwatch.compress.rank.units import Form, Units
from tokwatch.compress.rank.words import STOP

_TOKEN: Final = re.compile(r"(?:~|\.{1,2})?/?[\w@$#%][\w.@/:$#%+~-]*[\w]|\w")
_BONUS: Final = 2.0
_AGAIN: Final[float] = 0.25
_CAMEL: Final = re.compile(r"[a-z][A-Z]")
_LINE_NUMBER: Final = re.compile(r"\s*\d+(?:→|\t|: ?)")
_WORD: Final = re.compile(r"[^\W\d_]+")


def facts(text: str, form: Form) -> Iterator[tuple[str, float]]:
    """Yield the facts of a text, each with how much its loss would cost."""
    name, word = (0.5, 0.15) if form is Form.LINES else (1.2, 0.35)
    starts = True
    number = _LINE_NUMBER.match(text)
    for found in _TOKEN.finditer(text, number.end() if number else 0):
        token = found[0]
        weight = _technical(token)
        if weight:
            yield token, weight
        elif token[0].isupper() and not starts:
            yield token, name
        elif len(token) > 3 and token.lower() not in STOP and _WORD.fullmatch(token):
            yield token.lower(), word
        after = text[found.end() : found.end() + 2]
        starts = bool(after) and after[0] in ".!?:\n"


def _technical(token: str) -> float:
    """Return the weight of what is no plain word; 0 of a word."""
    if "/" in token:
        return 2.0 + min(3, token.count("/"))
    if any(c.isdigit() for c in token):
        return 3.0 if any(c.isalpha() for c in token) else 2.0
    if "_" in token or "." in token.strip(".") or _CAMEL.search(token):
        return 2.5
    return 2.0 if token.isupper() and len(token) > 1 else 0.0


def covering(of: Units, tokens: Sequence[int], room: int, bonus: Sequence[float]) -> list[int]:
    """Return units that hold as many rare facts as fit, the best first.

    A fact counts less each time it comes again, and more where `bonus`, from 0 to 1, is high.
    """
    held = [dict(facts(of.unit(number), of.form)) for number in range(len(of.units))]
    spread = Counter(fact for one in held for fact in one)
    seen: Counter[str] = Counter()

    def gain(number: int) -> float:
        worth: float = sum(
            weight / math.sqrt(spread[fact]) * math.pow(_AGAIN, seen[fact])
            for fact, weight in held[number].items()
        )
        return worth * (1 + _BONUS * bonus[number]) / (tokens[number] + 2)

    queue = [(-gain(number), number) for number in range(len(held))]
    heapq.heapify(queue)
    chosen: list[int] = []
    used = 0
    while queue:
        stale, number = heapq.heappop(queue)
        fresh = gain(number)
        if queue and fresh < -queue[0][0] and fresh < -stale:
            heapq.heappush(queue, (-fresh, number))
            continue
        if used + tokens[number] <= room:
            used += tokens[number]
            chosen.append(number)
            seen.update(held[number].keys())
    return chosen
