"""LLMLingua-2: words that a local model finds dispensable. An extra that the user brings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final  # Any: llmlingua has no types

from tokwatch.compress.difference import changes
from tokwatch.compress.nouns import Change, Kind, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, only
from tokwatch.errors import TokwatchError

_DROPPED: Final = (Kind.PLAIN, Kind.USER, Kind.RESULT)
_OFFLINE: Final = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""What keeps its libraries from looking for a model on the network."""
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
    """Return the model of a folder; raise where that cannot be. Nothing is ever downloaded."""
    if not folder:
        told = "LLMLingua-2 needs the folder of a model."
        raise TokwatchError(told, "Name the folder that holds the model you downloaded.")
    if not Path(folder).is_dir():
        told = f"There is no LLMLingua-2 model at {folder}."
        raise TokwatchError(told, "See [workbench] lingua.")
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    try:
        compressor = import_module("llmlingua").PromptCompressor
    except ImportError:
        told = "LLMLingua-2 is not installed."
        raise TokwatchError(told, "Install it: pip install 'tokwatch[lingua]'") from None
    _load_its_own_count()
    try:
        return compressor(model_name=folder, use_llmlingua2=True, device_map="cpu")
    except Exception as error:  # whatever its libraries raise of a folder that holds no model
        raise TokwatchError(f"{folder} holds no LLMLingua-2 model: {error}") from None


def _load_its_own_count() -> None:
    """Load the encoding that LLMLingua counts with, which it would fetch from the network."""
    from tokwatch.paths import user_data_folder
    from tokwatch.tokens.counting import count_in
    from tokwatch.tokens.encodings import Encoding

    count_in(Encoding.CL100K, user_data_folder())


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
