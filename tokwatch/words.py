"""Words for people, on the screen and in print: counts with their nouns, names made harmless."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: "1 log", "2,000 logs"; `many` where an s will not do."""
    return f"{number:,} {named(number, one, many)}"


def named(number: int, one: str, many: str = "") -> str:
    """Return the word for so many of a thing, without the number."""
    return one if number == 1 else many or f"{one}s"


def shortened(text: str, most: int = 60) -> str:
    """Return text in at most so many characters, with "..." for what was cut off its end."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def printable(text: str) -> str:
    """Return text from a log with everything that a terminal could obey replaced."""
    return "".join(char if char.isprintable() else "?" for char in text)


def spanned(milliseconds: int) -> str:
    """Return a length of time in its largest whole unit."""
    seconds = max(0, milliseconds) // 1000
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
