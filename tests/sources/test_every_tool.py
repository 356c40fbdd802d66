"""A home with the logs of many tools at once holds the sum of its parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sources import claude_lines, codex_lines
from tests.sources.agents import (
    amp_logs,
    cline_logs,
    copilot_logs,
    crush_logs,
    droid_logs,
    gemini_logs,
    goose_logs,
    grok_logs,
    hermes_logs,
    kimi_logs,
    opencode_logs,
    pi_logs,
    qwen_logs,
    vibe_logs,
    zcode_logs,
    zed_logs,
)
from tests.sources.agents.databases import Tool, turns, writing
from tests.sources.gateways import ccflare_logs
from tests.sources.road import Road, Sums, spelt, write
from tokwatch.model.usage import Dimension

Build = Callable[[Path], object]
DATABASES = (
    *(copilot_logs.TOOL, crush_logs.TOOL, goose_logs.TOOL, hermes_logs.TOOL),
    *(opencode_logs.TOOL, zcode_logs.TOOL, zed_logs.TOOL),
)


def database(tool: Tool) -> Build:
    """Return what makes a tool's database with two turns."""

    return lambda home: turns(tool.path(home), tool, 1, 2)


def gateway(home: Path) -> None:
    """Make a gateway's database."""
    with writing(ccflare_logs.database(home)) as tables:
        ccflare_logs.add_row(tables)


BUILDS: dict[str, Build] = {
    "claude-code": lambda home: write(
        home / ".claude" / "projects" / "p" / "s1.jsonl", claude_lines.answer("a", 5)
    ),
    "codex": lambda home: write(
        home / ".codex" / "sessions" / "rollout-1.jsonl",
        codex_lines.meta(),
        codex_lines.turn(),
        codex_lines.totals((100, 40, 20, 5)),
    ),
    "gemini-cli": lambda home: gemini_logs.chat(
        home, gemini_logs.header(), gemini_logs.answer(1), gemini_logs.answer(2)
    ),
    "qwen-code": lambda home: qwen_logs.transcript(home, qwen_logs.answer()),
    "kimi": lambda home: kimi_logs.cli_log(home, kimi_logs.header(), kimi_logs.status()),
    "kimi-code": lambda home: kimi_logs.code_log(home, kimi_logs.created(), kimi_logs.used()),
    "droid": lambda home: droid_logs.save(home, droid_logs.settings()),
    "grok": lambda home: grok_logs.log(
        home, grok_logs.asked(), grok_logs.turn("p1", grok_logs.row(100, 20))
    ),
    "vibe": lambda home: vibe_logs.save(home, vibe_logs.meta(vibe_logs.stats(100, 20))),
    "pi": lambda home: pi_logs.pi_log(home, pi_logs.header(), spelt(pi_logs.answer())),
    "openclaw": lambda home: pi_logs.openclaw_log(
        home, pi_logs.header(), spelt(pi_logs.answer("msg_01OTHER"))
    ),
    "amp": lambda home: amp_logs.amp_log(home, amp_logs.thread(amp_logs.answered())),
    "cline": lambda home: cline_logs.task_log(home, [cline_logs.request()]),
    "ccflare": gateway,
    **{tool.source: database(tool) for tool in DATABASES},
}


def sums(home: Path, data: Path) -> Sums:
    """Return what a home's logs tell, by source."""
    road = Road(home, data)
    try:
        road.read()
        assert not road.ingest.read_errors
        return road.sums((Dimension.SOURCE,))
    finally:
        road.close()


@pytest.mark.parametrize("name", BUILDS)
def test_each_tool_is_found_where_it_keeps_its_logs(name: str, tmp_path: Path) -> None:
    BUILDS[name](tmp_path / "home")

    assert [group for group, spent in sums(tmp_path / "home", tmp_path / "data").items()] == [
        (name,)
    ]


def test_a_home_with_all_tools_gives_the_sum_of_its_parts(tmp_path: Path) -> None:
    parts: Sums = {}
    for name, build in BUILDS.items():
        build(tmp_path / name)
        build(tmp_path / "all")
        parts |= sums(tmp_path / name, tmp_path / f"{name}-data")

    assert sums(tmp_path / "all", tmp_path / "data") == parts
    assert len(parts) == len(BUILDS)
