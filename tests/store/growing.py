"""Logs that looked at one running total, and what all of them amount to, counted unit by unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from hypothesis import strategies as st

from tests.store.worlds import NOON_MS, STEP_MS
from tokwatch.model.event import SPENT, Grade, ModelName, Scope, Sighting, Stretch
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.sighting import Tokens, sighting_of
from tokwatch.sources.stretches import Axes

MODEL: Final = ModelName("anthropic", "priced")
Counts = tuple[int, ...]


class Looks(NamedTuple):
    """What one log told of a total."""

    path: str
    sightings: tuple[Sighting, ...]
    stretches: tuple[Stretch, ...]

    def reading(self, start: int, end: int, version: int = 1) -> Reading:
        """Return a read of some of it."""
        return Reading(
            cursor=Cursor(self.path, "droid", 1, 1, end, end, version=version),
            sightings=self.sightings[start:end],
            stretches=self.stretches[start:end],
            from_start=start == 0,
        )

    @property
    def whole(self) -> Reading:
        """All of it."""
        return self.reading(0, len(self.sightings))


def grown(at: int, counts: Sequence[int], cost: int | None = None, name: str = "s1") -> Sighting:
    """Return growth: input, cache reads, cache writes and output, so many steps after noon."""
    plain, read, written, output = counts
    scope, tokens = Scope("droid", name, "", "/shop"), Tokens(plain, output, read, written)
    moment = NOON_MS + at * STEP_MS
    return sighting_of(0, moment, scope, MODEL, tokens, cost_nano=cost, grade=Grade.DERIVED)


def looks(path: str, *growth: Sighting, name: str = "s1", passed: int = 0) -> Looks:
    """Return a log of some growth, the first of which it passes over."""
    axes = Axes("droid")
    placed = [
        (axes.pass_over if place < passed else axes.place)(name, one)
        for place, one in enumerate(growth)
    ]
    return Looks(path, tuple(placed), tuple(axes.stretches))


def simply(path: str, *totals: int) -> Looks:
    """Return a log that saw these totals of input, a step after each other."""
    steps = zip((0, *totals), totals, strict=False)
    return looks(path, *(grown(at, (b - a, 0, 0, 0)) for at, (a, b) in enumerate(steps)))


def slowly(logs: Iterable[Looks]) -> dict[int, Counts]:
    """Return the counts of each event, by going over every single unit."""
    found: dict[int, tuple[Sighting, Stretch]] = {}
    passed: list[Stretch] = []
    for log in logs:
        for sighting, stretch in zip(log.sightings, log.stretches, strict=True):
            if sighting.grade == Grade.GHOST:
                passed.append(stretch)
            else:
                before = found.get(sighting.key, (sighting, stretch))[0]
                first = min(before, sighting, key=lambda one: one.first_ms)
                found[sighting.key] = (first, stretch)
    told = [{unit for one in passed for unit in _units(one, name)} for name in range(len(SPENT))]
    for one in passed:
        found.pop(one.key, None)
    events: dict[int, Counts] = {}
    for key, (_, stretch) in sorted(found.items(), key=lambda item: _order(*item[1])):
        units = [set(_units(stretch, name)) for name in range(len(SPENT))]
        new = [len(own - before) for own, before in zip(units, told, strict=True)]
        told = [own | before for own, before in zip(units, told, strict=True)]
        if new == [len(own) for own in units] or any(new[1:6]) or new[7]:
            requests = min(stretch.ends[0] - stretch.begins[0], max(1, new[0]))
            events[key] = (requests, *new[1:])
    return events


def _units(stretch: Stretch, name: int) -> range:
    return range(stretch.begins[name], stretch.ends[name])


def _order(sighting: Sighting, stretch: Stretch) -> tuple[int, ...]:
    widths = [end - begin for begin, end in zip(stretch.begins, stretch.ends, strict=True)]
    return -sighting.grade, sum(widths[1:6]), widths[7], sighting.first_ms, sighting.key


_few = st.integers(0, 4)


@st.composite
def worlds(draw: st.DrawFn) -> list[Looks]:
    """Return logs that looked at one total: some at its own points, some at any."""
    steps = draw(st.lists(st.tuples(_few, _few, _few, _few), min_size=1, max_size=6))
    costs = draw(st.lists(st.sampled_from((None, 0, 3)), min_size=6, max_size=6))
    found: list[Looks] = []
    for number in range(draw(st.integers(1, 3))):
        growth: list[Sighting] = []
        pending, cost = [0, 0, 0, 0], 0
        is_astray = draw(st.integers(0, 3)) == 0
        for at, (step, more) in enumerate(zip(steps, costs, strict=False)):
            pending = [a + b for a, b in zip(pending, step, strict=True)]
            cost += more or 0
            if draw(st.booleans()) and any(pending):
                seen = [draw(_few) for _ in pending] if is_astray else pending
                growth.append(grown(at, seen, None if more is None else cost))
                pending, cost = [0, 0, 0, 0], 0 if more is not None else cost
        passed = draw(st.sampled_from((0, 0, 0, 1)))
        found.append(looks(f"/logs/{number}", *growth, passed=passed))
    return found


@st.composite
def reads(draw: st.DrawFn, logs: Sequence[Looks]) -> list[list[Reading]]:
    """Return reads of all that logs told, in any order, again and in any batches."""
    pieces: list[Reading] = []
    for log in logs:
        cut = draw(st.integers(0, len(log.sightings)))
        pieces += [log.reading(0, cut), log.reading(cut, len(log.sightings))]
        if draw(st.integers(0, 2)) == 0:
            pieces.append(log.whole)
    batches: list[list[Reading]] = [[]]
    for piece in draw(st.permutations(pieces)):
        if draw(st.booleans()) and batches[-1]:
            batches.append([])
        batches[-1].append(piece)
    return batches
