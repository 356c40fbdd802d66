"""A model behind a gateway, on the loopback interface: it answers what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class ModelServer:
    """What the model answers next, and what it was sent."""

    url: str = ""
    status: int = 200
    pieces: list[bytes] = field(default_factory=list)
    """Sent one after the other."""
    length: int | None = None
    """What the answer claims to be long; without it, it ends where the connection does."""
    kind: str = "text/event-stream"
    retry_after: str = ""
    got: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)
    """While it is not set, nothing follows the first piece."""
    begun: threading.Event = field(default_factory=threading.Event)

    def anthropic(
        self, text: str, sent: int = 100, written: int = 20, why: str = "end_turn"
    ) -> None:
        """Answer as Anthropic's stream does, in two pieces."""
        half = len(text) // 2
        start = {"message": {"usage": {"input_tokens": sent, "output_tokens": 1}}}
        self.pieces = [
            event("message_start", start) + _delta(text[:half]),
            _delta(text[half:])
            + event(
                "message_delta",
                {"delta": {"stop_reason": why}, "usage": {"output_tokens": written}},
            )
            + event("message_stop", {}),
        ]

    def openai(self, text: str, usage: dict[str, object] | None = None) -> None:
        """Answer as OpenAI's stream does."""
        first = {"choices": [{"delta": {"role": "assistant", "content": text}}]}
        last = {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage}
        self.pieces = [_data(first), _data(last), b"data: [DONE]\n\n"]


def event(kind: str, told: Mapping[str, object]) -> bytes:
    """Return one event of Anthropic's."""
    return f"event: {kind}\n".encode() + _data({"type": kind, **told})


def _delta(text: str) -> bytes:
    return event("content_block_delta", {"delta": {"type": "text_delta", "text": text}})


def _data(told: Mapping[str, object]) -> bytes:
    return f"data: {json.dumps(told)}\n\n".encode()


@contextmanager
def model_server(path: str = "/v1/messages") -> Iterator[ModelServer]:
    """Run a model server; its address ends in a path."""
    told = ModelServer()
    told.free.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(told.status)
            self.send_header("Content-Type", told.kind)
            if told.retry_after:
                self.send_header("Retry-After", told.retry_after)
            if told.length is not None:
                self.send_header("Content-Length", str(told.length))
            self.end_headers()
            for piece in told.pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                told.begun.set()
                told.free.wait(20)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}{path}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield told
    finally:
        told.free.set()
        server.shutdown()
        server.server_close()
