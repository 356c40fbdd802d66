"""What makes tokwatch look: use, cost, efficiency and repetition."""

from __future__ import annotations

import pytest

from tests.analysis.suggesting.cases import turns
from tests.analysis.suggesting.made import OUTPUT, block, facts, request
from tokwatch.analysis.suggesting.triggers import Trigger, efficiency, fired, repetition
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.detail import Part
from tokwatch.model.suggestion_facts import Facts


def on(of: Facts, **settings: float) -> set[Trigger]:
    """Return the triggers that hold."""
    told = fired(of, Suggestions(**settings))  # type: ignore[arg-type]  # of the fields' own types
    return {one.trigger for one in told if one.is_on}


def test_use_and_cost_are_of_a_day() -> None:
    of = facts(turns(100))  # ten days: 203,100 tokens and 17.55 cents a day
    usd = of.nano / 1e10

    assert Trigger.USE in on(of, high_use_tokens=203_000)
    assert Trigger.USE not in on(of, high_use_tokens=204_000)
    assert Trigger.COST in on(of, high_cost_usd=usd * 0.99)
    assert Trigger.COST not in on(of, high_cost_usd=usd * 1.01)


def test_efficiency_is_what_paid_for_what_is_new() -> None:
    one, again = request(1, 0, cache_read=0, input=1_000), request(2, 60, cache_read=0, input=1_500)
    new = 1_500 * 5_000 + 2 * 300 * OUTPUT // 1000

    assert efficiency(facts([one, again])) == pytest.approx(new / (one.nano + again.nano))
    assert efficiency(facts([])) is None
    assert Trigger.EFFICIENCY not in on(facts([]))


def test_repetition_is_what_had_been_in_the_session_before() -> None:
    texts = [block(one, Part.USER, 100, digest=digest) for one, digest in enumerate((1, 2, 1, 3))]

    assert repetition(facts([], texts)) == 0.25
    assert repetition(facts([])) is None
    assert Trigger.REPETITION in on(facts([], texts), repetition=0.2)
