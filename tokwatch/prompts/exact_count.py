"""The provider's own count of a prompt's tokens: asked for only when the user says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tokwatch.errors import ConfigError, TokwatchError

ADDRESS: Final = "https://api.anthropic.com"
BASE: Final = "ANTHROPIC_BASE_URL"
KEY: Final = "ANTHROPIC_API_KEY"
TOKEN: Final = "ANTHROPIC_AUTH_TOKEN"
PATH: Final = "/v1/messages/count_tokens"
VERSION: Final = "2023-06-01"
TIMEOUT_S: Final = 30.0
_SENT: Final = ("messages", "system", "tools", "tool_choice", "thinking")
"""Fields of a request that its count is about."""


class ExactCount(Struct, frozen=True):
    """A count that may be asked for: what is sent, and where to."""

    url: str
    key_name: str
    """The variable that holds the key."""
    document: Mapping[str, object]
    headers: Mapping[str, str]
    chars: int

    @property
    def words(self) -> str:
        """Return what asking does, for who has to allow it."""
        return (
            f"This sends {self.chars:,} characters to {self.url}, to be counted for "
            f"{self.document['model']} under the key of {self.key_name}. It costs nothing."
        )


def exact_count(model: str, text: str, environ: Mapping[str, str]) -> ExactCount:
    """Return what a count would send; nothing is sent yet."""
    if "claude" not in model.lower():
        raise ConfigError(
            f"There is no exact count for {model}: only Claude's provider offers one.",
            "Without --exact the tokens are counted here.",
        )
    headers = {"anthropic-version": VERSION}
    if environ.get(KEY):
        key_name, headers["x-api-key"] = KEY, environ[KEY]
    elif environ.get(TOKEN):
        key_name, headers["authorization"] = TOKEN, f"Bearer {environ[TOKEN]}"
    else:
        raise ConfigError(f"An exact count needs a key in {KEY}.")
    url = (environ.get(BASE) or ADDRESS).rstrip("/") + PATH
    return ExactCount(url, key_name, {"model": model, **_request(text)}, headers, len(text))


def ask(count: ExactCount) -> int:
    """Send it and return the tokens."""
    from tokwatch.net import NetError, exchange

    try:
        told = exchange(count.url, count.document, count.headers, TIMEOUT_S)
    except NetError as error:
        raise TokwatchError(f"The provider did not count: {error}.") from None
    tokens = told.get("input_tokens") if isinstance(told, dict) else None
    if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 0:
        raise TokwatchError("The provider did not count: its answer tells no tokens.")
    return tokens


def _request(text: str) -> dict[str, object]:
    """Return a text as a request: a whole one as it is, any other as a user's message."""
    if text.lstrip().startswith("{"):
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict) and isinstance(told.get("messages"), list):
            return {name: told[name] for name in _SENT if name in told}
    safe = text.encode("utf-8", "replace").decode()
    return {"messages": [{"role": "user", "content": safe}]}
