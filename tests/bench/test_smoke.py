"""Every benchmark runs to its end on a tiny world and finds something."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import idle, session_screen, soak
from bench.__main__ import main
from bench.live_logs import history

Told = dict[str, Any]  # a table as JSON

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    history(tmp_path / "logs" / ".claude" / "projects", 5, 2)
    return tmp_path / "logs"


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> Told:
    """Run a benchmark and return what it tells."""
    assert main([*arguments, "--json"]) == 0
    told: Told = json.loads(capsys.readouterr().out)
    return told


def medians(told: Told, name: str) -> list[float]:
    """Return the medians of one row."""
    (row,) = (row for row in told["rows"] if row["name"] == name)
    return [each["median"] for each in row["figures"]]


@pytest.mark.parametrize("name", ["cold", "warm", "store"])
def test_reports(name: str, logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    peer = logs / "peer"
    peer.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    peer.chmod(0o755)
    told = ran(capsys, name, "--runs", "1", "--home", str(logs), "--ccusage", str(peer))
    cpu_s, wall_s, peak_mb = medians(told, "tokwatch")
    assert cpu_s > 0
    assert wall_s > 0
    assert peak_mb > 5
    assert all(ratio > 0 for ratio in medians(told, "tokwatch / ccusage"))


def test_dense_makes_its_own_logs(capsys: pytest.CaptureFixture[str]) -> None:
    told = ran(capsys, "dense", "--runs", "1", "--size", "200KB")
    assert medians(told, "tokwatch")[0] > 0


def test_frame(capsys: pytest.CaptureFixture[str]) -> None:
    told = ran(capsys, "frame", "--runs", "1", "--past", "5")
    assert medians(told, "tokwatch") > [0]
    assert medians(told, "bare Textual") > [0]
    assert len(medians(told, "tokwatch / bare")) == 1


def test_latency(capsys: pytest.CaptureFixture[str]) -> None:
    told = ran(
        capsys,
        *("latency", "--runs", "1", "--seconds", "2", "--rate", "6"),
        *("--past", "5", "--burst-every", "1"),
    )
    for kind in ("one answer", "burst of 20"):
        p50, p95, most, answers = medians(told, kind)
        assert 0 < p50 <= p95 <= most
        assert answers > 1


@on_linux
def test_idle(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "SETTLE_S", 0.2)
    told = ran(capsys, "idle", "--files", "5", "--seconds", "0.5")
    _, rss_mb, threads, files, *_ = medians(told, "tokwatch")
    assert rss_mb > 20
    assert threads > 1
    assert files > 3


@on_linux
def test_soak(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak.Growth, "is_too_much", False)
    monkeypatch.setattr(soak, "SETTLES_S", 0)
    told = ran(
        capsys,
        *("soak", "--minutes", "0.08", "--live", "3", "--ended", "5", "--rate", "20"),
    )
    assert len(told["rows"]) == 2
    for name in ("monitor", "with the screen"):
        assert medians(told, name)[0] > 20


def test_opening(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_screen, "QUIET_S", 0.4)
    told = ran(capsys, "opening", "--size", "100KB", "--runs", "1")
    reading, opening, again = told["rows"]
    assert reading["name"].endswith("MB, reading")
    for row in (opening, again):
        screen, figures, composition, whole, *lags = (each["median"] for each in row["figures"])
        assert 0 < screen <= figures <= composition <= whole
        assert 0 <= lags[0] <= lags[1] <= lags[2]


def test_alerts(capsys: pytest.CaptureFixture[str]) -> None:
    told = ran(capsys, "alerts", "--sessions", "20", "--ticks", "5", "--changed", "3")

    assert medians(told, "all of a tick")[0] > 0


def test_suggestions(capsys: pytest.CaptureFixture[str]) -> None:
    told = ran(capsys, "suggestions", "--requests", "200", "--runs", "1")
    loaded, looked = told["rows"]
    assert looked["name"].startswith("200 requests, ")
    assert 0 < loaded["figures"][-1]["median"] <= looked["figures"][-1]["median"]


def test_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    main(["tokens", "--tokens", "2000", "--edits", "3"])

    told = capsys.readouterr().out
    assert told.count("ms  an edit, one line") == 2
    assert "goal: an edit in 16 ms" in told
