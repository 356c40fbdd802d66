"""Against yardsticks beside the repository, where they are: real logs, large ones, live ones."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.sources.road import Road, Spent, Sums
from tokwatch.model.usage import Dimension

NAMES = {"claude": "claude-code", "codex": "codex"}
REAL = {
    **NAMES,
    **{"gemini": "gemini-cli", "qwen": "qwen-code"},
    **{"opencode": "opencode", "copilot": "copilot-cli"},
}
"""The tools of which there are real logs with totals."""
CLASSES = (
    *("requests", "input", "cache_write_5m", "cache_write_1h", "cache_read", "output"),
    "reasoning",
)
BY = {
    "by_day": Dimension.DAY,
    "by_model": Dimension.MODEL,
    "by_session": Dimension.SESSION,
}
AGENTS_ARE_SESSIONS = ("opencode",)
"""Sources whose sub-agents the yardsticks know as sessions of their own."""
EPOCH = date(1970, 1, 1).toordinal()
TROUBLES = {
    "--truncate-every": 4,
    "--replace-every": 5,
    "--archive-every": 6,
    "--resume-every": 5,
    "--subagent-every": 3,
    "--burst-every": 7,
    "--new-session-every": 6,
}

Truth = Mapping[str, Any]  # as the yardsticks write it: totals and groups of token classes


@pytest.fixture(scope="module")
def shared(repository: Path) -> Path:
    """Return the folder of yardsticks; without it these tests have nothing to measure against."""
    folder = repository.parent / "shared"
    if not (folder / "lab").is_dir():
        pytest.skip("no ../shared beside the repository")
    return folder


def group_of(kind: str, name: str) -> str | int:
    """Return a group's name as reports have it: days are numbers."""
    return date.fromisoformat(name).toordinal() - EPOCH if kind == "by_day" else name


def spent_of(classes: Mapping[str, int]) -> Spent:
    return Spent(*(classes[name] for name in CLASSES))


def told(road: Road, source: str, dimension: Dimension) -> Sums:
    """Return one source's sums by one dimension, groups without tokens left out."""
    sums = road.sums((Dimension.SOURCE, dimension))
    if dimension is Dimension.SESSION and source in AGENTS_ARE_SESSIONS:
        by_agent = road.sums((Dimension.SOURCE, dimension, Dimension.AGENT))
        sums = {(group[0], group[2] or group[1]): spent for group, spent in by_agent.items()}
    return {group[1:]: spent for group, spent in sums.items() if group[0] == source and any(spent)}


def differences(road: Road, truth: Truth, names: Mapping[str, str] = NAMES) -> Iterator[str]:
    """Yield where the store and the truth differ, to the token."""
    for tool, source in names.items():
        for kind, dimension in BY.items():
            groups = truth[tool][kind].items()
            true: Sums = {(group_of(kind, name),): spent_of(classes) for name, classes in groups}
            found = told(road, source, dimension)
            for group in found.keys() | true.keys():
                if found.get(group, Spent()) != true.get(group, Spent()):
                    yield f"{source} {kind} {group}: {found.get(group)}, true {true.get(group)}"


def test_real_logs_amount_to_their_true_totals(shared: Path, home: Path, road: Road) -> None:
    """Section 0: real logs of all tools at once, by day, model and session."""
    if shutil.which("zstd") is None:
        pytest.skip("no zstd to unpack the samples with")
    packed = shared / "samples" / "logs.tar.zst"
    with subprocess.Popen(["zstd", "-dc", "--long=27", packed], stdout=subprocess.PIPE) as unpacked:
        subprocess.run(["tar", "-xf", "-", "-C", home], stdin=unpacked.stdout, check=True)
    for folder in (home / "dev" / "home").iterdir():
        shutil.move(folder, home / folder.name)
    road.read()
    truth = json.loads((shared / "samples" / "totals.json").read_text("utf-8"))["tools"]

    assert list(differences(road, truth, REAL)) == []


def test_hard_made_up_logs_amount_to_their_manifest(shared: Path, tmp_path: Path) -> None:
    """Section 0: gateways, re-stamped forks, aborted turns, broken and huge lines."""
    generator = shared / "lab" / "gen_corpus.py"
    made = tmp_path / "made"
    subprocess.run(
        [sys.executable, generator, "--out", made, "--size", "60MB", "--profile", "hard"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    road = Road(made / "home", tmp_path / "data")
    road.read()
    truth = json.loads((made / "manifest.json").read_text("utf-8"))["tools"]
    found = list(differences(road, truth))
    road.close()

    assert found == []


def test_logs_read_while_they_are_written_amount_to_the_writers_totals(
    shared: Path, home: Path, road: Road, tmp_path: Path
) -> None:
    """4.2: torn lines, bursts, truncation, replacement, archiving, resumes, sub-agents."""
    events = tmp_path / "events.jsonl"
    options = [str(part) for option in TROUBLES.items() for part in option]
    writer = shared / "lab" / "live_writer.py"
    command = [sys.executable, str(writer), "--home", str(home), "--events", str(events)]
    command += ["--shrink-clock", "--check", "--duration", "120", "--rate", "6", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            road.read()
        assert process.returncode == 0
    road.read()
    last = [json.loads(line) for line in events.read_text("utf-8").splitlines()][-1]
    sums = road.sums((Dimension.SOURCE,))

    assert last["ev"] == "end"
    assert {name: sums[source,] for name, source in NAMES.items()} == {
        name: spent_of(last["cum"][name]) for name in NAMES
    }
