"""LLMLingua-2 by a stand-in with its calls: there are no weights here to try it with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from tests.compress.counted import count
from tokwatch.compress.call import outcome
from tokwatch.compress.nouns import Outcome
from tokwatch.compress.scene import Settings
from tokwatch.compress.shapes import read_prompt
from tokwatch.compress.solver import Aim, solve
from tokwatch.compress.stages import lingua
from tokwatch.errors import TokwatchError

TEXT = (
    "The worker that has the lease on `shard_7` did not answer, so the leader gave it to another. "
    "You must never restart it before 10:45, and the path is /srv/app/run.sh for all of them."
)


class PromptCompressor:
    """Takes the words of fewer than four letters for dispensable."""

    made: ClassVar[list[dict[str, object]]] = []
    asked: ClassVar[list[float]] = []

    def __init__(self, model_name: str, use_llmlingua2: bool, device_map: str) -> None:
        if "broken" in model_name:
            raise OSError("no config.json")
        self.made.append({"folder": model_name, "second": use_llmlingua2, "on": device_map})

    def compress_prompt(
        self, context: str, *, rate: float, force_tokens: list[str]
    ) -> dict[str, object]:
        """Return the longer words, as LLMLingua-2 names them."""
        self.asked.append(rate)
        words = [word for word in context.split() if len(word) > 3 or word in force_tokens]
        return {"compressed_prompt": " ".join(words), "rate": "50%"}


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = ModuleType("llmlingua")
    module.PromptCompressor = PromptCompressor  # type: ignore[attr-defined]  # a stand-in
    monkeypatch.setitem(sys.modules, "llmlingua", module)
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "")
    PromptCompressor.made.clear()
    PromptCompressor.asked.clear()
    lingua._model.cache_clear()
    yield
    lingua._model.cache_clear()


def pressed(folder: Path) -> Outcome:
    """Return what comes of the text with a model of a folder."""
    settings = Settings(count, lingua_folder=str(folder))
    return solve(read_prompt(TEXT), settings, Aim(reduction=0.5, stages=("llmlingua",)))


def test_what_the_model_drops_goes_but_for_what_is_protected(tmp_path: Path) -> None:
    found = pressed(tmp_path)

    assert PromptCompressor.made == [{"folder": str(tmp_path), "second": True, "on": "cpu"}]
    assert PromptCompressor.asked == [pytest.approx(0.5, abs=0.05)]
    assert found.reduction > 0.1
    for kept in ("`shard_7`", "did not", "must never", "10:45", "/srv/app/run.sh"):
        assert kept in found.text
    assert " the lease" not in found.text
    assert {edit.stage for edit in found.edits} == {"llmlingua"}


@pytest.mark.parametrize(
    ("folder", "told"), [("", "needs the folder"), ("gone", "no LLMLingua-2 model at"),
                         ("broken", "no config.json")],
)  # fmt: skip
def test_what_is_wrong_with_a_model_is_told(tmp_path: Path, folder: str, told: str) -> None:
    (tmp_path / "broken").mkdir()
    settings = Settings(count, lingua_folder=str(tmp_path / folder) if folder else "")

    with pytest.raises(TokwatchError, match=told):
        solve(read_prompt(TEXT), settings, Aim(stages=("llmlingua",)))


def test_its_libraries_are_kept_from_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    pressed(tmp_path)

    assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"


def test_it_never_runs_unasked() -> None:
    assert not any(run.name == "llmlingua" for run in outcome(TEXT, "", Aim(1), count).runs)
