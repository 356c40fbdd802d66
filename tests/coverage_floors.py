"""Fail where lines and branches of an area are covered less than its floor."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import coverage

FLOORS: Final = {"tokwatch/sources": 95.0, "tokwatch/store": 95.0, "tokwatch/analysis": 95.0}


def shortfalls(measured: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Say which areas lie below their floor, or were not measured at all."""
    return [
        f"{area}: {measured.get(area, 0):.1f} % covered, floor {floor:g} %"
        for area, floor in floors.items()
        if measured.get(area, 0) < floor
    ]


def measure(data_file: Path, areas: Mapping[str, float]) -> dict[str, float]:
    """Return the share of lines and branches covered, by area."""
    measured = {}
    for area in areas:
        report = coverage.Coverage(data_file=str(data_file))
        report.load()
        with open(os.devnull, "w") as nowhere:
            try:
                measured[area] = report.report(include=[f"{area}/*"], file=nowhere)
            except coverage.exceptions.NoDataError:
                continue
    return measured


def main() -> int:
    """Check the last run's figures and tell them."""
    measured = measure(Path(".coverage"), FLOORS)
    for area, percent in measured.items():
        print(f"{area}: {percent:.1f} % covered", file=sys.stderr)
    found = shortfalls(measured, FLOORS)
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
