"""toklog's entries: usage as the provider sent it, and as toklog understood it."""

from __future__ import annotations

from typing import Any, Final

from tokwatch.model.event import RequestFact, Scope, Sighting
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.beside import part, plain
from tokwatch.sources.gateways.usage import Tokens, anthropic_tokens, tokens_of
from tokwatch.sources.gateways.witness import (
    facts_of,
    labels,
    milliseconds,
    model_of,
    moment_of,
    status_of,
    unanswered,
    witness,
)
from tokwatch.sources.identity import names_response, request_key
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records, field_names
from tokwatch.sources.text import safe_name

NAME: Final = "toklog"
_BENCHMARK: Final = "chatcmpl-bench"
"""Made-up traffic of toklog's own tests, which it leaves out of its reports, too."""


def read_entries(log: LogFile, cursor: Cursor) -> Reading:
    """Read one log from where it was left."""
    records = Records(log.lines, b'"input_tokens"')
    found: dict[int, Sighting] = {}
    facts: dict[tuple[int, str], RequestFact] = {}
    undated = unknown = synthetic = repeated = 0
    sample = ""
    log_name = safe_name(log.path.stem)
    for offset, entry in records:
        if "provider" not in entry or "model" not in entry:
            unknown, sample = unknown + 1, field_names(entry)
            continue
        moment = moment_of(entry.get("timestamp"))
        if moment is None or entry.get("request_id") == _BENCHMARK:
            undated, synthetic = undated + (moment is None), synthetic + (moment is not None)
            continue
        key = _key(entry, log_name, offset)
        repeated += key in found
        found[key] = _sighting(key, moment, entry, log_name, offset)
        facts |= {(fact.key, fact.name): fact for fact in _facts(key, entry)}
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME),
        sightings=list(found.values()),
        facts=tuple(facts.values()),
        tally=records.tally(
            undated=undated, synthetic=synthetic, unknown=unknown, repeated=repeated, sample=sample
        ),
    )


def _key(entry: dict[str, Any], log_name: str, offset: int) -> int:
    names = (plain(entry.get("response_id")), plain(entry.get("request_id")))
    response = next((name for name in names if names_response(name)), "")
    return request_key(response, NAME, log_name, next(filter(None, names), ""), str(offset))


def _sighting(key: int, moment: int, entry: dict[str, Any], log_name: str, offset: int) -> Sighting:
    model = model_of(entry.get("provider"), entry.get("model"))
    # The hint of a key holds a piece of the key itself: it is left alone.
    scope = Scope(NAME, log_name, tag=labels(entry.get("tags")))
    tokens = _tokens(entry)
    if tokens is None or not any(tokens[:5]):
        return unanswered(key, moment, scope, model, offset)
    is_final = tokens.output is not None and entry.get("error") is not True
    return witness(key, moment, scope, model, tokens, offset, is_final=is_final)


def _tokens(entry: dict[str, Any]) -> Tokens | None:
    """Return the tokens of the provider's own usage, else of what toklog made of it."""
    raw = part(entry, "raw_usage")
    if "message_start" in raw or "message_delta" in raw:
        start, delta = part(raw, "message_start"), part(raw, "message_delta")
        return anthropic_tokens(
            start | {name: value for name, value in delta.items() if value is not None}
        )
    if raw:
        return tokens_of(raw)
    provider, read = plain(entry.get("provider")), entry.get("cache_read_tokens")
    if entry.get("input_tokens") is None:
        return None
    counts = {
        "input_tokens": entry["input_tokens"],
        "output_tokens": entry.get("output_tokens"),
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": entry.get("cache_creation_tokens"),
    }
    if provider == "anthropic":
        return anthropic_tokens(counts)
    return _others_tokens(counts, entry.get("thinking_tokens"), provider == "gemini")


def _others_tokens(counts: dict[str, Any], thoughts: object, is_gemini: bool) -> Tokens | None:
    """Return tokens where input includes the cache; Gemini's output lacks the thoughts."""
    if is_gemini:
        return tokens_of(
            {
                "promptTokenCount": counts["input_tokens"],
                "candidatesTokenCount": counts["output_tokens"],
                "cachedContentTokenCount": counts["cache_read_input_tokens"],
                "thoughtsTokenCount": thoughts,
            }
        )
    details = {"reasoning_tokens": thoughts}
    return tokens_of({**counts, "total_tokens": 0, "output_tokens_details": details})


def _facts(key: int, entry: dict[str, Any]) -> list[RequestFact]:
    error = plain(entry.get("error_type")).removeprefix("http_")
    return facts_of(
        key,
        duration_ms=milliseconds(entry.get("duration_ms")),
        http_status=status_of(error) if entry.get("error") is True else None,
    )
