"""The loss ledger: what stood in the original and stands nowhere in the result; and a score."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice
from typing import Final

from tokwatch.compress.nouns import Ledger
from tokwatch.compress.stages.terminal import ESCAPES

_NUMBER: Final = re.compile(r"(?<![\w.])\d[\d.,:/%-]*\d|(?<![\w.])\d(?!\w)")
_NAME: Final = re.compile(r"(?<=[a-z,;:)] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'`)\]]+")
_IDENTIFIER: Final = re.compile(
    r"\b[A-Za-z]\w*_\w+|\b[a-z]+[A-Z]\w*|\b(?:[\w-]{1,80}/)+[\w.-]+|\b[A-Z]{2,}[A-Z0-9_-]*\b"
)
_NEGATION: Final = re.compile(
    r"\b(?:not|never|no|none|without|unless|except|must|cannot|nicht|kein\w*|nie|ohne|nunca|sin|"
    r"jamais|sans|pas)\b|n['’]t\b"
)
"""In lower case."""
_END: Final = re.compile(r"[.!?\n]")
_WORD: Final = re.compile(r"[^\W_]+")
_MOST: Final = 200
_WEIGHTS: Final = {
    "numbers": 0.25,
    "names": 0.2,
    "identifiers": 0.2,
    "negations": 0.2,
    "words": 0.15,
}


class Facts:
    """What matters in a text, each sort found when first asked for: a long one takes a second."""

    def __init__(self, texts: Sequence[str]) -> None:
        text = "\n".join(texts)
        self.text = ESCAPES.sub("", text) if "\x1b" in text else text
        """Without codes of a terminal: the figures in them are nobody's."""

    @cached_property
    def numbers(self) -> dict[str, None]:
        """Return the numbers, each once and in order."""
        return self._all(_NUMBER)

    @cached_property
    def names(self) -> dict[str, None]:
        """Return what is written as a name."""
        return self._all(_NAME)

    @cached_property
    def urls(self) -> dict[str, None]:
        """Return the addresses."""
        return self._all(_URL)

    @cached_property
    def identifiers(self) -> dict[str, None]:
        """Return identifiers, paths and words in capitals."""
        return self._all(_IDENTIFIER)

    @cached_property
    def words(self) -> set[str]:
        """Return the words that carry sense."""
        return {word for word in _WORD.findall(self._lower) if len(word) > 3}

    @cached_property
    def negations(self) -> list[re.Match[str]]:
        """Return where something is denied, excluded or demanded."""
        return list(_NEGATION.finditer(self._lower))

    @cached_property
    def _lower(self) -> str:
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else self.text

    def _all(self, pattern: re.Pattern[str]) -> dict[str, None]:
        return dict.fromkeys(pattern.findall(self.text))


def ledger(old: Facts, new: Facts) -> Ledger:
    """Return what is gone, each list in the order of the original and at most 200 long."""
    if old.text == new.text:
        return Ledger()
    return Ledger(
        _gone(old.numbers, new.numbers, new.text),
        _gone(old.names, new.names, new.text),
        _gone(old.urls, new.urls, new.text),
        _gone(old.identifiers, new.identifiers, new.text),
        _gone_negations(old, new),
    )


def retention(old: Facts, new: Facts) -> float:
    """Return from 0 to 1 how much of what matters is still there.

    Weighted shares of distinct numbers, names, identifiers, negations, and words that carry sense.
    """
    if old.text == new.text:
        return 1.0
    shares = {
        "numbers": _share(old.numbers, new.numbers),
        "names": _share(old.names, new.names),
        "identifiers": _share(old.identifiers, new.identifiers),
        "negations": _negated_share(old, new),
        "words": _share(old.words, new.words),
    }
    known = {name: share for name, share in shares.items() if share is not None}
    total = sum(_WEIGHTS[name] for name in known) or 1.0
    return sum(_WEIGHTS[name] * share for name, share in known.items()) / total if known else 1.0


def _gone(old: Iterable[str], kept: Iterable[str], text: str) -> tuple[str, ...]:
    there = set(kept)
    return tuple(islice((one for one in old if one not in there and one not in text), _MOST))


def _gone_negations(old: Facts, new: Facts) -> tuple[str, ...]:
    lost = len(old.negations) - len(new.negations)
    if lost <= 0:
        return ()
    kept = {_key(found) for found in new.negations}
    gone = (_said(old.text, found) for found in old.negations if _key(found) not in kept)
    return tuple(list(dict.fromkeys(gone))[: min(lost, _MOST)])


def _key(found: re.Match[str]) -> tuple[str, str]:
    """Return a negation with the word after it, which no rewording moves apart."""
    after = _WORD.search(found.string, found.end(), found.end() + 40)
    return found[0], after[0] if after else ""


def _said(text: str, found: re.Match[str]) -> str:
    """Return the words around a negation, within its sentence."""
    before = _END.split(text[max(0, found.start() - 60) : found.start()])[-1]
    after = _END.split(text[found.end() : found.end() + 60])[0]
    return " ".join(f"{before}{text[slice(*found.span())]}{after}".split())


def _share(old: Iterable[str], new: Iterable[str]) -> float | None:
    wanted = set(old)
    return len(wanted.intersection(new)) / len(wanted) if wanted else None


def _negated_share(old: Facts, new: Facts) -> float | None:
    wanted = len(old.negations)
    return min(1.0, len(new.negations) / wanted) if wanted else None
