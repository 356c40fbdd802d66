"""LiteLLM's StandardLoggingPayload: tokens, cost, cache hits, and who asked."""

from __future__ import annotations

import re
from typing import Any, Final

from tokwatch.model.event import ModelName, RequestFact, Scope, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.beside import part, plain
from tokwatch.sources.counts import nano
from tokwatch.sources.gateways.usage import Tokens, tokens_of
from tokwatch.sources.gateways.witness import (
    facts_of,
    first_text,
    key_of,
    labels,
    milliseconds,
    model_of,
    moment_of,
    status_of,
    thousandths,
    unanswered,
    witness,
)
from tokwatch.sources.identity import request_key
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.records import Records, field_names
from tokwatch.sources.text import safe_name

NAME: Final = "litellm"
_CACHED: Final = "_cache_hit"
"""LiteLLM adds this and the time to the id of an answer from its own cache."""
_AGENT_TAG: Final = "User-Agent:"
_DEFAULT_USER: Final = "default_user_id"
_TIERS: Final = ("batch", "flex", "priority")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_CLAUDE: Final = re.compile(r'session_(?:id"\s*:\s*")?([0-9a-f-]{36})', re.IGNORECASE)
"""Claude Code names its session inside the user id that it sends."""


def read_payloads(log: LogFile, cursor: Cursor) -> Reading:
    """Read one log from where it was left."""
    records = Records(log.lines, b'"prompt_tokens"')
    found: dict[int, Sighting] = {}
    facts: dict[tuple[int, str], RequestFact] = {}
    undated = unknown = repeated = 0
    sample = ""
    for offset, payload in records:
        if "call_type" not in payload or "startTime" not in payload:
            unknown, sample = unknown + 1, field_names(payload)
            continue
        told = Payload(payload, safe_name(log.path.stem), offset)
        sighting = told.sighting()
        if sighting is None:
            undated += 1
            continue
        repeated += sighting.key in found
        found[sighting.key] = sighting
        facts |= {(fact.key, fact.name): fact for fact in told.facts(sighting.key)}
    return Reading(
        cursor=Cursor(path=cursor.path, source=NAME),
        sightings=list(found.values()),
        facts=tuple(facts.values()),
        tally=records.tally(undated=undated, unknown=unknown, repeated=repeated, sample=sample),
    )


class Payload:
    """One payload: one attempt of LiteLLM to get an answer, from a provider or its cache."""

    def __init__(self, payload: dict[str, Any], log_name: str, offset: int) -> None:
        self._payload = payload
        self._meta = part(payload, "metadata")
        self._log_name = log_name
        self._offset = offset
        self._is_hit = payload.get("cache_hit") is True or _CACHED in plain(payload.get("id"))
        self._begin_ms = moment_of(payload.get("startTime"))
        self._end_ms = moment_of(payload.get("endTime")) or self._begin_ms

    def sighting(self) -> Sighting | None:
        """Return what the payload tells of its request; None where it tells no time."""
        payload, moment = self._payload, self._end_ms
        if moment is None:
            return None
        tokens, has_failed = self._tokens(), payload.get("status") == "failure"
        model = model_of(payload.get("custom_llm_provider"), payload.get("model"))
        model = self._tier(model)
        nothing = not any((tokens.input, tokens.cache_read, tokens.output))
        if self._is_hit or (has_failed and nothing):
            return unanswered(self._key(), moment, self._scope(), model, self._offset)
        return witness(
            *(self._key(), moment, self._scope(), model, tokens, self._offset),
            logged_nano=nano(payload.get("response_cost")),
            is_final=not has_failed,
        )

    def facts(self, key: int) -> list[RequestFact]:
        """Return the times, and what LiteLLM's own cache saved, or why no answer came."""
        payload, begin, end = self._payload, self._begin_ms, self._end_ms
        first = moment_of(payload.get("completionStartTime")) if payload.get("stream") else None
        saved = nano(payload.get("saved_cache_cost")) if self._is_hit else None
        error = part(payload, "error_information").get("error_code")
        asked = thousandths(part(payload, "model_parameters").get("temperature"))
        told = [] if asked is None else [RequestFact(key, "temperature", asked)]
        return told + facts_of(
            key,
            duration_ms=milliseconds(end - begin) if begin and end else None,
            first_token_ms=milliseconds(first - begin) if begin and first else None,
            response_cache_hit=int(self._is_hit),
            response_cache_nano=saved,
            http_status=status_of(error) if payload.get("status") == "failure" else None,
        )

    def _key(self) -> int:
        name = plain(self._payload.get("id"))
        call = plain(self._payload.get("litellm_call_id")) or f"{self._log_name} at {self._offset}"
        if self._is_hit:
            return event_key(NAME, name or call)
        return request_key(name, NAME, name or call)

    def _tokens(self) -> Tokens:
        usage = part(self._meta, "usage_object")
        return tokens_of(usage) or tokens_of(self._payload) or Tokens(None, None, 0, 0, None)

    def _tier(self, model: ModelName) -> ModelName:
        usage, costs = part(self._meta, "usage_object"), part(self._payload, "cost_breakdown")
        tier = first_text(usage.get("service_tier"), costs.get("service_tier"))
        return model._replace(tier=tier) if tier in _TIERS else model

    def _scope(self) -> Scope:
        payload, meta = self._payload, self._meta
        customer = first_text(payload.get("end_user"), meta.get("user_api_key_end_user_id"))
        owner = first_text(meta.get("user_api_key_user_id"))
        user = first_text(
            "" if _CLAUDE.search(customer) else customer, "" if owner == _DEFAULT_USER else owner
        )
        tag = labels(payload.get("request_tags"), _AGENT_TAG)
        return Scope(
            NAME,
            self._session(customer),
            project=first_text(meta.get("user_api_key_project_alias")),
            user=user,
            tag=tag or first_text(meta.get("user_api_key_team_alias")),
            key=key_of(meta.get("user_api_key_alias"), _short(meta.get("user_api_key_hash"))),
        )

    def _session(self, customer: str) -> str:
        """Return the session that the client named; a trace made up for one request is none."""
        payload, meta = self._payload, self._meta
        asked = part(meta, "requester_metadata")
        sent = part(meta, "requester_custom_headers").get("x-claude-code-session-id")
        inside = _CLAUDE.search(customer) or _CLAUDE.search(plain(asked.get("user_id")))
        trace = first_text(payload.get("trace_id"))
        return first_text(
            payload.get("session_id"),
            asked.get("session_id"),
            sent,
            inside.group(1) if inside else "",
            "" if _UUID.fullmatch(trace) else trace,
            self._log_name,
        )


def _short(hashed: object) -> str:
    """Return the begin of a key's hash, by which LiteLLM's own pages find it."""
    name = plain(hashed)
    return f"key {name[:8]}" if _HASH.fullmatch(name) else name
