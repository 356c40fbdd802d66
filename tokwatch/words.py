"""Words for people, on the screen and in print: counts with their nouns, names made harmless."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: "1 log", "2,000 logs"; `many` where an s will not do."""
    return f"{number:,} {named(number, one, many)}"


def named(number: int, one: str, many: str = "") -> str:
    """Return the word for so many of a thing, without the number."""
    return one if number == 1 else many or f"{one}s"


def printable(text: str) -> str:
    """Return text from a log with everything that a terminal could obey replaced."""
    return "".join(char if char.isprintable() else "?" for char in text)
