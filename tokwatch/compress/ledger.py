"""The loss ledger: what stood in the original and stands nowhere in the result; and a score."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from tokwatch.compress.nouns import Ledger

_NUMBER: Final = re.compile(r"(?<![\w.])\d[\d.,:/%-]*\d|(?<![\w.])\d(?!\w)")
_NAME: Final = re.compile(r"(?<=[a-z,;:)] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_URL: Final = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'`)\]]+")
_IDENTIFIER: Final = re.compile(
    r"\b[A-Za-z]\w*_\w+|\b[a-z]+[A-Z]\w*|\b(?:[\w-]{1,80}/)+[\w.-]+|\b[A-Z]{2,}[A-Z0-9_-]*\b"
)
_NEGATION: Final = re.compile(
    r"\b(?:not|never|no|none|without|unless|except|must|cannot|nicht|kein\w*|nie|ohne|nunca|sin|"
    r"jamais|sans|pas)\b|n['’]t\b",
    re.I,
)
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


def ledger(before: Sequence[str], after: Sequence[str]) -> Ledger:
    """Return what is gone, each list in the order of the original and at most 200 long."""
    old, new = "\n".join(before), "\n".join(after)
    if old == new:
        return Ledger()
    return Ledger(
        _gone(_NUMBER, old, new),
        _gone(_NAME, old, new),
        _gone(_URL, old, new),
        _gone(_IDENTIFIER, old, new),
        _gone_negations(old, new),
    )


def retention(before: Sequence[str], after: Sequence[str]) -> float:
    """Return from 0 to 1 how much of what matters is still there.

    Weighted shares of distinct numbers, names, identifiers, negations, and words that carry sense.
    """
    old, new = "\n".join(before), "\n".join(after)
    if old == new:
        return 1.0
    shares = {
        "numbers": _share(_NUMBER.findall(old), _NUMBER.findall(new)),
        "names": _share(_NAME.findall(old), _NAME.findall(new)),
        "identifiers": _share(_IDENTIFIER.findall(old), _IDENTIFIER.findall(new)),
        "negations": _negated_share(old, new),
        "words": _share(_long_words(old), _long_words(new)),
    }
    known = {name: share for name, share in shares.items() if share is not None}
    total = sum(_WEIGHTS[name] for name in known) or 1.0
    return sum(_WEIGHTS[name] * share for name, share in known.items()) / total if known else 1.0


def _gone(pattern: re.Pattern[str], old: str, new: str) -> tuple[str, ...]:
    kept = set(pattern.findall(new))
    found = dict.fromkeys(pattern.findall(old))
    return tuple(islice((one for one in found if one not in kept and one not in new), _MOST))


def _gone_negations(old: str, new: str) -> tuple[str, ...]:
    lost = _count(old) - _count(new)
    if lost <= 0:
        return ()
    kept = {_key(new, found) for found in _NEGATION.finditer(new)}
    gone = (_said(old, f) for f in _NEGATION.finditer(old) if _key(old, f) not in kept)
    return tuple(list(dict.fromkeys(gone))[: min(lost, _MOST)])


def _key(text: str, found: re.Match[str]) -> tuple[str, str]:
    """Return a negation with the word after it, which no rewording moves apart."""
    after = _WORD.search(text, found.end(), found.end() + 40)
    return found[0].lower(), after[0].lower() if after else ""


def _said(text: str, found: re.Match[str]) -> str:
    """Return the words around a negation, within its sentence."""
    before = _END.split(text[max(0, found.start() - 60) : found.start()])[-1]
    after = _END.split(text[found.end() : found.end() + 60])[0]
    return " ".join(f"{before}{found[0]}{after}".split())


def _count(text: str) -> int:
    return sum(1 for _ in _NEGATION.finditer(text))


def _share(old: Iterable[str], new: Iterable[str]) -> float | None:
    wanted = set(old)
    return len(wanted & set(new)) / len(wanted) if wanted else None


def _negated_share(old: str, new: str) -> float | None:
    wanted = _count(old)
    return min(1.0, _count(new) / wanted) if wanted else None


def _long_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if len(word) > 3]
