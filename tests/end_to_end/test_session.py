"""A session's screen from its log: hand-made transcripts, through the real threads and store."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.monitor.test_monitor import Pictures
from tests.transcripts import NOON, SESSION, append, transcript
from tokwatch.config import Config, load
from tokwatch.model.detail import Part
from tokwatch.model.snapshot import Snapshot, Span
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.block import BlockAsk, BlockPage
from tokwatch.pages.session import SessionAsk, SessionPage

STEPS = 12
SYSTEM = 14_000
"""Tokens that the first prompt holds and no log tells."""


def line(kind: str, number: int, content: object, **more: object) -> str:
    """Return a record of a transcript."""
    at = NOON + timedelta(minutes=number)
    told = {
        "type": kind,
        "uuid": f"{kind}-{number}",
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "sessionId": SESSION,
        "cwd": "/home/dev/app",
        "isSidechain": False,
        "message": {"role": kind, "content": content, **more},
    }
    return json.dumps(told)


def answer(number: int, prompt: int, read: int, output: int) -> str:
    """Return a response that asks for a file."""
    return line(
        "assistant",
        number,
        [{"type": "tool_use", "id": f"t{number}", "name": "Read", "input": {"file_path": "/a.py"}}],
        id=f"msg_{number:04}",
        model="claude-opus-4-8",
        stop_reason="tool_use",
        usage={
            "input_tokens": 10,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": prompt - read - 10,
            "output_tokens": output,
        },
    )


def session() -> tuple[list[str], list[int]]:
    """Return the records of a session, and the true size of each tool's result in tokens."""
    lines = [line("user", 0, "please look at it")]
    sizes, prompt, read = [], SYSTEM + 10, 0
    for number in range(1, STEPS + 1):
        lines.append(answer(number, prompt, read, 80))
        size = 500 + number * 37
        text = "x" * size * 3  # a little more than four characters a token, as code is not
        lines.append(
            line("user", number, [{"type": "tool_result", "tool_use_id": f"t{number}",
                                   "content": text}])
        )  # fmt: skip
        sizes.append(size)
        prompt, read = prompt + 80 + size, prompt
    return lines, sizes


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data")


@pytest.fixture
def monitor(config: Config, home: Path) -> Iterator[Monitor]:
    begun = time.monotonic()
    hours = timedelta(hours=2)
    monitor = Monitor(
        config, clock=lambda: NOON + hours + timedelta(seconds=time.monotonic() - begun)
    )
    yield monitor
    monitor.stop()


def page_of(picture: Snapshot) -> SessionPage | None:
    content = picture.page.content if picture.page else None
    return content if isinstance(content, SessionPage) else None


def is_read(picture: Snapshot) -> bool:
    page = page_of(picture)
    return page is not None and page.inside is not None and page.inside.simulations is not None


def follow(monitor: Monitor, pictures: Pictures, ask: SessionAsk) -> None:
    """Ask, and ask again as the screen does while there is more to come."""

    def publish(picture: Snapshot) -> None:
        pictures.publish(picture)
        page = page_of(picture)
        if page is not None and not page.is_whole:
            monitor.look(ask)

    monitor.start(publish)
    monitor.show(Span.DAY, None)
    monitor.look(ask)


def test_a_session_is_shown_from_events_and_then_from_its_log(monitor: Monitor, home: Path) -> None:
    lines, sizes = session()
    append(transcript(home), *lines)
    pictures, ask = Pictures(), SessionAsk("claude-code", SESSION)
    follow(monitor, pictures, ask)
    page = page_of(pictures.wait_for(is_read))
    assert page is not None
    assert page.inside is not None

    assert [line.grew for line in page.lines[1:]] == [80 + size for size in sizes[:-1]]
    results = [one for one in page.inside.composition.sized if one.block.part is Part.TOOL_RESULT]
    assert [(one.tokens, one.is_measured) for one in results] == [
        (size, True) for size in sizes[:-1]
    ]
    mix = page.inside.mix(page.lines[-1].request.key)
    assert mix is not None
    shares = {group: tokens for group, tokens in mix.shares}
    assert sum(shares.values()) == mix.total == SYSTEM + 10 + sum(80 + size for size in sizes[:-1])
    assert {group.name: tokens for group, tokens in shares.items() if group.name} == {
        "Read": sum(sizes[:-1])
    }

    first = page.lines[0].request
    assert first.cached.is_priced
    [heavy] = [
        one
        for one in page.inside.carried.blocks  # type: ignore[union-attr]  # it is whole
        if one.block.part is Part.TOOL_RESULT and one.requests == STEPS - 1
    ]
    expected = 0.0
    for entry in page.lines[1:]:
        told = entry.request.cached
        paid = (
            told.input * told.input_rate
            + (told.cache_read or 0) * told.read_rate
            + told.cache_write_5m * told.write_5m_rate
        ) / 1000
        expected += sizes[0] * paid / entry.request.prompt
    assert heavy.tokens == sizes[0]
    assert heavy.nano == pytest.approx(expected, abs=STEPS)


def test_what_is_appended_is_shown(monitor: Monitor, home: Path) -> None:
    lines, sizes = session()
    path = transcript(home)
    append(path, *lines)
    pictures, ask = Pictures(), SessionAsk("claude-code", SESSION)
    follow(monitor, pictures, ask)
    pictures.wait_for(is_read)
    prompt = SYSTEM + 10 + sum(80 + size for size in sizes)
    append(path, answer(STEPS + 1, prompt, prompt - 80 - sizes[-1], 80))

    def is_longer(picture: Snapshot) -> bool:
        page = page_of(picture)
        if page is None or page.inside is None or len(page.lines) != STEPS + 1:
            return False
        mix = page.inside.mix(page.lines[-1].request.key)
        return mix is not None and mix.total == prompt

    pictures.wait_for(is_longer)


def test_a_blocks_record_is_read_from_its_log(monitor: Monitor, home: Path) -> None:
    lines, _ = session()
    append(transcript(home), *lines)
    pictures = Pictures()
    follow(monitor, pictures, SessionAsk("claude-code", SESSION))
    page = page_of(pictures.wait_for(is_read))
    assert page is not None
    assert page.inside is not None
    block = page.inside.composition.sized[2].block
    monitor.look(BlockAsk("claude-code", SESSION, "", block.offset))

    def has_record(picture: Snapshot) -> bool:
        return bool(picture.page and isinstance(picture.page.content, BlockPage))

    shown = pictures.wait_for(has_record)
    assert shown.page is not None
    assert isinstance(shown.page.content, BlockPage)
    assert '"tool_use_id": "t1"' in shown.page.content.raw.text
