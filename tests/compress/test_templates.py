"""Verbose prompts of many kinds: what must be kept is kept, and enough is saved."""

from __future__ import annotations

import re
import tomllib
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
RULES: Final = Aim(0, stages=("phrases", "wording"))
ANY: Final = pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one["id"])


def shortened(template: dict[str, Any], aim: Aim) -> Outcome:
    """Return a template's compression."""
    return outcome(template["text"].strip(), "", aim, count)


def lost(template: dict[str, Any], text: str) -> list[str]:
    """Return what must be kept and is not; words may begin a sentence now."""
    return [
        one
        for one in template["keep"]
        if one not in text and not (re.fullmatch("[a-z' ]+", one) and one in text.lower())
    ]


@ANY
@pytest.mark.parametrize(
    "aim", [RULES, Aim(reduction=0.15, level=Level.AGGRESSIVE), Aim(level=Level.AGGRESSIVE)]
)
def test_what_must_be_kept_is_kept(template: dict[str, Any], aim: Aim) -> None:
    assert lost(template, template["text"]) == []
    assert lost(template, shortened(template, aim).text) == []


@ANY
def test_three_tenths_go_when_they_are_asked_for(template: dict[str, Any]) -> None:
    found = shortened(template, Aim(level=Level.AGGRESSIVE))

    assert found.is_met
    assert found.reduction < 0.4


def test_rules_alone_save_a_seventh() -> None:
    assert fmean(shortened(one, RULES).reduction for one in TEMPLATES) > 1 / 7
