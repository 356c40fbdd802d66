"""The page on compression names every stage with its risk, as the code has it."""

from __future__ import annotations

from pathlib import Path

from tokwatch.compress.stages import ALL


def test_the_page_lists_the_stages_of_the_code(repository: Path) -> None:
    page = (repository / "docs" / "compress.md").read_text("utf-8")
    rows = [line for line in page.split("\n") if line.startswith("| `")]

    assert rows == [f"| `{s.name}` | {s.about} | {s.risk.name.lower()} |" for s in ALL]
