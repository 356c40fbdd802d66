"""The language of filters: words that must match, fields that narrow, numbers that compare."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Generic, TypeVar

from msgspec import Struct

Row = TypeVar("Row")
Test = Callable[[Row], bool]

_COMPARISON: Final = re.compile(r"(\w+)(>=|<=|>|<|=)([\d.]+)$")
_TERM: Final = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
}


class Language(Struct, Generic[Row], frozen=True):
    """What the terms of a filter mean for one sort of rows."""

    words: Callable[[Row], Iterable[str]]
    """The texts that a plain word is looked for in."""
    fields: Mapping[str, Callable[[Row], str]]
    numbers: Mapping[str, Callable[[Row], float | None]]
    """None fulfils no comparison."""

    def tests_of(self, text: str) -> list[Test[Row]]:
        """Return what a filter asks for: every term must hold."""
        terms = (term.replace('"', "") for term in _TERM.findall(text.lower()))
        return [self._test(term) for term in terms if term.strip("!")]

    def _test(self, term: str) -> Test[Row]:
        if term.startswith("!"):
            inner = self._test(term[1:])
            return lambda row: not inner(row)
        comparison = _COMPARISON.match(term)
        if comparison and comparison[1] in self.numbers and comparison[3].count(".") < 2:
            value = self.numbers[comparison[1]]
            holds, limit = _OPERATORS[comparison[2]], float("0" + comparison[3])
            return lambda row: (number := value(row)) is not None and holds(number, limit)
        name, colon, wanted = term.partition(":")
        if colon and name in self.fields:
            field = self.fields[name]
            return lambda row: wanted in field(row).lower()
        return lambda row: any(term in text.lower() for text in self.words(row))
