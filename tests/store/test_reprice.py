"""Stored costs follow changed prices in small steps, whatever stops them half-way."""

from __future__ import annotations

import pytest

from tests.store import facts
from tests.store.worlds import MODELS, request, script, whole
from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.model.event import ModelName, Sighting
from tokwatch.prices.resolve import Resolution
from tokwatch.store import reprice
from tokwatch.store.connect import Database
from tokwatch.store.store import setting
from tokwatch.store.write import Writer

DEAR = RateCard(0, FOREVER_MS, -1, ANY_TOKENS, *(10**9,) * 5, 0, "dear")


def dear(_: ModelName) -> Resolution:
    """Price every model at a dollar per million tokens."""
    return Resolution((DEAR,), "dear", "", "why")


@pytest.fixture
def priced(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return a store of ten requests of a priced and an unpriced model; steps are of three."""
    monkeypatch.setattr(reprice, "AT_ONCE", 3)
    writer = facts.open_writer(database)
    drain(writer, "first")
    writer.add(
        [whole(script("/logs/a.jsonl", *(of_model(number) for number in range(10)))).reading]
    )
    return database


def of_model(number: int) -> Sighting:
    """Return a request of one of two models in turn."""
    return request(number)._replace(model=MODELS[number % 2])


def drain(writer: Writer, version: str) -> list[int]:
    """Let a writer use other prices to the end; return how many costs each step changed."""
    return list(writer.use_prices(version))


def costs(database: Database) -> set[int | None]:
    """Return every cost in the store, having checked the roll-ups."""
    events = facts.events(database)
    assert facts.cells(database) == facts.expected_cells(events.values())
    return {event.computed_nano for event in events.values()}


def test_costs_follow_other_prices_in_steps(priced: Database) -> None:
    assert None in costs(priced)

    steps = drain(facts.open_writer(priced, pricing=dear), "second")

    assert sum(steps) == 10
    assert max(steps) == 3
    assert costs(priced) == {1_050_000}
    assert setting(priced, 1, "prices") == "second"
    assert {row[0] for row in priced.rows("SELECT note FROM model")} == {"why"}


def test_the_same_prices_under_another_version_touch_no_event(priced: Database) -> None:
    before = costs(priced)

    assert sum(drain(facts.open_writer(priced), "second")) == 0
    assert drain(facts.open_writer(priced), "second") == []

    assert costs(priced) == before


def test_only_models_whose_prices_changed_are_looked_at(priced: Database) -> None:
    def half_dear(model: ModelName) -> Resolution:
        return dear(model) if model == MODELS[1] else facts.pricing(model)

    assert sum(drain(facts.open_writer(priced, pricing=half_dear), "second")) == 5
    assert None not in costs(priced)


@pytest.mark.parametrize("steps", range(1, 5))
def test_a_stopped_repricing_is_finished_by_the_next_one(priced: Database, steps: int) -> None:
    stopped = facts.open_writer(priced, pricing=dear).use_prices("second")
    for _ in range(steps):
        next(stopped)
    del stopped
    assert setting(priced, 1, "prices") == "first"

    drain(facts.open_writer(priced, pricing=dear), "second")

    assert costs(priced) == {1_050_000}
    assert setting(priced, 1, "prices") == "second"


def test_what_is_written_meanwhile_has_the_new_prices(priced: Database) -> None:
    writer = facts.open_writer(priced, pricing=dear)
    steps = writer.use_prices("second")
    next(steps)

    writer.add([whole(script("/logs/b.jsonl", *(of_model(number) for number in (5, 20)))).reading])
    list(steps)

    assert costs(priced) == {1_050_000}
    assert len(facts.events(priced)) == 11
