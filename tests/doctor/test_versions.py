"""What the versions part of `tokwatch doctor` tells."""

from __future__ import annotations

from itertools import takewhile

import pytest

from tokwatch.config import load
from tokwatch.doctor.examine import examine
from tokwatch.doctor.findings import Finding, Level


def last_of_versions() -> Finding:
    """Return what is told last of versions, with nothing else checked."""
    return list(takewhile(lambda found: found.about == "versions", examine(load())))[-1]


@pytest.mark.parametrize(
    ("is_compiled", "level", "told"),
    [
        (True, Level.OK, "logs are read by the compiled module"),
        (False, Level.NOTE, "logs are read by plain Python, more slowly"),
    ],
)
def test_what_reads_logs_is_told(
    monkeypatch: pytest.MonkeyPatch, is_compiled: bool, level: Level, told: str
) -> None:
    monkeypatch.setattr("tokwatch.sources.sieve.COMPILED", is_compiled)

    found = last_of_versions()

    assert found.level is level
    assert found.told.startswith(told)
    assert ("C compiler" in found.advice) is not is_compiled
