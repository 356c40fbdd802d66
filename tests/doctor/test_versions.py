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


@pytest.mark.parametrize("has_rows", [True, False])
@pytest.mark.parametrize("has_sieve", [True, False])
def test_what_reads_logs_is_told(
    monkeypatch: pytest.MonkeyPatch, has_sieve: bool, has_rows: bool
) -> None:
    monkeypatch.setattr("tokwatch.sources.sieve.COMPILED", has_sieve)
    monkeypatch.setattr("tokwatch.store.rows.COMPILED", has_rows)

    found = last_of_versions()

    if has_sieve and has_rows:
        assert (found.level, found.advice) == (Level.OK, "")
        assert found.told == "logs are read by the compiled modules"
    else:
        assert found.level is Level.NOTE
        assert found.told.startswith("logs are read by plain Python, more slowly")
        assert "C compiler" in found.advice
