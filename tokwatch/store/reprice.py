"""Prices stored events anew when a price list or the user's own prices have changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tokwatch.model.event import ModelName
from tokwatch.store.connect import Database
from tokwatch.store.dimensions import Dimensions
from tokwatch.store.merge import Counted
from tokwatch.store.pricing import RateCards
from tokwatch.store.rollups import RollUps
from tokwatch.store.sql import COUNTED, delta_of
from tokwatch.store.store import set_setting, setting

AT_ONCE: Final = 5_000
"""Events looked at in one transaction: others write between two of them."""

UNFINISHED: Final = "repricing"
"""Setting that names the models whose cards are written, but not yet all costs of their events."""


def reprice(
    database: Database,
    workspace: int,
    dimensions: Dimensions,
    cards: RateCards,
    roll_ups: RollUps,
) -> Iterator[int]:
    """Rewrite the cards of every model and the costs that change; yield after each transaction.

    What is yielded is the number of events whose cost changed. Stopped half-way, it begins again
    with the models that it had to do, and ends in the same costs.
    """
    changed = _rewrite_cards(database, workspace, dimensions, cards)
    yield 0
    last = -1
    while changed:
        marks = ", ".join("?" * len(changed))
        rows = database.rows(
            f"SELECT {', '.join(COUNTED)}, computed_nano FROM event"
            f" WHERE workspace = ? AND key > ? AND model IN ({marks}) ORDER BY key LIMIT ?",
            (workspace, last, *changed, AT_ONCE),
        )
        if not rows:
            break
        last = rows[-1][0]
        costs = [(row[0], row[-1], cards.cost(Counted._make(row[:-1]))) for row in rows]
        new = [(cost, key) for key, before, cost in costs if cost != before]
        if new:
            _update(database, roll_ups, new)
        yield len(new)
    set_setting(database, workspace, UNFINISHED, "")


def _rewrite_cards(
    database: Database, workspace: int, dimensions: Dimensions, cards: RateCards
) -> list[int]:
    """Write every model's cards anew and return the models whose events are to be priced anew."""
    with database.transaction():
        unfinished = setting(database, workspace, UNFINISHED) or ""
        changed = {int(model) for model in unfinished.split()}
        models = database.rows(
            "SELECT id, provider, name, tier FROM model WHERE workspace = ?", (workspace,)
        )
        for model, *name in models:
            before = set(cards.of(model))
            dimensions.price(model, ModelName(*name))
            cards.forget()
            if set(cards.of(model)) != before:
                changed.add(model)
        set_setting(database, workspace, UNFINISHED, " ".join(map(str, sorted(changed))))
    return sorted(changed)


def _update(database: Database, roll_ups: RollUps, costs: Sequence[tuple[int | None, int]]) -> None:
    chosen = "event e WHERE e.key IN (SELECT key FROM touched)"
    with database.transaction():
        database.script(("DELETE FROM touched", "DELETE FROM delta"))
        database.executemany("INSERT INTO touched (key) VALUES (?)", [(key,) for _, key in costs])
        database.execute(delta_of(chosen, -1))
        database.executemany("UPDATE event SET computed_nano = ? WHERE key = ?", costs)
        database.execute(delta_of(chosen, 1))
        roll_ups.grow()
