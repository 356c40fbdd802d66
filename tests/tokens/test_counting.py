"""Counting for a model: by its family, by the user's logs, or by a tokenizer of the user's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tokwatch.config import Config, load
from tokwatch.errors import TokwatchError
from tokwatch.tokens.calibrated import BY_LENGTH, Calibration, Kind
from tokwatch.tokens.counting import ModelCounter, count_by_file, own_file
from tokwatch.tokens.estimate import (
    Basis,
    calibration_of,
    for_model,
    of_lengths,
    of_prompts,
)

TEXT = "Every word of this text counts, and so does (this)."


def calibration(model: str, **changes: object) -> Calibration:
    """Return what was measured of a model."""
    made = Calibration(
        *(model, Kind.PROMPT, "cl100k_base", 2.0, 10.0, 40, 1, 3),
        *(0.1, 0.2, 0.4, 1_000),
    )
    return made._replace(**changes)  # type: ignore[arg-type]  # of the fields' own types


def config(tmp_path: Path, settings: str = "") -> Config:
    """Return settings whose data lie in a folder of this test."""
    file = tmp_path / "config.toml"
    file.write_text(settings, "utf-8")
    return load(file, tmp_path / "data")


def test_openais_models_are_exact(tmp_path: Path) -> None:
    counted = ModelCounter("gpt-5.2", config(tmp_path), {}).counted(TEXT)

    assert (counted.basis, counted.error, counted.tokens) == (Basis.EXACT, 0.0, 13)


def test_a_million_blanks_are_counted(tmp_path: Path) -> None:
    counter = ModelCounter("gpt-4o", config(tmp_path), {})
    words = counter.counted("one two").tokens

    assert words < counter.counted(f"one {' ' * 1_500_000} two").tokens < 1_500_000


def test_without_measurements_claude_is_counted_by_what_is_known(tmp_path: Path) -> None:
    older = ModelCounter("claude-sonnet-4-5", config(tmp_path), {}).counted(TEXT)
    newer = ModelCounter("claude-opus-4-8", config(tmp_path), {}).counted(TEXT)

    assert older.basis is newer.basis is Basis.RATIO
    assert older.error is None
    assert (older.tokens, newer.tokens) == (15, 22)  # of 13: times 1.15, and times 1.45 as prose


def test_a_model_of_which_nothing_is_known_says_so() -> None:
    assert for_model("nobody-knows", 100, TEXT).basis is Basis.UNKNOWN


def test_measurements_of_the_model_come_before_those_of_its_family() -> None:
    known = {
        "claude-opus-4-8": calibration("claude-opus-4-8"),
        "claude from 4.7": calibration("claude from 4.7", a=3.0, pairs=99),
    }

    own = for_model("claude-opus-4-8-20260101", 100, TEXT, known, calls=2)
    other = for_model("claude-opus-5", 100, TEXT, known)

    assert (own.tokens, own.basis, own.error, own.pairs) == (220, Basis.CALIBRATED, 0.1, 40)
    assert (other.tokens, other.pairs) == (300, 99)
    assert calibration_of("claude-opus-4-5", known) is None


def test_an_error_above_twenty_percent_is_doubtful() -> None:
    known = {"claude-opus-4-8": calibration("claude-opus-4-8", error=0.21)}

    assert for_model("claude-opus-4-8", 100, TEXT, known).is_doubtful
    assert known["claude-opus-4-8"].is_doubtful
    assert not calibration("x", error=0.2).is_doubtful


def test_prompts_and_lengths_are_told_apart() -> None:
    found = [
        calibration("a"),
        calibration("a", kind=Kind.ANSWER, a=9.0),
        calibration("a", encoding=BY_LENGTH, a=1.5),
    ]

    assert of_prompts(found)["a"].a == 2.0
    assert of_lengths(found)["a"].a == 1.5


def own_tokenizer(file: Path) -> Path:
    """Write a tokenizer that knows three words."""
    pytest.importorskip("tokenizers")
    words = {"[UNK]": 0, "hello": 1, "world": 2}
    file.write_text(
        json.dumps(
            {
                "version": "1.0",
                "truncation": None,
                "padding": None,
                "added_tokens": [],
                "normalizer": None,
                "pre_tokenizer": {"type": "Whitespace"},
                "post_processor": None,
                "decoder": None,
                "model": {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
            }
        )
    )
    return file


def test_a_tokenizer_of_the_users_own_counts_the_models_it_is_named_for(tmp_path: Path) -> None:
    file = own_tokenizer(tmp_path / "own.json")
    settings = config(tmp_path, f'[tokens]\ntokenizer = {{ "llama-*" = "{file}" }}\n')

    counted = ModelCounter("llama-4-scout", settings, {}).counted("hello big \ud800 world")

    assert counted.basis is Basis.EXACT
    assert counted.tokens == 4
    assert own_file("gpt-5", settings.tokens.tokenizer) is None


@pytest.mark.parametrize("content", [None, "{}", "no json"])
def test_what_is_no_tokenizer_is_told(tmp_path: Path, content: str | None) -> None:
    pytest.importorskip("tokenizers")
    file = tmp_path / f"{content}.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(TokwatchError, match=r"no tokenizer"):
        count_by_file(file)
