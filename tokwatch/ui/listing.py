"""Which sessions the table lists and in what order: filter, sort, and the tree of sub-agents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from tokwatch.model.snapshot import SessionRow
from tokwatch.model.units import NANO
from tokwatch.ui.filtering import Language

SORTS: Final[dict[str, Callable[[SessionRow], Any]]] = {
    "cost": lambda row: row.cost_nano,
    "$/h": lambda row: row.nano_per_hour,
    "context": lambda row: row.context.share if row.context else -1.0,
    "cache": lambda row: -1.0 if row.usage.hit_rate is None else row.usage.hit_rate,
    "tokens": lambda row: row.usage.total,
    "last": lambda row: row.last.timestamp(),
    "project": lambda row: row.project.lower(),
    "model": lambda row: row.model.lower(),
    "session": lambda row: row.label.lower(),
}
"""Any: numbers or names, never both in one column; numbers begin with the highest."""

CYCLE: Final = ("cost", "$/h", "context", "cache", "tokens", "last")
NAMES: Final = frozenset({"project", "model", "session"})

Titled = tuple[SessionRow, str]
"""A row, and the title that its tool gave the session."""

LANGUAGE: Final[Language[Titled]] = Language(
    words=lambda titled: (
        *(titled[0].label, titled[0].session, titled[0].project, titled[0].model),
        *(titled[0].source, titled[1]),
    ),
    fields={
        "model": lambda titled: titled[0].model,
        "project": lambda titled: titled[0].project,
        "source": lambda titled: titled[0].source,
        "agent": lambda titled: titled[0].agent,
        "session": lambda titled: titled[0].session,
        "state": lambda titled: titled[0].state,
    },
    numbers={
        "cost": lambda titled: titled[0].cost_nano / NANO,
        "rate": lambda titled: titled[0].nano_per_hour / NANO,
        "context": lambda titled: titled[0].context.share * 100 if titled[0].context else None,
        "cache": lambda titled: _percent(titled[0].usage.hit_rate),
        "tokens": lambda titled: titled[0].usage.total,
    },
)


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


class View(Struct, frozen=True):
    """How the user wants the sessions listed."""

    filter: str = ""
    sort: str = "cost"
    reverse: bool = False
    problems: bool = False
    folded: frozenset[str] = frozenset()


class Listed(Struct, frozen=True):
    """One line of the table: a row, where it hangs in the tree, and what is folded beneath it."""

    row: SessionRow
    guide: str = ""
    """The branch drawn before the label of a sub-agent."""
    children: int = 0
    folded: bool = False


class _Node:
    """A row and the rows beneath it; a tree of them is built for every picture."""

    __slots__ = ("children", "row")

    def __init__(self, row: SessionRow, children: list[_Node] | None = None) -> None:
        self.row = row
        self.children = children if children is not None else []

    def size(self) -> int:
        """Return the number of rows beneath."""
        return sum(1 + child.size() for child in self.children)


def is_ascending(view: View) -> bool:
    """Return whether the smallest value, or the first name, stands on top."""
    return (view.sort in NAMES) != view.reverse


def is_problem(row: SessionRow) -> bool:
    """Return whether a session needs a look: its context fills up or tokens have no price."""
    full = row.context is not None and row.context.level != "ok"
    return full or row.usage.uncosted_tokens > 0


def arrange(
    rows: Sequence[SessionRow], view: View, titles: Mapping[str, str] | None = None
) -> tuple[Listed, ...]:
    """Return the lines to show; a sub-agent that matches keeps the agents above it."""
    tests, known = LANGUAGE.tests_of(view.filter), titles or {}

    def wanted(row: SessionRow) -> bool:
        if view.problems and not is_problem(row):
            return False
        return all(test((row, known.get(row.key, ""))) for test in tests)

    roots = _tree(rows)
    if tests or view.problems:
        roots = _pruned(roots, wanted)
    _sort(roots, view)
    listed: list[Listed] = []
    for root in roots:
        if root.children:
            _flatten(root, "", view, listed)
        else:
            listed.append(Listed(root.row))
    return tuple(listed)


def _tree(rows: Sequence[SessionRow]) -> list[_Node]:
    roots: list[_Node] = []
    branch: list[_Node] = []
    for row in rows:
        node = _Node(row)
        del branch[row.depth :]
        (branch[-1].children if branch else roots).append(node)
        branch.append(node)
    return roots


def _pruned(nodes: list[_Node], wanted: Callable[[SessionRow], bool]) -> list[_Node]:
    kept = []
    for node in nodes:
        children = _pruned(node.children, wanted)
        if children or wanted(node.row):
            kept.append(_Node(node.row, children))
    return kept


def _sort(nodes: list[_Node], view: View) -> None:
    value = SORTS[view.sort]
    nodes.sort(key=lambda node: value(node.row), reverse=not is_ascending(view))
    for node in nodes:
        if node.children:
            _sort(node.children, view)


def _flatten(node: _Node, stem: str, view: View, listed: list[Listed], mark: str = "") -> None:
    folded = bool(node.children) and node.row.key in view.folded
    listed.append(Listed(node.row, stem + mark, node.size() if node.children else 0, folded))
    if folded:
        return
    below = stem + {"├ ": "│ ", "└ ": "  "}.get(mark, "")
    for child in node.children:
        last = child is node.children[-1]
        _flatten(child, below, view, listed, "└ " if last else "├ ")
