"""Writing is idempotent and independent of order: the events are a function of the logs' ends."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store import facts
from tests.store.worlds import Script, Step, from_scratch, readings, worlds
from tokwatch.store.connect import Database

pytestmark = pytest.mark.usefixtures("database")
SHARED = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[Script, ...], list[list[Step]]]:
    """Return logs, and a way in which they are read."""
    world = draw(worlds())
    return world, draw(readings(world))


@SHARED
@given(histories())
def test_events_are_those_of_the_logs_ends(
    database: Database, history: tuple[Sequence[Script], list[list[Step]]]
) -> None:
    world, batches = history
    facts.clear(database)

    facts.write(database, batches)

    assert facts.events(database) == facts.expected_events(world)
    assert facts.cells(database) == facts.expected_cells(facts.events(database).values())
