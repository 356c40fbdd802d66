"""What a gateway's record becomes: a witness of a request, or a request that went nowhere."""

from __future__ import annotations

from typing import Final

from tokwatch.model.event import Grade, ModelName, RequestFact, Scope, Sighting
from tokwatch.sources.beside import plain
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.gateways.usage import Tokens
from tokwatch.sources.text import key_name, name_in, safe_name

LOG_SUFFIXES: Final = (".jsonl", ".ndjson", ".json", ".log")
"""What a gateway's log of records may be called; where it lies is the user's choice."""

_PROVIDERS: Final = {"gemini": "google"}
_SECRET: Final = "sk-"
_NOTHING: Final = Tokens(0, 0, 0, 0, 0, 0)


def witness(
    key: int,
    moment: int,
    scope: Scope,
    model: ModelName,
    tokens: Tokens,
    offset: int,
    *,
    logged_nano: int | None = None,
    is_final: bool = True,
) -> Sighting:
    """Return what a gateway saw of a request that the provider answered."""
    return Sighting(
        *(key, moment, moment, scope, model, 1, *tokens, logged_nano, None),
        *(Grade.WITNESS, int(is_final), 0, offset),
    )


def unanswered(key: int, moment: int, scope: Scope, model: ModelName, offset: int) -> Sighting:
    """Return a request that cost nothing at the provider: it failed, or a cache answered it."""
    return Sighting(
        *(key, moment, moment, scope, model, 0, *_NOTHING, 0, None, Grade.WITNESS, 1, 0, offset),
    )


def facts_of(key: int, **values: int | None) -> list[RequestFact]:
    """Return the facts that are told: those with a value."""
    return [RequestFact(key, name, value) for name, value in values.items() if value]


def milliseconds(value: object) -> int | None:
    """Return a positive duration in milliseconds, rounded; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        return None
    return round(value)


def thousandths(value: object) -> int | None:
    """Return a temperature in thousandths; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return round(value * 1000)


def moment_of(value: object) -> int | None:
    """Return a time in seconds, or as text, as UTC milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return instant_ms(value)
    return instant_ms(round(value * 1000)) if 0 < value < 1e11 else None


def status_of(value: object) -> int | None:
    """Return the status of an answer that was an error; None for anything else."""
    text = str(value) if isinstance(value, int) else plain(value)
    status = int(text) if text.isascii() and text.isdigit() and len(text) == 3 else 0
    return status if 400 <= status < 600 else None


def model_of(provider: object, name: object) -> ModelName:
    """Return a model as an agent names it: without its provider before a slash."""
    seller, model = name_in(provider), name_in(name)
    model = model.removeprefix(f"{seller}/") if seller else model
    return ModelName(_PROVIDERS.get(seller, seller), model or "unknown")


def first_text(*values: object) -> str:
    """Return the first of these that is a name: a text, not empty, and no key's own value."""
    names = (name_in(value) for value in values)
    return next((name for name in names if name and not name.startswith(_SECRET)), "")


def key_of(*values: object) -> str:
    """Return the name of the API key that the first of these texts is of: never the key itself."""
    return next((key_name(text) for text in map(plain, values) if safe_name(text)), "")


def labels(values: object, without: str = "\n") -> str:
    """Return a record's own labels in one text, but those that begin as they must not."""
    texts = values if isinstance(values, list) else [values]
    names = (name_in(text) for text in texts)
    return ",".join(name for name in names if name and not name.startswith((without, _SECRET)))
