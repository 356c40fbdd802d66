"""Asking a gateway's model: streams of two makers, what goes wrong, what it costs, breaking off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model_server import ModelServer, event, model_server
from tokwatch.config import Config, load
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.prompts.gateway_answer import Answer, Billed
from tokwatch.prompts.gateway_model import Gateway, ask, estimated, gateway_of, paid

SECRET = "sk-very-secret"
TEXT = "words that nobody else may read"
NOW_MS = 1_800_000_000_000


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """Return a model that is asked as Anthropic's are."""
    with model_server() as found:
        yield found


def gateway(server: ModelServer, silent_s: float = 10.0) -> Gateway:
    """Return the server as it is configured."""
    return Gateway(server.url, "claude-haiku-4-5", "SOME_KEY", SECRET, silent_s)


def asked(server: ModelServer, silent_s: float = 10.0, most: int = 500) -> Answer:
    """Ask the server."""
    return asyncio.run(ask(gateway(server, silent_s), TEXT, most))


def config(tmp_path: Path, **settings: str) -> Config:
    """Return settings of the workbench."""
    environ = {f"TOKWATCH_WORKBENCH__{name.upper()}": value for name, value in settings.items()}
    return load(None, tmp_path, None, environ)


def test_a_stream_of_anthropics_is_read_piece_by_piece(server: ModelServer) -> None:
    server.anthropic("A short summary.")
    told: list[str] = []

    answer = asyncio.run(ask(gateway(server), TEXT, 500, told.append))

    assert answer == Answer("A short summary.", Billed(100, 0, 0, 20))
    assert told == ["A short ", "summary."]
    assert server.got[0]["messages"] == [{"role": "user", "content": TEXT}]
    assert (server.got[0]["max_tokens"], server.got[0]["stream"]) == (500, True)
    assert server.headers[0]["x-api-key"] == SECRET


def test_a_stream_of_openais_is_read_and_its_cached_tokens_are_apart() -> None:
    with model_server("/v1/chat/completions") as server:
        cached = {"cached_tokens": 40}
        usage = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": cached}
        server.openai("Short.", usage)

        answer = asked(server)

        assert answer == Answer("Short.", Billed(50, 40, 0, 7))
        assert server.headers[0]["authorization"] == f"Bearer {SECRET}"
        assert server.got[0]["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    "told",
    [
        {"content": [{"type": "text", "text": "Whole."}], "stop_reason": "end_turn"},
        {"choices": [{"message": {"content": "Whole."}, "finish_reason": "stop"}]},
    ],
)
def test_an_answer_that_comes_at_once_is_read_too(
    server: ModelServer, told: dict[str, object]
) -> None:
    server.pieces, server.kind = [json.dumps(told, indent=1).encode()], "application/json"

    assert asked(server) == Answer("Whole.", None)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "the key is refused"), (403, "the key is refused"), (429, "again in 7 s"), (500, "500")],
)
def test_a_refusal_is_told_in_a_line_without_secrets(
    server: ModelServer, status: int, words: str
) -> None:
    server.status, server.retry_after = status, "7"
    server.pieces = [f"{TEXT} {SECRET}".encode()]

    with pytest.raises(TokwatchError) as caught:
        asked(server)

    message = caught.value.message
    assert words in message
    assert TEXT not in message
    assert SECRET not in message
    assert server.url not in message


def test_a_silent_model_is_given_up(server: ModelServer) -> None:
    server.anthropic("never whole")
    server.free.clear()

    with pytest.raises(TokwatchError, match=r"no answer within 0\.2 s"):
        asked(server, silent_s=0.2)


def test_an_answer_that_is_cut_is_not_taken(server: ModelServer) -> None:
    server.anthropic("Half a summary, and the rest")
    del server.pieces[1:]

    with pytest.raises(TokwatchError, match="broke off"):
        asked(server)

    server.length = 10_000
    with pytest.raises(TokwatchError, match="broke off"):
        asked(server)


def test_an_answer_that_ran_out_of_room_is_not_taken(server: ModelServer) -> None:
    server.anthropic("Half a summary", why="max_tokens")

    with pytest.raises(TokwatchError, match="ran out of room"):
        asked(server)


@pytest.mark.parametrize(
    "garbage",
    [
        b"data: {not json}\n\n",
        b"data: [1, 2]\n\n",
        b"<html>a page</html>",
        b"\xff\xfe\x00",
        b"data: " + b"[" * 100_000,
    ],
)
def test_garbage_is_refused(server: ModelServer, garbage: bytes) -> None:
    server.pieces = [garbage]

    with pytest.raises(TokwatchError, match="cannot be understood"):
        asked(server)


def test_nothing_at_all_is_no_answer(server: ModelServer) -> None:
    with pytest.raises(TokwatchError, match="broke off"):
        asked(server)

    server.pieces = [event("message_stop", {})]
    with pytest.raises(TokwatchError, match="is empty"):
        asked(server)


def test_an_error_in_the_stream_tells_its_kind_and_not_its_words(server: ModelServer) -> None:
    error = {"type": "overloaded_error", "message": f"cannot do {TEXT}"}
    server.pieces = [event("error", {"error": error})]

    with pytest.raises(TokwatchError) as caught:
        asked(server)

    assert caught.value.message == "The gateway answered with an error: overloaded_error."


def test_an_answer_without_an_end_is_broken_off(server: ModelServer) -> None:
    server.anthropic("x" * 2_000)

    with pytest.raises(TokwatchError, match="far longer"):
        asked(server, most=10)


def test_cancelling_breaks_it_off_at_once(server: ModelServer) -> None:
    server.anthropic("never whole")
    server.free.clear()

    async def cancelled() -> None:
        pieces = asyncio.Event()
        task = asyncio.create_task(ask(gateway(server, 60), TEXT, 500, lambda piece: pieces.set()))
        await pieces.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


def test_only_an_encrypted_address_or_this_machine_is_asked() -> None:
    told = Gateway("http://example.com/v1/messages", "m", "K", SECRET)

    with pytest.raises(TokwatchError, match="neither https nor on this machine"):
        asyncio.run(ask(told, TEXT, 10))


def test_the_cost_is_told_before_and_after(server: ModelServer, tmp_path: Path) -> None:
    settings = config(tmp_path)
    before = estimated(gateway(server), settings, "one two three " * 1_000, 300, NOW_MS)

    after = paid(gateway(server), settings, Answer("x", Billed(2_000, 0, 0, 200)), before, NOW_MS)

    assert before.is_estimate
    assert before.billed.output == 300
    assert (before.nano or 0) > 300 * 5_000
    assert (after.nano, after.is_estimate) == (2_000 * 1_000 + 200 * 5_000, False)
    assert str(after) == "2,000 tokens in, 200 out: $0.0030"


def test_where_the_gateway_tells_no_tokens_they_are_counted(
    server: ModelServer, tmp_path: Path
) -> None:
    settings = config(tmp_path)
    before = estimated(gateway(server), settings, TEXT, 300, NOW_MS)

    after = paid(gateway(server), settings, Answer("two words", None), before, NOW_MS)

    assert after.is_estimate
    assert 2 <= after.billed.output < 6


def test_an_unknown_model_has_no_price(tmp_path: Path) -> None:
    told = Gateway("https://example.com/v1/messages", "our-own-model")

    cost = estimated(told, config(tmp_path), TEXT, 10, NOW_MS)

    assert cost.nano is None
    assert "not known" in str(cost)


def test_the_key_is_read_from_the_variable_that_is_named(tmp_path: Path) -> None:
    settings = config(
        tmp_path,
        gateway="https://example.com/v1/messages",
        gateway_model="m",
        gateway_key="SOME_KEY",
    )

    found = gateway_of(settings, {"SOME_KEY": f" {SECRET}\n"})

    assert (found.key, found.is_anthropic) == (SECRET, True)
    assert SECRET not in repr(found)
    with pytest.raises(ConfigError, match="SOME_KEY holds no key"):
        gateway_of(settings, {})
    with pytest.raises(ConfigError, match="No model is configured"):
        gateway_of(config(tmp_path), {})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"gateway": "http://example.com/v1/messages", "gateway_model": "m"}, "https"),
        ({"gateway": "https://example.com/v1", "gateway_model": "m"}, "must end in"),
        ({"gateway": "https://example.com/v1/messages"}, "gateway_model"),
        ({"gateway_key": SECRET}, "name of the variable"),
    ],
)
def test_wrong_settings_are_told_without_the_key(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, **settings)

    assert words in caught.value.message
    assert SECRET not in caught.value.message
