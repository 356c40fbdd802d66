"""Words for people, on the screen and in print: counts, money, names made harmless."""

from __future__ import annotations

from tokwatch.model.units import NANO


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with what it counts: "1 log", "2,000 logs"; `many` where an s will not do."""
    return f"{number:,} {named(number, one, many)}"


def named(number: int, one: str, many: str = "") -> str:
    """Return the word for so many of a thing, without the number."""
    return one if number == 1 else many or f"{one}s"


def money(nano: int, places: int = 2) -> str:
    """Return nano-dollars as dollars with fixed decimals, rounded half up."""
    unit = NANO // 10**places
    amount = (abs(nano) + unit // 2) // unit
    whole, rest = divmod(amount, 10**places)
    sign = "-" if nano < 0 and amount else ""
    return f"{sign}${whole:,}" + (f".{rest:0{places}d}" if places else "")


def size(number: int) -> str:
    """Return a number of bytes."""
    for divisor, unit in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if number >= divisor:
            return f"{number / divisor:.1f} {unit}"
    return f"{number} B"


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
