"""A budget as it is typed in a form: words to the keys of `[budget.NAME]`, and back."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, get_args

from tokwatch.config.budgets import SCOPES, BudgetTable, Per

_NUMBER: Final = r"([0-9][0-9,_]*(?:\.[0-9]+)?)\s*([kKmMbB]?)"
_SIZES: Final = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_CLASSES: Final = {
    "": "all",
    "input": "input",
    "output": "output",
    "cache read": "cache_read",
    "cache write": "cache_write",
}
PERIODS: Final = get_args(Per)


class Entry(NamedTuple):
    """The fields of the form, as typed."""

    name: str = ""
    amount: str = ""
    per: str = "day"
    of: str = ""


class EntryError(ValueError):
    """What was typed is no budget; the text says which field, and what it may be."""


Keys = dict[str, str | int | float | None]


def keys_of(entry: Entry) -> Keys:
    """Return the keys that an entry sets; None for those that it takes out."""
    per = entry.per.strip().lower() or "day"
    if per not in PERIODS:
        raise EntryError(f"per: {per!r} is none of {', '.join(PERIODS)}")
    return {**_amount(entry.amount), "per": per, **_scopes(entry.of)}


def _amount(text: str) -> Keys:
    text = " ".join(text.lower().replace("_", "").split())
    found: Keys = {"usd": None, "tokens": None, "requests": None, "token_class": None}
    if match := re.fullmatch(rf"\$\s*{_NUMBER}|{_NUMBER}\s*(?:usd|dollars?)", text):
        number, size = (match[1], match[2]) if match[1] else (match[3], match[4])
        return found | {"usd": _plain(float(number.replace(",", "")) * _SIZES[size])}
    kinds = "|".join(name for name in _CLASSES if name)
    if match := re.fullmatch(rf"{_NUMBER}\s*({kinds})?\s*(tokens?|requests?)", text):
        count = round(float(match[1].replace(",", "")) * _SIZES[match[2]])
        if match[4].startswith("request"):
            return found | {"requests": count}
        kind = _CLASSES[match[3] or ""]
        return found | {"tokens": count, "token_class": None if kind == "all" else kind}
    raise EntryError("amount: write $80, 5M tokens, 200k output tokens or 100 requests")


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _scopes(text: str) -> Keys:
    found: Keys = dict.fromkeys((*SCOPES, "each"))
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, _, name = part.partition(" ")
        name = name.strip()
        if word == "each" and name in SCOPES:
            found["each"] = name
        elif word in SCOPES and name:
            found[word] = name
        else:
            known = ", ".join(SCOPES)
            raise EntryError(f"for: {part!r}; write project shop, or each model; there are {known}")
    return found


def entry_of(name: str, table: BudgetTable) -> Entry:
    """Return a budget as it would be typed."""
    if table.usd is not None:
        amount = f"${table.usd:,.12g}"
    elif table.tokens is not None:
        words = {value: word for word, value in _CLASSES.items()}[table.token_class]
        amount = " ".join(part for part in (f"{table.tokens:,}", words, "tokens") if part)
    else:
        amount = f"{table.requests:,} requests"
    named = [f"{one.dimension} {one.name}" for one in table.scopes()]
    named += [f"each {table.each}"] if table.each else []
    return Entry(name, amount, table.per, ", ".join(named))
