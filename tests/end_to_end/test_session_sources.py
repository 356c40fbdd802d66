"""A session's screen of tools with documents and databases, through the real threads and store."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.test_session import follow, is_read, page_of
from tests.monitor.test_monitor import Pictures
from tests.sources.agents import gemini_logs, opencode_logs
from tests.sources.agents.databases import insert, made, writing
from tests.sources.road import Fields
from tests.transcripts import NOON
from tokwatch.config import Config, load
from tokwatch.model.detail import Part
from tokwatch.model.snapshot import Snapshot
from tokwatch.monitor.monitor import Monitor
from tokwatch.pages.block import BlockAsk, BlockPage
from tokwatch.pages.session import SessionAsk

STEPS = 6
SYSTEM = 14_000
"""Tokens that the first prompt holds and no log tells."""
OUTPUT = 80
MODELS = {"gemini-cli": "gemini-2.5-pro", "opencode": "claude-sonnet-4-6"}
SESSIONS = {"gemini-cli": gemini_logs.SESSION, "opencode": "ses_1"}
Step = tuple[int, int, int, str]
"""Number, prompt, what was read of it from the cache, what the tool answered."""


def steps() -> Iterator[Step]:
    """Yield the answers of a session: each asks for a file, and the prompt grows by it."""
    prompt, read = SYSTEM, 0
    for number in range(STEPS):
        size = size_of(number)
        yield number, prompt, read, "x" * size * 3
        prompt, read = prompt + OUTPUT + size, prompt


def size_of(number: int) -> int:
    """Return the true tokens of what a step's tool answered."""
    return 700 + number * 37


def ms(number: int) -> int:
    """Return when a step was answered."""
    return round((NOON + timedelta(minutes=number)).timestamp() * 1000)


def document(home: Path) -> None:
    """Write the session as Gemini CLI's older versions did: one JSON document."""
    asked = {"id": "u1", "timestamp": NOON.isoformat(), "type": "user", "content": "look at it"}
    messages: list[Fields] = [asked]
    for number, prompt, read, answer in steps():
        told = {"functionResponse": {"id": f"c{number}", "response": {"output": answer}}}
        call = {"id": f"c{number}", "name": "read_file", "args": {"file_path": f"/{number}.py"}}
        spent = gemini_logs.tokens(prompt, OUTPUT, read, 0)
        at = (NOON + timedelta(minutes=number)).isoformat()
        calls = [call | {"result": [told], "status": "success"}]
        messages.append(gemini_logs.message(number, spent, at, content="", toolCalls=calls))
    gemini_logs.document(home, *messages)


def database(home: Path) -> None:
    """Write the session as OpenCode does: rows of a database."""
    path = made(opencode_logs.path(home), opencode_logs.SCHEMA)
    with writing(path) as tables:
        opencode_logs.session(tables, at=ms(0) - 1)
        opencode_logs.message(tables, "msg_0", {"role": "user", "time": {"created": ms(0)}})
        for number, prompt, read, answer in steps():
            name = f"msg_{number + 1}"
            used = opencode_logs.Used(prompt - read, OUTPUT, 0, read, 0)
            told = opencode_logs.answer(used, ms(number), finish="tool-calls", cost=0)
            opencode_logs.message(tables, name, told)
            state = {"status": "completed", "input": {"filePath": "/a.py"}, "output": answer}
            part = {"type": "tool", "tool": "read_file", "callID": f"c{number}", "state": state}
            times = {"time_created": ms(number), "time_updated": ms(number)}
            named = {"id": f"prt_{number}", "message_id": name, "session_id": "ses_1"}
            insert(tables, "part", **named, **times, data=json.dumps(part))


WRITTEN: dict[str, Callable[[Path], None]] = {"gemini-cli": document, "opencode": database}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data")


@pytest.fixture
def monitor(config: Config, home: Path) -> Iterator[Monitor]:
    begun = time.monotonic()
    monitor = Monitor(
        config,
        clock=lambda: NOON + timedelta(hours=2) + timedelta(seconds=time.monotonic() - begun),
    )
    yield monitor
    monitor.stop()


@pytest.mark.parametrize("source", WRITTEN)
def test_a_session_shows_its_prompts_its_costs_and_its_records(
    monitor: Monitor, home: Path, source: str
) -> None:
    WRITTEN[source](home)
    pictures = Pictures()
    follow(monitor, pictures, SessionAsk(source, SESSIONS[source]))
    page = page_of(pictures.wait_for(is_read))
    assert page is not None
    assert page.inside is not None

    held = [size_of(number) for number in range(STEPS - 1)]
    results = [one for one in page.inside.composition.sized if one.block.part is Part.TOOL_RESULT]
    assert [(one.tokens, one.is_measured, one.block.tool) for one in results] == [
        (size, True, "read_file") for size in held
    ]
    mix = page.inside.mix(page.lines[-1].request.key)
    assert mix is not None
    assert mix.total == SYSTEM + sum(OUTPUT + size for size in held)
    carried = page.inside.carried
    assert carried is not None
    [first] = [one for one in carried.blocks if one.block.number == results[0].block.number]
    assert (first.tokens, first.requests) == (held[0], STEPS - 1)
    assert first.nano == pytest.approx(paid(page.lines, held[0]), abs=STEPS)

    monitor.look(BlockAsk(source, SESSIONS[source], "", results[1].block.offset))
    shown = pictures.wait_for(has_record)
    assert shown.page is not None
    assert isinstance(shown.page.content, BlockPage)
    assert '"c1"' in shown.page.content.raw.text
    assert shown.page.content.raw.problem == ""


def paid(lines: object, tokens: int) -> float:
    """Return what all requests but the first one paid for so many tokens of their prompts."""
    expected = 0.0
    for line in list(lines)[1:]:  # type: ignore[call-overload]  # a page's lines
        told = line.request.cached
        assert told.is_priced
        cost = told.input * told.input_rate + (told.cache_read or 0) * told.read_rate
        expected += tokens * cost / 1000 / line.request.prompt
    return expected


def has_record(picture: Snapshot) -> bool:
    """Tell a picture with a block's record."""
    return bool(picture.page and isinstance(picture.page.content, BlockPage))
