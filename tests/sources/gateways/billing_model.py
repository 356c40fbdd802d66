"""A made-up provider on the loopback interface that keeps books of what it billed.

It speaks OpenAI's chat and Responses and Anthropic's Messages, whole and streamed. What it is asked
says what it does: "fail 429" fails, anything else is answered.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.model_server import event

Told = dict[str, Any]


class Billed(NamedTuple):
    """What one request cost, in disjoint classes; reasoning is a part of output."""

    model: str
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int


@dataclass
class Provider:
    """Its address, and its books: one entry for each request, in order."""

    url: str = ""
    billed: list[Billed] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def bill(self, model: str, *, writes: bool, reasons: bool) -> tuple[int, Billed]:
        """Note one more request and return its number; no two cost the same in any class."""
        with self._lock:
            number = len(self.billed) + 1
            found = Billed(
                *(model, 100 + number, 5_000 + 10 * number),
                *((500 + 3 * number, 200 + 7 * number) if writes else (0, 0)),
                *(40 + number, 10 + number if reasons else 0),
            )
            self.billed.append(found)
            return number, found


class _Answering(BaseHTTPRequestHandler):
    provider: Provider

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = json.dumps(asked.get("messages") or asked.get("input"))
        if "fail " in said:
            status = int(said.partition("fail ")[2][:3])
            self.provider.refused.append(status)
            fault = {"type": "error", "message": f"made-up {status}"}
            self._send(status, "application/json", json.dumps({"error": fault, **fault}))
            return
        kind = self.path.rpartition("/")[2]
        speak = {"completions": _chat, "responses": _responses, "messages": _messages}[kind]
        number, found = self.provider.bill(
            asked["model"], writes=kind == "messages", reasons=kind != "messages"
        )
        wants_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
        whole, pieces = speak(number, found, wants_usage)
        if not asked.get("stream"):
            self._send(200, "application/json", json.dumps(whole))
        else:
            self._send(200, "text/event-stream", *pieces)

    def _send(self, status: int, kind: str, *pieces: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece.encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _chat(number: int, found: Billed, wants_usage: bool) -> tuple[Told, list[str]]:
    prompt = found.input + found.cache_read
    usage = {
        **{"prompt_tokens": prompt, "completion_tokens": found.output},
        "total_tokens": prompt + found.output,
        "prompt_tokens_details": {"cached_tokens": found.cache_read},
        "completion_tokens_details": {"reasoning_tokens": found.reasoning},
    }
    head = {"id": f"chatcmpl-made{number:08}", "created": 1, "model": found.model}
    said = {"role": "assistant", "content": "made up"}
    whole = {
        **{**head, "object": "chat.completion", "usage": usage},
        "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
    }
    choice: Told = {"index": 0, "delta": said, "finish_reason": None}
    last: Told = {"index": 0, "delta": {}, "finish_reason": "stop"}
    parts: list[Told] = [{"choices": [choice]}, {"choices": [last]}]
    parts += [{"choices": [], "usage": usage}] * wants_usage
    chunks = [{**head, "object": "chat.completion.chunk", **part} for part in parts]
    return whole, [*(f"data: {json.dumps(one)}\n\n" for one in chunks), "data: [DONE]\n\n"]


def _responses(number: int, found: Billed, wants_usage: bool) -> tuple[Told, list[str]]:
    prompt = found.input + found.cache_read
    text = {"type": "output_text", "text": "made up", "annotations": []}
    item = {
        **{"id": f"item_{number}", "type": "message", "role": "assistant"},
        **{"status": "completed", "content": [text]},
    }
    begun: Told = {
        **{"id": f"resp_made{number:08}", "object": "response", "created_at": 1},
        **{"model": found.model, "status": "in_progress", "output": [], "tools": []},
        **{"parallel_tool_calls": True, "tool_choice": "auto", "error": None},
    }
    usage = {
        **{"input_tokens": prompt, "output_tokens": found.output},
        "total_tokens": prompt + found.output,
        "input_tokens_details": {"cached_tokens": found.cache_read},
        "output_tokens_details": {"reasoning_tokens": found.reasoning},
    }
    whole = {**begun, "status": "completed", "output": [item], "usage": usage}
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    told: list[tuple[str, Told]] = [
        ("created", {"response": begun}),
        ("output_text.delta", {**place, "delta": "made up", "logprobs": []}),
        ("completed", {"response": whole}),
    ]
    return whole, [
        event(f"response.{kind}", {"sequence_number": at, **one}).decode()
        for at, (kind, one) in enumerate(told)
    ]


def _messages(number: int, found: Billed, wants_usage: bool) -> tuple[Told, list[str]]:
    sent = {
        "input_tokens": found.input,
        "cache_read_input_tokens": found.cache_read,
        "cache_creation_input_tokens": found.cache_write_5m + found.cache_write_1h,
        "cache_creation": {
            "ephemeral_5m_input_tokens": found.cache_write_5m,
            "ephemeral_1h_input_tokens": found.cache_write_1h,
        },
    }
    head: Told = {
        **{"id": f"msg_made{number:08}", "type": "message", "role": "assistant"},
        **{"model": found.model, "content": [], "stop_reason": None, "stop_sequence": None},
    }
    said = {"type": "text", "text": "made up"}
    whole = {
        **{**head, "content": [said], "stop_reason": "end_turn"},
        "usage": {**sent, "output_tokens": found.output},
    }
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    told: list[tuple[str, Told]] = [
        ("message_start", {"message": {**head, "usage": {**sent, "output_tokens": 1}}}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "made up"}}),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": end, "usage": {"output_tokens": found.output}}),
        ("message_stop", {}),
    ]
    return whole, [event(kind, one).decode() for kind, one in told]


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider with empty books."""
    books = Provider()
    handler = type("Answering", (_Answering,), {"provider": books})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    books.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield books
    finally:
        server.shutdown()
        server.server_close()
