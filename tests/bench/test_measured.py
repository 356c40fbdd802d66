"""What whole processes cost, and the homes that they see."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bench.homes import linked, log_bytes
from bench.measured import BenchError, environment, measure
from bench.vitals import vitals

BUSY = "import time; held = bytes(60_000_000)\nwhile time.process_time() < 0.2: pass"


def test_time_and_memory_of_a_whole_process_are_measured() -> None:
    cost = measure([sys.executable, "-c", BUSY], os.environ)
    assert cost.cpu_s >= 0.2
    assert cost.wall_s >= 0.15
    assert cost.peak_mb >= 60


def test_a_program_that_fails_or_is_missing_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="ended with 3"):
        measure([sys.executable, "-c", "raise SystemExit(3)"], os.environ)
    with pytest.raises(BenchError, match="No such file"):
        measure([str(tmp_path / "nothing")], os.environ)


def test_measured_programs_see_none_of_the_users_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKWATCH_UI__THEME", "high-contrast")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/elsewhere")
    env = environment(tmp_path / "home", tmp_path)
    assert env["HOME"] == str(tmp_path / "home")
    assert [name for name in env if name.startswith("TOKWATCH_")] == ["TOKWATCH_PRICES__UPDATE"]
    assert "CLAUDE_CONFIG_DIR" not in env
    assert all(env[name].startswith(str(tmp_path)) for name in env if name.startswith("XDG_"))


def test_a_linked_home_leads_to_the_logs_alone(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for name in (".claude/projects/a", ".codex/sessions", ".ssh"):
        (logs / name).mkdir(parents=True)
    (logs / ".claude/projects/a/1.jsonl").write_bytes(b"{}\n")
    (logs / ".claude/projects/a/notes.txt").write_bytes(b"left out")
    home = linked(logs, tmp_path / "home")
    assert sorted(path.name for path in home.iterdir()) == [".claude", ".codex"]
    assert (home / ".claude/projects/a/1.jsonl").read_bytes() == b"{}\n"
    assert log_bytes(home) == log_bytes(logs) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_a_running_process_tells_its_vitals() -> None:
    with open(__file__, encoding="utf-8"):
        held = vitals(os.getpid())
    assert held.cpu_s > 0
    assert held.rss_mb > held.own_mb > 1
    assert held.threads >= 1
    assert held.files >= 3
    with pytest.raises(BenchError):
        vitals(2**22 + 1)
