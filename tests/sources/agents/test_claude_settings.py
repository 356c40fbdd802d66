"""Claude Code's settings: for which transcripts they ask for the large window."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tokwatch.sources import asks_large
from tokwatch.sources.agents import claude_settings as module

SONNET = "claude-sonnet-4-5-20250929"


class Clock:
    """A steady clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock by which settings are looked at again."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    module._asked.cache_clear()
    return clock


def asked(folder: Path, settings: object, model: str = SONNET, log: str = "app/s1.jsonl") -> bool:
    """Write settings and tell whether they ask for the large window for a transcript."""
    folder.mkdir(exist_ok=True)
    folder.joinpath("settings.json").write_text(json.dumps(settings))
    module._asked.cache_clear()
    return asks_large("claude-code", str(folder / "projects" / log), model)


@pytest.mark.parametrize(
    ("settings", "model", "is_large"),
    [
        ({"model": "sonnet[1m]"}, SONNET, True),
        ({"model": "Sonnet[1M]", "env": {"OTHER": "x"}}, "claude-sonnet-4-5", True),
        ({"model": "claude-sonnet-4-5[1m]"}, SONNET, True),
        ({"model": "claude-sonnet-4-5-20250929[1m]"}, "claude-sonnet-4-5", True),
        ({"env": {"ANTHROPIC_MODEL": "my-gateway-model[1m]"}}, "my-gateway-model", True),
        ({"model": "opus", "env": {"ANTHROPIC_MODEL": "sonnet[1m]"}}, SONNET, True),
        ({"model": "sonnet[1m]", "env": {"ANTHROPIC_MODEL": "sonnet"}}, SONNET, False),
        ({"model": "sonnet[1m]", "env": {"CLAUDE_CODE_DISABLE_1M_CONTEXT": "1"}}, SONNET, False),
        ({"model": "sonnet"}, SONNET, False),
        ({"model": "[1m]"}, SONNET, False),
        ({"model": "opus[1m]"}, SONNET, False),
        ({"model": "claude-sonnet-4[1m]"}, SONNET, False),
        ({"model": 7}, SONNET, False),
        ([], SONNET, False),
        ({}, SONNET, False),
    ],
)
def test_the_model_with_the_mark_is_the_one_of_the_log(
    tmp_path: Path, settings: object, model: str, is_large: bool
) -> None:
    assert asked(tmp_path / ".claude", settings, model) is is_large


def test_sub_agents_other_profiles_other_tools_and_other_machines_are_not_meant(
    tmp_path: Path,
) -> None:
    settings = {"model": "sonnet[1m]"}

    assert asked(tmp_path / ".claude", settings)
    assert not asked(tmp_path / ".claude", settings, log="app/s1/subagents/agent-1.jsonl")
    assert not asked(tmp_path / ".claude", settings, log="app/agent-1.jsonl")
    assert asked(tmp_path / ".claude-work", {"model": "sonnet"}) is False
    inside = str(tmp_path / ".claude" / "projects" / "app" / "s1.jsonl")
    assert not asks_large("codex", inside, SONNET)
    assert not asks_large("claude-code", f"laptop:{inside}", SONNET)
    assert not asks_large("claude-code", "", SONNET)
    assert not asks_large("no-such-source", inside, SONNET)


def test_a_changed_file_is_read_again_after_a_while_and_another_one_never(
    tmp_path: Path, clock: Clock
) -> None:
    assert asked(tmp_path, {"model": "sonnet[1m]"})
    settings, log = tmp_path / "settings.json", str(tmp_path / "projects" / "app" / "s1.jsonl")
    settings.write_text(json.dumps({"model": "opus[1m]"}))
    assert asks_large("claude-code", log, SONNET), "looked at a moment ago"

    clock.now += module.AGAIN_S
    assert not asks_large("claude-code", log, SONNET)

    reads = module._read.cache_info().misses
    clock.now += module.AGAIN_S
    assert asks_large("claude-code", log, "claude-opus-4-1")
    assert module._read.cache_info().misses == reads, "its status is the same"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_what_is_no_file_or_no_settings_is_left_alone(tmp_path: Path) -> None:
    settings, log = tmp_path / "settings.json", str(tmp_path / "projects" / "app" / "s1.jsonl")
    os.mkfifo(settings)
    assert not asks_large("claude-code", log, SONNET)
    settings.unlink()
    module._asked.cache_clear()
    settings.write_bytes(b'{"model":"sonnet[1m]","more":"' + b"x" * module._MOST)
    assert not asks_large("claude-code", log, SONNET)
    module._asked.cache_clear()
    settings.write_bytes(b'{"model":"sonnet[1m]",\xff')
    assert not asks_large("claude-code", log, SONNET)
