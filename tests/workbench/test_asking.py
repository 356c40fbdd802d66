"""A model of the user's choice: told before, asked, checked, broken off, opened again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model_server import ModelServer, model_server
from tests.workbench.benches import desk
from tokwatch.compress.limits import Limits, Strategy
from tokwatch.config import Config, load
from tokwatch.errors import TokwatchError
from tokwatch.model.template import Failure
from tokwatch.workbench.asking import (
    Asking,
    Came,
    Wanted,
    percent_of,
    wanted_rewriting,
    wanted_summary,
)
from tokwatch.workbench.state import Bench, Target
from tokwatch.workbench.written import REWRITING

NOW_MS = 1_800_000_000_000
TEXT = "Please could you kindly answer the customer within 48 hours, and never promise a refund.\n"
CHAT = json.dumps(
    [{"role": ("user", "assistant")[n % 2], "content": f"Turn {n}: " + TEXT} for n in range(9)]
)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Return a model."""
    with model_server() as found:
        yield found


@pytest.fixture
def config(tmp_path: Path, server: ModelServer) -> Config:
    """Return settings that name it."""
    file = tmp_path / "config.toml"
    names = f'gateway = "{server.url}"\ngateway_model = "claude-haiku-4-5"\n'
    file.write_text(f"[workbench]\n{names}")
    return load(file, tmp_path, environ={})


def came(wanted: Wanted, config: Config) -> Came:
    """Return what came back."""
    found = Asking(wanted, config).ask(lambda piece: None)
    assert found is not None
    return found


def test_a_summary_is_told_asked_for_and_put_in_place(server: ModelServer, config: Config) -> None:
    bench = Bench(CHAT, target=Target(10**6, None), limits=Limits(5, strategy=Strategy.SUMMARY))
    wanted = wanted_summary(bench, config, {}, NOW_MS)
    assert server.got == []
    assert "in place of 5 messages, 2 to 6" in wanted.words
    assert f"to {server.url} for claude-haiku-4-5" in wanted.planned.words
    server.anthropic("The customer waits.", sent=300, written=12)
    pieces: list[str] = []
    found = Asking(wanted, config).ask(pieces.append)
    assert found is not None
    assert "".join(pieces) == "The customer waits."
    assert (found.cost.billed.input, found.cost.billed.output) == (300, 12)
    assert found.bench is not None
    assert found.bench.summary is not None
    assert len(found.bench.summary.originals) == 5
    assert found.bench.summary.originals[0].endswith(f"Turn 1: {TEXT}")
    told = json.loads(desk().worked(found.bench).text)
    assert [one["content"][:6] for one in told] == [
        "Turn 0", "[Summa", "Turn 6", "Turn 7", "Turn 8",
    ]  # fmt: skip
    assert found.bench.spent_nano == found.cost.nano


def test_a_rewriting_is_checked_before_it_is_taken(server: ModelServer, config: Config) -> None:
    wanted = wanted_rewriting(Bench(TEXT), config, {}, None, 50, NOW_MS)
    assert "the prompt rewritten in about 50 %" in wanted.words
    server.anthropic("Answer customers within 48 hours; never promise a refund.\n")
    taken = came(wanted, config)
    assert taken.bench is not None
    worked = desk().worked(taken.bench)
    assert worked.text.startswith("Answer customers within 48 hours")
    assert REWRITING in {one.name for one in worked.stages}
    server.anthropic("Answer the customer soon.")
    lost = came(wanted, config)
    assert (lost.bench, lost.failure) == (None, Failure.LOST)
    assert any("48" in one for one in lost.missing)
    server.anthropic("within 48 hours " * 20)
    assert "no shorter" in came(wanted, config).told


def test_what_was_sent_is_broken_off(server: ModelServer, config: Config) -> None:
    server.anthropic("Answer customers within 48 hours.")
    server.free.clear()
    asking = Asking(wanted_rewriting(Bench(TEXT), config, {}, None, 50, NOW_MS), config)
    ended: list[Came | None] = []
    thread = threading.Thread(target=lambda: ended.append(asking.ask(lambda piece: None)))
    thread.start()
    assert server.begun.wait(60)
    asking.stop()
    thread.join(20)
    assert ended == [None]
    again = Asking(asking.wanted, config)
    again.stop()
    assert again.ask(lambda piece: None) is None


def test_without_a_gateway_or_a_reason_nothing_is_planned(config: Config, tmp_path: Path) -> None:
    plain = load(None, tmp_path, environ={})
    with pytest.raises(TokwatchError, match="No model is configured"):
        wanted_rewriting(Bench(TEXT), plain, {}, None, 50, NOW_MS)
    with pytest.raises(TokwatchError, match="from 20 messages on"):
        wanted_summary(Bench(CHAT), config, {}, NOW_MS)


def test_a_rewriting_aims_at_the_target() -> None:
    assert percent_of(Target(None, 0.3), 1000) == 70
    assert percent_of(Target(250, None), 1000) == 25
    assert percent_of(Target(None, None), 1000) == 50
    assert percent_of(Target(5000, None), 1000) == 90
