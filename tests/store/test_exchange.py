"""Exports and imports through the commands, on either kind of database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.transcripts import append, response, transcript
from tokwatch.cli import main


def test_a_store_of_either_kind_gives_and_takes(
    store_urls: Callable[[], str],
    tmp_path: Path,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(url: str, machine: str, *arguments: str) -> str:
        monkeypatch.setenv("TOKWATCH_STORE__URL", url)
        monkeypatch.setenv("TOKWATCH_GENERAL__MACHINE", machine)
        code = main(["--data", str(tmp_path / machine), *arguments])
        out, err = capsys.readouterr()
        assert code == 0, out + err
        return out

    source, target = store_urls(), store_urls()
    append(transcript(home, "one"), *(response(number, session="one") for number in range(3)))
    append(transcript(home, "two"), *(response(number, session="two") for number in range(2, 6)))
    file = str(tmp_path / "laptop.jsonl")
    run(source, "laptop", "export", "--events", file)

    assert "2 logs (2 new): 6 requests added, 0 changed" in run(target, "desk", "import", file)
    assert "2 logs (2 already here): 0 requests added" in run(target, "desk", "import", file)

    for kind in ("daily", "session", "model", "project", "agent", "source"):
        arguments = ("report", kind, "--json", "--no-refresh")
        assert json.loads(run(target, "desk", *arguments)) == json.loads(
            run(source, "laptop", *arguments)
        )
    assert "nothing is wrong" in run(target, "desk", "doctor")
