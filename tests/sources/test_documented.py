"""docs/sources.md lists every tool, with what the code itself says of its numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import astuple

from tokwatch.model.detail import Part
from tokwatch.sources import SOURCES
from tokwatch.sources.source import Detailed, Source, Surroundings, is_detailed


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_tool_is_in_the_table(source: Source, repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs" / "sources.md").read_text("utf-8")
    (row,) = [
        line for line in page.splitlines() if line.startswith(f"| {source.title} (`{source.name}`)")
    ]
    logs, overrides, *told = [cell.strip() for cell in row.strip("|").split("|")[1:]]

    assert logs
    assert told == list(astuple(source.knowledge))
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


def test_what_each_tool_tells_of_its_conversations_is_in_the_table(repository: Path) -> None:
    page = (repository / "docs" / "detail.md").read_text("utf-8")
    _, _, section = page.partition("## What each tool tells\n")
    lines = section.splitlines()
    rows = [line for line in lines if line.startswith("| ") and "(`" in line]
    expected = [
        f"| {source.title} (`{source.name}`) | {' | '.join(astuple(source.conversations))} |"
        for source in SOURCES
        if is_detailed(source)
    ]
    assert rows == expected
    (silent,) = [line for line in lines if line.startswith("None: ")]
    for source in SOURCES:
        assert (f"{source.title} (`{source.name}`)" in silent) != is_detailed(source)


@pytest.mark.parametrize("source", filter(is_detailed, SOURCES), ids=lambda source: source.name)
def test_parts_are_named_as_blocks_are(source: Detailed) -> None:
    parts = source.conversations.parts.split(", ")
    assert parts == [part.value for part in Part if part.value in parts]
