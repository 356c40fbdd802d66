"""The rows of a report by tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokwatch.analysis.periods import Row, name_rows
from tokwatch.model.facets import NO_TOOL, UNTOLD_TOOL
from tokwatch.store.read.tool_usage import tool_usage

if TYPE_CHECKING:
    from tokwatch.cli.report_rows import Ask
    from tokwatch.model.usage import Slice
    from tokwatch.store.view import View

NO_NAMES: Final = {NO_TOOL: "(no tool)", UNTOLD_TOOL: "(not told)"}
"""What stands for an answer that called none, and for one whose log does not tell."""


def read_tools(view: View, ask: Ask, part: Slice) -> list[Row]:
    """Return what the answers cost that called each tool."""
    rows = name_rows(tool_usage(view, part), ask.mode)
    return [row._replace(name=NO_NAMES.get(row.name, row.name)) for row in rows]
