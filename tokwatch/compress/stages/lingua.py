"""LLMLingua-2: words that a local model finds dispensable. An extra that the user brings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Final  # Any: llmlingua has no types

from tokwatch.compress.difference import changes
from tokwatch.compress.nouns import Change, Kind, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, only
from tokwatch.errors import TokwatchError

_DROPPED: Final = (Kind.PLAIN, Kind.USER, Kind.RESULT)
_LEAST: Final = 0.1
"""Share of the words that stays at least."""


def find(scene: Scene) -> Iterator[Change]:
    """Yield the words that the model drops."""
    model = _model(scene.settings.lingua_folder)
    views = only(scene.views, _DROPPED)
    fixed = sum(view.tokens for view in scene.views) - sum(view.tokens for view in views)
    before = sum(view.tokens for view in views)
    rate = max(_LEAST, (scene.room - fixed) / before) if before else 1.0
    if rate >= 1:
        return
    for view in views:
        answer = model.compress_prompt(view.text, rate=rate, force_tokens=["\n", ".", "?", "!"])
        yield from changes(view.number, view.text, str(answer["compressed_prompt"]), "LLMLingua-2")


@cache
def _model(folder: str) -> Any:
    if not folder:
        told = "LLMLingua-2 needs the folder of a model."
        raise TokwatchError(told, "Name the folder that holds the model you downloaded.")
    try:
        compressor = import_module("llmlingua").PromptCompressor
    except ImportError:
        told = "LLMLingua-2 is not installed."
        raise TokwatchError(told, "Install it: pip install llmlingua") from None
    return compressor(model_name=folder, use_llmlingua2=True, device_map="cpu")


STAGE: Final = Stage(
    *(
        "llmlingua",
        "words that a local model finds dispensable",
        Risk.HIGH,
        Touch.REWORD,
        find,
        True,
    )
)
