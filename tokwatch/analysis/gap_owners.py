"""Who used what the logs and a report do not share: another key, another user, another machine.

Told by the names of keys and users on both sides; where those say nothing, by their amounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from tokwatch.model.reconciliation import Pair, Reason, Why

MOST_NAMES: Final = 3
Named = tuple[tuple[str, int], ...]
Near = Callable[[int, int], bool]
Small = Callable[[int], bool]


def owners(pair: Pair, rest: int, near: Near, is_small: Small) -> Iterator[Reason]:
    """Yield who may explain a rest that nothing else does; `near` and `is_small` judge amounts."""
    left = rest
    for why, told, logged in (
        (Why.KEY, pair.keys, pair.logged_keys),
        (Why.USER, pair.users, pair.logged_users),
    ):
        named = _named(told, logged, rest)
        taken = sum(named.values())
        if not is_small(taken):
            taken = _within(taken, rest, near)
            yield _reason(why, taken, pair, _most(named), rest)
            left -= taken
            break
        if rest > 0 and (names := _by_amount(pair, told, logged, rest, near)):
            yield _reason(why, rest, pair, names, rest)
            return
    if is_small(left):
        return
    if left < 0:
        yield _reason(Why.PAST, left, pair, (), rest)
    elif same := _same_key(pair, is_small):
        yield _reason(Why.MACHINE, left, pair, same, rest)
    else:
        yield _reason(Why.ELSEWHERE, left, pair, _most(dict(pair.keys)), rest)


def _within(taken: int, rest: int, near: Near) -> int:
    """Return how much of a rest is explained: all of it where that is about the same."""
    if near(taken, rest):
        return rest
    return min(taken, rest) if rest > 0 else max(taken, rest)


def _named(told: Named, logged: Named, rest: int) -> Mapping[str, int]:
    """Return the names that only the larger side has, with the share of the rest that is theirs."""
    mine = dict(logged)
    unnamed = mine.pop("", 0)
    if not told or not mine:
        return {}
    theirs = dict(told)
    if rest < 0:
        return {name: -amount for name, amount in mine.items() if name not in theirs}
    only = {name: amount for name, amount in theirs.items() if name not in mine and amount > 0}
    # Requests that tell no name may be of any of them.
    return only if sum(only.values()) > unnamed else {}


def _by_amount(pair: Pair, told: Named, logged: Named, rest: int, near: Near) -> tuple[str, ...]:
    """Return who used as much as the gap, else all but who used what the logs show."""
    logs = pair.logs.amount(is_money=pair.is_money) or 0
    if logs <= 0 or any(name for name, _ in logged):
        return ()
    names = [name for name, amount in told if near(amount, rest)]
    if names:
        return (names[0],)
    mine = {name for name, amount in told if near(amount, logs)}
    return tuple(name for name, _ in told if name not in mine)[:MOST_NAMES] if mine else ()


def _same_key(pair: Pair, is_small: Small) -> tuple[str, ...]:
    """Return the logs' keys that used more than the logs show; a report's only one is that."""
    mine = {name: amount for name, amount in pair.logged_keys if name}
    if not mine:
        is_used = (pair.logs.amount(is_money=pair.is_money) or 0) > 0
        return (pair.keys[0][0],) if len(pair.keys) == 1 and is_used else ()
    more = (
        name
        for name, amount in pair.keys
        if name in mine and amount > mine[name] and not is_small(amount - mine[name])
    )
    return tuple(more)[:MOST_NAMES]


def _most(named: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(named, key=lambda name: (-abs(named[name]), name))[:MOST_NAMES])


def _reason(why: Why, amount: int, pair: Pair, names: Sequence[str], rest: int) -> Reason:
    """Return a reason; requests are told where it explains all, and they go the same way."""
    requests = pair.gap.requests or 0
    goes_along = requests != 0 and (requests > 0) == (amount > 0)
    number = abs(requests) if amount == rest and goes_along else None
    found = Reason(why, number=number, names=tuple(names))
    if pair.is_money:
        return replace(found, cost_nano=amount)
    return replace(found, tokens=amount)
