"""From a transcript and a provider's report to the gap between them, and to whose it is."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint_server import endpoint_server
from tests.transcripts import append, response, transcript
from tokwatch.cli import main
from tokwatch.gateways.values import iso

HOUR_MS = 3_600_000


def used(key: str, responses: int) -> dict[str, Any]:
    """Return what the provider says that a key used: as much as so many responses."""
    return {
        "uncached_input_tokens": 10 * responses,
        "cache_creation": {"ephemeral_5m_input_tokens": 200 * responses},
        "cache_read_input_tokens": 1000 * responses,
        "output_tokens": 100 * responses,
        "model": "claude-opus-4-8-20260301",
        "api_key_id": key,
        "service_tier": "standard",
    }


def test_a_polled_report_is_set_beside_what_was_logged(
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_ms = time.time_ns() // 1_000_000
    hour_ms = now_ms // HOUR_MS * HOUR_MS
    at = datetime.fromtimestamp(hour_ms / 1000, UTC)
    append(transcript(home), response(1, at=at), response(2, at=at))
    monkeypatch.setenv("ADMIN_KEY", "sk-ant-admin-canary")
    results = [used("apikey_laptop", 2), used("apikey_ci", 3)]
    bucket = {"starting_at": iso(hour_ms), "ending_at": iso(hour_ms + HOUR_MS), "results": results}
    with endpoint_server() as server:
        server.clock_ms = lambda: now_ms
        server.tell(
            "/v1/organizations/usage_report/messages", {"data": [bucket], "has_more": False}
        )
        file = tmp_path / "config.toml"
        file.write_text(
            f'[endpoint.org]\nkind = "anthropic-admin"\nurl = "{server.url}"\n'
            'key = "env:ADMIN_KEY"\nonly = ["usage"]\n'
        )
        options = ["--config", str(file), "--data", str(tmp_path / "data")]
        assert main([*options, "endpoints", "poll"]) == 0
    capsys.readouterr()

    assert main([*options, "reconcile", "--json"]) == 0

    [row] = json.loads(capsys.readouterr().out)["rows"]
    assert (row["logs"]["tokens"], row["says"]["tokens"], row["gap"]["tokens"]) == (
        *(2 * 1310, 5 * 1310),
        3 * 1310,
    )
    assert (row["model"], row["toldAs"]) == ("claude-opus-4-8", ["claude-opus-4-8-20260301"])
    [reason] = row["reasons"]
    assert (reason["reason"], reason["names"]) == ("another-key", ["apikey_ci"])
