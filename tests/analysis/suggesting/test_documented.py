"""docs/suggestions.md names every kind with its triggers, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from tokwatch.analysis.suggesting.analysers import ANALYSERS, KINDS
from tokwatch.analysis.suggesting.triggers import Trigger
from tokwatch.config.schema import fields_of
from tokwatch.config.suggesting import Suggestions


def test_the_table_of_analysers_is_the_code(repository: Path) -> None:
    text = (repository / "docs" / "suggestions.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([\w-]+)` \| .* \| ([\w, ]+) \|$", text, re.MULTILINE))

    assert list(told) == [kind for kind in told if kind in KINDS]
    assert set(told) == set(KINDS)
    for analyser in ANALYSERS:
        for kind in analyser.kinds:
            assert set(told[kind].split(", ")) == {str(one) for one in analyser.triggers}, kind
    for trigger in Trigger:
        assert f"| {trigger} |" in text


def test_every_setting_that_it_names_exists(repository: Path) -> None:
    text = (repository / "docs" / "suggestions.md").read_text("utf-8")
    named = set(re.findall(r"`(?:\[suggestions\] )?(\w+_\w+)`", text)) - {"last_ms", "is_on"}

    assert named <= set(fields_of(Suggestions))
    assert len(named) > 15
