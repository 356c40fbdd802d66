"""Why the logs and a report differ: what explains the gap is taken off it, one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from tokwatch.analysis.gap_owners import owners
from tokwatch.model.reconciliation import Figures, Pair, Reason, Row, Why

NEAR: Final = 100
"""Two amounts are the same when they differ by less than a hundredth of the larger one."""
LITTLE: Final = 1000
"""A gap is small below a thousandth of the larger side."""
HALF_CENT: Final = 5_000_000
OF_USE: Final = (
    *(Why.LATE, Why.EARLIER, Why.BOUNDARY, Why.LOWER),
    *(Why.KEY, Why.USER, Why.MACHINE, Why.ELSEWHERE, Why.PAST),
)
"""Reasons that hold for dollars as they do for tokens."""
Days = Mapping[tuple[str, str, str, int], Pair]


def with_reasons(pairs: Sequence[Pair]) -> list[Row]:
    """Return each pair with the likely reasons of its gap."""
    days = {(pair.endpoint, pair.report, pair.model, pair.day): pair for pair in pairs}
    of_day: defaultdict[tuple[str, str, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        of_day[pair.endpoint, pair.report, pair.day].append(pair)
    habits = {_habit(pair) for pair in pairs if pair.gap.cache_read is None and _cached(pair)}
    rows = []
    usage: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for pair in sorted(pairs, key=lambda pair: pair.is_money):
        if pair.is_money:
            beside = usage[pair.endpoint, pair.day]
            same = [row for row in beside if pair.model in ("", row.pair.model)]
            found = tuple(_of_money(pair, days, same)) if any(pair.gap) else ()
            rows.append(Row(pair, found))
        else:
            others = of_day[pair.endpoint, pair.report, pair.day]
            row = Row(pair, _reasons(pair, others, days, has_habit=_habit(pair) in habits))
            rows.append(row)
            if pair.report == "usage":
                usage[pair.endpoint, pair.day].append(row)
    return rows


def _habit(pair: Pair) -> tuple[str, str, str]:
    return pair.endpoint, pair.report, pair.model


def _reasons(
    pair: Pair, others: Sequence[Pair], days: Days, *, has_habit: bool
) -> tuple[Reason, ...]:
    """Return why tokens and dollars differ; `has_habit` where its input held reads on a day."""
    if not any(pair.gap):
        return ()
    found = list(_of_tokens(pair, others, days, has_habit=has_habit)) or [_of_nothing(pair)]
    explained = [one for one in found if one.why is not Why.SMALL]
    found += _of_dollars(pair, is_explained=bool(explained))
    kept = [one for one in found if one.why is not Why.SMALL]
    return tuple(kept or found)


def _of_tokens(
    pair: Pair, others: Sequence[Pair], days: Days, *, has_habit: bool
) -> Iterator[Reason]:
    """Yield what explains the gap in tokens."""
    gap = pair.gap.tokens or 0
    if namesake := _namesake(pair, others):
        yield Reason(Why.NAMES, tokens=gap, names=(namesake,))
        return
    rest, compared = yield from _cached_in_input(pair, gap, has_habit=has_habit)
    rest = yield from _untold(pair, rest, compared, is_money=False)
    if day := _opposite(pair, rest, days):
        yield Reason(Why.BOUNDARY, tokens=rest, day=day)
        return
    if _is_finished_later(pair, rest):
        yield Reason(Why.LOWER, tokens=rest, number=pair.lower_bound)
        return
    if not _is_small(rest, pair):
        yield from _owners(pair, rest)
        if rest > 0 and pair.lower_bound and (pair.gap.output or 0) > 0:
            yield Reason(Why.LOWER, number=pair.lower_bound)


def _of_nothing(pair: Pair) -> Reason:
    """Return what to say where nothing must be explained all in all."""
    is_drawn = any(count and not _is_small(count, pair) for count in pair.gap[1:5])
    return Reason(Why.CLASSES if is_drawn else Why.SMALL, tokens=pair.gap.tokens)


def _cached_in_input(
    pair: Pair, rest: int, *, has_habit: bool
) -> Generator[Reason, None, tuple[int, Figures]]:
    """Yield whether one counts reads as input; return what is left, and what has its classes."""
    for told in (pair, _knowable(pair)):
        if cached := _cached(told):
            yield Reason(Why.CACHED, tokens=cached)
            return rest - cached - _moved(told, cached), pair.gap
    if hidden := _hidden_reads(pair, has_habit=has_habit):
        yield Reason(Why.CACHED)
        return rest - hidden, pair.logs
    return rest, pair.gap


def _untold(
    pair: Pair, rest: int, compared: Figures, *, is_money: bool
) -> Generator[Reason, None, int]:
    """Yield what the report cannot know yet, or never could; return what is left of the gap.

    `compared` has a figure for each class that the rest is of.
    """
    for why, of in ((Why.LATE, pair.later), (Why.EARLIER, pair.earlier)):
        told = _of_known(of, compared).amount(is_money=is_money) or 0
        if told > 0 and rest < 0 and not _is_small(rest, pair):
            taken = min(-rest, told)
            yield _explained(why, -taken, is_money=is_money)
            rest += taken
    return rest


def _of_known(figures: Figures, compared: Figures) -> Figures:
    """Return only what is compared at all."""
    return Figures(*(a if b is not None else None for a, b in zip(figures, compared, strict=True)))


def _of_money(pair: Pair, days: Days, beside: Sequence[Row]) -> Iterator[Reason]:
    """Yield what explains a gap in dollars where the report tells no tokens.

    `beside` is what the same endpoint tells of tokens.
    """
    gap = pair.gap.cost_nano or 0
    if _is_small(gap, pair):
        yield Reason(Why.SMALL, cost_nano=gap)
        return
    rest = yield from _untold(pair, gap, pair.gap, is_money=True)
    if _is_small(rest, pair):
        return
    if day := _opposite(pair, rest, days):
        yield Reason(Why.BOUNDARY, cost_nano=rest, day=day)
        return
    is_unpriced = rest > 0 and pair.unpriced > 0
    if is_unpriced:
        yield Reason(Why.UNPRICED, tokens=pair.unpriced, names=("logs",))
    causes = [
        reason
        for row in beside
        for reason in row.reasons
        if reason.why in OF_USE and (reason.tokens or 0) * rest > 0
    ]
    if causes:
        cause = max(causes, key=lambda reason: abs(reason.tokens or 0))
        yield replace(cause, tokens=None, cost_nano=rest)
    elif not beside:
        yield from _owners(pair, rest)
    elif not is_unpriced:
        yield Reason(Why.RATES, cost_nano=rest)


def _of_dollars(pair: Pair, *, is_explained: bool) -> Iterator[Reason]:
    """Yield what dollars differ by beside tokens."""
    gap, says = pair.gap.cost_nano, pair.says
    if gap is None or _is_small(gap, pair, is_money=True):
        return
    if gap > 0 and pair.unpriced:
        yield Reason(Why.UNPRICED, tokens=pair.unpriced, names=("logs",))
    elif gap < 0 and says.cost_nano == 0 and says.tokens:
        yield Reason(Why.UNPRICED, tokens=says.tokens, names=("report",))
    elif not is_explained:
        yield Reason(Why.RATES, cost_nano=gap)


def _knowable(pair: Pair) -> Pair:
    """Return a pair without the logs that the report cannot know yet, or never could."""
    columns = zip(pair.logs, pair.later, pair.earlier, strict=True)
    logs = Figures(*(None if a is None else a - (b or 0) - (c or 0) for a, b, c in columns))
    gap = (None if a is None or b is None else b - a for a, b in zip(logs, pair.says, strict=True))
    return replace(pair, logs=logs, gap=Figures(*gap))


def _namesake(pair: Pair, others: Sequence[Pair]) -> str:
    """Return the model under which the other side has as much, and this one nothing."""
    for other in others:
        mine, theirs = (pair, other) if pair.says.tokens else (other, pair)
        if (
            other is not pair
            and not (mine.logs.tokens or theirs.says.tokens)
            and mine.gap.tokens
            and _near(mine.gap.tokens, -(theirs.gap.tokens or 0))
        ):
            return other.model
    return ""


def _cached(pair: Pair) -> int:
    """Return the cache tokens that one side counts as input: positive where the report does."""
    gap, sign = pair.gap.input or 0, 1 if (pair.gap.input or 0) > 0 else -1
    for side in (pair.logs, pair.says):
        read, write = side.cache_read or 0, side.cache_write or 0
        for cached in (read, read + write):
            if cached > 0 and _near(abs(gap), cached) and _fits(pair, sign * cached):
                return sign * cached
    return 0


def _hidden_reads(pair: Pair, *, has_habit: bool) -> int:
    """Return the cache tokens of the logs that the report has somewhere in its input."""
    if pair.gap.cache_read is not None or not pair.says.input:
        return 0
    fewer = (pair.gap.requests or 0) < 0 < (pair.gap.input or 0)
    if not (has_habit or fewer):
        return 0
    write = 0 if pair.gap.cache_write is not None else pair.logs.cache_write or 0
    return (pair.logs.cache_read or 0) + write


def _fits(pair: Pair, cached: int) -> bool:
    """Tell whether the reads are missing where they belong, or stand there as well."""
    gap = pair.gap.cache_read
    if gap is None:
        return cached > 0
    return abs(gap) * NEAR < abs(cached) or _near(-gap * (1 if cached > 0 else -1), _reads(pair))


def _reads(pair: Pair) -> int:
    return max(pair.logs.cache_read or 0, pair.says.cache_read or 0)


def _moved(pair: Pair, cached: int) -> int:
    """Return the gap in cache tokens that goes with reads counted as input."""
    read, write = pair.gap.cache_read or 0, pair.gap.cache_write or 0
    holds_writes = not _near(abs(cached), _reads(pair))
    return read + (write if holds_writes else 0)


def _opposite(pair: Pair, rest: int, days: Days) -> int | None:
    """Return a day beside this one that has the opposite gap."""
    if _is_small(rest, pair):
        return None
    for day in (pair.day - 1, pair.day + 1):
        other = days.get((pair.endpoint, pair.report, pair.model, day))
        gap = other.gap.amount(is_money=pair.is_money) if other else None
        if gap and rest != 0 and _near(-gap, rest):
            return day
    return None


def _is_finished_later(pair: Pair, rest: int) -> bool:
    """Tell whether only answers are longer than logged, and some were logged unfinished."""
    output = pair.gap.output or 0
    return (
        pair.lower_bound > 0
        and output > 0
        and not pair.gap.requests
        and _near(output, rest)
        and not _is_small(rest, pair)
    )


def _owners(pair: Pair, rest: int) -> Iterator[Reason]:
    """Yield who used what nothing else explains."""
    return owners(pair, rest, _near, lambda amount: _is_small(amount, pair))


def _explained(why: Why, amount: int, *, is_money: bool) -> Reason:
    return Reason(why, cost_nano=amount) if is_money else Reason(why, tokens=amount)


def _near(one: int, other: int) -> bool:
    """Tell whether two amounts are the same within a hundredth."""
    return one * other > 0 and abs(one - other) * NEAR <= max(abs(one), abs(other))


def _is_small(gap: int, pair: Pair, *, is_money: bool | None = None) -> bool:
    """Tell whether a gap is not worth a reason."""
    money = pair.is_money if is_money is None else is_money
    sides = (pair.logs.amount(is_money=money) or 0, pair.says.amount(is_money=money) or 0)
    return abs(gap) * LITTLE <= max(sides) or (money and abs(gap) <= HALF_CENT)
