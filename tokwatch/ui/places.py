"""The screens of tokwatch, by the key that leads to each."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Place(Struct, frozen=True):
    """A screen: its key and its names."""

    key: str
    id: str
    name: str
    short: str
    is_aside: bool = False
    """Whether the first line names it only while it is open."""


PLACES: Final = (
    Place("1", "overview", "Overview", "Over"),
    Place("2", "sessions", "Sessions", "Sess"),
    Place("3", "costs", "Costs", "Cost"),
    Place("4", "cache", "Cache", "Cache"),
    Place("5", "triage", "Triage", "Triage"),
    Place("6", "alerts", "Alerts", "Alerts"),
    Place("7", "budgets", "Budgets", "Budget"),
    Place("8", "workbench", "Workbench", "Bench"),
    Place("9", "sources", "Sources", "Src"),
    Place("0", "feed", "Feed", "Feed"),
    Place("f", "quality", "Quality", "Qual", is_aside=True),
)
