"""Tells what instructs the model from the material that it is to work on."""

from __future__ import annotations

import re
from typing import Final

from tokwatch.compress.draft import Span
from tokwatch.compress.nouns import Kind
from tokwatch.compress.protect import merged
from tokwatch.compress.spans import paragraphs, sentences

_LIST_MARK: Final = r"^[\s>*#\d.)(\[•-]{0,20}"
_TOLD: Final = re.compile(
    _LIST_MARK + r"(?:please\b|you (?:are an?\b|must|should|shall)|your (?:task|job|role|goal)\b|"
    r"(?:do not|don['’]t|never|always|make sure|ensure|remember) |act as|i want you|i would like|"
    r"i need you to|if you (?:do not|don['’]t|cannot|are)|bitte\b|sie sind|du bist|por favor|"
    r"eres un|veuillez|vous êtes un|tu es un)",
    re.I,
)
"""How only instructions begin."""
_MAY_TELL: Final = re.compile(
    _LIST_MARK
    + r"(?:you|only|note that|keep in mind|if|when|answer|respond|reply|return|write|use|"
    r"follow|read|summari[sz]e|translate|classify|extract|explain|list|given the|based on|below|"
    r"here|the following|consider|provide|give me|output|avoid|include|keep|be|cite|let['’]s|"
    r"think|task)\b",
    re.I,
)
"""How instructions may begin, where they stand before or after the material."""
_LABEL: Final = re.compile(r"^[^\n]{1,60}:\s*$")
_TURN: Final = re.compile(r"^[A-Z][\w.'’-]*(?: [\w.'’()-]+){0,5}: ")
_HEADING: Final = re.compile(
    r"^[ \t#*]{0,12}(?:(?:system )?prompt|instructions?|rules?|task|guidelines?|constraints?|"
    r"requirements?|output(?: format)?|format|question|query|anweisungen|regeln|aufgabe|frage|"
    r"instrucciones|reglas|tarea|pregunta|consignes|règles|tâche)\**[ \t]*(?::|$)",
    re.I | re.M,
)
_SHORT: Final = 1200
"""Characters up to which a message of the user is taken as an instruction as a whole."""


def material(text: str, kind: Kind, question: str, is_last: bool) -> list[Span]:
    """Return the stretches of a part that units may be taken out of."""
    if kind is Kind.RESULT or kind is Kind.ASSISTANT:
        return [(0, len(text))]
    if kind not in (Kind.PLAIN, Kind.USER):
        return []
    if kind is Kind.USER and is_last and len(text) < _SHORT:
        return []
    found = paragraphs(text)
    texts = [text[begin:end] for begin, end in found]
    told = [_directs(one, question, _TOLD) for one in texts]
    for order in (range(len(texts)), range(len(texts) - 1, -1, -1)):
        for number in order:
            if not told[number] and not _directs(texts[number], question, _MAY_TELL):
                break
            told[number] = True
    if kind is Kind.PLAIN and told and sum(told) > len(told) / 2:
        return []
    return _joined([span for span, is_told in zip(found, told, strict=True) if not is_told])


def _directs(paragraph: str, question: str, pattern: re.Pattern[str]) -> bool:
    """Say whether a paragraph tells the model what to do."""
    if _HEADING.match(paragraph) or (pattern is _MAY_TELL and _LABEL.match(paragraph)):
        return True
    if len(question) > 12 and question.strip() in paragraph and len(paragraph) < _SHORT:
        return True
    if len(paragraph) > 2 * _SHORT or _TURN.match(paragraph):
        return False
    found = [paragraph[begin:end] for begin, end in sentences(paragraph, 0, len(paragraph))]
    found = [one for one in found if one.strip()]
    directed = sum(bool(pattern.match(one) or _TOLD.match(one)) for one in found)
    return directed * 2 >= len(found) > 0


def _joined(spans: list[Span]) -> list[Span]:
    """Return spans that touch as one."""
    found: list[Span] = []
    for start, end in merged(spans):
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
