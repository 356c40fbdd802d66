"""Writes LiteLLM's StandardLoggingPayload, one a line: real in shape, made-up content."""

from __future__ import annotations

from pathlib import Path

from tests.sources.road import CANARY, Fields, spelt, write

AT_S = 1_785_578_400.25
AT_MS = 1_785_578_406_250
"""When the answer ended."""
ID = "msg_38f7732d5ff34337bf0b"
CALL = "89516c35-0c5e-4f0a-9f5e-0f2a4d1b7c01"
HASH = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"


def log(home: Path, *lines: bytes, name: str = "spend.jsonl") -> Path:
    """Write a log where the settings say."""
    return write(home / "gateways" / "litellm" / name, *lines)


def usage(**more: object) -> Fields:
    """Return the usage of a request to Anthropic: the prompt includes the cache."""
    return {
        "prompt_tokens": 5_721,
        "completion_tokens": 42,
        "total_tokens": 5_763,
        "cache_read_input_tokens": 5_000,
        "cache_creation_input_tokens": 700,
        "prompt_tokens_details": {
            "text_tokens": 21,
            "cached_tokens": 5_000,
            "cache_write_tokens": 700,
            "cache_creation_token_details": {
                "ephemeral_5m_input_tokens": 500,
                "ephemeral_1h_input_tokens": 200,
            },
        },
        "completion_tokens_details": {"reasoning_tokens": 12, "text_tokens": 30},
        "server_tool_use": {"web_search_requests": 1},
        **more,
    }


def payload(meta: Fields | None = None, told: object = None, **changes: object) -> Fields:
    """Return a payload; a change to None leaves the field out."""
    usage_object = usage() if told is None else told
    metadata = {"user_api_key_hash": HASH, "user_api_key_alias": None, **(meta or {})}
    found: Fields = {
        **{"id": ID, "litellm_call_id": CALL, "trace_id": CALL, "session_id": ""},
        **{"call_type": "anthropic_messages", "stream": True, "status": "success"},
        **{"cache_hit": False, "saved_cache_cost": 0.0, "custom_llm_provider": "anthropic"},
        **{"startTime": AT_S, "completionStartTime": AT_S + 1.5, "endTime": AT_S + 6},
        **{"model": "anthropic/claude-sonnet-4-5", "model_group": "claude-up"},
        **{"prompt_tokens": 5_721, "completion_tokens": 42, "total_tokens": 5_763},
        **{"response_cost": 0.015268, "cost_breakdown": {"total_cost": 0.015268}},
        "metadata": {**metadata, "usage_object": usage_object},
        **{"messages": [{"role": "user", "content": CANARY}], "response": {"text": CANARY}},
        **{"error_str": None, "error_information": {"error_code": ""}},
        **{"request_tags": ["User-Agent: Anthropic"], "end_user": None},
    }
    return {name: value for name, value in {**found, **changes}.items() if value is not None}


def line(meta: Fields | None = None, told: object = None, **changes: object) -> bytes:
    """Return a payload as one line."""
    return spelt(payload(meta, told, **changes))
