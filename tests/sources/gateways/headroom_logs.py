"""Writes headroom's request log: real in shape, made-up content."""

from __future__ import annotations

from pathlib import Path

from tests.sources.road import CANARY, Fields, spelt, write

AT = "2026-08-01T10:00:00.500000+00:00"
AT_MS = 1_785_578_400_500


def log(home: Path, *lines: bytes) -> Path:
    """Write a log where the settings say."""
    return write(home / "gateways" / "headroom" / "headroom.jsonl", *lines)


def record(number: int = 1, **changes: object) -> Fields:
    """Return one request's record; a change to None leaves the field out."""
    found: Fields = {
        **{"request_id": f"hr_1785578400_{number:06d}", "timestamp": AT},
        **{"provider": "anthropic", "model": "claude-sonnet-4-5"},
        **{"input_tokens_original": 9_000, "input_tokens_optimized": 6_100},
        **{"output_tokens": 42, "tokens_saved": 2_900, "savings_percent": 32.2},
        **{"optimization_latency_ms": 12.5, "total_latency_ms": 4_200.4},
        **{"tags": {"client": "claude-code", "project": "shop"}, "cache_hit": True},
        **{"transforms_applied": ["router"], "savings_breakdown": []},
        **{"cache_read_tokens": 5_000, "cache_write_tokens": 700, "uncached_input_tokens": 21},
        **{"request_messages": [{"content": CANARY}], "error": None, "turn_id": "t1"},
    }
    return {name: value for name, value in {**found, **changes}.items() if value is not None}


def line(number: int = 1, **changes: object) -> bytes:
    """Return a record as one line."""
    return spelt(record(number, **changes))
