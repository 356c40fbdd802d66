"""docs/sources.md lists every tool, with what the code itself says of its numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tokwatch.sources import SOURCES
from tokwatch.sources.source import Source, Surroundings


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_tool_is_in_the_table(source: Source, repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs" / "sources.md").read_text("utf-8")
    (row,) = [
        line for line in page.splitlines() if line.startswith(f"| {source.title} (`{source.name}`)")
    ]
    logs, overrides, *told = [cell.strip() for cell in row.strip("|").split("|")[1:]]

    assert logs
    assert told == list(source.knowledge)
    named = overrides.replace("`", " ").replace("(", " ").replace(",", " ").split()
    usual = source.roots(Surroundings(tmp_path, {}, "linux"))
    for name in [name for name in named if name.isupper() and "_" in name]:
        # A variable that pi and Oh My Pi share is the latter's where it leads into `.omp`.
        folder = tmp_path / "elsewhere" / (".omp" if source.name == "omp" else ".") / "x.db"
        write_registry(folder, tmp_path)
        moved = {name: str(folder)}
        assert source.roots(Surroundings(tmp_path, moved, "linux")) != usual, name


def write_registry(folder: Path, project: Path) -> None:
    """Write the list of projects by which Crush finds its databases."""
    for place in (folder, folder / "crush"):
        place.mkdir(parents=True, exist_ok=True)
        told = {"projects": [{"path": str(project), "data_dir": str(project / ".crush")}]}
        (place / "projects.json").write_text(json.dumps(told))
