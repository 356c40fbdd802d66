"""Models and tools that are slow against what else the same user uses. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from typing import Final

from tokwatch.analysis.suggesting.pins import is_pinned
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.performance import Answered
from tokwatch.model.suggestion import Finding, Grade
from tokwatch.model.suggestion_facts import Facts

MODEL: Final = "slow-model"
AGENT: Final = "slow-agent"
LEAST: Final = 20
"""Answers of each that tell how fast it is."""
LEAST_OUTPUT: Final = 50
LONGEST_MS: Final = 1_800_000
"""What takes longer was no request: a machine slept."""


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield what takes much longer for each token than an alternative at the same work."""
    timed = [one for one in facts.told.answered if _speed(one)]
    for kind in sorted({one.kind for one in timed}):
        own = [one for one in timed if one.kind == kind]
        free = [one for one in own if not _is_pinned(one, facts, settings)]
        yield from _slow(own, free, lambda one: one.model, MODEL, f"{kind} agents", settings)
    for model in sorted({one.model for one in timed}):
        own = [one for one in timed if one.model == model]
        yield from _slow(own, own, lambda one: one.source, AGENT, model, settings)


def _is_pinned(one: Answered, facts: Facts, settings: Suggestions) -> bool:
    """Tell whether work must not be given to another model, which may be a cheaper one."""
    project = facts.projects.get((one.source, one.session), "")
    return is_pinned(settings, project, one.kind, one.model)


def _speed(one: Answered) -> float:
    """Return the tokens a second of an answer; 0 where they are not known."""
    took = one.duration_ms
    if took is None and one.begun_ms is not None:
        took = one.at_ms - one.begun_ms
    is_told = one.requests == 1 and one.is_final and not one.is_derived and not one.status
    if not is_told or not took or not 0 < took <= LONGEST_MS:
        return 0.0
    return one.output * 1000 / took if one.output and one.output >= LEAST_OUTPUT else 0.0


def _slow(
    timed: list[Answered],
    free: list[Answered],
    name_of: Callable[[Answered], str],
    sort: str,
    within: str,
    settings: Suggestions,
) -> Iterator[Finding]:
    """Yield what of the free work is slow against the fastest of all that is timed."""
    others, groups = _grouped(timed, name_of), _grouped(free, name_of)
    speeds = {name: median(map(_speed, own)) for name, own in others.items()}
    if len(speeds) < 2:
        return
    best = max(speeds, key=lambda name: speeds[name])
    for name, own in groups.items():
        speed = median(map(_speed, own))
        if speeds[best] >= speed * settings.slow_times:
            slowest = sorted(own, key=_speed)[:20]
            yield Finding(
                sort,
                f"{sort.removeprefix('slow-')} {name} · {within}",
                f"{name} is slow at the work of {within}: {speed:.0f} tokens a second",
                (),
                frozenset(one.key for one in own),
                (f"Try {best}, which answers {speeds[best] / speed:.1f} times as fast with you.",),
                confidence=Grade.MEDIUM,
                risk=Grade.MEDIUM,
                cause="speed",
                evidence=f"{len(own)} answers against {len(others[best])} of {best} "
                f"({speeds[best]:.0f} a second)",
                events=tuple(one.key for one in slowest),
            )


def _grouped(some: list[Answered], name_of: Callable[[Answered], str]) -> dict[str, list[Answered]]:
    """Return answers by name, as far as there are enough of it."""
    groups: dict[str, list[Answered]] = {}
    for one in some:
        groups.setdefault(name_of(one), []).append(one)
    return {name: own for name, own in groups.items() if len(own) >= LEAST}
