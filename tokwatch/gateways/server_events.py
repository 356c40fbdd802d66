"""Server-sent events in pieces of any size: what WHATWG's standard makes of a stream's bytes."""

from __future__ import annotations

from typing import Final, NamedTuple

from tokwatch.gateways.ask import BadAnswer

MOST_BYTES: Final = 4 << 20
"""An event that is longer does not end."""


class ServerEvent(NamedTuple):
    """One event with data."""

    id: str
    """The last id that the stream told; "" where it never did."""
    data: str
    kind: str = ""
    """What the server calls this sort of event; "" for none."""


class ServerEvents:
    """Takes bytes as they come; an event is whole when its empty line is there."""

    def __init__(self, last_id: str = "") -> None:
        """Begin a stream that goes on behind an event of this id."""
        self.last_id = last_id
        self.retry_ms: int | None = None
        """How long the server wants clients to wait before they come back."""
        self._rest = b""
        self._data: list[str] = []
        self._size = 0
        self._kind = ""
        self._id = last_id
        self._is_first = True

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Return the events that this piece completes."""
        text = self._rest + chunk
        held = text.endswith(b"\r")  # the line may end in \r\n
        body = text[:-1] if held else text
        *lines, rest = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = rest + (b"\r" if held else b"")
        found = [event for line in lines for event in self._take(line)]
        if len(self._rest) + self._size > MOST_BYTES:
            raise BadAnswer("an event does not end")
        return found

    def _take(self, line: bytes) -> list[ServerEvent]:
        if self._is_first:
            self._is_first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            return self._whole()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._size += len(line)
        elif name == "event":
            self._kind = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) < 9:
            self.retry_ms = int(value)
        return []

    def _whole(self) -> list[ServerEvent]:
        event = ServerEvent(self._id, "\n".join(self._data), self._kind)
        self._data, self._size, self._kind = [], 0, ""
        self.last_id = self._id
        return [event] if event.data else []
