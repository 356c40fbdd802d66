"""headroom's records: what the provider counted, and what headroom took out before."""

from __future__ import annotations

from typing import Any, Final

from tokwatch.model.event import RequestFact, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.beside import part, plain
from tokwatch.sources.counts import count
from tokwatch.sources.gateways.usage import Tokens, known
from tokwatch.sources.gateways.witness import (
    facts_of,
    first_text,
    milliseconds,
    model_of,
    moment_of,
    unanswered,
    witness,
)
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records, field_names
from tokwatch.sources.text import safe_name

NAME: Final = "headroom"
_WRITES_ARE_TOLD: Final = ("anthropic", "bedrock")
"""Elsewhere headroom infers cache writes from the uncached input, which has them already."""


def read_records(log: LogFile, cursor: Cursor) -> Reading:
    """Read one log from where it was left."""
    records = Records(log.lines, b'"input_tokens_optimized"')
    found: dict[int, Sighting] = {}
    facts: dict[tuple[int, str], RequestFact] = {}
    undated = unknown = repeated = 0
    sample = ""
    log_name = safe_name(log.path.stem)
    for offset, record in records:
        if known(record, "input_tokens_optimized") is None:
            unknown, sample = unknown + 1, field_names(record)
            continue
        moment = moment_of(record.get("timestamp"))
        if moment is None:
            undated += 1
            continue
        request = plain(record.get("request_id")) or f"{log_name} at {offset}"
        key = event_key(NAME, request)
        repeated += key in found
        found[key] = _sighting(key, moment, record, log_name, offset)
        facts |= {(fact.key, fact.name): fact for fact in _facts(key, record)}
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME),
        sightings=list(found.values()),
        facts=tuple(facts.values()),
        tally=records.tally(undated=undated, unknown=unknown, repeated=repeated, sample=sample),
    )


def _sighting(
    key: int, moment: int, record: dict[str, Any], log_name: str, offset: int
) -> Sighting:
    model = model_of(record.get("provider"), record.get("model"))
    tags = part(record, "tags")
    scope = Scope(
        *(NAME, log_name, "", first_text(tags.get("project"))),
        user=first_text(tags.get("user"), tags.get("user_id")),
        tag=first_text(tags.get("client"), tags.get("tag")),
    )
    tokens = _tokens(record)
    if not any(tokens[:5]):
        return unanswered(key, moment, scope, model, offset)
    is_final = tokens.output is not None and not record.get("error")
    return witness(key, moment, scope, model, tokens, offset, is_final=is_final)


def _tokens(record: dict[str, Any]) -> Tokens:
    """Return what the provider counted; where it told no uncached input, what was sent."""
    read, fresh = count(record.get("cache_read_tokens")), count(record.get("uncached_input_tokens"))
    written = 0
    if plain(record.get("provider")).startswith(_WRITES_ARE_TOLD):
        written = count(record.get("cache_write_tokens"))
    if not fresh and not written:
        fresh = max(0, count(record.get("input_tokens_optimized")) - read)
    return Tokens(fresh, read, written, 0, known(record, "output_tokens"))


def _facts(key: int, record: dict[str, Any]) -> list[RequestFact]:
    is_hit = record.get("cache_hit") is True and not any(_tokens(record)[:5])
    return facts_of(
        key,
        duration_ms=milliseconds(record.get("total_latency_ms")),
        response_cache_hit=int(is_hit),
        tokens_saved=count(record.get("tokens_saved")),
    )
