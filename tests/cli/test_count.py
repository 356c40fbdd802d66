"""`tokwatch count`: tokens, the share of a window with its exit code, and the models that fit."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.reports import World
from tests.store.build import Made

TEXT = "Every word of this text counts, and so does (this).\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file with a line of text."""
    (tmp_path / "text.txt").write_text(TEXT)
    return tmp_path / "text.txt"


def test_without_a_model_the_tokens_are_those_of_o200k(world: World, file: Path) -> None:
    done = world.run("count", str(file))

    assert (done.code, done.out) == (0, "13 tokens (o200k)\n")


def test_a_model_has_its_own_tokens_and_window(world: World, file: Path) -> None:
    done = world.run("count", "--model", "gpt-5", str(file))

    assert done.code == 0
    assert done.out == "13 tokens for gpt-5 (exact)\n0.0% of its window of 400,000: ok\n"


def test_standard_input_is_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hello world")))

    assert world.run("count").out == "2 tokens (o200k)\n"


@pytest.mark.parametrize(
    ("times", "code", "level"), [(50, 0, "ok"), (58, 1, "warning"), (66, 2, "critical")]
)
def test_the_exit_code_tells_how_full_the_window_is(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch, times: int, code: int, level: str
) -> None:
    monkeypatch.setenv("TOKWATCH_CONTEXT__WINDOWS", '{ "gpt-5" = 1000 }')
    file.write_text(TEXT * times)

    done = world.run("count", "--model", "gpt-5", "--json", str(file))

    assert done.code == code
    assert done.json["level"] == level
    assert done.json["window"] == 1_000
    assert done.json["windowShare"] == done.json["tokens"] / 1_000
    assert done.json["basis"] == "exact"


def test_a_model_that_nobody_knows_is_counted_and_told(world: World, file: Path) -> None:
    done = world.run("count", "--model", "nobody-knows", str(file))

    assert done.code == 0
    assert "its own tokenizer is not known" in done.out
    assert "its window is not known" in done.out


def test_models_are_listed_from_the_cheapest_with_what_is_yours(world: World, file: Path) -> None:
    import time

    now_ms = time.time_ns() // 1_000_000
    world.holds([Made(now_ms - 60_000, model="claude-opus-4-5"), Made(now_ms, model="mine")])

    table = world.run("count", "--models", str(file))
    told = world.run("count", "--models", "--json", str(file)).json

    assert table.code == 0
    assert "complexity 0." in table.out
    assert any(line.startswith(" * claude-opus-4-5") for line in table.out.splitlines())
    models = told["models"]
    prices = [one["coldNano"] for one in models if one["coldNano"] is not None]
    assert prices == sorted(prices)
    [best] = [one for one in models if one["isCheapestSuitable"]]
    assert best == next(one for one in models if one["isSuitable"])
    mine = {one["modelName"]: one for one in models if one["isUsed"]}
    assert set(mine) == {"claude-opus-4-5", "mine"}
    opus = mine["claude-opus-4-5"]
    assert opus["coldNano"] == opus["tokens"] * 5_000
    assert opus["cachedNano"] == opus["tokens"] * 500
    assert mine["mine"]["whyNot"] == "window not known"
    assert set(told["complexity"]["parts"]) == {
        *("size", "demands", "reasoning", "code", "breadth", "format")
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["--models", "--model", "gpt-5"],
        ["--exact"],
        ["--models", "--exact"],
    ],
)
def test_what_does_not_go_together_is_told(world: World, file: Path, arguments: list[str]) -> None:
    assert world.run("count", *arguments, str(file)).code == 2


def test_a_file_that_is_no_text_is_told(world: World, file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 20)

    done = world.run("count", str(file))

    assert done.code == 1
    assert "is no text" in done.err


def test_a_chat_is_counted_as_the_request_that_it_is(world: World, tmp_path: Path) -> None:
    file = tmp_path / "chat.json"
    tools = [{"type": "function", "function": {"name": "read", "parameters": {}}}]
    messages = [{"role": "user", "content": "hello world"}, {"role": "user", "content": "again"}]
    file.write_text(json.dumps({"messages": messages, "tools": tools}, indent=8))
    told = json.dumps(tools, separators=(",", ":"))
    (tmp_path / "tools.txt").write_text(told)
    of_tools = world.run("count", "--json", str(tmp_path / "tools.txt")).json["tokens"]

    plain = world.run("count", str(file))
    of_model = world.run("count", "--model", "gpt-5", "--json", str(file)).json
    listed = world.run("count", "--models", "--json", str(file)).json["models"]

    assert plain.out == f"{3 + of_tools} tokens (o200k)\n"
    assert "a chat of 2 messages" in plain.err
    assert of_model["tokens"] == 3 + of_tools + 3 * 2 + 3
    gpt = next(one for one in listed if one["modelName"].startswith("gpt-5"))
    assert gpt["tokens"] == of_model["tokens"]
