"""Usage by the tool that answers called, as far as the detail pass has read them."""

from __future__ import annotations

from operator import add

from tokwatch.model.usage import Cell, Slice, Usage
from tokwatch.store.read.measured import MEASURED
from tokwatch.store.read.tools import tools_of
from tokwatch.store.view import ALL, View, event_conditions, joins


def tool_usage(view: View, part: Slice = ALL) -> list[Cell]:
    """Return usage by (tool, model): what each request took, of the tool it called most.

    A tool is `NO_TOOL` or `UNTOLD_TOOL` where there is none or none is known.
    """
    tools = tools_of(view, part)
    found = event_conditions(view, part)
    sums: dict[tuple[str | int, ...], tuple[int, ...]] = {}
    for key, model, *figures in view.database.rows(
        f"SELECT t.key, m.name, {', '.join(MEASURED)} "
        f"FROM event t {joins(found.tables | {'m'}, scoped=True)} WHERE {found.text}",
        found.values,
    ):
        group = (tools.of(key), model)
        before = sums.get(group)
        sums[group] = tuple(figures if before is None else map(add, before, figures))
    return [Cell(group, Usage(*figures)) for group, figures in sorted(sums.items())]
