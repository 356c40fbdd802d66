"""Made performances: a few sessions of a few agents, in a time of 100 seconds."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from tokwatch.analysis.trend import Cut
from tokwatch.model.performance import (
    Answered,
    Custom,
    IncidentTold,
    Lifetime,
    Told,
    TurnTold,
)

DIVISION = Cut((0, 25_000, 50_000, 75_000), 100_000)
TROUBLES = ("rate limit", "overloaded", "context length", "server", "interrupted", "other")

answered = st.builds(
    Answered,
    key=st.integers(1, 10**6),
    at_ms=st.integers(0, 99_999),
    source=st.sampled_from(("claude-code", "codex", "litellm")),
    session=st.sampled_from(("s1", "s2")),
    agent=st.sampled_from(("", "a1")),
    kind=st.just("main"),
    model=st.sampled_from(("opus", "haiku")),
    requests=st.sampled_from((1, 1, 1, 3)),
    prompt=st.integers(0, 10_000),
    output=st.none() | st.integers(0, 5_000),
    nano=st.none() | st.integers(0, 10**9),
    is_final=st.booleans(),
    is_derived=st.booleans(),
    begun_ms=st.none() | st.integers(0, 99_999),
    duration_ms=st.none() | st.integers(0, 60_000),
    first_token_ms=st.none() | st.integers(0, 5_000),
    retries=st.none() | st.integers(0, 3),
    status=st.none() | st.sampled_from((200, 429, 500, 529, 400)),
    is_from_cache=st.booleans(),
)
turns = st.builds(
    TurnTold,
    source=st.sampled_from(("claude-code", "codex")),
    session=st.sampled_from(("s1", "s2")),
    agent=st.sampled_from(("", "a1")),
    kind=st.just("main"),
    begin_ms=st.integers(0, 99_999),
    end_ms=st.integers(100_000, 200_000),
    interrupted=st.booleans(),
    finished=st.booleans(),
    is_newest=st.booleans(),
)
incidents = st.builds(
    IncidentTold,
    at_ms=st.integers(0, 99_999),
    source=st.sampled_from(("claude-code", "codex")),
    session=st.sampled_from(("s1", "s2")),
    agent=st.sampled_from(("", "a1")),
    kind=st.just("main"),
    trouble=st.sampled_from(TROUBLES),
    status=st.sampled_from((0, 429, 500)),
    attempt=st.integers(0, 2),
)
customs = st.builds(
    Custom,
    name=st.sampled_from(("coverage", "score")),
    unit=st.just("%"),
    values=st.lists(st.tuples(st.integers(0, 99_999), st.floats(-5, 5)), max_size=5).map(tuple),
)


def _some(
    sessions: dict[tuple[str, str], list[int]],
) -> st.SearchStrategy[frozenset[tuple[str, str]]]:
    """Return some of the sessions."""
    return st.frozensets(st.sampled_from(sorted(sessions))) if sessions else st.just(frozenset())


@st.composite
def tolds(draw: st.DrawFn) -> Told:
    """Return what a store might tell of a range."""
    found = draw(st.lists(answered, max_size=25))
    found = [one._replace(kind="Explore" if one.agent else "main") for one in found]
    found.sort(key=lambda one: one.at_ms)
    ends: dict[tuple[str, str], list[int]] = {}
    for one in found:
        ends.setdefault((one.source, one.session), []).append(one.at_ms)
    told = Told(
        answered=tuple(found),
        turns=tuple(draw(st.lists(turns, max_size=8))),
        incidents=tuple(draw(st.lists(incidents, max_size=8))),
        lifetimes=tuple(
            Lifetime(*name, min(times) - draw(st.integers(0, 500)), max(times))
            for name, times in sorted(ends.items())
        ),
        detailed=draw(_some(ends)),
        overflowed=draw(_some(ends)),
        custom=tuple(draw(st.lists(customs, max_size=2, unique_by=lambda one: one.name))),
    )
    kinds = {"": "main", "a1": "Explore"}
    return replace(
        told,
        turns=tuple(one._replace(kind=kinds[one.agent]) for one in told.turns),
        incidents=tuple(one._replace(kind=kinds[one.agent]) for one in told.incidents),
    )
