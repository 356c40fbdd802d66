"""The callback that docs/sources.md tells users to set up, without LiteLLM."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.sources.gateways.litellm_logs import log, payload
from tests.sources.gateways.litellm_setup import told
from tests.sources.road import CANARY, Fields, reading, spelt

SESSION = "5f0c2b6e-0000-4000-8000-000000000001"


@pytest.fixture
def callback(home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the callback as a proxy would load it, writing to a log in this home."""
    stands_in = SimpleNamespace(CustomLogger=object)
    for name in ("litellm", "litellm.integrations"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "litellm.integrations.custom_logger", stands_in)
    module = ModuleType("tokwatch_log")
    exec(compile(told("python"), "tokwatch_log.py", "exec"), module.__dict__)
    return module.usage_log


FAILED = {
    **{"id": "89516c35", "status": "failure", "prompt_tokens": 0, "completion_tokens": 0},
    "error_information": {"error_code": "429", "error_message": CANARY, "traceback": CANARY},
    "error_str": CANARY,
}


@pytest.mark.parametrize(
    ("meta", "changes"),
    [
        ({}, {}),
        ({}, {"model_parameters": {"temperature": 0.7, "tools": [CANARY]}}),
        ({"usage_object": {}}, FAILED),
        ({}, {"id": "x_cache_hit1785578409.1", "cache_hit": True, "saved_cache_cost": 0.008}),
        ({}, {"cost_breakdown": {"service_tier": "priority"}, "session_id": "s1"}),
        ({}, {"trace_id": "nightly", "end_user": "shop-7", "request_tags": ["ci"]}),
        ({"requester_custom_headers": {"x-claude-code-session-id": SESSION}}, {}),
        ({"requester_metadata": {"session_id": "s2"}, "user_api_key_alias": "laptop"}, {}),
        ({"user_api_key_user_id": "ana", "user_api_key_project_alias": "web"}, {}),
        ({"user_api_key_team_alias": "t", "user_api_key_end_user_id": "u"}, {"request_tags": None}),
        ({}, {"litellm_call_id": "c-7", "id": None}),
    ],
)
def test_it_keeps_all_that_is_read_and_nothing_that_was_said(
    home: Path, callback: Any, meta: Fields, changes: Fields
) -> None:
    """What tokwatch reads from its log is what it reads from the whole payload."""
    whole = {**payload(meta, **changes), "proxy_server_request": {"body": CANARY}}
    whole["metadata"] |= {"vector_store_request_metadata": CANARY, "mcp_tool_call_metadata": CANARY}
    whole["metadata"] |= meta
    sent = {"standard_logging_object": whole, "messages": CANARY}
    asyncio.run(callback.async_log_success_event(sent, CANARY, None, None))
    asyncio.run(callback.async_log_failure_event(sent, CANARY, None, None))
    written = home / ".litellm" / "usage.jsonl"
    lines = written.read_bytes().splitlines(keepends=True)

    kept = reading("litellm", log(home, lines[0], name="a.jsonl"), home)
    straight = reading("litellm", log(home, spelt(whole), name="a.jsonl"), home)
    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert CANARY not in written.read_text("utf-8")
    assert (kept.sightings, set(kept.facts)) == (straight.sightings, set(straight.facts))
    assert len(kept.sightings) == 1
