"""Rows of LiteLLM's table of spending, as its endpoint lists them: one request each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tokwatch.model.event import RequestFact, Sighting
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.beside import part, plain
from tokwatch.sources.gateways.litellm_payloads import NAME, Payload
from tokwatch.sources.text import safe_name

_SAME: Final = (
    *("call_type", "model", "custom_llm_provider", "prompt_tokens", "completion_tokens"),
    *("startTime", "endTime", "completionStartTime", "end_user", "session_id"),
    *("litellm_call_id", "request_tags"),
)
"""Columns that are called as in a StandardLoggingPayload."""


def read_rows(name: str, path: str, rows: Sequence[dict[str, Any]]) -> Reading:
    """Return what rows of an endpoint of this name tell; each counts once, however often told."""
    found: dict[int, Sighting] = {}
    facts: dict[tuple[int, str], RequestFact] = {}
    undated = 0
    for row in rows:
        told = Payload(payload_of(row), safe_name(name), 0)
        sighting = told.sighting()
        if sighting is None:
            undated += 1
            continue
        found[sighting.key] = sighting
        facts |= {(fact.key, fact.name): fact for fact in told.facts(sighting.key)}
    return Reading(
        cursor=Cursor(path=path, source=NAME),
        sightings=list(found.values()),
        facts=tuple(facts.values()),
        tally=Tally(lines=len(rows), undated=undated),
        from_start=False,
    )


def payload_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as the payload that LiteLLM's callbacks would have logged of it."""
    meta = part(row, "metadata")
    extra = part(meta, "additional_usage_values")
    usage = part(meta, "usage_object") or {
        **{key: row.get(key) for key in ("prompt_tokens", "completion_tokens")},
        **{key: value for key, value in extra.items() if isinstance(value, int)},
    }
    status = plain(row.get("status")) or plain(meta.get("status"))
    first, end = row.get("completionStartTime"), row.get("endTime")
    return {
        **{key: row[key] for key in _SAME if key in row},
        "id": row.get("request_id"),
        "response_cost": row.get("spend"),
        "cache_hit": str(row.get("cache_hit")).lower() == "true",
        "status": "failure" if status == "failure" else "success",
        "stream": bool(first) and first != end,
        "error_information": part(meta, "error_information"),
        "cost_breakdown": part(meta, "cost_breakdown"),
        "metadata": {"user_api_key_hash": row.get("api_key"), **meta, "usage_object": usage},
    }
