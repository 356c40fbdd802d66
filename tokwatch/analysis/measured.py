"""What is measured of requests, turns and sessions: single values, and how they are spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from math import inf
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.analysis.distribution import Bar, Spread, histogram, spread
from tokwatch.analysis.owners import Owners
from tokwatch.analysis.trend import Cut, Trend, by_stretch, percentiles
from tokwatch.model.performance import Answered, Custom, Told

MOST_SINGLE: Final = 10
"""Values that are listed one by one: the highest."""


class Unit(StrEnum):
    """What values count."""

    DURATION = "ms"
    TOKENS = "tokens"
    SPEED = "tokens/s"
    MONEY = "nano-dollars"
    NUMBER = ""


class Definition(Struct, frozen=True):
    """What a measure is."""

    name: str
    unit: Unit
    what: str
    """What each value is of, in the plural."""
    words: str
    custom_unit: str = ""


LATENCY: Final = Definition(
    *("latency", Unit.DURATION, "requests"),
    "From a request to the end of its answer: as a log tells it, else derived (~) from what "
    "stands before the answer in its log, such as a message or a tool's result, to the answer's "
    "last record. Errors, sums of several requests and answers from a gateway's own cache are "
    "left out.",
)
FIRST_TOKEN: Final = Definition(
    *("first token", Unit.DURATION, "requests"),
    "From a request to the first token of its answer; known only where a log tells it.",
)
SPEED: Final = Definition(
    *("speed", Unit.SPEED, "requests"),
    "Output tokens, reasoning included, by the seconds of latency, of each request; a lower "
    "bound (≥) where the output is one.",
)
TURN: Final = Definition(
    *("turn", Unit.DURATION, "turns"),
    "From a message of the user, or an agent's task, to the end of the last answer that it set "
    "off, tools included; of turns that were finished.",
)
SESSION: Final = Definition(
    *("session", Unit.DURATION, "sessions"),
    "From a session's first answer to its last, pauses included, all its life; of sessions with "
    "a request in the range.",
)
COST: Final = Definition(
    *("cost", Unit.MONEY, "requests"),
    "What one request cost; requests without a price and sums of several are left out.",
)
PROMPT: Final = Definition(
    *("prompt", Unit.TOKENS, "requests"),
    "Input, cache reads and cache writes of one request; sums of several are left out.",
)
OUTPUT: Final = Definition(
    *("output", Unit.TOKENS, "requests"),
    "Output tokens of one request, reasoning included; a lower bound (≥) where the answer's end "
    "was not logged.",
)
DEFINITIONS: Final = (LATENCY, FIRST_TOKEN, SPEED, TURN, SESSION, COST, PROMPT, OUTPUT)


class Point(NamedTuple):
    """One value, and whose it is."""

    at_ms: int
    value: float
    source: str
    session: str
    agent: str
    kind: str
    model: str
    is_derived: bool = False
    is_lower: bool = False
    key: int = 0
    """Of the request that it is of; 0 where it is of none."""


class ToldBy(NamedTuple):
    """How many of a source's requests, turns or sessions have a value."""

    source: str
    known: int
    whole: int
    derived: int = 0


class Points(Struct, frozen=True):
    """The values of one measure, and of how many of each source there could be one."""

    definition: Definition
    points: Sequence[Point]
    wholes: Mapping[str, int]

    @property
    def is_grouped(self) -> bool:
        """Whether its values are of one model and agent each."""
        return self.definition.what in ("requests", "turns")


class Measured(Struct, frozen=True):
    """A measure summed up."""

    definition: Definition
    spread: Spread | None
    whole: int
    derived: int
    lower: int
    p50: Trend
    p90: Trend
    bars: tuple[Bar, ...]
    told: tuple[ToldBy, ...]
    highest: tuple[Point, ...]


def measured(of: Points, division: Cut) -> Measured:
    """Return a measure summed up."""
    values = sorted(point.value for point in of.points)
    stretches = by_stretch(((point.at_ms, point.value) for point in of.points), division)
    least = values[-MOST_SINGLE] if len(values) > MOST_SINGLE else -inf
    highest = sorted(
        (point for point in of.points if point.value >= least),
        key=lambda point: (-point.value, point.at_ms),
    )
    return Measured(
        of.definition,
        spread(values),
        sum(of.wholes.values()),
        sum(point.is_derived for point in of.points),
        sum(point.is_lower for point in of.points),
        percentiles(stretches, 50),
        percentiles(stretches, 90),
        histogram(values),
        _told(of),
        tuple(highest[:MOST_SINGLE]),
    )


def _told(of: Points) -> tuple[ToldBy, ...]:
    known = Counter(point.source for point in of.points)
    derived = Counter(point.source for point in of.points if point.is_derived)
    return tuple(
        ToldBy(source, known[source], whole, derived[source])
        for source, whole in sorted(of.wholes.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def latency_ms(one: Answered) -> tuple[int, bool] | None:
    """Return how long a request took, and whether that is derived; None where it is unknown."""
    if one.duration_ms is not None:
        return one.duration_ms, False
    if one.begun_ms is None or one.begun_ms >= one.at_ms:
        return None
    return one.at_ms - one.begun_ms, True


def all_points(told: Told, owners: Owners) -> list[Points]:
    """Return the values of every measure."""
    single = [one for one in told.answered if one.requests == 1]
    timed = [one for one in single if not one.is_from_cache and not is_error(one.status)]
    return [
        _of_requests(LATENCY, timed, _latency),
        _of_requests(FIRST_TOKEN, timed, _first_token),
        _of_requests(SPEED, timed, _speed),
        _turns(told, owners),
        _sessions(told),
        _of_requests(COST, single, _cost),
        _of_requests(PROMPT, single, _prompt),
        _of_requests(OUTPUT, single, _output),
        *(_custom(one) for one in told.custom),
    ]


def is_error(status: int | None) -> bool:
    """Tell whether an HTTP status is that of an error."""
    return status is not None and status >= 400


Value = tuple[float, bool, bool]
"""A value, whether it is derived, and whether it is a lower bound."""


def _of_requests(
    definition: Definition, requests: Sequence[Answered], value: Callable[[Answered], Value | None]
) -> Points:
    points = [
        Point._make(
            (
                *(one.at_ms, found[0], one.source, one.session, one.agent, one.kind, one.model),
                *(found[1], found[2], one.key),
            )
        )
        for one in requests
        if (found := value(one)) is not None
    ]
    return Points(definition, points, Counter(one.source for one in requests))


def _latency(one: Answered) -> Value | None:
    found = latency_ms(one)
    return None if found is None else (*found, False)


def _first_token(one: Answered) -> Value | None:
    return None if one.first_token_ms is None else (one.first_token_ms, False, False)


def _speed(one: Answered) -> Value | None:
    found = latency_ms(one)
    if not found or not found[0] or not one.output:
        return None
    return one.output * 1000 / found[0], found[1], not one.is_final


def _cost(one: Answered) -> Value | None:
    return None if one.nano is None else (one.nano, one.is_derived, not one.is_final)


def _prompt(one: Answered) -> Value | None:
    return one.prompt, one.is_derived, False


def _output(one: Answered) -> Value | None:
    return None if one.output is None else (one.output, one.is_derived, not one.is_final)


def _turns(told: Told, owners: Owners) -> Points:
    ended = [turn for turn in told.turns if not turn.is_open]
    points = [
        Point(
            *(turn.begin_ms, turn.end_ms - turn.begin_ms, turn.source, turn.session, turn.agent),
            *(turn.kind, owners.before(turn, turn.end_ms)),
        )
        for turn in ended
        if turn.finished
    ]
    return Points(TURN, points, Counter(turn.source for turn in ended))


def _sessions(told: Told) -> Points:
    points = [
        Point(*(one.last_ms, one.last_ms - one.first_ms, one.source, one.session), "", "main", "")
        for one in told.lifetimes
    ]
    return Points(SESSION, points, Counter(one.source for one in told.lifetimes))


def _custom(one: Custom) -> Points:
    definition = Definition(
        *(one.name, Unit.NUMBER, "observations"),
        "A measure of your own: `tokwatch track` recorded it, or a log that a mapping reads.",
        one.unit,
    )
    points = [Point(at_ms, value, "", "", "", "", "") for at_ms, value in one.values]
    return Points(definition, points, {"": len(points)} if points else {})
