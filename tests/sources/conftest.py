"""What the tests of sources get: homes with logs in them, and the whole road from log to store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sources import claude_lines, codex_lines
from tests.sources.engines import by_both
from tests.sources.road import Road, reading, unpriced, write
from tokwatch.model.reading import Reading
from tokwatch.sources.agents.claude_code import ClaudeCode
from tokwatch.sources.agents.codex import Codex

Read = Callable[..., Reading]


@pytest.fixture(autouse=True)
def _unpriced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the price list: these tests count tokens."""
    monkeypatch.setattr("tokwatch.ingest.ingest.pricing", unpriced)


@pytest.fixture(autouse=True)
def _by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every log of Claude Code and Codex by the compiled sieve and by the one in Python."""
    for reader in (ClaudeCode, Codex):
        monkeypatch.setattr(reader, "read", by_both(reader.read))


@pytest.fixture
def road(home: Path, tmp_path: Path) -> Iterator[Road]:
    """Return a new store that reads this test's home."""
    road = Road(home, tmp_path / "data")
    yield road
    road.close()


@pytest.fixture
def projects(home: Path) -> Path:
    """Return the folder of Claude Code's transcripts."""
    return home / ".claude" / "projects"


@pytest.fixture
def transcript(projects: Path) -> Path:
    """Return where the transcript of the usual session lies."""
    return projects / claude_lines.PROJECT / f"{claude_lines.SESSION}.jsonl"


@pytest.fixture
def sessions(home: Path) -> Path:
    """Return the folder of Codex's rollouts."""
    return home / ".codex" / "sessions"


@pytest.fixture
def rollout(sessions: Path) -> Path:
    """Return where the rollout of the usual thread lies."""
    name = f"rollout-2026-08-01T10-00-00-{codex_lines.THREAD}.jsonl"
    return sessions / "2026" / "08" / "01" / name


@pytest.fixture
def claude(transcript: Path, projects: Path) -> Read:
    """Return what reads lines as the usual session's transcript."""

    def read(*lines: bytes, max_line: int = 64 << 20) -> Reading:
        return reading("claude-code", write(transcript, *lines), projects, max_line=max_line)

    return read


@pytest.fixture
def codex(rollout: Path, sessions: Path) -> Read:
    """Return what reads lines as the usual thread's rollout."""

    def read(*lines: bytes, max_line: int = 64 << 20) -> Reading:
        return reading("codex", write(rollout, *lines), sessions, max_line=max_line)

    return read
