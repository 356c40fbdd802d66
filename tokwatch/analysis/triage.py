"""Triage: what one stretch of time cost more or less than another, and what made the difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from msgspec import Struct

from tokwatch.analysis.attribution import (
    DIMENSIONS,
    Contribution,
    Trail,
    attribution,
    within,
)
from tokwatch.analysis.baseline import Stretch
from tokwatch.analysis.bridge import CAUSES, Bridge, Consumption, Step, bridge
from tokwatch.analysis.sums import grouped, total
from tokwatch.model.usage import Cell, CostMode, Dimension, Rates, Usage

MOSTLY: Final = 0.6
"""Share of the difference from which one value is named as where it arose."""
MAIN: Final = "main"
"""The kind of every agent that is no sub-agent."""
LIKE_EXPECTED: Final = 0.1
"""A difference of less than this share of what was expected is none worth a cause."""
_MODEL: Final = DIMENSIONS.index(Dimension.MODEL)


class TriageFacts(Struct, frozen=True):
    """What a triage is made from; cells are by DIMENSIONS."""

    shown: Stretch
    baseline: Stretch
    scale: Fraction
    """Length of the shown stretch over that of the baseline."""
    after: Sequence[Cell]
    before: Sequence[Cell]
    rates: Sequence[Rates] = ()
    mode: CostMode = CostMode.AUTO
    trail: Trail = ()


class Verdict(Struct, frozen=True):
    """What happened, as numbers for a sentence."""

    nano: int
    expected_nano: int
    cause: Step | None
    """The largest part of the bridge that goes the way of the difference."""
    driver: Contribution | None
    """The most particular value that most of the difference arose at."""
    requests: float | None
    """Change of the number of requests against the baseline, as a share."""
    tokens_a_request: float | None
    price_a_token: float | None
    volume_share: float | None
    """How much of the difference is due to the number of requests."""

    @property
    def difference_nano(self) -> int:
        """What was paid beyond what was expected."""
        return self.nano - self.expected_nano

    @property
    def times(self) -> float | None:
        """How many times the expected cost it is."""
        return self.nano / self.expected_nano if self.expected_nano > 0 else None

    @property
    def is_as_expected(self) -> bool:
        """Whether there is hardly a difference to explain."""
        return abs(self.difference_nano) <= abs(self.expected_nano) * LIKE_EXPECTED

    def share(self, nano: int) -> float | None:
        """Return a part of the difference as a share of it."""
        return nano / self.difference_nano if self.difference_nano else None


class Triage(Struct, frozen=True):
    """The comparison of two stretches."""

    shown: Stretch
    baseline: Stretch
    scale: Fraction
    trail: Trail
    after: Usage
    before: Usage
    """Of the whole baseline, not scaled."""
    contributions: tuple[Contribution, ...]
    bridge: Bridge
    verdict: Verdict

    def of(self, dimension: Dimension) -> tuple[Contribution, ...]:
        """Return the contributions of one dimension, the largest first."""
        return tuple(one for one in self.contributions if one.dimension is dimension)

    @property
    def leading(self) -> tuple[Contribution, ...]:
        """The largest contribution of each dimension that is not narrowed to."""
        narrowed = {dimension for dimension, _ in self.trail}
        return tuple(
            self.of(dimension)[0]
            for dimension in dict.fromkeys(one.dimension for one in self.contributions)
            if dimension not in narrowed
        )


def triage(facts: TriageFacts) -> Triage:
    """Return the comparison, within what was narrowed to."""
    after, before = within(facts.after, facts.trail), within(facts.before, facts.trail)
    contributions = attribution(after, before, facts.scale, facts.mode)
    used, was = total(cell.usage for cell in after), total(cell.usage for cell in before)
    built = bridge(
        _consumption(after, facts.mode),
        _consumption(before, facts.mode),
        _list_rates(facts.rates, facts.shown.since_ms),
        facts.scale,
    )
    return Triage(
        *(facts.shown, facts.baseline, facts.scale, facts.trail, used, was),
        contributions,
        built,
        _verdict(built, contributions, used, was, facts),
    )


def _consumption(cells: Iterable[Cell], mode: CostMode) -> dict[str, Consumption]:
    by_model = grouped(cells, lambda cell: str(cell.group[_MODEL]))
    return {
        name: Consumption(usage.requests, _tokens(usage), usage.cost_nano(mode))
        for name, usage in by_model.items()
    }


def _tokens(usage: Usage) -> tuple[int, ...]:
    write = (usage.cache_write_5m, usage.cache_write_1h)
    return (usage.input, usage.cache_read, *write, usage.output)


def _list_rates(rates: Iterable[Rates], at_ms: int) -> Mapping[str, Sequence[int]]:
    """Return each model's list prices at a moment, in the order of `_tokens`."""
    found: dict[str, Sequence[int]] = {}
    for one in rates:
        if one.model not in found or one.since_ms <= at_ms:
            write = (one.cache_write_5m, one.cache_write_1h)
            found[one.model] = (one.input, one.cache_read, *write, one.output)
    return found


def _verdict(
    built: Bridge,
    contributions: Sequence[Contribution],
    used: Usage,
    was: Usage,
    facts: TriageFacts,
) -> Verdict:
    difference = built.nano - built.baseline_nano
    towards = 1 if difference >= 0 else -1
    largest = max(built.steps, key=lambda step: step.nano * towards)
    volume = built.steps[CAUSES.index("request volume")]
    requests_before = was.requests * facts.scale
    return Verdict(
        built.nano,
        built.baseline_nano,
        largest if largest.nano * towards > 0 else None,
        _driver(contributions, facts.trail),
        _change(Fraction(used.requests), requests_before),
        _change(_ratio(used.total, used.requests), _ratio(was.total, was.requests)),
        _change(
            _ratio(used.cost_nano(facts.mode), used.total),
            _ratio(was.cost_nano(facts.mode), was.total),
        ),
        volume.nano / difference if difference else None,
    )


def _driver(contributions: Iterable[Contribution], trail: Trail) -> Contribution | None:
    """Return the first dimension's value that makes most of the difference.

    A dimension of which there is but one value, and the main agent, tell nothing.
    """
    told = list(contributions)
    values = Counter(one.dimension for one in told)
    narrowed = {dimension for dimension, _ in trail}
    return next(
        (
            one
            for one in told
            if one.share is not None
            and one.share >= MOSTLY
            and one.value not in ("", MAIN)
            and one.dimension not in narrowed
            and (values[one.dimension] > 1 or one.dimension is Dimension.SESSION)
        ),
        None,
    )


def _ratio(amount: int, count: int) -> Fraction | None:
    return Fraction(amount, count) if count else None


def _change(after: Fraction | None, before: Fraction | None) -> float | None:
    """Return the change as a share of what was before; None where one of both is unknown."""
    if after is None or before is None or before <= 0:
        return None
    return float(after / before) - 1
