"""`tokwatch export --events` and `tokwatch import`: what they say, and what they refuse."""

from __future__ import annotations

import io
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.reports import Printed, World
from tests.sources import codex_lines
from tests.sources.claude_lines import OPUS, answer, iteration, usage
from tests.sources.road import write
from tests.transcripts import NOON, append, response, transcript
from tokwatch.ingest.lock import IngestLock


@pytest.fixture
def other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> World:
    """Return the data folder of another machine."""
    return World(tmp_path / "other", capsys)


@pytest.fixture
def file(tmp_path: Path, world: World, home: Path) -> Path:
    """Return the export of a machine with two requests in two logs, two days apart."""
    append(transcript(home, "early"), response(1, session="early"))
    late = response(2, session="late", at=NOON + timedelta(days=2))
    append(transcript(home, "late"), late)
    target = tmp_path / "laptop.jsonl"
    exported(world, target)
    return target


def exported(world: World, target: Path, *options: str) -> Printed:
    """Export to a file as a machine called laptop."""
    done = world.run("export", "--events", str(target), "--machine", "laptop", *options)
    assert done.code == 0, done.err
    return done


def requests(world: World) -> int:
    """Return how many requests a report counts."""
    rows = world.report("session", "--json").json["sessions"]
    return sum(row["requests"] for row in rows)


def test_an_export_reads_what_is_new_and_says_what_it_wrote(
    world: World, file: Path, home: Path
) -> None:
    append(transcript(home, "early"), response(3, session="early"))

    done = exported(world, file)

    told = f"wrote 2 logs with 3 records of 3 requests to {file}; this machine is called laptop"
    assert told in done.err
    assert done.out == ""


def test_without_a_refresh_what_is_stored_is_exported(world: World, file: Path, home: Path) -> None:
    append(transcript(home, "early"), response(3, session="early"))

    assert "2 logs with 2 records of 2 requests" in exported(world, file, "--no-refresh").err


def test_a_range_of_days_chooses_logs(world: World, file: Path) -> None:
    first, last = "2026-11-20", "2026-11-22"

    assert "1 log with 1 record to" in exported(world, file, "--since", last).err
    assert "1 log with 1 record to" in exported(world, file, "--until", first).err
    assert "2 logs with 2 records to" in exported(world, file, "--since", first).err
    assert "0 logs with 0 records to" in exported(world, file, "--source", "codex").err


def test_unknown_sources_and_days_are_refused(world: World, file: Path) -> None:
    for option, value in (("--source", "claude"), ("--since", "yesterday")):
        done = world.run("export", "--events", str(file), option, value)
        assert done.code == 2
        assert option in done.err
    assert file.read_bytes().startswith(b'{"tokwatch":"events"')


def test_the_standard_output_carries_data_alone(world: World, file: Path) -> None:
    done = world.run("export", "--events", "-", "--machine", "x")

    lines = done.out.splitlines()
    assert json.loads(lines[0])["tokwatch"] == "events"
    assert json.loads(lines[-1]) == {"end": 2}
    assert "to the standard output" in done.err


def test_an_import_says_what_became_of_the_logs(
    world: World, other: World, file: Path, home: Path
) -> None:
    first, again = other.run("import", str(file)), other.run("import", str(file))
    append(transcript(home, "early"), response(3, session="early"))
    exported(world, file)
    grown = other.run("import", str(file))

    assert first.out == f"{file}: 2 logs (2 new): 2 requests added, 0 changed.\n"
    assert again.out == f"{file}: 2 logs (2 already here): 0 requests added, 0 changed.\n"
    assert (
        grown.out == f"{file}: 2 logs (1 told anew, 1 already here): 1 request added, 0 changed.\n"
    )
    assert requests(other) == 3


def test_audit_export_and_import_tell_figures_that_agree(
    world: World, other: World, home: Path, tmp_path: Path
) -> None:
    """A copy is a record more, a part of a request an event more; codex is told apart."""
    parts = usage() | {"iterations": [iteration(OPUS, 5, 7), iteration("claude-haiku-4-5", 3, 2)]}
    both = [answer("msg_1"), answer("msg_2", counts=parts)]
    write(home / ".claude" / "projects" / "p" / "a.jsonl", *both)
    write(home / ".claude" / "projects" / "p" / "b.jsonl", answer("msg_1", session="b"))
    thread = (codex_lines.meta(), codex_lines.turn(), codex_lines.totals((9, 5, 4, 1)))
    write(home / ".codex" / "sessions" / "rollout-1.jsonl", *thread)
    file = tmp_path / "all.jsonl"

    audited = world.run("audit").out.splitlines()
    written = exported(world, file)
    imported = other.run("import", str(file))

    assert audited[0].startswith("3 requests from")
    assert audited[1] == "5 records in logs - 1 merged = 4 events, which are 3 requests"
    assert "  records      1 record in logs = 1 event" in audited
    assert "wrote 3 logs with 5 records of 3 requests to" in written.err
    assert "3 logs (3 new): 3 requests added (4 events), 0 changed." in imported.out


def test_a_broken_file_is_told_and_the_others_are_taken(
    other: World, file: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.jsonl"
    foreign.write_text('{"type":"user"}\n')
    lines = file.read_bytes().splitlines(keepends=True)
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join([*lines[:3], b"{broken\n", *lines[4:]]))

    done = other.run("import", str(tmp_path / "none.jsonl"), str(foreign), str(cut), str(file))

    assert done.code == 1
    assert f"cannot read {tmp_path / 'none.jsonl'}: No such file" in done.err
    assert f"{foreign}:1: not the first line of a file of" in done.err
    assert f"{cut}:4: not a line of this format" in done.err
    assert "2 bad lines in" in done.err
    assert f"{cut}: 1 log (1 new): 1 request added" in done.out
    assert f"{file}: 2 logs (1 new, 1 already here): 1 request added" in done.out
    assert requests(other) == 2


def test_the_standard_input_is_a_file_too(
    other: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stdin:
        buffer = io.BytesIO(file.read_bytes())

    monkeypatch.setattr("sys.stdin", Stdin)

    assert other.run("import", "-").out.startswith("standard input: 2 logs (2 new)")


def test_a_copied_home_is_imported(other: World, tmp_path: Path, home: Path) -> None:
    copy = tmp_path / "copy"
    append(transcript(copy), response(1))

    done = other.run("import", "--path", str(copy), "--machine", "tower")

    assert done.code == 0
    told = f"tower: 1 log in {copy}, 1 with something new: 1 request added.\n"
    assert done.out == told
    assert requests(other) == 1


def test_a_folder_without_any_log_is_told(other: World, tmp_path: Path) -> None:
    done = other.run("import", "--path", str(tmp_path), "--machine", "tower")

    assert done.code == 1
    assert "no log of any tool" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("x.jsonl", "--path", "."),
        ("--path", "."),
        ("x.jsonl", "--machine", "y"),
        ("x.jsonl", "--source", "codex"),
    ],
)
def test_what_does_not_go_together_is_refused(other: World, arguments: tuple[str, ...]) -> None:
    done = other.run("import", *arguments)

    assert done.code == 2
    assert "tokwatch import --path FOLDER --machine LABEL" in done.err


def test_who_reads_logs_and_gives_no_way_is_told(
    other: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokwatch.ingest.lock.PATIENCE_S", 0.05)
    monkeypatch.setattr("tokwatch.ingest.lock.SILENCE_S", 0.0)
    lock = IngestLock(other.data)
    assert lock.acquire()
    try:
        done = other.run("import", str(file))
    finally:
        lock.release()

    assert done.code == 1
    waiting, failed, advice = done.err.splitlines()
    assert waiting.startswith(f"tokwatch: waiting for process {os.getpid()}, which reads logs")
    assert failed.endswith("reads logs into the store and did not give way")
    assert advice == "Try again when it is done, or end it."


def test_exports_in_one_file_are_imported(world: World, other: World, file: Path) -> None:
    both = file.with_name("both.jsonl")
    both.write_bytes(file.read_bytes() * 2)

    done = other.run("import", str(both))

    assert done.code == 0
    assert done.out == f"{both}: 4 logs (2 new, 2 already here): 2 requests added, 0 changed.\n"


def test_rebuilding_keeps_what_imported_logs_told(other: World, file: Path, home: Path) -> None:
    append(transcript(home, "own"), response(9, session="own"))
    other.run("import", str(file))
    other.run("report", "daily")
    assert requests(other) == 3

    done = other.run("rebuild", "--logs", "--all")

    assert "3 logs were read again" in done.out
    assert "Every sum equalled" in done.out
    assert requests(other) == 3
    assert other.run("doctor").code == 0


def test_rebuilding_reads_no_imported_log_again(other: World, file: Path, home: Path) -> None:
    other.run("import", str(file))
    for log in (home / ".claude").rglob("*.jsonl"):
        log.unlink()

    done = other.run("rebuild", "--logs", "--all")

    assert "0 logs were read again" in done.out
    assert "are gone" not in done.out
    assert requests(other) == 2


def test_pruned_requests_do_not_come_back_with_an_import(
    other: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other.run("import", str(file))
    before = other.report("daily", "--json").out
    monkeypatch.setattr("tokwatch.cli.prune.time.time_ns", lambda: 2_000_000_000 * 10**9)
    monkeypatch.setenv("TOKWATCH_RETENTION__EVENTS_DAYS", "30")
    assert "2 requests of 2 sessions are gone" in other.run("prune").out

    assert other.run("import", str(file)).code == 0

    monkeypatch.setenv("TOKWATCH_RETENTION__EVENTS_DAYS", "0")
    assert other.report("daily", "--json").out == before
