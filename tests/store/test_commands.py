"""The commands do the same on either kind of database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.transcripts import append, response, transcript
from tokwatch.cli import main


def run(capsys: pytest.CaptureFixture[str], data: Path, *arguments: str, code: int = 0) -> str:
    """Run a command to the expected exit code and return what it printed."""
    found = main(["--data", str(data), *arguments])
    out, err = capsys.readouterr()
    assert found == code, out + err
    return out


def test_a_store_lives_through_every_command(
    store_url: str,
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOKWATCH_STORE__URL", store_url)
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number, days in enumerate((40, 0)):
        log = transcript(home, f"ago-{days}")
        append(log, response(number, session=log.stem, at=now - timedelta(days=days)))

    first = run(capsys, tmp_path, "report", "session", "--json")
    assert [row["requests"] for row in json.loads(first)["sessions"]] == [1, 1]
    assert "nothing is wrong" in run(capsys, tmp_path, "doctor")
    assert "2 read, 2 requests" in run(capsys, tmp_path, "sources")
    again = run(capsys, tmp_path, "rebuild", "--logs", "--all")
    assert "2 logs were read again" in again
    assert "Every sum equalled" in again
    monkeypatch.setenv("TOKWATCH_RETENTION__EVENTS_DAYS", "30")
    assert "1 request of 1 session would go" in run(capsys, tmp_path, "prune", "--dry-run")
    assert "1 request of 1 session is gone" in run(capsys, tmp_path, "prune")
    assert run(capsys, tmp_path, "report", "session", "--json") == first
    assert "nothing is wrong" in run(capsys, tmp_path, "doctor")


@pytest.mark.parametrize("store_urls", ["postgresql"], indirect=True)
def test_a_machine_without_a_name_in_a_shared_store_is_noted(
    store_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOKWATCH_STORE__URL", store_url)

    assert "this machine has no name" in run(capsys, tmp_path, "doctor")
    monkeypatch.setenv("TOKWATCH_GENERAL__MACHINE", "laptop")
    assert "this machine has no name" not in run(capsys, tmp_path, "doctor")
