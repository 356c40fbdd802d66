"""A template as a file: JSON with all its versions and their texts, for another library."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple  # Any: a file's JSON

from tokwatch.errors import TokwatchError
from tokwatch.model.template import TERSE_FROM, Draft, TemplateText

FORM: Final = "tokwatchTemplate"
"""The key that tells such a file from any other JSON; its value is the form's number."""
_NUMBER: Final = 1
_MOST: Final = 10_000


class Dated(NamedTuple):
    """A version as a file tells it."""

    draft: Draft
    saved_ms: int


class TemplateFile(NamedTuple):
    """What a file tells of a template."""

    name: str
    tags: tuple[str, ...]
    versions: tuple[Dated, ...]
    """The oldest first."""


def written_template(name: str, tags: Sequence[str], texts: Sequence[TemplateText]) -> str:
    """Return a template as a file's text, the oldest version first."""
    told = {FORM: _NUMBER, "name": name, "tags": list(tags), "versions": [_told(t) for t in texts]}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def read_template(text: str) -> TemplateFile | None:
    """Return what a file tells; None where it is no template's, so that its text is the prompt.

    Raise for one that says it is a template's and cannot be read.
    """
    if FORM not in text[:200]:
        return None
    try:
        given = json.loads(text)
        if not isinstance(given, dict) or FORM not in given:
            return None
        if given[FORM] != _NUMBER:
            raise TokwatchError(
                "The file was written by a newer tokwatch.", "Upgrade this tokwatch to read it."
            )
        versions = tuple(_version(one) for one in given["versions"][:_MOST])
        tags = tuple(str(tag) for tag in given.get("tags", ()))
        name = given["name"]
        if not versions or not isinstance(name, str):
            raise KeyError("versions")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise TokwatchError("The file is a template's, but it is broken.") from None
    return TemplateFile(name, tags, versions)


def _told(one: TemplateText) -> dict[str, object]:
    version = one.version
    return {
        "savedMs": version.saved_ms,
        "model": version.model,
        "detailed": one.detailed,
        "detailedTokens": version.detailed_tokens,
        "terse": one.terse,
        "terseTokens": version.terse_tokens,
        "terseFrom": version.terse_from,
        "stages": list(version.stages),
    }


def _version(given: dict[str, Any]) -> Dated:
    texts = (given["detailed"], given.get("terse", ""))
    model = given.get("model", "")
    stages = tuple(given.get("stages", ()))
    if not all(isinstance(one, str) for one in (*texts, model, *stages)):
        raise TypeError
    draft = Draft(
        *(*texts, model),
        detailed_tokens=_count(given.get("detailedTokens", 0)),
        terse_tokens=_count(given.get("terseTokens", 0)),
        terse_from=_count(given.get("terseFrom", TERSE_FROM)),
        stages=stages,
    )
    return Dated(draft, _count(given.get("savedMs", 0)))


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise ValueError
    return value
