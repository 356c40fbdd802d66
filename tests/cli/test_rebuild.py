"""`tokwatch rebuild` mends sums, reads logs again, and says what it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.reports import World
from tests.transcripts import append, response, transcript
from tokwatch.ingest.lock import IngestLock
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.store.connect import Database, open_sqlite


@pytest.fixture
def logs(world: World, home: Path) -> list[Path]:
    """Write two logs of one response each, and read them."""
    paths = [transcript(home, name) for name in ("one", "two")]
    for number, path in enumerate(paths):
        append(path, response(number, session=path.stem, output=100 + number))
    assert world.run("report", "daily", "--json").code == 0
    return paths


def change(world: World, *statements: str) -> None:
    """Change the store behind tokwatch's back."""
    database = open_sqlite(world.data / "tokwatch.db")
    database.script(statements)
    database.close()


def outputs(world: World) -> list[int]:
    """Return the output tokens of every stored request."""
    database: Database = open_sqlite(world.data / "tokwatch.db", read_only=True)
    found = [row[0] for row in database.rows("SELECT output FROM event ORDER BY key, output")]
    database.close()
    return sorted(found)


def test_whole_sums_are_left_alone(world: World, logs: list[Path]) -> None:
    assert world.run("rebuild").out == "Every sum equalled its requests.\n"
    assert world.run("rebuild", "--json").json == {"differed": {}}


def test_sums_that_differ_are_told_and_mended(world: World, logs: list[Path]) -> None:
    before = world.report("session", "--json").json
    change(world, "UPDATE quarter SET output = 5", "DELETE FROM day")

    printed = world.run("rebuild")

    assert printed.out.splitlines() == [
        "2 sums by quarter differed from the requests and were made anew.",
        "1 sum by day differed from the requests and was made anew.",
    ]
    assert world.run("doctor").code == 0
    assert world.report("session", "--json").json == before


def test_logs_that_an_older_parser_read_are_read_again(
    world: World, logs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(world, "UPDATE event SET output = 7")
    assert world.run("rebuild", "--logs", "--json").json["logs"] == {"readAnew": 0, "gone": 0}
    assert outputs(world) == [7, 7]
    monkeypatch.setattr(ClaudeCode, "version", ClaudeCode.version + 1)

    printed = world.run("rebuild", "--logs")

    assert printed.out.startswith("2 logs were read again from their starts.\n")
    assert outputs(world) == [100, 101]
    assert world.run("doctor").code == 0


def test_requests_of_a_log_that_is_gone_are_kept(world: World, logs: list[Path]) -> None:
    logs[0].unlink()
    change(world, "UPDATE event SET output = 7")

    printed = world.run("rebuild", "--logs", "--all")

    assert printed.out.splitlines()[:2] == [
        "1 log was read again from their starts.",
        "1 log is gone or switched off: what they told is kept.",
    ]
    assert outputs(world) == [7, 101]


def test_nothing_is_done_while_another_process_reads_logs(
    world: World, logs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokwatch.ingest.lock.PATIENCE_S", 0.0)
    lock = IngestLock(world.data)
    assert lock.acquire()

    printed = world.run("rebuild")

    lock.release()
    assert printed.code == 1
    assert "reads logs into the store" in printed.err


def test_all_alone_is_a_mistake(world: World) -> None:
    assert world.run("rebuild", "--all").code == 2
