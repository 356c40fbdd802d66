"""How much a prompt asks for, from 0 to 1, with the parts that it is made of.

A rule of thumb on the text alone; docs/tokens.md has the parts in words. Pure.
"""

from __future__ import annotations

import re
from math import log
from typing import Final

from msgspec import Struct

SAMPLE_CHARS: Final = 100_000
"""Of the begin and of the end of a text, which are looked at."""
_FULL_TOKENS: Final = 100_000
_SMALL_TOKENS: Final = 200
"""Sizes that count as 1 and as 0; between them by powers."""

_DEMAND: Final = re.compile(
    r"\b(?:must|shall|should|never|always|only|ensure|make sure|do not|don't|at least|at most|"
    r"exactly|without|unless|except)\b|^\s*(?:\d{1,2}[.)]|[-*])\s+\S",
    re.IGNORECASE | re.MULTILINE,
)
_REASONING: Final = re.compile(
    r"\b(?:why|prove|derive|design|architect\w*|debug\w*|refactor\w*|optimi[sz]e\w*|analy[sz]e\w*|"
    r"compare|trade-?offs?|evaluate|plan|diagnos\w+|root cause|concurren\w+|race condition|"
    r"deadlock|security|migrat\w+|algorithm\w*|step by step|reason\w*|hypothes\w+|strategy|"
    r"investigate|implement|explain)\b",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"^\s*(?:def|class|import|from|return|const|let|function|func|fn|public|private|#include)\b"
    r"|[{};]\s*$|```",
    re.MULTILINE,
)
_NAMED: Final = re.compile(r"(?:[\w.-]+/){1,8}[\w.-]+|\b[a-z]+_\w+\b|\b[a-z]+[A-Z]\w+\b|\w+\(\)")
_FORMAT: Final = re.compile(
    r"\b(?:json|xml|yaml|csv|schema|markdown|table|regex|sql|diff|format|template)\b",
    re.IGNORECASE,
)


class Part(Struct, frozen=True):
    """One thing that makes a prompt demanding."""

    name: str
    value: float
    """From 0 to 1."""
    weight: float


class Complexity(Struct, frozen=True):
    """How much a prompt asks for."""

    parts: tuple[Part, ...]

    @property
    def value(self) -> float:
        """Return it as one number from 0 to 1."""
        return sum(part.value * part.weight for part in self.parts)


def complexity(text: str, tokens: int) -> Complexity:
    """Return how much a prompt of so many tokens asks for."""
    sample = text
    if len(text) > 2 * SAMPLE_CHARS:
        sample = text[:SAMPLE_CHARS] + "\n" + text[-SAMPLE_CHARS:]
    lines = max(1, sample.count("\n") + 1)
    size = log(max(1, tokens) / _SMALL_TOKENS) / log(_FULL_TOKENS / _SMALL_TOKENS)
    return Complexity(
        (
            Part("size", _capped(size), 0.20),
            Part("demands", _capped(len(_DEMAND.findall(sample)) / 20), 0.20),
            Part("reasoning", _capped(_kinds(_REASONING, sample) / 6), 0.25),
            Part("code", _capped(2 * len(_CODE.findall(sample)) / lines), 0.15),
            Part("breadth", _capped(_kinds(_NAMED, sample) / 40), 0.10),
            Part("format", _capped(_kinds(_FORMAT, sample) / 4), 0.10),
        )
    )


def _kinds(pattern: re.Pattern[str], text: str) -> int:
    """Return how many different things a pattern finds."""
    return len({found.lower() for found in pattern.findall(text)})


def _capped(value: float) -> float:
    return min(1.0, max(0.0, value))
