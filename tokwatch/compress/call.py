"""The Python call: a text in, a shorter one out, with the engine's defaults."""

from __future__ import annotations

from functools import cache

from tokwatch.compress.levels import Level
from tokwatch.compress.nouns import Counter, Outcome
from tokwatch.compress.scene import Settings
from tokwatch.compress.shapes import read_prompt
from tokwatch.compress.solver import REDUCTION, Aim, solve


def compress(
    text: str,
    question: str = "",
    budget_tokens: int | None = None,
    *,
    reduction: float = REDUCTION,
    level: str = Level.AGGRESSIVE,
    blind: bool = False,
    stages: tuple[str, ...] | None = None,
    keep: tuple[str, ...] = (),
    count: Counter | None = None,
) -> str:
    """Return a text in at most so many tokens, or as few as the level reaches.

    text: plain text, or chat JSON as Anthropic or OpenAI write it; the result has its shape.
    question: what the text is to answer. Without one nothing is extracted from it.
    budget_tokens: the target; without it, `reduction` is the share of tokens that is to go.
    level: `light`, `balanced` or `aggressive`: how far it may go to reach the target.
    blind: with it, sentences without rare facts may go although there is no question.
    stages: just these stages, by name; without it, the ladder of the level.
    keep: regular expressions of what must stay letter for letter.
    count: how tokens are counted; without it, o200k.
    """
    aim = Aim(budget_tokens, reduction, Level(level), blind, stages, keep=keep)
    return outcome(text, question, aim, count).text


def compress_blind(text: str, question: str = "", budget_tokens: int | None = None) -> str:
    """Return a text in at most so many tokens by its rarest facts; the question is not needed."""
    return compress(text, question, budget_tokens, blind=True)


def outcome(text: str, question: str, aim: Aim, count: Counter | None = None) -> Outcome:
    """Return a compression with its edits, ledger and notes."""
    settings = Settings(count or _o200k(), question.strip())
    return solve(read_prompt(text), settings, aim)


@cache
def _o200k() -> Counter:
    """Return the count that is meant when no model is named."""
    from tokwatch.paths import user_data_folder
    from tokwatch.tokens.counting import count_in
    from tokwatch.tokens.encodings import Encoding

    return count_in(Encoding.O200K, user_data_folder())
