"""What cannot be read is told where it lies, and of the source that it belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.ingest.followed import FollowedSource, followed, trouble_at
from tokwatch.model.snapshot import SourceMode
from tokwatch.sources import SOURCES
from tokwatch.sources.source import Root


def state(errors: dict[str, str], *roots: Path) -> FollowedSource:
    """Return how a source with these roots is followed."""
    return followed(SOURCES[0], [Root(root) for root in roots], 3, errors, lambda _: True)


def test_a_log_that_cannot_be_read_is_told_at_its_root(tmp_path: Path) -> None:
    found = state({f"{tmp_path}/a/x.db": "SQLite: file is not a database"}, tmp_path)

    assert found.mode is SourceMode.ERROR
    assert found.roots[0].error == "SQLite: file is not a database: a/x.db"
    assert found.error == f"{tmp_path}: SQLite: file is not a database: a/x.db"


@pytest.mark.parametrize("is_there", [False, True])
def test_what_fails_elsewhere_concerns_nobody_else(tmp_path: Path, is_there: bool) -> None:
    root = tmp_path / "claude"
    if is_there:
        root.mkdir()

    found = state({f"{root}-other/x": "Permission denied"}, root)

    assert found.mode is (SourceMode.LIVE if is_there else SourceMode.ABSENT)
    assert (found.roots[0].error, found.error) == ("", "")


def test_of_several_places_the_first_is_named() -> None:
    errors = {"/logs/b": "Permission denied", "/logs/a": "Input/output error"}

    assert trouble_at("/logs", errors) == "Input/output error: a and 1 more"
    assert trouble_at("/logs", {"/logs": "Permission denied", **errors}) == "Permission denied"
