"""What the tests of compression share: a count of tokens without ranks, and one stage at work."""

from __future__ import annotations

import re

from tokwatch.compress.apply import Work
from tokwatch.compress.nouns import Edit, Kind, Message, Part, Prompt, Shape
from tokwatch.compress.scene import Settings
from tokwatch.compress.stages import BY_NAME

_TOKEN = re.compile(r" ?\w{1,6}| ?[^\w\s]|\n|[ \t]+|\s")


def count(text: str) -> int:
    """Return about as many tokens as a model would count; blanks before words are free."""
    return sum(1 for _ in _TOKEN.finditer(text))


def prompt_of(*texts: str, kind: Kind = Kind.PLAIN) -> Prompt:
    """Return a prompt with one message for each text."""
    parts = tuple(Part(text, kind, number, (number,)) for number, text in enumerate(texts))
    messages = tuple(Message("user", (number,)) for number in range(len(texts)))
    return Prompt(texts[0], Shape.PLAIN, parts, messages)


def worked(
    name: str, *texts: str, kind: Kind = Kind.PLAIN, budget: int = 0, **chosen: object
) -> Work:
    """Return the work of one stage on texts."""
    settings = Settings(count, **chosen)  # type: ignore[arg-type]  # named in each test
    work = Work(prompt_of(*texts, kind=kind), settings)
    work.run(BY_NAME[name], budget)
    return work


def after(name: str, text: str, kind: Kind = Kind.PLAIN, budget: int = 0, **chosen: object) -> str:
    """Return a text after one stage."""
    return worked(name, text, kind=kind, budget=budget, **chosen).texts()[0]


def edits(name: str, text: str, kind: Kind = Kind.PLAIN) -> list[Edit]:
    """Return the edits of one stage."""
    return worked(name, text, kind=kind).edits
