"""The cost bridge: how much of a difference in cost each cause makes, exact to the nano-dollar.

A range's cost is requests x tokens a request x the models' shares of the tokens x the list price of
a model's mix of token classes x what was paid of that. Going from the baseline to the range, one
factor after the other takes its new value; each step's difference is that cause's part. The parts
are computed as fractions and rounded so that they add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from msgspec import Struct

CAUSES: Final = (
    *("request volume", "tokens a request", "model mix"),
    *("output share", "cache mix", "price"),
)
"""In the order in which the factors change."""


class Consumption(NamedTuple):
    """What one model took in a range: tokens by class, and what they cost."""

    requests: int
    tokens: tuple[int, ...]
    """By class, in the same order everywhere; the last class is output."""
    nano: int


class Step(Struct, frozen=True):
    """One part of the bridge."""

    cause: str
    nano: int


class Bridge(Struct, frozen=True):
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
    pairs = [
        _factors(baseline.get(name, nobody), shown.get(name, nobody), list_rates.get(name, ()))
        for name in names
    ]
    if not any(old.tokens for old, _ in pairs) or not any(new.tokens for _, new in pairs):
        return _all_by_volume(shown, baseline, scale)
    costs = _sequence(pairs, scale)
    rounded = _rounded([later - earlier for earlier, later in pairwise(costs)])
    start = round(costs[0])
    end = sum(model.nano for model in shown.values())
    steps = [Step(cause, nano) for cause, nano in zip(CAUSES, rounded, strict=True)]
    return Bridge(start, tuple(_closed(steps, end - start)), end)


class _Factors(Struct, frozen=True):
    """One model's part of a range; what cannot be known without tokens is None."""

    requests: int
    tokens: int
    nano: int
    output_rate: int
    """List price of an output token."""
    output_share: Fraction | None = None
    """Output among all tokens."""
    prompt_rate: Fraction | None = None
    """List price of its mix of prompt tokens, a token."""
    price: Fraction | None = None
    """What was paid over the list price."""


_Pair = tuple[_Factors, _Factors]


def _factors(old: Consumption, new: Consumption, rates: Sequence[int]) -> _Pair:
    """Return a model's factors before and after; both by the list, or both without it."""
    classes = max(len(old.tokens), len(new.tokens))
    listed = [*rates[:classes], *[0] * (classes - len(rates))]
    if any(sum(used.tokens) and not _listed(used, listed) for used in (old, new)):
        listed = [1] * classes
    return _one(old, listed), _one(new, listed)


def _listed(used: Consumption, rates: Sequence[int]) -> int:
    return sum(count * rate for count, rate in zip(used.tokens, rates, strict=False))


def _one(used: Consumption, rates: Sequence[int]) -> _Factors:
    tokens = sum(used.tokens)
    output_rate = rates[-1] if rates else 0
    if not tokens:
        return _Factors(used.requests, 0, used.nano, output_rate)
    listed, output = _listed(used, rates), used.tokens[-1]
    return _Factors(
        used.requests,
        tokens,
        used.nano,
        output_rate,
        Fraction(output, tokens),
        Fraction(listed - output * output_rate, tokens - output) if tokens > output else None,
        Fraction(used.nano, listed),
    )


def _sequence(pairs: Sequence[_Pair], scale: Fraction) -> list[Fraction]:
    """Return the cost after each step, the baseline's first.

    What a model without tokens costs, such as web searches alone, goes with the price.
    """
    tokens_before = sum(old.tokens for old, _ in pairs) * scale
    tokens_after = Fraction(sum(new.tokens for _, new in pairs))
    requests_before = sum(old.requests for old, _ in pairs) * scale
    requests_after = Fraction(sum(new.requests for _, new in pairs))
    by_volume = tokens_before
    if requests_before and requests_after:
        by_volume = tokens_before * requests_after / requests_before
    loose_before = sum(old.nano for old, _ in pairs if not old.tokens) * scale
    loose_after = Fraction(sum(new.nano for _, new in pairs if not new.tokens))
    mix_before = [Fraction(old.tokens) * scale / tokens_before for old, _ in pairs]
    mix_after = [Fraction(new.tokens) / tokens_after for _, new in pairs]
    each_before = [_each(pair, share=0, prompt=0, price=0) for pair in pairs]
    with_output = [_each(pair, share=1, prompt=0, price=0) for pair in pairs]
    with_prompt = [_each(pair, share=1, prompt=1, price=0) for pair in pairs]
    with_price = [_each(pair, share=1, prompt=1, price=1) for pair in pairs]
    return [
        _cost(tokens_before, mix_before, each_before) + loose_before,
        _cost(by_volume, mix_before, each_before) + loose_before,
        _cost(tokens_after, mix_before, each_before) + loose_before,
        _cost(tokens_after, mix_after, each_before) + loose_before,
        _cost(tokens_after, mix_after, with_output) + loose_before,
        _cost(tokens_after, mix_after, with_prompt) + loose_before,
        _cost(tokens_after, mix_after, with_price) + loose_after,
    ]


def _each(pair: _Pair, *, share: int, prompt: int, price: int) -> Fraction:
    """Return what a model's mean token costs with each factor of before (0) or after (1)."""
    output_share = _known(pair[share].output_share, pair[1 - share].output_share)
    prompt_rate = _known(pair[prompt].prompt_rate, pair[1 - prompt].prompt_rate)
    rate = (1 - output_share) * prompt_rate + output_share * pair[0].output_rate
    return rate * _known(pair[price].price, pair[1 - price].price)


def _known(own: Fraction | None, other: Fraction | None) -> Fraction:
    """Return a model's factor; one that it lacks in this range is taken from the other."""
    return own if own is not None else other if other is not None else Fraction(0)


def _cost(tokens: Fraction, mix: Sequence[Fraction], each: Sequence[Fraction]) -> Fraction:
    shares = zip(mix, each, strict=True)
    return tokens * sum((share * cost for share, cost in shares), Fraction(0))


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
