"""Asks a LiteLLM proxy with the providers' own SDKs; run by the interpreter that has these.

Prints the id of every response as its client sees it, and the status of every failure. Arguments:
the proxy's address, a key, and what is said.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial

import anthropic  # type: ignore[import-not-found,unused-ignore]  # in LiteLLM's environment
import openai  # type: ignore[import-not-found,unused-ignore]

URL, KEY, SAID = sys.argv[1:]
OPENAI = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0)
ANTHROPIC = anthropic.Anthropic(base_url=URL, api_key=KEY, max_retries=0)
STATUSES = (400, 401, 429, 500, 503)


def chat(model: str, said: str) -> str:
    """Return the id of a whole answer."""
    asked = [{"role": "user", "content": said}]
    return str(OPENAI.chat.completions.create(model=model, messages=asked).id)


def chat_stream(model: str, said: str, wants_usage: bool) -> str:
    """Return the id of a streamed answer."""
    asked = [{"role": "user", "content": said}]
    options = {"stream_options": {"include_usage": True}} if wants_usage else {}
    told = OPENAI.chat.completions.create(model=model, messages=asked, stream=True, **options)
    return str({chunk.id for chunk in told}.pop())


def response(said: str) -> str:
    """Return the id of a whole response."""
    return str(OPENAI.responses.create(model="gpt-up", input=said).id)


def response_stream(said: str) -> str:
    """Return the id of a streamed response."""
    events = list(OPENAI.responses.create(model="gpt-up", input=said, stream=True))
    return str(events[-1].response.id)


def message(model: str, said: str) -> str:
    """Return the id of a whole message."""
    asked = [{"role": "user", "content": said}]
    return str(ANTHROPIC.messages.create(model=model, max_tokens=99, messages=asked).id)


def message_stream(model: str, said: str) -> str:
    """Return the id of a streamed message."""
    asked = [{"role": "user", "content": said}]
    with ANTHROPIC.messages.stream(model=model, max_tokens=99, messages=asked) as told:
        return str(told.get_final_message().id)


def answered() -> Iterator[str]:
    """Ask in every way, each model by its own SDK and by the other's."""
    for model in ("gpt-up", "claude-up"):
        yield chat(model, SAID)
        yield chat_stream(model, SAID, wants_usage=True)
        yield chat_stream(model, SAID, wants_usage=False)
        yield message(model, SAID)
        yield message_stream(model, SAID)
    yield response(SAID)
    yield response_stream(SAID)


def failed() -> Iterator[int]:
    """Ask what fails, whole and streamed."""
    for status in STATUSES:
        said = f"fail {status} {SAID}"
        asks = (
            partial(chat, "gpt-up", said),
            partial(chat_stream, "gpt-up", said, wants_usage=True),
            partial(message, "claude-up", said),
            partial(message_stream, "claude-up", said),
            partial(response, said),
        )
        for ask in asks:
            try:
                ask()
            except (openai.APIStatusError, anthropic.APIStatusError) as error:
                yield int(error.status_code)


print(json.dumps({"answered": list(answered()), "failed": list(failed())}))
