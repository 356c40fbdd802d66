"""Requests as OpenRouter itself tells of them, one by one: the provider's own count of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tokwatch.model.event import Scope, Sighting, response_key
from tokwatch.model.reading import Cursor, Reading, Tally
from tokwatch.sources.beside import plain
from tokwatch.sources.counts import nano
from tokwatch.sources.gateways.usage import tokens_of
from tokwatch.sources.gateways.witness import model_of, moment_of, witness
from tokwatch.sources.text import safe_name

NAME: Final = "openrouter"


def read_generations(name: str, path: str, rows: Sequence[dict[str, Any]]) -> Reading:
    """Return what an endpoint of this name told of requests; each is final."""
    found = [_sighting(row, safe_name(name)) for row in rows]
    told = [one for one in found if one is not None]
    return Reading(
        cursor=Cursor(path=path, source=NAME),
        sightings=told,
        tally=Tally(lines=len(rows), undated=len(rows) - len(told)),
        from_start=False,
    )


def _sighting(row: dict[str, Any], name: str) -> Sighting | None:
    """Return what is told of a request; its prompt includes the cached, its output the reasoning.

    What it cost with a key of one's own at the provider is told by that one alone.
    """
    moment = moment_of(row.get("created_at"))
    usage = {
        "prompt_tokens": row.get("native_tokens_prompt"),
        "completion_tokens": row.get("native_tokens_completion"),
        "prompt_tokens_details": {"cached_tokens": row.get("native_tokens_cached")},
        "completion_tokens_details": {"reasoning_tokens": row.get("native_tokens_reasoning")},
    }
    tokens = tokens_of(usage)
    if moment is None or tokens is None:
        return None
    return witness(
        *(response_key(plain(row.get("id"))), moment, Scope(NAME, name)),
        *(model_of(NAME, row.get("model")), tokens, 0),
        logged_nano=None if row.get("is_byok") is True else nano(row.get("total_cost")),
    )
