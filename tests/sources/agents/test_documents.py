"""Logs that are one JSON document: what surrounds it, and what is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sources.agents import amp_logs, cline_logs, droid_logs, opencode_logs, vibe_logs
from tests.sources.road import Road, write
from tokwatch.store.read.every import audit_logs

AT = "2026-08-01T10:00:00Z"


def chat(home: Path) -> Path:
    """Write a chat of Gemini CLI in its older form."""
    spent = {"input": 10, "output": 5, "cached": 0, "thoughts": 0, "total": 15}
    call = {"id": "m1", "type": "gemini", "timestamp": AT, "model": "gemini-3", "tokens": spent}
    told = {"sessionId": "s", "startTime": AT, "messages": [{"type": "user"}, call]}
    return write(home / ".gemini/tmp/p/chats/session-1.json", json.dumps(told).encode())


BUILDS: dict[str, Callable[[Path], Path]] = {
    "amp": lambda home: amp_logs.amp_log(home, amp_logs.thread(amp_logs.answered())),
    "cline": lambda home: cline_logs.task_log(home, [cline_logs.request()]),
    "droid": lambda home: droid_logs.save(home, droid_logs.settings()),
    "gemini": chat,
    "opencode": lambda home: opencode_logs.message_file(home, "m1", opencode_logs.answer()),
    "vibe": lambda home: vibe_logs.save(home, vibe_logs.meta(vibe_logs.stats(100, 20))),
}
every = pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)


@every
def test_a_byte_order_mark_and_padding_mean_nothing(
    home: Path, road: Road, build: Callable[[Path], Path]
) -> None:
    """docs/sources.md, What happens to bytes."""
    log = build(home)
    log.write_bytes(b"\xef\xbb\xbf" + log.read_bytes() + b"\r\n" + bytes(512))
    road.read()

    [logs] = audit_logs(road.view)
    assert (road.total().requests, logs.bad_lines) == (1, 0)


@every
def test_a_document_that_is_cut_is_counted_as_unreadable(
    home: Path, road: Road, build: Callable[[Path], Path]
) -> None:
    log = build(home)
    log.write_bytes(log.read_bytes()[:-20])
    road.read()

    [logs] = audit_logs(road.view)
    assert (road.total().requests, logs.bad_lines) == (0, 1)


def test_the_messages_of_a_document_are_its_lines(home: Path, road: Road) -> None:
    """A read log without any line would look as if nothing were in it."""
    chat(home)
    road.read()

    [logs] = audit_logs(road.view)
    assert logs.lines == 2
