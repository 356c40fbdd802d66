"""A Zed thread as its row holds it: JSON, compressed or not, of which only the usage is kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from tokwatch.sources.counts import count
from tokwatch.sources.text import name_in

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_BYTES: Final = 64 << 20
"""A thread that is larger when unpacked is passed over."""


class Usage(NamedTuple):
    """Tokens of a request, or of several."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    def less(self, known: Usage) -> Usage:
        """Return what is left without some that are known."""
        return Usage(*(max(0, whole - part) for whole, part in zip(self, known, strict=True)))

    def covers(self, known: Usage) -> bool:
        """Tell whether some that are known can be among these."""
        return all(whole >= part for whole, part in zip(self, known, strict=True))


_CLASSES: Final = (
    *("input_tokens", "output_tokens"),
    *("cache_read_input_tokens", "cache_creation_input_tokens"),
)
_decode = msgspec.json.Decoder().decode
_NOT_A_THREAD: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Thread(NamedTuple):
    """What a thread tells of its usage."""

    provider: str
    model: str
    total: Usage
    prompts: tuple[tuple[str, Usage], ...]
    """For each prompt that was answered, in their order, the usage of its last request."""


class TooLargeError(Exception):
    """A thread is larger than any should be."""


def unpack(kind: object, data: object) -> bytes | None:
    """Return a thread's JSON; None where it is damaged or packed in a way nobody knows."""
    if isinstance(data, str):
        data = data.encode("utf-8", "replace")
    if not isinstance(data, bytes):
        return None
    if kind != "zstd":
        return data if kind in ("json", None, "") else None
    unpacker = zstd.ZstdDecompressor()
    try:
        content = unpacker.decompress(data, MAX_BYTES)
    except (zstd.ZstdError, EOFError, MemoryError):
        return None
    if not unpacker.eof and len(content) >= MAX_BYTES:
        raise TooLargeError
    return content if unpacker.eof else None


def thread_in(content: bytes) -> Thread | None:
    """Return what a thread's JSON tells; None where it is no thread."""
    try:
        found = _decode(content)
    except _NOT_A_THREAD:
        return None
    if not isinstance(found, dict):
        return None
    model = found.get("model")
    model = model if isinstance(model, dict) else {}
    return Thread(
        provider=name_in(model.get("provider")),
        model=name_in(model.get("model")) or "unknown",
        total=_usage(found.get("cumulative_token_usage")),
        prompts=tuple(_prompts(found)),
    )


def _prompts(thread: dict[str, Any]) -> Iterator[tuple[str, Usage]]:
    """Yield each prompt's usage; of a list, as old threads have it, each answer's."""
    usages = thread.get("request_token_usage")
    if isinstance(usages, list):
        usages = {str(place): usage for place, usage in enumerate(usages)}
        order = list(usages)
    elif isinstance(usages, dict):
        order = [name for name in _asked(thread.get("messages")) if name in usages]
        order = [*(name for name in usages if name not in set(order)), *order]
    else:
        return
    for name in order:
        usage = _usage(usages[name])
        if any(usage):
            yield name, usage


def _asked(messages: object) -> Iterator[str]:
    """Yield the ids of the prompts, in their order."""
    for message in messages if isinstance(messages, list) else ():
        prompt = message.get("User") if isinstance(message, dict) else None
        name = prompt.get("id") if isinstance(prompt, dict) else None
        if isinstance(name, str):
            yield name


def _usage(record: object) -> Usage:
    classes = record if isinstance(record, dict) else {}
    return Usage(*(count(classes.get(name)) for name in _CLASSES))
