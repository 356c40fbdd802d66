"""Attribution: what each session, project, model ... contributes to a difference in cost.

The contributions of one dimension add up to the difference, to the nano-dollar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from tokwatch.analysis.sums import grouped
from tokwatch.model import NO_USAGE, Cell, CostMode, Dimension, Usage

DIMENSIONS: Final = (
    *(Dimension.SESSION, Dimension.PROJECT, Dimension.MODEL, Dimension.KIND, Dimension.SOURCE),
    *(Dimension.PROVIDER, Dimension.USER, Dimension.TAG, Dimension.MACHINE, Dimension.BRANCH),
)
"""What cells are grouped by, the dimension that says most first."""

Trail = tuple[tuple[Dimension, str], ...]
"""What was narrowed to, one after the other."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one value of a dimension makes of the difference between a range and its baseline."""

    dimension: Dimension
    value: str
    usage: Usage
    """Of the range."""
    nano: int
    """Cost in the range."""
    baseline_nano: int
    """Cost in the baseline, scaled to the range's length."""
    share: float | None
    """Of the difference: above 1 where others fell meanwhile; None where nothing differs."""

    @property
    def difference_nano(self) -> int:
        """What it costs more than in the baseline."""
        return self.nano - self.baseline_nano


def within(cells: Iterable[Cell], trail: Trail) -> list[Cell]:
    """Return the cells, by DIMENSIONS, of what was narrowed to."""
    wanted = [(DIMENSIONS.index(dimension), value) for dimension, value in trail]
    return [cell for cell in cells if all(cell.group[at] == value for at, value in wanted)]


def attribution(
    after: Sequence[Cell], before: Sequence[Cell], scale: Fraction, mode: CostMode
) -> tuple[Contribution, ...]:
    """Return all contributions, dimension after dimension, the largest of each first.

    A dimension that no log tells, such as users on a machine of one's own, is left out.
    """
    found: list[Contribution] = []
    for place, dimension in enumerate(DIMENSIONS):
        after_by, before_by = _by(after, place), _by(before, place)
        if set(after_by) | set(before_by) != {""}:
            found += _of_dimension(dimension, after_by, before_by, scale, mode)
    return tuple(found)


def _by(cells: Iterable[Cell], place: int) -> dict[str, Usage]:
    return grouped(cells, lambda cell: str(cell.group[place]))


def _of_dimension(
    dimension: Dimension,
    after: Mapping[str, Usage],
    before: Mapping[str, Usage],
    scale: Fraction,
    mode: CostMode,
) -> list[Contribution]:
    names = sorted(after.keys() | before.keys())
    usages = [after.get(name, NO_USAGE) for name in names]
    costs = [usage.cost_nano(mode) for usage in usages]
    expected = scaled([before.get(name, NO_USAGE).cost_nano(mode) for name in names], scale)
    difference = sum(costs) - sum(expected)
    found = [
        Contribution(
            dimension, name, usage, cost, was, (cost - was) / difference if difference else None
        )
        for name, usage, cost, was in zip(names, usages, costs, expected, strict=True)
    ]
    return sorted(found, key=lambda one: (_rank(one, difference), one.value))


def _rank(one: Contribution, difference: int) -> tuple[int, int]:
    """Put first what moved the way of the whole; of what did not move, the dearest."""
    towards = one.difference_nano if difference >= 0 else -one.difference_nano
    return -towards, -one.nano


def scaled(costs: Sequence[int], scale: Fraction) -> list[int]:
    """Return costs times a scale in whole nano-dollars that add up to the scaled sum."""
    found: list[int] = []
    exact, given = 0, 0
    for cost in costs:
        exact += cost
        found.append(round(exact * scale) - given)
        given += found[-1]
    return found
