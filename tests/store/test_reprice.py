"""When prices or the zone of the days change, what is stored follows, and the sums with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from zoneinfo import ZoneInfo

from tests.store.worlds import request, script, whole
from tokwatch.ingest import day_of
from tokwatch.model import ModelName
from tokwatch.prices import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.store.connect import Database
from tokwatch.store.integrity import damage, differences
from tokwatch.store.write import Writer

PER_MILLION = 1_000_000_000
WORKSPACE = 1


@dataclass(frozen=True)
class Told:
    """What a price list says of a model."""

    cards: tuple[RateCard, ...]
    priced_as: str = "told"
    note: str = ""


def flat(dollars: int) -> RateCard:
    """Return a card with one rate for every class of token."""
    rate = dollars * PER_MILLION
    return RateCard(0, FOREVER_MS, -1, ANY_TOKENS, rate, rate, rate, rate, rate, 0, "test")


class PriceList:
    """A price list that can change."""

    def __init__(self, dollars: int | None) -> None:
        self.dollars = dollars

    def __call__(self, model: ModelName) -> Told:
        return Told(() if self.dollars is None else (flat(self.dollars),))


def writer_with(
    database: Database, prices: PriceList, day: Callable[[int], int] | None = None
) -> Writer:
    database.execute("INSERT INTO workspace (name) VALUES (?) ON CONFLICT DO NOTHING", ("local",))
    return Writer(database, WORKSPACE, machine="", pricing=prices, day_of=day or day_of(UTC))


def costs(database: Database) -> list[int | None]:
    return [row[0] for row in database.rows("SELECT computed_nano FROM event ORDER BY key")]


def sums(database: Database) -> set[tuple[int, int]]:
    """Return cost and unpriced tokens of all of each roll-up."""
    found = set()
    for table in ("quarter", "day", "total"):
        [(cost, unpriced)] = database.rows(
            f"SELECT sum(computed_nano), sum(unpriced_tokens) FROM {table}"
        )
        found.add((int(cost), int(unpriced)))
    return found


def test_costs_and_sums_follow_changed_prices(database: Database) -> None:
    prices = PriceList(1)
    writer = writer_with(database, prices)
    list(writer.use_prices("one"))
    writer.add([whole(script("/logs/a.jsonl", request(1), request(2))).reading])
    before = costs(database)

    prices.dollars = 3
    changed = sum(writer.use_prices("three"))

    assert changed == 2
    assert costs(database) == [3 * cost for cost in before if cost is not None]
    assert sums(database) == {(sum(cost or 0 for cost in costs(database)), 0)}
    assert differences(database, WORKSPACE, day_of(UTC)) == {}


def test_a_model_that_gets_a_price_is_unpriced_no_more(database: Database) -> None:
    prices = PriceList(None)
    writer = writer_with(database, prices)
    list(writer.use_prices("none"))
    writer.add([whole(script("/logs/a.jsonl", request(1))).reading])
    assert costs(database) == [None]
    [(cost, unpriced)] = sums(database)
    assert cost == 0
    assert unpriced > 0

    prices.dollars = 2
    list(writer.use_prices("two"))

    assert costs(database) == [2 * 1000 * unpriced]
    assert sums(database) == {(2 * 1000 * unpriced, 0)}


def test_the_same_prices_touch_nothing(database: Database) -> None:
    prices = PriceList(1)
    writer = writer_with(database, prices)
    list(writer.use_prices("one"))
    writer.add([whole(script("/logs/a.jsonl", request(1))).reading])

    prices.dollars = 9

    assert list(writer.use_prices("one")) == []


def test_a_repricing_that_was_stopped_is_made_again(database: Database) -> None:
    prices = PriceList(1)
    writer = writer_with(database, prices)
    list(writer.use_prices("one"))
    writer.add([whole(script("/logs/a.jsonl", request(1))).reading])
    prices.dollars = 2
    next(writer.use_prices("two"))
    before = costs(database)

    other = writer_with(database, prices)
    database.execute("UPDATE card SET input = input + 1")
    list(other.use_prices("two"))

    assert before != costs(database)
    assert differences(database, WORKSPACE, day_of(UTC)) == {}


def test_days_follow_the_zone(database: Database) -> None:
    prices = PriceList(1)
    writer = writer_with(database, prices)
    writer.use_zone("UTC")
    writer.add([whole(script("/logs/a.jsonl", request(1), request(2))).reading])
    assert differences(database, WORKSPACE, day_of(UTC)) == {}

    far = day_of(ZoneInfo("Pacific/Kiritimati"))
    moved = writer_with(database, prices, far)
    assert moved.use_zone("Pacific/Kiritimati")

    assert not moved.use_zone("Pacific/Kiritimati")
    assert differences(database, WORKSPACE, far) == {}


def test_sums_that_differ_from_the_events_are_found(database: Database) -> None:
    writer = writer_with(database, PriceList(1))
    writer.add([whole(script("/logs/a.jsonl", request(1))).reading])
    database.execute("UPDATE total SET output = output + 1")
    database.execute("DELETE FROM quarter")

    assert differences(database, WORKSPACE, day_of(UTC)) == {"quarter": 1, "total": 2}


def test_a_whole_store_has_no_damage(database: Database) -> None:
    writer_with(database, PriceList(1)).add([whole(script("/logs/a.jsonl", request(1))).reading])

    assert damage(database) == []
