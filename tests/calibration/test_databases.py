"""Databases hold many sessions: each is measured as a log of its own would be."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

import pytest

from tests.billed_talk import WORDS, A, B
from tests.cli.reports import World
from tests.sources.agents import opencode_logs
from tests.sources.agents.databases import insert, made, writing
from tokwatch.calibration.calibrating import calibrate
from tokwatch.config import load
from tokwatch.tokens.calibrated import BY_LENGTH, Kind
from tokwatch.tokens.counter import Count
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding

MODEL = "claude-opus-4-8"


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    """Return an empty data folder and the command line on it."""
    return World(tmp_path / "data", capsys)


def session(path: Path, name: str, began_ms: int, count: Count) -> None:
    """Add a session of ten answers, each with a call, which are billed by the line."""
    chance, prompt = random.Random(name), 9_000

    def words(number: int) -> str:
        return " ".join(chance.choice(WORDS) for _ in range(number))

    with writing(path) as tables:
        opencode_logs.session(tables, name, at=began_ms)
        for number in range(10):
            at = began_ms + number * 10_000
            said, asked = words(40), {"command": words(20)}
            told = json.dumps(asked, separators=(",", ":"))
            output = ceil(A * (count(said) + count(told)) + B)
            used = opencode_logs.Used(3, output, 0, prompt - 3, 0)
            data = opencode_logs.answer(used, at, modelID=MODEL, finish="tool-calls")
            message = f"msg_{name}_{number}"
            opencode_logs.message(tables, message, data, name)
            result = words(chance.randrange(30, 400))
            state = {"status": "completed", "input": asked, "output": result}
            call = {"type": "tool", "tool": "bash", "callID": f"c{number}", "state": state}
            for place, part in enumerate(({"type": "text", "text": said}, call)):
                row = {"id": f"prt_{message}_{place}", "message_id": message, "session_id": name}
                times = {"time_created": at, "time_updated": at, "data": json.dumps(part)}
                insert(tables, "part", **row, **times)
            prompt += output + ceil(A * count(result))


def test_every_session_of_a_database_is_measured(world: World, home: Path) -> None:
    count = count_in(Encoding.CL100K, world.data)
    path = made(opencode_logs.path(home), opencode_logs.SCHEMA)
    began = datetime.now(UTC) - timedelta(hours=2)
    for number, name in enumerate(("ses_one", "ses_two", "ses_three")):
        began_ms = int((began + timedelta(minutes=number)).timestamp() * 1000)
        session(path, name, began_ms, count)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    session(path, "ses_old", int(long_ago.timestamp() * 1000), count)
    world.run("report", "daily")

    fits = calibrate(load(data=world.data), int(datetime.now(UTC).timestamp() * 1000))

    found = {(one.model, one.kind, one.encoding): one for one in fits}
    prompt = found[MODEL, Kind.PROMPT, "cl100k_base"]
    assert (prompt.pairs, prompt.sessions) == (27, 3)
    assert prompt.a == pytest.approx(A, rel=0.02)
    assert prompt.b == pytest.approx(B, rel=0.1)
    assert found[MODEL, Kind.PROMPT, BY_LENGTH].sessions == 3
    assert not path.with_name("opencode.db-wal").exists()
