"""Writes toklog's logs: real in shape, made-up content."""

from __future__ import annotations

from pathlib import Path

from tests.sources.road import CANARY, Fields, spelt, write

AT = "2026-08-01T10:00:00.500Z"
AT_MS = 1_785_578_400_500
ID = "msg_01Aq9w938a90dw8q"


def log(home: Path, *lines: bytes) -> Path:
    """Write a day's log."""
    return write(home / ".toklog" / "logs" / "2026-08-01.jsonl", *lines)


def entry(**changes: object) -> Fields:
    """Return one request's entry, of a stream from Anthropic."""
    return {
        **{"timestamp": AT, "provider": "anthropic", "model": "claude-sonnet-4-5"},
        **{"input_tokens": 21, "output_tokens": 42, "total_tokens": 63},
        **{"cache_read_tokens": 5_000, "cache_creation_tokens": 700, "thinking_tokens": 9},
        **{"system_prompt_hash": "0f" * 8, "tool_names": ["Read"], "program": "claude"},
        **{"tags": "ana", "streaming": True, "duration_ms": 4_200, "error": False},
        **{"error_type": None, "request_id": ID, "response_id": ID, "stop_reason": "end_turn"},
        **{"usage_source": "provider_stream_final", "usage_status": "exact"},
        **{"api_key_hint": "...Zq8Rk2Lw", "user_message_preview": CANARY},
        "raw_usage": {
            "message_start": {
                **{"input_tokens": 21, "output_tokens": 1, "cache_read_input_tokens": 5_000},
                "cache_creation_input_tokens": 700,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 500,
                    "ephemeral_1h_input_tokens": 200,
                },
            },
            "message_delta": {"output_tokens": 42, "input_tokens": None},
        },
        **changes,
    }


def line(**changes: object) -> bytes:
    """Return an entry as one line."""
    return spelt(entry(**changes))
