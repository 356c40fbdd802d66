"""Attribution: what each session, project, model ... contributes to a difference in cost.

The contributions of one dimension add up to the difference, to the nano-dollar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.usage import Cell, CostMode, Dimension

DIMENSIONS: Final = (
    *(Dimension.SESSION, Dimension.PROJECT, Dimension.MODEL, Dimension.KIND, Dimension.SOURCE),
    *(Dimension.PROVIDER, Dimension.USER, Dimension.KEY, Dimension.TAG, Dimension.MACHINE),
    Dimension.BRANCH,
)
"""What cells are grouped by, the dimension that says most first."""

Trail = tuple[tuple[Dimension, str], ...]
"""What was narrowed to, one after the other."""


class Contribution(Struct, frozen=True):
    """What one value of a dimension makes of the difference between a range and its baseline."""

    dimension: Dimension
    value: str
    requests: int
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
    used, was = _Figures.of(after, mode), _Figures.of(before, mode)
    found: list[Contribution] = []
    for place, dimension in enumerate(DIMENSIONS):
        after_by, before_by = used.by(place), was.by(place)
        if after_by.keys() | before_by.keys() != {""}:
            found += _of_dimension(dimension, after_by, before_by, scale)
    return tuple(found)


class _Figures(NamedTuple):
    """Cells by columns: their values of each dimension, cost and requests."""

    names: tuple[tuple[str | int, ...], ...]
    nano: list[int]
    requests: list[int]

    @classmethod
    def of(cls, cells: Sequence[Cell], mode: CostMode) -> _Figures:
        """Return the figures of cells by DIMENSIONS."""
        return cls(
            tuple(zip(*(cell.group for cell in cells), strict=True)) or ((),) * len(DIMENSIONS),
            [cell.usage.cost_nano(mode) for cell in cells],
            [cell.usage.requests for cell in cells],
        )

    def by(self, place: int) -> dict[str, tuple[int, int]]:
        """Return cost and requests by the values of a dimension."""
        names = self.names[place]
        if len(set(names)) == 1:  # one machine, user or tag, as most stores have
            return {str(names[0]): (sum(self.nano), sum(self.requests))}
        nanos: dict[str | int, int] = {}
        requests: dict[str | int, int] = {}
        for name, nano, number in zip(names, self.nano, self.requests, strict=True):
            nanos[name] = nanos.get(name, 0) + nano
            requests[name] = requests.get(name, 0) + number
        return {str(name): (nano, requests[name]) for name, nano in nanos.items()}


def _of_dimension(
    dimension: Dimension,
    after: Mapping[str, tuple[int, int]],
    before: Mapping[str, tuple[int, int]],
    scale: Fraction,
) -> list[Contribution]:
    names = sorted(after.keys() | before.keys())
    used = [after.get(name, (0, 0)) for name in names]
    expected = scaled([before.get(name, (0, 0))[0] for name in names], scale)
    difference = sum(nano for nano, _ in used) - sum(expected)
    found = [
        Contribution(
            *(dimension, name, requests, nano, was),
            (nano - was) / difference if difference else None,
        )
        for name, (nano, requests), was in zip(names, used, expected, strict=True)
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
        found.append(_rounded(exact * scale.numerator, scale.denominator) - given)
        given += found[-1]
    return found


def _rounded(part: int, whole: int) -> int:
    """Return a fraction as `round` does, half to even, at a tenth of the time."""
    floor, rest = divmod(part, whole)
    return floor + (2 * rest > whole or (2 * rest == whole and floor % 2 == 1))
