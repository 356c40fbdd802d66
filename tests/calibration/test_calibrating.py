"""From transcripts to fits: what was billed by a line is found again, and only that is kept."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.billed_talk import WORDS, A, B, Talk
from tests.cli.reports import World
from tokwatch.calibration.calibrating import Progress, calibrate
from tokwatch.config import load
from tokwatch.store.read.every import open_view, read_calibrations
from tokwatch.store.store import open_store
from tokwatch.tokens.calibrated import BY_LENGTH, Calibration, Kind
from tokwatch.tokens.counting import count_in
from tokwatch.tokens.encodings import Encoding

MODEL = "claude-opus-4-8"


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    """Return an empty data folder and the command line on it."""
    return World(tmp_path / "data", capsys)


def talks(home: Path, data: Path, *, stop: str | None = "tool_use") -> datetime:
    """Write three sessions of ten calls each; return when they were."""
    count = count_in(Encoding.CL100K, data)
    at = datetime.now(UTC) - timedelta(hours=2)
    for session in ("one", "two", "three"):
        talk = Talk(home, f"5f0c2b1e-{session}", count, at, MODEL)
        for number in range(10):
            talk.says(number, stop=stop)
    return at


def now_ms() -> int:
    """Return the present."""
    return int(datetime.now(UTC).timestamp() * 1000)


def told(fits: list[Calibration]) -> dict[tuple[str, Kind, str], Calibration]:
    """Return fits by what they are of."""
    return {(one.model, one.kind, one.encoding): one for one in fits}


def test_the_line_that_billed_is_found(world: World, home: Path) -> None:
    talks(home, world.data)
    assert world.run("report", "daily").code == 0
    seen: list[Progress] = []

    fits = told(calibrate(load(data=world.data), now_ms(), told=seen.append))

    prompt = fits[MODEL, Kind.PROMPT, "cl100k_base"]
    answer = fits[MODEL, Kind.ANSWER, "cl100k_base"]
    assert (prompt.pairs, prompt.sessions, prompt.dropped) == (27, 3, 0)
    assert prompt.a == pytest.approx(A, rel=0.01)
    assert prompt.b == pytest.approx(B, rel=0.05)
    assert prompt.error < 0.01
    assert answer.pairs == 30
    assert fits["claude from 4.7", Kind.PROMPT, "cl100k_base"].pairs == 27
    assert fits[MODEL, Kind.PROMPT, BY_LENGTH].error < 0.2
    assert seen[-1].done == seen[-1].logs == 3


def test_what_is_kept_is_numbers(world: World, home: Path) -> None:
    talks(home, world.data)
    world.run("report", "daily")

    fits = calibrate(load(data=world.data), now_ms())

    database = open_store("", world.data)
    kept = read_calibrations(open_view(database, "local"))
    database.close()
    assert sorted(kept) == sorted(fits)
    with sqlite3.connect(world.data / "tokwatch.db") as file:
        rows = file.execute("SELECT * FROM calibration").fetchall()
    assert not [word for word in WORDS if len(word) > 4 and word in repr(rows)]


def test_answers_without_a_stop_reason_are_no_measurements(world: World, home: Path) -> None:
    talks(home, world.data, stop=None)
    world.run("report", "daily")

    assert calibrate(load(data=world.data), now_ms()) == []


def test_logs_of_long_ago_and_gone_ones_are_not_read(world: World, home: Path) -> None:
    talks(home, world.data)
    world.run("report", "daily")
    config = load(data=world.data)

    assert calibrate(config, now_ms() + 40 * 86_400_000) == []
    for path in home.rglob("*.jsonl"):
        path.unlink()
    assert calibrate(config, now_ms()) == []


def test_it_can_be_stopped(world: World, home: Path) -> None:
    talks(home, world.data)
    world.run("report", "daily")

    assert calibrate(load(data=world.data), now_ms(), stopped=lambda: True) == []


def test_without_a_store_there_is_nothing(tmp_path: Path) -> None:
    assert calibrate(load(data=tmp_path / "none"), now_ms()) == []
    assert not (tmp_path / "none").exists()


def test_the_command_prints_and_doctor_and_count_use_it(world: World, home: Path) -> None:
    talks(home, world.data)

    done = world.run("calibrate")
    as_json = world.run("calibrate", "--json", "--no-refresh").json["calibrations"]
    doctor = world.run("doctor")
    (home / "text.txt").write_text(" ".join(WORDS * 50))
    counted = world.run("count", "--model", MODEL, "--json", str(home / "text.txt")).json

    assert done.code == 0
    assert "claude-opus-4-8         prompt  cl100k_base" in done.out
    assert {one["kind"] for one in as_json} == {"prompt", "answer"}
    assert "2 of 2 models are off by 20% at most" in doctor.out
    assert counted["basis"] == "calibrated"
    assert counted["measurements"] == 27
    raw = count_in(Encoding.CL100K, world.data)(" ".join(WORDS * 50))
    assert counted["tokens"] == pytest.approx(A * raw, rel=0.01)


def test_with_nothing_to_go_by_the_command_says_so(world: World, home: Path) -> None:
    done = world.run("calibrate")

    assert done.code == 1
    assert "Too few answers" in done.out


def test_doctor_calls_nothing_good_where_every_model_is_off(
    world: World, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talks(home, world.data)
    world.run("calibrate")
    monkeypatch.setattr("tokwatch.tokens.calibrated.WARN_ABOVE", -1.0)

    doctor = world.run("doctor").out

    assert doctor.count("above 20%") == 2
    assert "models are off by 20% at most" not in doctor
