"""Requests in bulk: nothing is lost, and every one stands in its period and band."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_costs import random_requests, told_of
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.event import ModelName
from tokwatch.model.facets import Facet, Pick, Portion
from tokwatch.model.repricing import Bulk, Edges, gathered
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import bulks

EDGES = Edges((MARCH_MS + 2 * DAY_MS, MARCH_MS + 9 * DAY_MS), (0, 500, 1_239, 1_240))


def size_of(one: Made) -> int:
    """Return the prompt that decides the price of a request."""
    if one.grade == -1:
        return 0
    return one.prompt // one.requests if one.requests > 1 else one.prompt


def summed(made: list[Made], edges: Edges, mode: CostMode) -> list[Bulk]:
    """Return what bulks() must, by plain code."""
    found = []
    for one in made:
        if one.grade != 2:
            used = one.usage
            period = max((at for at in edges.instants_ms if one.at_ms >= at), default=0)
            band = max((size for size in edges.tokens if size_of(one) > size), default=-1)
            is_single = one.grade != -1 and one.requests == 1
            found.append(
                Bulk(
                    *(ModelName(one.provider, one.model, one.tier), period, band, used.requests),
                    *(used.input, used.cache_read, used.cache_write_5m, used.cache_write_1h),
                    *(used.output, used.web_searches, used.computed_nano, used.unpriced_tokens),
                    *(used.cost_nano(mode), used.missing(mode), one.prompt if is_single else 0),
                )
            )
    return gathered(found)


@pytest.mark.parametrize("mode", list(CostMode))
@pytest.mark.parametrize("edges", [Edges(), EDGES])
def test_bulks_are_the_sums_of_what_is_priced_alike(
    database: Database, mode: CostMode, edges: Edges
) -> None:
    made = [
        replace(one, requests=number % 3, web_searches=number % 2)
        for number, one in enumerate(random_requests())
    ]
    view = build(database, made)
    assert gathered(bulks(view, Portion(mode=mode), edges)) == summed(made, edges, mode)


def test_a_prompt_of_exactly_an_edge_is_in_the_band_below(database: Database) -> None:
    made = [
        Made(MARCH_MS, input=size, cache_read=None, cache_write_5m=0, cache_write_1h=0)
        for size in (0, 1, 200_000, 200_001)
    ]
    found = bulks(build(database, made), Portion(), Edges((), (0, 200_000)))
    assert {(one.above, one.largest) for one in found} == {
        (-1, 0),
        (0, 200_000),
        (200_000, 200_001),
    }


def test_days_together_are_the_whole(database: Database) -> None:
    view = build(database, random_requests())
    days = [
        bulk
        for day in range(14)
        for bulk in bulks(
            view, Portion(Slice(MARCH_MS + day * DAY_MS, MARCH_MS + (day + 1) * DAY_MS)), EDGES
        )
    ]
    assert gathered(days) == gathered(bulks(view, Portion(), EDGES))


def test_picks_hold(database: Database) -> None:
    made = random_requests()
    view = build(database, made)
    kept = [one for one in made if one.session == "s2" and one.tier == "fast"]
    portion = Portion(picks=(Pick(Facet.SESSION, "s2"), Pick(Facet.TIER, "fast")))
    assert gathered(bulks(view, portion, EDGES)) == summed(kept, EDGES, CostMode.AUTO)


def test_tools_can_be_picked(database: Database) -> None:
    view = build(database, [Made(MARCH_MS + 1, output=1), Made(MARCH_MS + 2, output=2)])
    told_of(database, [(1, "tool call", "Bash"), (2, "tool call", "Read")])
    (found,) = bulks(view, Portion(picks=(Pick(Facet.TOOL, "Read"),)))
    assert (found.output, found.requests) == (2, 1)
