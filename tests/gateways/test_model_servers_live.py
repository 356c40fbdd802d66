"""Real model servers: their metrics grow by what their answers said, in every form they speak.

Only where TRY_LLAMA_SERVER or TRY_VLLM is the command that serves a model, such as
`llama-server -m tiny.gguf`: CONTRIBUTING.md says how.
"""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.live_server import ask, free_port, running
from tokwatch.config import Config, load
from tokwatch.ingest.asking import polled
from tokwatch.model.endpoint import Bucket, EndpointState
from tokwatch.model.measure import Measure
from tokwatch.sources.gateways.usage import tokens_of

LLAMA = os.environ.get("TRY_LLAMA_SERVER", "")
VLLM = os.environ.get("TRY_VLLM", "")
PATIENCE_S = 30
LONG = "The harbour was quiet before dawn. " * 30

pytestmark = pytest.mark.timeout(900)


@dataclass
class Server:
    """A server that may be started again, as an endpoint of this configuration."""

    url: str
    config: Config
    run: Callable[[], AbstractContextManager[None]]
    states: list[EndpointState] = field(default_factory=list)
    grown: list[Bucket] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)

    def poll(self) -> None:
        """Ask everything once; it must go well."""
        came = list(polled(self.config, "gpu", self.states, at_once=True))
        self.states = [poll.state for poll in came]
        assert {state.part: state.error for state in self.states if state.error} == {}
        self.grown += [one for poll in came if poll.told for one in poll.told.grown]
        self.measures = [one for poll in came for one in poll.measures]

    def sums(self) -> tuple[int, int, int]:
        """Return the input, cache reads and output that the metrics grew by so far."""
        names = ("input", "cache_read", "output")
        read, cached, wrote = (sum(getattr(one, name) or 0 for one in self.grown) for name in names)
        return read, cached, wrote


def served(kind: str, address: str, words: str, more: str, tmp_path: Path) -> Server:
    """Return a server that a command runs."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [*shlex.split(words), "--host", "127.0.0.1", "--port", url.rpartition(":")[2]]
    file = tmp_path / "config.toml"
    file.write_text(f'[endpoint.gpu]\nkind = "{kind}"\nurl = "{url}{address}"\n')
    config = load(file, tmp_path / "data", environ={})
    log = tmp_path / "server.log"
    return Server(
        url, config, lambda: running([*command, *shlex.split(more)], f"{url}/health", log, {})
    )


def usages(url: str) -> Iterator[dict[str, Any]]:
    """Ask in each form, whole and streamed, and yield what each answer says was used."""
    model = json.loads(ask(f"{url}/v1/models"))["data"][0]["id"]
    said = [{"role": "user", "content": LONG}]
    chat = {"model": model, "messages": said, "max_tokens": 12}
    messages = {**chat, "messages": [{"role": "user", "content": f"Again. {LONG}"}]}
    reply = {"model": model, "input": f"Once more. {LONG}", "max_output_tokens": 12}
    heard = {"stream": True, "stream_options": {"include_usage": True}}
    for path, body, more in (
        ("chat/completions", chat, heard),
        ("messages", messages, {"stream": True}),
        ("responses", reply, {"stream": True}),
    ):
        for _ in range(2):
            yield json.loads(ask(f"{url}/v1/{path}", body))["usage"]
        yield streamed(ask(f"{url}/v1/{path}", {**body, **more}).decode())


def streamed(text: str) -> dict[str, Any]:
    """Return the usage of a streamed answer: what came later goes before what came earlier."""
    found: dict[str, Any] = {}
    lines = (line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: "))
    for event in (json.loads(line) for line in lines if line != "[DONE]"):
        holders = (event, event.get("message") or {}, event.get("response") or {})
        for usage in (holder.get("usage") for holder in holders):
            found |= {key: told for key, told in (usage or {}).items() if told is not None}
    return found


def billed(told: Iterator[dict[str, Any]]) -> tuple[int, int, int, int]:
    """Return answers, input, cache reads and output: what is written to the cache is input."""
    tokens = [tokens_of(usage) for usage in told]
    known = [one for one in tokens if one is not None]
    assert len(known) == len(tokens)
    read = sum((one.input or 0) + (one.cache_write_5m or 0) for one in known)
    cached = sum(one.cache_read or 0 for one in known)
    return len(known), read, cached, sum(one.output or 0 for one in known)


def growth_equals_the_answers(server: Server) -> int:
    """Hold that the metrics grow by what the answers say, over a restart; return the answers."""
    told = [0, 0, 0, 0]
    for _ in range(2):
        with server.run():
            server.poll()
            told = [a + b for a, b in zip(told, billed(usages(server.url)), strict=True)]
            until = time.monotonic() + PATIENCE_S
            while server.sums()[2] < told[3] and time.monotonic() < until:
                time.sleep(0.5)
                server.poll()
            assert told[2] > 0
            assert server.sums() == tuple(told[1:])
    return told[0]


def overfull_while_it_answers(server: Server) -> list[float]:
    """Return what the slot was said to hold, in the middle of an answer, beyond the end of it."""
    body = {"model": "", "messages": [{"role": "user", "content": LONG}], "max_tokens": 80}
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, f"{server.url}/v1/chat/completions", body)
        seen: list[float] = []
        while not answer.done():
            server.poll()
            seen += [one.value for one in server.measures if one.name == "context_tokens"]
        usage = json.loads(answer.result())["usage"]
    assert len(seen) > 1
    return [tokens for tokens in seen if tokens > usage["total_tokens"]]


@pytest.mark.skipif(not LLAMA, reason="TRY_LLAMA_SERVER names no llama.cpp server")
def test_llama_cpp_tells_what_its_answers_used_and_how_full_its_slot_is(tmp_path: Path) -> None:
    server = served("llamacpp", "", LLAMA, "--metrics --slots --parallel 1 --threads 1", tmp_path)

    growth_equals_the_answers(server)

    assert {one.report for one in server.grown} == {"llamacpp"}
    assert all(one.model.endswith(".gguf") for one in server.grown)
    with server.run():
        [used] = list(usages(server.url))[-1:]
        server.poll()
        [held] = [one.value for one in server.measures if one.name == "context_tokens"]
        # The last token of an answer was told, and is not looked at before the next question.
        assert held == used["input_tokens"] + used["output_tokens"] - 1
        assert overfull_while_it_answers(server) == []


@pytest.mark.skipif(not VLLM, reason="TRY_VLLM names no vLLM")
def test_vllm_tells_what_its_answers_used(tmp_path: Path) -> None:
    server = served("prometheus", "/metrics", VLLM, "--enable-prompt-tokens-details", tmp_path)

    answers = growth_equals_the_answers(server)

    assert sum(one.requests or 0 for one in server.grown) == answers
    assert {one.report for one in server.grown} == {"vllm"}
    assert all(one.model for one in server.grown)
    gauges = {one.name for one in server.measures}
    assert gauges == {"requests_running", "requests_waiting", "kv_cache_share"}
