"""A prompt's tokens for a model: of chat JSON, what a request with it is billed for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokwatch.compress.billed import tokens_of
from tokwatch.compress.nouns import Prompt, Shape
from tokwatch.compress.shapes import read_prompt
from tokwatch.errors import TokwatchError
from tokwatch.tokens.counting import ModelCounter
from tokwatch.tokens.estimate import Calibrations, Counted
from tokwatch.workbench.meter import Meter

if TYPE_CHECKING:
    from tokwatch.config import Config


def chat_of(text: str) -> Prompt | None:
    """Return chat JSON as a prompt; None for any other text."""
    try:
        prompt = read_prompt(text)
    except TokwatchError:
        return None
    return None if prompt.shape is Shape.PLAIN else prompt


def counted_prompt(
    text: str, chat: Prompt | None, model: str, config: Config, known: Calibrations
) -> Counted:
    """Return the tokens of a text, or of the chat that it is; without a model those of o200k."""
    if chat is None:
        return ModelCounter(model, config, known).counted(text)
    meter = Meter(model, config, known)
    return meter.scale(text, tokens_of(chat, meter.raw, meter.wrapping)).counted
