"""Thresholds of shipped rules that are settings of their own: who changes one means both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tokwatch.config.layers import KeyPath, Layer, Table

TIED: Final = {
    "session-cost": ("session", "warning_usd"),
    "session-cost-high": ("session", "critical_usd"),
    "context-high": ("context", "warning"),
    "context-full": ("context", "critical"),
    "tokens-per-minute": ("limits", "backoff_at"),
}
"""By rule, the setting that its threshold is, unless the user gives the rule one of its own."""


def tied(own: Iterable[Layer]) -> dict[KeyPath, KeyPath]:
    """Return which thresholds have the value of which setting, beside the user's own layers."""
    tables = [layer.table for layer in own]
    paths = {("alerts", "rules", rule, "threshold"): path for rule, path in TIED.items()}
    return {
        threshold: path
        for threshold, path in paths.items()
        if any(has(table, path) for table in tables)
        and not any(has(table, threshold) for table in tables)
    }


def tie(merged: Table, own: Iterable[Layer]) -> None:
    """Give the tied thresholds of merged settings their values."""
    for threshold, path in tied(own).items():
        at(merged, threshold[:-1])[threshold[-1]] = at(merged, path)


def has(table: object, path: KeyPath) -> bool:
    """Tell whether a table of tables has a key."""
    for key in path:
        if not isinstance(table, dict) or key not in table:
            return False
        table = table[key]
    return True


def at(table: Any, path: KeyPath) -> Any:  # a table of anything, or what lies in it
    """Return what lies at a key that is there."""
    for key in path:
        table = table[key]
    return table
