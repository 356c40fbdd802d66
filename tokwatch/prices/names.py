"""Model names as tools write them: which host, which local runtime, which spellings to look up."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from tokwatch.prices.table import table

LONGEST_NAME: Final = 200

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_LONG_WINDOW: Final = re.compile(r"\[1m\]$")
_ARN: Final = re.compile(r"^arn:aws[\w-]*:bedrock:.*/")
_PUBLISHED: Final = re.compile(r"^(?:projects/.*/)?publishers/[^/]+/models/")
_BEDROCK_STEP: Final = re.compile(r"^(?:converse|invoke|[a-z]{2}(?:-gov)?-[a-z]+-\d)/")
_GEOGRAPHY: Final = re.compile(
    r"^(?:us-gov|us|eu|apac|ap|jp|au|in|ca|sa|me|global)\.(?=[a-z0-9]+\.)"
)
_BEDROCK_VENDOR: Final = re.compile(
    r"^(?:anthropic|amazon|openai|meta|mistral|cohere|deepseek|moonshotai|qwen|minimax|zai)\."
    r"(?=[a-z])"
)
_REVISION: Final = re.compile(r"-v\d+(?::\d+)?$|:\d+$")
_DATE: Final = re.compile(r"[-@](?:20\d{6}|20\d\d-\d\d-\d\d|latest|default)$")
_FAMILY_LAST: Final = re.compile(r"^claude-(\d[\d.-]*)-(opus|sonnet|haiku|fable)(?=-|$)")
_MINOR: Final = re.compile(r"(?<=\d)-(?=\d(?:[-@:]|$))")


class Name(NamedTuple):
    """A model's name, read: the host that its prefix names, and the spellings to look up."""

    host: str
    """Id of a price list; empty where the name tells none."""
    candidates: tuple[str, ...]


def clean(name: str) -> str:
    """Return a name from a log without control characters and blanks, in lower case."""
    text = _CONTROL.sub("", name[: LONGEST_NAME + 1]).lower()
    return "" if len(text) > LONGEST_NAME else text


def has_long_window(model: str) -> bool:
    """Tell whether a name asks for the window of a million tokens."""
    return _LONG_WINDOW.search(clean(model)) is not None


def is_local(provider: str, model: str) -> bool:
    """Tell whether a model ran on the user's own machine."""
    local = table().names.local
    if clean(provider) in local:
        return not _hosted_by_ollama(model)
    head, slash, rest = clean(model).partition("/")
    return bool(slash) and head in local and not _hosted_by_ollama(rest)


def _hosted_by_ollama(model: str) -> bool:
    return clean(model).endswith(("-cloud", ":cloud"))


def normalise(model: str) -> tuple[str, ...]:
    """Return the spellings under which a model may stand in a price list, best first."""
    return read(model).candidates


def read(model: str) -> Name:
    """Return the host and the spellings of a model's name; only known prefixes are removed."""
    exact = clean(model)
    host, stripped = _strip(_LONG_WINDOW.sub("", exact))
    bare = stripped[-1]
    undated = _DATE.sub("", _REVISION.sub("", bare))
    dashed = re.sub(r"[.@]", "-", bare)
    short = _DATE.sub("", _REVISION.sub("", dashed))
    turned = _FAMILY_LAST.sub(r"claude-\2-\1", short)
    spellings = (exact, *stripped, dashed, undated, short, _MINOR.sub(".", short), turned)
    return Name(host, tuple(dict.fromkeys(spelling for spelling in spellings if spelling)))


def _strip(name: str) -> tuple[str, list[str]]:
    """Return the outermost host and the name with one prefix fewer each time."""
    host, names = "", [name]
    while True:
        found, rest = _step(name)
        if rest == name or not rest:
            return host, names
        host = host or found
        name = rest
        names.append(name)


def _step(name: str) -> tuple[str, str]:
    if match := _ARN.match(name):
        return "aws", name[match.end() :]
    if match := _PUBLISHED.match(name):
        return "google", name[match.end() :]
    head, slash, rest = name.partition("/")
    names = table().names
    if slash and (head in names.hosts or head in names.gateways):
        return names.hosts.get(head, ""), rest
    for pattern in (_BEDROCK_STEP, _GEOGRAPHY, _BEDROCK_VENDOR):
        if match := pattern.match(name):
            return "aws", name[match.end() :]
    return "", name
