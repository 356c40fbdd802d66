"""`tokwatch endpoints`: the state of all, a trial of one, a poll; exit codes and JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.endpoint_server import Answer, EndpointServer, endpoint_server
from tokwatch.cli import main

KEY = "sk-canary-cli-1"


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    """Return a llama.cpp server with one busy slot."""
    with endpoint_server() as server:
        server.clock_ms = lambda: time.time_ns() // 1_000_000
        server.tell("/metrics", b"llamacpp:tokens_predicted_total 7\n")
        server.tell("/v1/models", {"data": [{"id": "qwen\x1b[31m.gguf"}]})
        server.tell("/slots", [{"id": 0, "n_ctx": 100, "n_prompt_tokens": 25}])
        yield server


@pytest.fixture
def options(server: EndpointServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the options that configure the server as an endpoint."""
    monkeypatch.setenv("BOX_KEY", KEY)
    file = tmp_path / "config.toml"
    file.write_text(
        f'[endpoint.box]\nkind = "llamacpp"\nurl = "{server.url}"\nkey = "env:BOX_KEY"\n'
        '[endpoint.spare]\nkind = "ollama"\nurl = "http://127.0.0.1:1"\non = false\n'
    )
    return ["--config", str(file), "--data", str(tmp_path / "data")]


def printed(
    options: list[str], capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str]:
    """Run the command; return its exit code and all that it printed."""
    code = main([*options, "endpoints", *arguments])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_without_an_endpoint_it_says_how_to_add_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = printed(["--data", str(tmp_path)], capsys)

    assert code == 0
    assert "[endpoint.NAME] in config.toml" in text
    assert main(["--data", str(tmp_path), "endpoints", "poll"]) == 0


def test_a_trial_prints_what_each_part_tells_and_keeps_nothing(
    options: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, text = printed(options, capsys, "test", "box")

    assert code == 0
    assert "+ box metrics: nothing to count yet" in text
    assert "context_share 0.25 (slot 0)" in text
    assert not (tmp_path / "data" / "tokwatch.db").exists()
    assert KEY not in text
    assert "\x1b" not in text


def test_a_part_that_fails_makes_the_trial_fail(
    options: list[str], capsys: pytest.CaptureFixture[str], server: EndpointServer
) -> None:
    server.answers["/slots"] = Answer(status=403)

    code, text = printed(options, capsys, "test", "box", "--json")

    document = json.loads(text)
    assert code == 1
    assert [part["part"] for part in document["parts"]] == ["metrics", "slots"]
    assert document["parts"][1]["error"].startswith("answered with status 403")


def test_polling_keeps_growth_and_asks_only_what_is_due(
    options: list[str], capsys: pytest.CaptureFixture[str], server: EndpointServer
) -> None:
    assert printed(options, capsys, "poll")[0] == 0
    assert "nothing is due of 1 endpoint" in printed(options, capsys, "poll")[1]
    server.tell("/metrics", b"llamacpp:tokens_predicted_total 12\n")

    code, text = printed(options, capsys, "poll", "box", "--json")

    assert code == 0
    [grown] = [bucket for poll in json.loads(text)["polls"] for bucket in poll["buckets"]]
    assert (grown["report"], grown["output"], grown["model"]) == ("llamacpp", 5, "qwen[31m.gguf")


def test_the_state_of_all_is_told_in_words_and_as_json(
    options: list[str], capsys: pytest.CaptureFixture[str], server: EndpointServer
) -> None:
    server.answers["/slots"] = Answer(status=500)
    printed(options, capsys, "poll")
    server.tell("/metrics", b"llamacpp:tokens_predicted_total 12\n")
    printed(options, capsys, "poll", "box")

    _, text = printed(options, capsys)
    document: dict[str, Any] = json.loads(printed(options, capsys, "--json")[1])

    assert "! slots: answered with status 500 (2 failures in a row)" in text
    assert "llamacpp: 1 bucket, 5 tokens" in text
    assert "Ollama  http://127.0.0.1:1  (off in the settings)" in text
    box, spare = document["endpoints"]
    assert (box["name"], box["kind"], box["on"], spare["on"]) == ("box", "llamacpp", True, False)
    metrics, slots = box["parts"]
    assert (metrics["breaker"], metrics["notModified"], slots["failures"]) == ("closed", 0, 2)
    assert box["reports"][0]["output"] == 5
    assert "cursor" not in metrics


def test_one_that_was_taken_back_is_forgotten_and_one_that_is_on_is_not(
    options: list[str],
    capsys: pytest.CaptureFixture[str],
    server: EndpointServer,
) -> None:
    printed(options, capsys, "poll")
    server.tell("/metrics", b"llamacpp:tokens_predicted_total 12\n")
    printed(options, capsys, "poll", "box")
    refused = printed(options, capsys, "forget", "box")
    file = Path(options[1])
    file.write_text(file.read_text().replace("[endpoint.box]", "[endpoint.bax]"))
    unknown = printed(options, capsys, "forget", "bex")

    dry = printed(options, capsys, "forget", "box", "--dry-run")
    document = json.loads(printed(options, capsys, "forget", "box", "--json")[1])
    again = printed(options, capsys, "forget", "box")

    assert refused[0] == unknown[0] == again[0] == 2
    assert "on in your settings" in refused[1]
    assert "Nothing is stored of an endpoint 'bex'" in unknown[1]
    assert "Out of the settings, but stored: box." in unknown[1]
    assert dry[0] == 0
    assert "1 bucket of reports, " in dry[1]
    assert " and the polling of 2 parts would go. They were of 20" in dry[1]
    assert "Single requests that it told stay" in dry[1]
    assert (document["name"], document["dryRun"]) == ("box", False)
    assert document["forgotten"]["buckets"] == 1
    assert document["forgotten"]["gauges"] > 0
    assert "Nothing is stored of an endpoint 'box'" in again[1]
    assert printed(options, capsys, "forget", "spare") == (0, "Nothing is stored of spare.\n")


def test_an_unknown_name_is_an_error_of_usage(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = printed(options, capsys, "test", "bex")

    assert code == 2
    assert "Did you mean 'box'" in text


def test_the_doctor_tells_what_was_stored_and_asks_nobody(
    options: list[str],
    capsys: pytest.CaptureFixture[str],
    server: EndpointServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.clock_ms = lambda: time.time_ns() // 1_000_000 - 600_500
    server.answers["/slots"] = Answer(status=403)
    printed(options, capsys, "poll")
    asked = len(server.asked)

    code = main([*options, "doctor"])
    text = capsys.readouterr().out
    monkeypatch.delenv("BOX_KEY")
    main([*options, "doctor"])
    keyless = capsys.readouterr().out

    assert (code, len(server.asked)) == (1, asked)
    assert "ok    endpoint box: metrics: answered" in text
    assert "!     endpoint box: slots: answered with status 403" in text
    assert "1 failure in a row, never answered, circuit open" in text
    assert "its clock is 10 min behind this machine's" in text
    assert "endpoint spare: off in the settings" in text
    assert "!     endpoint box: the variable BOX_KEY holds no key" in keyless
    assert KEY not in text
