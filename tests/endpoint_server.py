"""An endpoint on the loopback interface: it answers what a test tells it to, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

NOON_MS = 1_774_267_200_000  # 2026-03-23 12:00 UTC
Query = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """One answer of the endpoint."""

    body: object = b""
    """Bytes as they are, anything else as JSON."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    """So many bytes more are promised than come."""
    holds: bool = False
    """It does not come before the test is over."""

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Told = Answer | Callable[[Query], Answer]


@dataclass
class EndpointServer:
    """What it answers on each path, and what it was asked."""

    url: str = ""
    answers: dict[str, Told] = field(default_factory=dict)
    asked: list[tuple[str, Query]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    clock_ms: Callable[[], int] = lambda: NOON_MS
    """What its Date says."""
    has_etags: bool = False
    fault: Callable[[Answer], Answer] | None = None
    """What becomes of every answer, once `spared` of them were as they should be."""
    spared: int = 0
    sent_bytes: int = 0
    most_at_once: int = 0
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    free: threading.Event = field(default_factory=threading.Event)
    at_end: list[Callable[[], None]] = field(default_factory=list)

    def tell(self, path: str, body: object, **more: object) -> None:
        """Answer so on a path from here on."""
        self.answers[path] = Answer(body, **more)  # type: ignore[arg-type]  # fields of Answer

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [path for path, _ in self.asked]

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Answer:
        """Return what to answer; what did not change is not sent again."""
        told = self.answers.get(path, Answer(status=404))
        found = told(query) if callable(told) else told
        if self.fault:
            if not self.spared:
                return self.fault(found)
            self.spared -= 1
        if not self.has_etags or found.status != 200:
            return found
        tag = f'"{hash(found.content) & 0xFFFFFFFF:x}"'
        if headers.get("if-none-match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        return Answer(found.body, headers={**found.headers, "ETag": tag})

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Note how many questions are under way at once."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1


@contextmanager
def endpoint_server() -> Iterator[EndpointServer]:
    """Run an endpoint that knows no path yet."""
    told = EndpointServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16

        def do_POST(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            if length := int(self.headers.get("Content-Length", "0")):
                query["body"] = self.rfile.read(length).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((parts.path, query))
            told.headers.append(headers)
            found = told.answer(parts.path, query, headers)
            if found.holds:  # whoever asked has long gone
                told.free.wait(20)
                self.close_connection = True
                return
            with told.counting():
                self._send(found)

        def _send(self, found: Answer) -> None:
            content = found.content
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            if found.status != 304:
                self.send_header("Content-Length", str(len(content) + found.cut))
            self.end_headers()
            if found.status != 304:
                self.wfile.write(content)
                told.sent_bytes += len(content)
            self.close_connection = bool(found.cut)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(told.clock_ms() / 1000, usegmt=True)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield told
    finally:
        told.free.set()
        for close in told.at_end:
            close()
        server.shutdown()
        server.server_close()
