"""One agent's context over time: its requests in order, where it was compacted, how it grows.

docs/session.md has the rules in words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.model.caching import LONG_MS
from tokwatch.model.detail import Compaction, Turn
from tokwatch.model.session import SessionRequest

MOST_ASIDE: Final = 2
"""Requests to another model, one after the other, that stand beside the conversation."""
ASSUMED_USABLE: Final = 0.8
"""Share of a window that can be used before tools compact, where no compaction tells it."""
RECENT_TURNS: Final = 5
RECENT_REQUESTS: Final = 20
"""How many of the last ones tell the present growth."""
LEAST_CLIFF: Final = 4_000
"""A smaller context that halves was not compacted."""


class Cliff(NamedTuple):
    """Where a context was replaced by a smaller one."""

    place: int
    """Number of the first point after it."""
    at_ms: int
    before: int
    """Prompt of the last request before."""
    after: int
    told: Compaction | None
    """What the log tells of it; None where only the prompts show it."""


class Course(Struct, frozen=True):
    """One agent's requests, and those of them that carry its context on."""

    requests: tuple[SessionRequest, ...] = ()
    points: tuple[SessionRequest, ...] = ()
    """Single requests whose prompt is the context; small ones to another model stand aside."""
    cliffs: tuple[Cliff, ...] = ()
    places: Mapping[int, int] = field(default_factory=dict)
    """Of the points, by the keys of their requests."""
    numbers: Mapping[int, int] = field(default_factory=dict)
    """Of all requests, from 1, by their keys."""
    peak: int = 0
    """The largest prompt of a point."""

    def begin_of(self, place: int) -> int:
        """Return the first point of the context that a point belongs to."""
        before = bisect_right(self.cliffs, place, key=lambda cliff: cliff.place)
        return self.cliffs[before - 1].place if before else 0


class RequestLine(NamedTuple):
    """One request as a list shows it, with what it changed."""

    number: int
    """From 1, among all of its agent."""
    request: SessionRequest
    grew: int | None
    """Tokens that its prompt has more than the one before; None at a start, or where it stands
    aside."""
    cliff: Cliff | None
    """The compaction right before it."""


class Growth(NamedTuple):
    """How fast a context grows at present."""

    tokens: int
    """Of so many turns or requests together."""
    steps: int
    is_by_turn: bool
    """False where no turn is known: then by request."""

    def left(self, room: int) -> int | None:
        """Return how many more fit into a room; None where the context does not grow."""
        if self.tokens <= 0 or not self.steps:
            return None
        return max(0, room) * self.steps // self.tokens


class Usable(NamedTuple):
    """How much of a window can be used before the tool compacts."""

    tokens: int
    is_seen: bool
    """Whether a compaction of this session tells it; else it is assumed."""


def course(requests: Sequence[SessionRequest], compactions: Sequence[Compaction] = ()) -> Course:
    """Return an agent's requests as a course, the oldest first."""
    told = sorted(compactions, key=lambda one: (one.instant_ms, one.offset))
    points: list[SessionRequest] = []
    cliffs: list[Cliff] = []
    asides = used = 0
    for request in requests:
        if not request.is_single or not request.prompt:
            continue
        last = points[-1] if points else None
        if last is not None and asides < MOST_ASIDE and _is_aside(last, request):
            asides += 1
            continue
        asides = 0
        upto = used
        while upto < len(told) and told[upto].instant_ms <= request.instant_ms:
            upto += 1
        if last is not None:
            compaction = told[upto - 1] if upto > used else None
            if compaction is not None or _is_cut(last.prompt, request.prompt):
                at_ms = compaction.instant_ms if compaction else request.instant_ms
                cliff = Cliff(len(points), at_ms, last.prompt, request.prompt, compaction)
                cliffs.append(cliff)
        used = upto
        points.append(request)
    return Course(
        *(tuple(requests), tuple(points), tuple(cliffs)),
        places={point.key: place for place, point in enumerate(points)},
        numbers={request.key: number for number, request in enumerate(requests, 1)},
        peak=max((point.prompt for point in points), default=0),
    )


def request_lines(of: Course) -> tuple[RequestLine, ...]:
    """Return all requests of an agent with what each one changed."""
    cliffs = {cliff.place: cliff for cliff in of.cliffs}
    lines = []
    for number, request in enumerate(of.requests, 1):
        place = of.places.get(request.key)
        grew = None
        if place:
            grew = request.prompt - of.points[place - 1].prompt
        cliff = None if place is None else cliffs.get(place)
        lines.append(RequestLine(number, request, grew, cliff))
    return tuple(lines)


def growth(of: Course, turns: Sequence[Turn]) -> Growth:
    """Return how fast the present context grows, by its last turns where they are known."""
    if not of.points:
        return Growth(0, 0, is_by_turn=False)
    begin = of.begin_of(len(of.points) - 1)
    present = of.points[begin:]
    ends = _turn_ends(present, turns)
    if len(ends) > 1:
        taken = ends[-1 - RECENT_TURNS :]
        return Growth(taken[-1] - taken[0], len(taken) - 1, is_by_turn=True)
    prompts = [point.prompt for point in present][-1 - RECENT_REQUESTS :]
    return Growth(prompts[-1] - prompts[0], len(prompts) - 1, is_by_turn=False)


def usable(of: Course, window: int) -> Usable:
    """Return up to where the window can be used: where the tool last compacted by itself."""
    seen = [
        max(cliff.before, cliff.told.before or 0)
        for cliff in of.cliffs
        if cliff.told is not None and cliff.told.trigger == "auto"
    ]
    if seen and seen[-1] <= window:
        return Usable(seen[-1], is_seen=True)
    return Usable(int(window * ASSUMED_USABLE), is_seen=False)


def _turn_ends(points: Sequence[SessionRequest], turns: Sequence[Turn]) -> list[int]:
    """Return the prompt of the last request of each turn, the running one's included."""
    begins = sorted(turn.begin_ms for turn in turns)
    ends: dict[int, int] = {}
    for point in points:
        turn = bisect_right(begins, point.cached.first_ms)
        if turn:
            ends[turn] = point.prompt
    return list(ends.values())


def _is_cut(before: int, after: int) -> bool:
    """Tell whether prompts show that the context was cut, though no log tells it."""
    return before >= LEAST_CLIFF and after * 2 < before


def _is_aside(last: SessionRequest, request: SessionRequest) -> bool:
    return (
        request.cached.model != last.cached.model
        and request.prompt * 2 < last.prompt
        and request.cached.first_ms - last.cached.first_ms <= LONG_MS
    )
