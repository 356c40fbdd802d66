"""Which tool the answer to a request called, as far as the detail pass has read it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from tokwatch.model.detail import Part
from tokwatch.model.facets import NO_TOOL, UNTOLD_TOOL
from tokwatch.model.usage import Slice
from tokwatch.store.view import Conditions, View, between

_AROUND_MS: Final = 3_600_000
"""A block's instant may lie so far from that of the request that it belongs to."""


class Tools(Struct, frozen=True):
    """The tool that each request's answer called most."""

    called: dict[int, str] = field(default_factory=dict)
    """By event key; `NO_TOOL` where it called none."""

    def of(self, key: int) -> str:
        """Return the tool of a request."""
        return self.called.get(key, UNTOLD_TOOL)


def tools_of(view: View, part: Slice) -> Tools:
    """Return the tools of a range's requests; of calls as often, the first by name counts."""
    found = _blocks(view, part)
    rows = view.database.rows(
        f"SELECT b.request, CASE WHEN b.part = '{Part.TOOL_CALL}' THEN b.tool ELSE '' END, "
        f"CAST(count(*) AS BIGINT) FROM block b WHERE {found.text} GROUP BY 1, 2",
        found.values,
    )
    called: dict[int, str] = {}
    most: dict[int, tuple[int, str]] = {}
    for request, tool, calls in rows:
        called.setdefault(request, NO_TOOL)
        if tool and (request not in most or (-calls, tool) < most[request]):
            most[request] = (-calls, tool)
            called[request] = tool
    return Tools(called)


def called_tool(found: Conditions, view: View, part: Slice, tool: object) -> None:
    """Ask that events t of a range called this tool most: the same ones that `tools_of` tells."""
    blocks = _blocks(view, part)
    told = f"SELECT b.request FROM block b WHERE {blocks.text}"
    calls = f"b.part = '{Part.TOOL_CALL}' AND b.tool <> ''"
    if tool == UNTOLD_TOOL:
        found.add(f"t.key NOT IN ({told})", *blocks.values)
        return
    if tool == NO_TOOL:
        found.add(f"t.key IN ({told})", *blocks.values)
        found.add(f"t.key NOT IN ({told} AND {calls})", *blocks.values)
        return
    ranked = (
        "SELECT b.request AS request, b.tool AS tool, ROW_NUMBER() OVER (PARTITION BY b.request"
        f" ORDER BY count(*) DESC, b.tool) AS place FROM block b WHERE {blocks.text} AND {calls}"
        " GROUP BY b.request, b.tool"
    )
    most = f"SELECT c.request FROM ({ranked}) c WHERE c.place = 1 AND c.tool = ?"
    found.add(f"t.key IN ({most})", *blocks.values, tool)


def _blocks(view: View, part: Slice) -> Conditions:
    """Return what the blocks b of a range's requests must fulfil."""
    found = Conditions()
    found.add("b.workspace = ?", view.workspace)
    found.add("b.request <> 0")
    if view.user is not None:
        found.add(
            "b.request IN (SELECT e.key FROM event e JOIN scope s ON s.id = e.scope"
            " JOIN place p ON p.id = s.place WHERE p.workspace = ? AND p.user_name = ?)",
            *(view.workspace, view.user),
        )
    between(found, "b.instant_ms", part.since_ms - _AROUND_MS, part.until_ms + _AROUND_MS)
    return found
