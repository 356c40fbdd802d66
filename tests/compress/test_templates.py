"""Verbose prompts of many kinds: what must be kept is kept, and enough is saved."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, Final  # Any: TOML values

import pytest

from tests.compress.counted import count
from tokwatch.compress.call import outcome
from tokwatch.compress.levels import Level
from tokwatch.compress.nouns import Outcome
from tokwatch.compress.solver import Aim

_FILE: Final = Path(__file__).with_name("templates.toml")
TEMPLATES: Final[list[dict[str, Any]]] = tomllib.loads(_FILE.read_text("utf-8"))["template"]
NAMES: Final = [str(one["id"]) for one in TEMPLATES]
RULES: Final = ("phrases", "wording")


@cache
def shortened(name: str, stages: tuple[str, ...] | None) -> Outcome:
    """Return a template's compression: by some stages as far as they go, or to seven tenths."""
    text = str(TEMPLATES[NAMES.index(name)]["text"]).strip()
    aim = Aim(level=Level.AGGRESSIVE) if stages is None else Aim(0, stages=stages)
    return outcome(text, "", aim, count)


def lost(name: str, text: str) -> list[str]:
    """Return what must be kept and is not; words may begin a sentence now."""
    return [
        one
        for one in TEMPLATES[NAMES.index(name)]["keep"]
        if one not in text and not (re.fullmatch("[a-z' ]+", one) and one in text.lower())
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stages", [RULES, None])
def test_what_must_be_kept_is_kept(name: str, stages: tuple[str, ...] | None) -> None:
    assert lost(name, TEMPLATES[NAMES.index(name)]["text"]) == []
    assert lost(name, shortened(name, stages).text) == []


@pytest.mark.parametrize("name", NAMES)
def test_three_tenths_go_when_they_are_asked_for(name: str) -> None:
    found = shortened(name, None)

    assert found.is_met
    assert found.reduction < 0.4


def test_rules_alone_save_a_seventh() -> None:
    assert fmean(shortened(name, RULES).reduction for name in NAMES) > 1 / 7
