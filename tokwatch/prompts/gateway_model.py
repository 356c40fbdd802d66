"""A model of the user's choice behind a gateway: what asking it sends where, costs, and returns."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.prompts.gateway_answer import Answer, Billed, Reading

if TYPE_CHECKING:
    from tokwatch.config import Config

_VERSION: Final = "2023-06-01"
_CHARS_A_TOKEN: Final = 12
"""An answer of more characters than this for each token that was asked for does not end."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where a model answers, and under which key."""

    url: str
    model: str
    key_name: str = ""
    """The variable that holds the key; empty where none is needed."""
    key: str = field(default="", repr=False)
    silent_s: float = 60.0

    @property
    def is_anthropic(self) -> bool:
        """Tell whether it is asked as Anthropic is, and not as OpenAI is."""
        return self.url.split("?")[0].rstrip("/").endswith("/messages")

    @property
    def shown(self) -> str:
        """Return the address without what may be secret in it."""
        from urllib.parse import urlsplit

        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


class Cost(Struct, frozen=True):
    """What asking costs."""

    billed: Billed
    nano: int | None
    """None where the model's price is not known."""
    is_estimate: bool

    def __str__(self) -> str:
        mark = "≈ " if self.is_estimate else ""
        sent = self.billed.input + self.billed.cache_read + self.billed.cache_write
        tokens = f"{mark}{sent:,} tokens in, {mark}{self.billed.output:,} out"
        if self.nano is None:
            return f"{tokens}; its price is not known"
        return f"{tokens}: {mark}${self.nano / 1e9:.4f}"


def gateway_of(config: Config, environ: Mapping[str, str] | None = None) -> Gateway:
    """Return the configured gateway with its key; raise where there is none."""
    told = config.workbench
    if not told.gateway:
        hint = "[workbench] gateway, gateway_model and gateway_key name one."
        raise ConfigError("No model is configured that could write this.", hint)
    key = (os.environ if environ is None else environ).get(told.gateway_key, "").strip()
    if told.gateway_key and not key:
        raise ConfigError(f"The variable {told.gateway_key} holds no key for the gateway.")
    return Gateway(told.gateway, told.gateway_model, told.gateway_key, key, told.gateway_seconds)


async def ask(
    gateway: Gateway, text: str, most_tokens: int, told: Callable[[str], None] = lambda text: None
) -> Answer:
    """Send a text and return the whole answer; `told` gets it piece by piece.

    Cancelling breaks it off. What went wrong is told without the text, the key or the address.
    """
    from tokwatch.net import NetError, streamed

    reading, size = Reading(), 0
    document, headers = _document(gateway, text, most_tokens), _headers(gateway)
    try:
        async for line in streamed(gateway.url, document, headers, gateway.silent_s):
            piece = reading.take(line)
            size += len(piece)
            if size > most_tokens * _CHARS_A_TOKEN:
                raise TokwatchError("The answer is far longer than it was asked to be.")
            if piece:
                told(piece)
    except NetError as error:
        raise TokwatchError(f"The gateway: {error}.") from None
    return reading.whole()


def estimated(gateway: Gateway, config: Config, text: str, answer_tokens: int, now_ms: int) -> Cost:
    """Return what asking will cost about, told before anything is sent."""
    from tokwatch.tokens.counting import ModelCounter

    sent = ModelCounter(gateway.model, config, {}).counted(text).tokens
    billed = Billed(input=sent, output=answer_tokens)
    return Cost(billed, _nano(gateway, config, billed, now_ms), True)


def paid(gateway: Gateway, config: Config, answer: Answer, before: Cost, now_ms: int) -> Cost:
    """Return what an answer cost; where the gateway does not tell its tokens, they are counted."""
    if answer.billed is not None:
        return Cost(answer.billed, _nano(gateway, config, answer.billed, now_ms), False)
    from tokwatch.tokens.counting import ModelCounter

    counted = ModelCounter(gateway.model, config, {}).counted(answer.text).tokens
    billed = before.billed._replace(output=counted)
    return Cost(billed, _nano(gateway, config, billed, now_ms), True)


def _nano(gateway: Gateway, config: Config, billed: Billed, now_ms: int) -> int | None:
    from tokwatch.model.card import card_at, cost_nano
    from tokwatch.prices.resolve import resolve
    from tokwatch.prices.settings import PriceSettings

    settings = PriceSettings.from_config(config.prices, config.data)
    prompt = billed.input + billed.cache_read + billed.cache_write
    card = card_at(resolve("", gateway.model, settings=settings).cards, now_ms, prompt)
    if card is None:
        return None
    return cost_nano(card, billed.input, billed.cache_read, billed.cache_write, 0, billed.output)


def _document(gateway: Gateway, text: str, most_tokens: int) -> dict[str, object]:
    safe = text.encode("utf-8", "replace").decode()
    asked: dict[str, object] = {
        "model": gateway.model,
        "messages": [{"role": "user", "content": safe}],
        "stream": True,
    }
    if gateway.is_anthropic:
        return {**asked, "max_tokens": most_tokens}
    return {**asked, "stream_options": {"include_usage": True}}


def _headers(gateway: Gateway) -> dict[str, str]:
    if not gateway.is_anthropic:
        return {"authorization": f"Bearer {gateway.key}"} if gateway.key else {}
    headers = {"anthropic-version": _VERSION}
    return {**headers, "x-api-key": gateway.key} if gateway.key else headers
