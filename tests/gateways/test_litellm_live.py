"""A real LiteLLM proxy before a made-up model: its numbers and the model's are the same.

Only where TRY_LITELLM names the program, such as `venv/bin/litellm`: it is no dependency.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.gateways.live_server import ask, free_port, running
from tokwatch.config import load
from tokwatch.ingest.asking import polled
from tokwatch.model.endpoint import Bucket

PROGRAM = os.environ.get("TRY_LITELLM", "")
KEY = "sk-9d1f0c7ab3e24586"
USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "total_tokens": 1050,
    "prompt_tokens_details": {"cached_tokens": 600},
}
PATIENCE_S = 90

pytestmark = [
    pytest.mark.skipif(not PROGRAM, reason="TRY_LITELLM names no LiteLLM"),
    pytest.mark.timeout(300),
]


class Model(BaseHTTPRequestHandler):
    """Answers as OpenAI does, whole or as a stream."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        head = {"id": f"chatcmpl-{time.time_ns()}", "created": 1, "model": asked["model"]}
        said = {"role": "assistant", "content": "hi"}
        if asked.get("stream"):
            choice = {"index": 0, "delta": said, "finish_reason": "stop"}
            parts: list[dict[str, object]] = [
                {"choices": [choice]},
                {"choices": [], "usage": USAGE},
            ]
            chunks = [head | {"object": "chat.completion.chunk"} | part for part in parts]
            told = "".join(f"data: {json.dumps(one)}\n\n" for one in chunks) + "data: [DONE]\n\n"
        else:
            choice = {"index": 0, "message": said, "finish_reason": "stop"}
            told = json.dumps(head | {"object": "chat.completion", "choices": [choice],
                                      "usage": USAGE})  # fmt: skip
        self.send_response(200)
        kind = "text/event-stream" if asked.get("stream") else "application/json"
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[str]:
    """Return the address of a proxy that serves a made-up model."""
    model = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=model.serve_forever, daemon=True).start()
    served = {"model": "openai/gpt-4o", "api_key": "x",
              "api_base": f"http://127.0.0.1:{model.server_port}/v1"}  # fmt: skip
    file = tmp_path / "litellm.yaml"  # JSON is YAML
    file.write_text(
        json.dumps(
            {
                "model_list": [{"model_name": "up", "litellm_params": served}],
                "litellm_settings": {"callbacks": ["prometheus"]},
            }
        )
    )
    url = f"http://127.0.0.1:{free_port()}"
    settings = {"LITELLM_MASTER_KEY": KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "NO_PROXY": "127.0.0.1"}  # fmt: skip
    command = [
        PROGRAM,
        "--config",
        str(file),
        "--host",
        "127.0.0.1",
        "--port",
        url.rpartition(":")[2],
    ]
    with running(command, f"{url}/health/readiness", tmp_path / "proxy.log", settings):
        yield url
    model.shutdown()
    model.server_close()


def test_growth_is_what_the_model_billed_whole_and_streamed(
    proxy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_KEY", KEY)
    file = tmp_path / "config.toml"
    file.write_text(f'[endpoint.proxy]\nkind = "litellm"\nurl = "{proxy}"\nkey = "env:PROXY_KEY"\n')
    config = load(file, tmp_path / "data", environ={})

    def chat(**more: object) -> None:
        said = [{"role": "user", "content": f"hi {time.time_ns()}"}]
        ask(f"{proxy}/v1/chat/completions", {"model": "up", "messages": said, **more}, KEY)

    chat()
    first = [one.state for one in polled(config, "proxy", (), at_once=True)]
    assert {state.part: state.error for state in first if state.error} == {}
    assert {state.part for state in first if "no database" in state.note} == {
        "requests", "daily", "key",
    }  # fmt: skip
    for _ in range(3):
        chat()
        chat(stream=True, stream_options={"include_usage": True})
    grown: list[Bucket] = []
    until, states = time.monotonic() + PATIENCE_S, first
    while sum(one.requests or 0 for one in grown) < 6 and time.monotonic() < until:
        time.sleep(1)
        came = list(polled(config, "proxy", states, at_once=True))
        grown += [one for poll in came if poll.told for one in poll.told.grown]
        states = [poll.state for poll in came]

    assert {one.model for one in grown} == {"gpt-4o"}
    sums = [sum(getattr(one, name) or 0 for one in grown)
            for name in ("requests", "input", "cache_read", "output")]  # fmt: skip
    assert sums == [6, 6 * 400, 6 * 600, 6 * 50]
