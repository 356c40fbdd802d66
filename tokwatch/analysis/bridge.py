"""The cost bridge: how much of a difference in cost each cause makes, exact to the nano-dollar.

A range's cost is requests x tokens a request x the models' shares of the tokens x the token
classes' shares within a model x price. Going from the baseline to the range, one factor after the
other takes its new value; each step's difference is that cause's part. The parts are computed as
fractions and rounded so that they add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

CAUSES: Final = ("request volume", "tokens a request", "model mix", "cache and output mix", "price")
"""In the order in which the factors change."""


class Consumption(NamedTuple):
    """What one model took in a range: tokens by class, and what they cost."""

    requests: int
    tokens: tuple[int, ...]
    """By class, in the same order everywhere."""
    nano: int


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the bridge."""

    cause: str
    nano: int


@dataclass(frozen=True, slots=True)
class Bridge:
    """From the baseline's cost, scaled to the range's length, to the range's own."""

    baseline_nano: int
    steps: tuple[Step, ...]
    nano: int

    @property
    def residual_nano(self) -> int:
        """What the steps leave unexplained: always nothing, and shown if it ever were not."""
        return self.nano - self.baseline_nano - sum(step.nano for step in self.steps)


def bridge(
    shown: Mapping[str, Consumption],
    baseline: Mapping[str, Consumption],
    list_rates: Mapping[str, Sequence[int]],
    scale: Fraction = Fraction(1),
) -> Bridge:
    """Return the bridge between two ranges, by model; `scale` is the length of the shown range
    over that of the baseline.

    `list_rates` are a model's rates by token class, in any unit; a model without any counts
    each token alike.
    """
    names = sorted(shown.keys() | baseline.keys())
    nobody = Consumption(0, (), 0)
    after = [_factors(shown.get(name, nobody), list_rates.get(name, ())) for name in names]
    before = [_factors(baseline.get(name, nobody), list_rates.get(name, ())) for name in names]
    if not any(model.tokens for model in before) or not any(model.tokens for model in after):
        return _all_by_volume(shown, baseline, scale)
    costs = _sequence(before, after, scale)
    rounded = _rounded([later - earlier for earlier, later in pairwise(costs)])
    start = round(costs[0])
    end = sum(model.nano for model in shown.values())
    steps = [Step(cause, nano) for cause, nano in zip(CAUSES, rounded, strict=True)]
    return Bridge(start, tuple(_closed(steps, end - start)), end)


@dataclass(frozen=True, slots=True)
class _Factors:
    """One model's part of a range."""

    requests: int
    tokens: int
    mean_rate: Fraction | None
    """List price of its mix of token classes, a token; None where it has no tokens."""
    price: Fraction | None
    """What was paid over that list price."""
    nano: int


def _factors(used: Consumption, rates: Sequence[int]) -> _Factors:
    tokens = sum(used.tokens)
    if not tokens:
        return _Factors(used.requests, 0, None, None, used.nano)
    listed = sum(
        count * (rates[place] if place < len(rates) else 0)
        for place, count in enumerate(used.tokens)
    )
    if listed == 0:
        listed = tokens
    return _Factors(
        used.requests, tokens, Fraction(listed, tokens), Fraction(used.nano, listed), used.nano
    )


def _sequence(
    before: Sequence[_Factors], after: Sequence[_Factors], scale: Fraction
) -> list[Fraction]:
    """Return the cost after each step, the baseline's first.

    What a model without tokens costs, such as web searches alone, goes with the price.
    """
    tokens_before = sum(model.tokens for model in before) * scale
    tokens_after = Fraction(sum(model.tokens for model in after))
    requests_before = sum(model.requests for model in before) * scale
    requests_after = Fraction(sum(model.requests for model in after))
    by_volume = tokens_before
    if requests_before and requests_after:
        by_volume = tokens_before * requests_after / requests_before
    loose_before = sum(model.nano for model in before if not model.tokens) * scale
    loose_after = Fraction(sum(model.nano for model in after if not model.tokens))
    mix_before = [Fraction(model.tokens) * scale / tokens_before for model in before]
    mix_after = [Fraction(model.tokens) / tokens_after for model in after]
    rate_before = [_known(old.mean_rate, new.mean_rate) for old, new in _pairs(before, after)]
    rate_after = [_known(new.mean_rate, old.mean_rate) for old, new in _pairs(before, after)]
    price_before = [_known(old.price, new.price) for old, new in _pairs(before, after)]
    price_after = [_known(new.price, old.price) for old, new in _pairs(before, after)]
    return [
        _cost(tokens_before, mix_before, rate_before, price_before) + loose_before,
        _cost(by_volume, mix_before, rate_before, price_before) + loose_before,
        _cost(tokens_after, mix_before, rate_before, price_before) + loose_before,
        _cost(tokens_after, mix_after, rate_before, price_before) + loose_before,
        _cost(tokens_after, mix_after, rate_after, price_before) + loose_before,
        _cost(tokens_after, mix_after, rate_after, price_after) + loose_after,
    ]


def _pairs(
    before: Sequence[_Factors], after: Sequence[_Factors]
) -> list[tuple[_Factors, _Factors]]:
    return list(zip(before, after, strict=True))


def _known(own: Fraction | None, other: Fraction | None) -> Fraction:
    """Return a model's factor; one that it lacks in this range is taken from the other."""
    return own if own is not None else other if other is not None else Fraction(0)


def _cost(
    tokens: Fraction,
    mix: Sequence[Fraction],
    rates: Sequence[Fraction],
    prices: Sequence[Fraction],
) -> Fraction:
    shares = zip(mix, rates, prices, strict=True)
    return tokens * sum((share * rate * price for share, rate, price in shares), Fraction(0))


def _all_by_volume(
    shown: Mapping[str, Consumption], baseline: Mapping[str, Consumption], scale: Fraction
) -> Bridge:
    """Return the bridge where one of the ranges is empty: there is nothing to compare with."""
    start = round(sum(model.nano for model in baseline.values()) * scale)
    end = sum(model.nano for model in shown.values())
    steps = [Step(cause, 0) for cause in CAUSES]
    return Bridge(start, (Step(CAUSES[0], end - start), *steps[1:]), end)


def _rounded(parts: Sequence[Fraction]) -> list[int]:
    """Return whole nano-dollars whose running sums are nowhere off by more than half a one."""
    rounded: list[int] = []
    exact, given = Fraction(0), 0
    for part in parts:
        exact += part
        rounded.append(round(exact) - given)
        given = round(exact)
    return rounded


def _closed(steps: Sequence[Step], difference: int) -> list[Step]:
    """Return steps that add up to the difference: the last nano goes to the largest step."""
    missing = difference - sum(step.nano for step in steps)
    largest = max(range(len(steps)), key=lambda place: abs(steps[place].nano))
    return [
        Step(step.cause, step.nano + missing) if place == largest else step
        for place, step in enumerate(steps)
    ]
