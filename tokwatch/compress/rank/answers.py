"""What kind of answer a question asks for, and whether a sentence has one of that kind."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = r"(?<![.!?] )(?<!^)\b[A-Z][\w'’-]+"
_NUMBER: Final = (
    r"\b\d[\d,.]*\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|"
    r"thousand|million|billion|dozen|half|twice)\b"
)
_DATE: Final = (
    r"\b(?:1[0-9]|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December|century|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|"
    r"annually|spring|summer|autumn|winter)\b"
)
_PLACE: Final = (
    r"\b(?:in|at|from|near|of|to|on|through|outside) (?:the )?[A-Z][\w'’-]+|/[\w.-]+/|https?://"
)
_REASON: Final = (
    r"\b(?:because|due to|since|so that|in order|as a result|caused?|reason|therefore|to avoid|"
    r"lead|led)\b"
)
_WHO: Final = (
    r"\b(?:who|whom|whose|which (?:person|player|actor|team|country|city|state|company))\b|"
    r"\bname of\b|\b(?:wer|qui|quién)\b"
)
_WHEN: Final = (
    r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time|season)\b|"
    r"\bhow (?:old|long ago)\b|\b(?:wann|quand|cuándo)\b"
)
_HOW_MANY: Final = (
    r"\bhow (?:many|much|long|far|tall|big|large|fast|high|deep|often|heavy|wide)\b|"
    r"\bwhat (?:percent\w*|number|amount|size|rate|population|price|cost)\b|"
    r"\b(?:wie ?viele?|combien|cuánt\w+)\b"
)
_WHERE: Final = (
    r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|county|region|river|island|location|"
    r"continent)\b|\b(?:wo|où|dónde)\b"
)
_WHY: Final = r"\bwhy\b|\bwhat (?:cause|reason)\w*|\b(?:warum|pourquoi)\b"

_KINDS: Final = (
    (_WHO, _NAME),
    (_WHEN, _DATE),
    (_HOW_MANY, _NUMBER),
    (_WHERE, _PLACE),
    (_WHY, _REASON),
)
_FOUND: Final = tuple((re.compile(q, re.I), re.compile(a)) for q, a in _KINDS)
_ANY: Final = re.compile(f"{_NAME}|{_NUMBER}")


def kind(question: str) -> re.Pattern[str] | None:
    """Return how an answer to a question looks; None where that cannot be told."""
    for asked, answer in _FOUND:
        if asked.search(question):
            return answer
    return None


def has_answer(sentence: str, answer: re.Pattern[str] | None, asked: frozenset[str]) -> float:
    """Return how well a sentence has an answer of that kind that the question does not name."""
    if answer is None:
        return 0.5 if _ANY.search(sentence) else 0.0
    for found in answer.finditer(sentence):
        if not asked.issuperset(re.findall(r"[^\W_]+", found[0].lower())):
            return 1.0
    return 0.0
