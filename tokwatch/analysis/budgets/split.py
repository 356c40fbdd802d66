"""Shares one total out among agents: the parts add up to it, each gets its least or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple


class Share(NamedTuple):
    """Who takes part, and how."""

    agent: str
    priority: Fraction | None
    """What it should get, in the unit of the total; None to share what is left."""
    least: int


def split(total: int, shares: Sequence[Share]) -> dict[str, int]:
    """Return what each agent gets.

    Priorities are scaled so that the parts add up to the total; where they come to less, agents
    without one share the rest equally. A ValueError refuses minima above the total.
    """
    least = sum(share.least for share in shares)
    if least > total or not shares:
        raise ValueError(f"the minima come to {least:,}, above the total of {total:,}")
    return _rounded(total, _filled(total, shares, _weights(total, shares)), shares)


def _weights(total: int, shares: Sequence[Share]) -> dict[str, Fraction]:
    """Return what parts are in proportion to."""
    wanted = sum((share.priority for share in shares if share.priority is not None), Fraction(0))
    others = sum(share.priority is None for share in shares)
    rest = max(Fraction(0), total - wanted) / others if others else Fraction(0)
    return {one.agent: rest if one.priority is None else one.priority for one in shares}


def _filled(
    total: int, shares: Sequence[Share], weights: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """Return exact parts: in proportion, but for those whom that would leave below their least."""
    parts: dict[str, Fraction] = {}
    open_shares = list(shares)
    while open_shares:
        left = total - sum(parts.values())
        weight = sum(weights[share.agent] for share in open_shares)
        wants = {
            share.agent: left * weights[share.agent] / weight
            if weight
            else Fraction(left) / len(open_shares)
            for share in open_shares
        }
        short = [share for share in open_shares if wants[share.agent] < share.least]
        if not short:
            return parts | wants
        parts |= {share.agent: Fraction(share.least) for share in short}
        open_shares = [share for share in open_shares if share not in short]
    return parts


def _rounded(total: int, parts: Mapping[str, Fraction], shares: Sequence[Share]) -> dict[str, int]:
    """Return whole parts; what rounding down leaves goes to the largest fractions."""
    whole = {share.agent: parts[share.agent].__floor__() for share in shares}
    left = total - sum(whole.values())
    by_fraction = sorted(whole, key=lambda agent: (whole[agent] - parts[agent], agent))
    for agent in by_fraction[:left]:
        whole[agent] += 1
    return whole
