"""Summaries and rewritings: what is told before, asked, checked and paid."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model_server import ModelServer, model_server
from tokwatch.compress.nouns import Prompt
from tokwatch.compress.shapes import read_prompt
from tokwatch.config import Config, load
from tokwatch.prompts.gateway_model import Gateway
from tokwatch.prompts.summarising import (
    planned_rewriting,
    planned_summary,
    rewrite,
    summarise,
    summary_tokens,
)

NOW_MS = 1_800_000_000_000


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Return a model."""
    with model_server() as found:
        yield found


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return settings as they are shipped."""
    return load(None, tmp_path, None, {})


@pytest.fixture
def prompt() -> Prompt:
    """Return a chat that names a file twice."""
    texts = ("Fix src/app.py, please.", "I changed src/app.py.", "And the tests?")
    roles = ("user", "assistant", "user")
    chat = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=True)]
    return read_prompt(json.dumps(chat))


def test_the_address_is_told_without_its_secrets() -> None:
    told = Gateway("https://me:secret@example.com:8443/v1/messages?key=secret", "m")

    assert told.shown == "https://example.com:8443/v1/messages"


def gateway(server: ModelServer) -> Gateway:
    """Return the server as it is configured."""
    return Gateway(server.url, "claude-haiku-4-5", "SOME_KEY", "sk-secret", 10)


def test_what_would_be_sent_is_told_and_nothing_is_sent(
    server: ModelServer, config: Config, prompt: Prompt
) -> None:
    planned = planned_summary(gateway(server), config, prompt, [0, 1], NOW_MS)

    assert f"{planned.chars:,} characters to {server.url}" in planned.words
    assert "under the key of SOME_KEY" in planned.words
    assert "≈ $" in planned.words
    assert "sk-secret" not in planned.words
    assert server.got == []


def test_a_summary_names_its_files_and_keeps_the_originals(
    server: ModelServer, config: Config, prompt: Prompt
) -> None:
    server.anthropic("A fix was made.", sent=80, written=10)
    planned = planned_summary(gateway(server), config, prompt, [0, 1], NOW_MS)
    pieces: list[str] = []

    done = asyncio.run(summarise(planned, config, prompt, [0, 1], NOW_MS, pieces.append))

    assert done.summary.text.endswith("A fix was made.\nFiles: src/app.py")
    assert done.summary.originals == (
        "user: Fix src/app.py, please.",
        "assistant: I changed src/app.py.",
    )
    assert "".join(pieces) == "A fix was made."
    assert (done.cost.nano, done.cost.is_estimate) == (80 * 1_000 + 10 * 5_000, False)
    assert len(server.got[0]["messages"][0]["content"]) == planned.chars


def test_a_rewriting_that_lost_what_must_stay_is_not_faithful(
    server: ModelServer, config: Config
) -> None:
    text = "Please could you read {file} and never touch `main`?"
    planned = planned_rewriting(gateway(server), config, text, 50, NOW_MS)

    server.anthropic("Read {file}.")
    lost = asyncio.run(rewrite(planned, config, 0, text, 50, NOW_MS))
    server.anthropic("Read {file}; never touch `main`.")
    whole = asyncio.run(rewrite(planned, config, 0, text, 50, NOW_MS))

    assert lost.rewritten.missing == ("`main`",)
    assert whole.rewritten.is_faithful
    assert whole.rewritten.changes


def test_a_summary_is_as_long_as_the_settings_have_it(
    server: ModelServer, prompt: Prompt, tmp_path: Path
) -> None:
    short = load(None, tmp_path, None, {"TOKWATCH_SUMMARY__WORDS": "40"})
    server.anthropic("A fix was made.")

    planned = planned_summary(gateway(server), short, prompt, [0, 1], NOW_MS)
    asyncio.run(summarise(planned, short, prompt, [0, 1], NOW_MS))

    assert "in about 40 words" in server.got[0]["messages"][0]["content"]
    assert planned.answer_tokens == summary_tokens(short) < 100
