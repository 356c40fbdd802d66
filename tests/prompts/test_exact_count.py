"""The provider's own count: what is sent where, and nothing without being allowed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.reports import World
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.net import NetError, exchange
from tokwatch.prompts.exact_count import ADDRESS, BASE, KEY, PATH, TOKEN, ask, exact_count

SECRET = "sk-secret-of-nobody"
MODEL = "claude-opus-4-8"


@dataclass
class Provider:
    """A server on this machine that counts words."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"input_tokens": 42}'
    asked: list[tuple[str, dict[str, str], dict[str, object]]] = field(default_factory=list)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """Return a running provider, which the environment names."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((self.path, headers, json.loads(self.rfile.read(size))))
            self.send_response(told.status)
            self.send_header("content-length", str(len(told.answer)))
            self.end_headers()
            self.wfile.write(told.answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv(BASE, told.url)
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    """Return an empty data folder and the command line on it."""
    return World(tmp_path / "data", capsys)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Return a file with a prompt."""
    (tmp_path / "prompt.txt").write_text("Count these words.")
    return str(tmp_path / "prompt.txt")


def test_the_command_says_what_it_sends_and_tells_the_count(
    world: World, provider: Provider, file: str
) -> None:
    done = world.run("count", "--exact", "--yes", "--model", MODEL, file)

    assert done.code == 0, done.err
    assert done.out.startswith(f"42 tokens for {MODEL} (exact)\n")
    assert f"sends 18 characters to {provider.url}{PATH}" in done.err
    assert KEY in done.err
    assert SECRET not in done.err + done.out
    [(path, headers, document)] = provider.asked
    assert path == PATH
    assert headers["x-api-key"] == SECRET
    assert document == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Count these words."}],
    }


def test_without_being_allowed_nothing_is_sent(world: World, provider: Provider, file: str) -> None:
    done = world.run("count", "--exact", "--model", MODEL, file)

    assert done.code == 2
    assert "--yes" in done.err
    assert provider.asked == []


@pytest.mark.parametrize(
    ("status", "answer"),
    [(401, b'{"error": "sk-secret-of-nobody"}'), (200, b"no json"), (200, b"{}"), (302, b"")],
)
def test_a_refusal_is_told_without_what_was_sent(
    world: World, provider: Provider, file: str, status: int, answer: bytes
) -> None:
    provider.status, provider.answer = status, answer

    done = world.run("count", "--exact", "--yes", "--model", MODEL, file)

    assert done.code == 1
    assert "did not count" in done.err
    assert SECRET not in done.err
    assert "Count these words" not in done.err


def test_a_whole_request_is_counted_as_it_is() -> None:
    request = {"messages": [{"role": "user", "content": "hi"}], "system": "short", "stream": True}

    count = exact_count(MODEL, json.dumps(request), {KEY: SECRET})

    assert count.url == ADDRESS + PATH
    assert count.document == {
        "model": MODEL,
        "messages": request["messages"],
        "system": "short",
    }


def test_a_token_stands_in_for_a_key() -> None:
    count = exact_count(MODEL, "{ no json", {TOKEN: SECRET})

    assert count.headers["authorization"] == f"Bearer {SECRET}"
    assert count.key_name == TOKEN


@pytest.mark.parametrize(
    ("model", "environ"), [("gpt-5", {KEY: SECRET}), (MODEL, {}), (MODEL, {KEY: ""})]
)
def test_without_a_key_or_an_endpoint_there_is_none(model: str, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        exact_count(model, "text", environ)


@pytest.mark.parametrize(
    "url", ["http://example.com", "http://127.evil.example", "ftp://localhost", "http://[", ""]
)
def test_nothing_goes_unencrypted_through_a_network(url: str) -> None:
    with pytest.raises(NetError, match="address"):
        exchange(url, {}, {}, 1.0)


def test_an_unreachable_provider_is_told() -> None:
    count = exact_count(MODEL, "text", {KEY: SECRET, BASE: "http://127.0.0.1:9"})

    with pytest.raises(TokwatchError, match="did not count"):
        ask(count)
