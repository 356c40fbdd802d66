"""What is named by many values is read in pieces, and comes to what it is at once."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS, random_requests
from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import Facet, Portion
from tokwatch.model.units import DAY_MS, HOUR_MS
from tokwatch.model.usage import Dimension, Slice
from tokwatch.store import view as module
from tokwatch.store.connect import Database
from tokwatch.store.read.answered import answered
from tokwatch.store.read.audit import audit_events
from tokwatch.store.read.budgets import whole_sessions
from tokwatch.store.read.cache import loose_sessions, requests_before
from tokwatch.store.read.costs import count_requests, spending
from tokwatch.store.read.limits import rated_requests
from tokwatch.store.read.quality import performance
from tokwatch.store.read.sessions import sessions
from tokwatch.store.read.triage import dimensions_usage
from tokwatch.store.read.usage import daily_costs
from tokwatch.store.view import MOST_NAMED, View, evened, pieces


@given(st.lists(st.integers(), max_size=3 * MOST_NAMED, unique=True))
def test_pieces_are_few_sizes_and_hold_everything_in_order(values: list[int]) -> None:
    found = list(pieces(values))

    assert [value for some in found for value in dict.fromkeys(some)] == values
    assert {len(some) for some in found} <= {1 << power for power in range(9)}
    assert all(len(some) == MOST_NAMED for some in found[:-1])


@pytest.mark.parametrize(
    ("count", "named"), [(0, 0), (1, 1), (3, 4), (4_096, 4_096), (4_097, 4_097), (20_000, 20_000)]
)
def test_no_more_is_named_than_a_database_takes(count: int, named: int) -> None:
    found = evened(range(count))

    assert len(found) == named
    assert list(dict.fromkeys(found)) == list(range(count))


def read(view: View) -> list[Any]:  # of many kinds
    """Return what is told of all sessions by reads that name them, or their rows."""
    names = [f"s{number}" for number in range(40)]
    part = Slice(MARCH_MS, MARCH_MS + 13 * DAY_MS)
    return [
        sessions(view, limit=40),
        dimensions_usage(view, part, (Dimension.SESSION, Dimension.AGENT)),
        spending(view, Portion(part), (Facet.SESSION,)),
        rated_requests(view, part),
        answered(view, part),
        performance(view, part),
        whole_sessions(view, names),
        requests_before(view, names, MARCH_MS + 7 * DAY_MS, 3),
        loose_sessions(view, names, ()),
        audit_events(view),
    ]


def test_pieces_come_to_the_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [
        replace(one, session=name, path=f"/logs/{name}.jsonl")
        for number, one in enumerate(random_requests(200))
        for name in (f"s{number % 37}",)
    ]
    view = build(database, made)
    whole = read(view)
    assert all(whole)
    monkeypatch.setattr(module, "MOST_NAMED", 2)
    assert read(view) == whole


def test_a_long_range_comes_to_its_requests(database: Database) -> None:
    """Half a year of silence lies within, longer than what is read at once."""
    dice = random.Random(5)
    days = [*dice.sample(range(80), 30), *dice.sample(range(260, 330), 20)]
    made = [
        Made(
            MARCH_MS + day * DAY_MS + dice.randrange(DAY_MS // 2),
            session=f"s{number % 7}",
            model=dice.choice(("haiku", "opus")),
            computed_nano=dice.randrange(1, 1_000),
        )
        for day in days
        for number in range(3)
    ]
    view = build(database, made)
    part = Slice(MARCH_MS - HOUR_MS, MARCH_MS + 340 * DAY_MS + HOUR_MS)

    assert count_requests(view, Portion(part)) == len(made)
    costs: Counter[tuple[int, str]] = Counter()
    for one in made:
        costs[one.at_ms // DAY_MS, one.model] += one.computed_nano or 0
    found = daily_costs(view, part, Calendar())
    assert found == [(*group, nano) for group, nano in sorted(costs.items())]
    cells = dimensions_usage(view, part, (Dimension.SESSION, Dimension.MODEL))
    assert sum(cell.usage.requests for cell in cells) == len(made)
    rated = rated_requests(view, part)
    assert [one.at_ms for one in rated] == sorted(one.at_ms for one in made)
