"""Copilot CLI's traces of a part of a session: what only its totals tell counts too, once."""

from __future__ import annotations

import json
import shutil
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.copilot_logs import (
    MODEL,
    SESSION,
    Used,
    compacted,
    copilot,
    ended,
    event,
    events,
    metric,
    said,
    several,
    span,
    started,
    stored,
    times,
    totals,
    traces,
)
from tests.sources.road import Fields, Road, Spent
from tokwatch.model.stored import EventFact


def parts(road: Road) -> list[tuple[str, int, int, int]]:
    """Return model, requests, output and how many of these are derived, of each event."""
    return sorted(
        (one.model.name, one.usage.requests, one.usage.output, one.usage.derived)
        for one in road.events()
    )


def model(name: str) -> Fields:
    """Return what a span of another model tells."""
    told: Fields = json.loads(span("x"))["attributes"]
    return told | {"gen_ai.response.model": name, "gen_ai.request.model": name}


@pytest.mark.parametrize("order", permutations(("events", "traces", "again")))
def test_the_rest_of_the_totals_counts_in_any_order(
    home: Path, road: Road, order: tuple[str, ...]
) -> None:
    lines = [started(), *(said(second) for second in range(1, 6)), totals(30, 5)]
    lines += [event("session.resume", 40), totals(60, 8)]
    spans = [span("a1", 10), span("a2", 20), span("a3", 50)]
    for name in order:
        if name == "events":
            events(home, *lines)
        elif name == "traces":
            traces(home, *spans)
        road.read()

    assert road.total() == times(8)
    assert parts(road) == [
        *((MODEL, 1, 20, 0), (MODEL, 1, 20, 0), (MODEL, 1, 20, 0)),
        *((MODEL, 2, 40, 2), (MODEL, 3, 60, 3)),
    ]


def test_each_model_keeps_its_own_rest(home: Path, road: Road) -> None:
    """A model that no totals name was one of those that they do."""
    first, second = metric(several(3), 3), metric(several(2), 2)
    events(home, started(), ended(30, claude__haiku__4_5=first, gpt__5=second))
    traces(home, span("a1", 5, attributes=model("gpt-5")), span("a2", 6, attributes=model("m")))
    road.read()

    assert parts(road) == [
        *(("claude-haiku-4.5", 2, 40, 2), ("gpt-5", 1, 20, 0), ("gpt-5", 1, 20, 1)),
        ("m", 1, 20, 0),
    ]


def test_requests_after_the_totals_are_not_in_them(home: Path, road: Road) -> None:
    events(home, started(), totals(30, 2))
    traces(home, span("a1", 10), span("a2", 45))
    road.read()

    assert road.total() == times(3)


def test_requests_before_a_compaction_are_not_in_totals_that_began_anew(
    home: Path, road: Road
) -> None:
    """The compaction's own request is."""
    lines = [started(), said(1), said(2), compacted(20), said(24), totals(30, 2)]
    events(home, *lines)
    traces(home, span("a1", 1), span("a2", 19))
    road.read()

    # The first request and the second message, which nothing else tells, and two in the totals.
    assert sum(one.usage.derived for one in road.events()) == 1
    assert road.total() == times(3).plus(Spent(1, output=20))


def test_a_logged_cost_is_shared_by_tokens(home: Path, road: Road) -> None:
    """Traces tell none, and are priced: what is left of the session's cost is the rest's."""
    events(home, started(), totals(30, 4, units=4_000))
    traces(home, span("a1", 10))
    road.read()
    (rest,) = (one for one in road.events() if one.usage.derived)

    assert (rest.usage.logged_nano, rest.usage.output) == (30, 60)


def test_what_the_session_store_tells_is_taken_off_once(home: Path, road: Road) -> None:
    """Events take off what the store has; a trace of such a request takes off nothing more."""
    stored(home, 5, 10)
    events(home, started(), totals(30, 4))
    traces(home, span("a1", 5), span("a2", 10), span("a3", 15))
    road.read()

    assert road.total() == times(4)


def test_a_session_that_is_read_in_two_folders_counts_once(
    home: Path, road: Road, tmp_path: Path
) -> None:
    events(home, started(), totals(30, 5))
    traces(home, span("a1", 10))
    road.read()
    shutil.copytree(copilot(home), copilot(tmp_path / "copy"))
    other = Road(tmp_path / "copy", tmp_path / "data")
    other.read()

    assert other.total() == road.total() == times(5)
    other.close()


LEGS = st.lists(
    st.lists(st.tuples(st.integers(1, 90), st.booleans()), max_size=3), min_size=1, max_size=3
)


@settings(max_examples=25)
@given(legs=LEGS, looks=st.lists(st.sampled_from(("events", "traces")), max_size=3))
def test_it_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory,
    legs: list[list[tuple[int, bool]]],
    looks: list[str],
) -> None:
    """Whatever part the traces cover: the sums are those of all requests, the traced ones exact."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    lines, spans, exact = [started()], list[bytes](), list[int]()
    spent, at = 0, 0
    for leg in legs:
        for output, is_traced in leg:
            at, spent = at + 10, spent + output
            if is_traced:
                spans.append(span(f"a{at}", at, Used(0, output, 0, 0, 0)))
                exact.append(output)
        at += 10
        lines.append(ended(at, claude=metric(Used(0, spent, 0, 0, 0), at)))
    spans = [one.replace(MODEL.encode(), b"claude") for one in spans]
    for name in (*looks, "events", "traces"):
        if name == "events":
            events(home, *lines)
        else:
            traces(home, *spans)
        road.read()
    found: list[EventFact] = road.events()
    road.close()

    assert sum(one.usage.output for one in found) == spent
    assert sorted(one.usage.output for one in found if not one.usage.derived) == sorted(exact)
    assert {one.scope.session for one in found} <= {SESSION}
