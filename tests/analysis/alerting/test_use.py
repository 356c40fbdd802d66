"""What rules see of use: the last hour by the minute, against the usual, with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import pytest

from tests.analysis.alerting.requests import HOUR_MS, MINUTE_MS, START_MS, Watched, request
from tokwatch.analysis.alerting.judge import Reading
from tokwatch.analysis.alerting.recent import Recent
from tokwatch.analysis.alerting.use import use_reading
from tokwatch.analysis.alerting.usual import UsualHours, usual_hours
from tokwatch.config.alerting import DEFAULTS
from tokwatch.config.measures import MEASURES
from tokwatch.model.alert_facts import EVERYTHING, Estimates, Narrow, Outcomes, SlowFacts, ToldFact
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, NANO, QUARTER_MS

SHOP = Narrow(projects=("shop",))


def read(
    recent: Recent,
    at_ms: int = START_MS,
    *,
    slow: SlowFacts | None = None,
    usual: UsualHours | None = None,
    narrow: Narrow = EVERYTHING,
    customs: Sequence[str] = (),
) -> Reading:
    """Return the reading of a part of use."""
    facts = slow or SlowFacts()
    return use_reading(recent, narrow, facts, usual, Calendar(), at_ms, customs)


def fact(name: str, value: int, key: int = 1, at_ms: int = START_MS, **more: str) -> ToldFact:
    """Return one number that a log told."""
    whose = {"project": "/code/shop", "model": "m", "kind": "main", "user": ""} | more
    return ToldFact(at_ms, key, name, value, **whose)


def test_a_reading_has_every_measure_of_use() -> None:
    expected = {name for name, one in MEASURES.items() if one.kind == "use"}

    assert set(read(Recent()).values) == expected


def test_a_request_counts_once_as_it_was_told_last() -> None:
    recent = Recent()
    first = request(1, START_MS, nano=NANO, output=100)
    assert recent.take([first], START_MS) == [first]
    assert recent.take([first], START_MS) == []
    recent.take([request(1, START_MS, nano=3 * NANO, output=900)], START_MS)
    values = read(recent).values

    assert values["cost_usd_per_hour"] == 3
    assert values["tokens_per_hour"] == 50_900
    assert values["requests_per_hour"] == 1
    assert values["cache_hit_rate"] == pytest.approx(0.9)


def test_an_hour_later_nothing_is_left() -> None:
    recent = Recent()
    recent.take([request(1, START_MS)], START_MS)
    recent.take([], START_MS + HOUR_MS + MINUTE_MS)

    assert recent.requests == {}
    values = read(recent, START_MS + HOUR_MS + MINUTE_MS).values
    assert values["cost_usd_per_hour"] == 0
    assert isnan(values["cache_hit_rate"])


def test_the_burn_rate_is_that_of_five_minutes_of_the_clock() -> None:
    recent = Recent()
    recent.take([request(one, START_MS + one * MINUTE_MS, nano=NANO) for one in range(10)],
                START_MS + 9 * MINUTE_MS)  # fmt: skip

    assert read(recent, START_MS + 9 * MINUTE_MS).values["burn_usd_per_hour"] == 60
    assert read(recent, START_MS + 12 * MINUTE_MS).values["burn_usd_per_hour"] == 24


def test_a_part_of_use_counts_only_its_own() -> None:
    recent = Recent((EVERYTHING, SHOP))
    recent.take([request(1, START_MS), request(2, START_MS, project="/code/docs")], START_MS)

    assert read(recent).values["requests_per_hour"] == 2
    assert read(recent, narrow=SHOP).values["requests_per_hour"] == 1
    assert read(recent, narrow=SHOP).evidence("cost_usd_per_hour") == (1,)


def test_what_costs_most_is_looked_at_first() -> None:
    recent = Recent()
    dear = [request(one, START_MS, nano=one * NANO) for one in range(30)]
    recent.take([*dear, request(99, START_MS - 30 * MINUTE_MS, nano=90 * NANO)], START_MS)
    reading = read(recent)

    assert reading.evidence("spend_times_usual")[:2] == (99, 29)
    assert reading.evidence("burn_usd_per_hour")[:2] == (29, 28)


def test_where_the_cache_fails_what_read_least_is_looked_at_first() -> None:
    recent = Recent()
    recent.take([request(1, START_MS), request(2, START_MS, read=0)], START_MS)

    assert read(recent).evidence("cache_hit_rate") == (2, 1)


def test_failures_are_told_apart_from_refusals() -> None:
    recent = Recent()
    recent.take([request(one, START_MS) for one in range(6)], START_MS)
    old = START_MS - 20 * MINUTE_MS
    slow = SlowFacts(
        (
            fact("incident", 0, 3),
            fact("incident", 1, 4, old),
            fact("incident", 1, 5),
            fact("http_status", 500, 6),
            fact("http_status", 429, 7),
            fact("http_status", 200, 8),
            fact("retries", 3, 9),
        )
    )
    reading = read(recent, slow=slow)

    assert reading.values["attempts"] == 6 + 1 + 3
    assert reading.values["error_rate"] == pytest.approx(2 / 10)
    assert reading.values["retry_rate"] == pytest.approx(3 / 10)
    assert reading.values["rate_limit_errors"] == 2
    assert set(reading.evidence("error_rate")) == {3, 6}
    assert reading.evidence("retry_rate") == (9,)


def test_facts_of_another_project_or_an_hour_ago_do_not_count() -> None:
    recent = Recent((EVERYTHING, SHOP))
    told = (fact("duration_ms", 9_000, project="/docs"), fact("duration_ms", 5_000),
            fact("duration_ms", 1, at_ms=START_MS - HOUR_MS))  # fmt: skip

    assert read(recent, slow=SlowFacts(told)).values["timed_requests"] == 2
    values = read(recent, slow=SlowFacts(told), narrow=SHOP).values
    assert (values["timed_requests"], values["latency_p90_seconds"]) == (1, 5)


def test_nine_of_ten_take_less_than_the_ninetieth_percentile() -> None:
    told = tuple(fact("duration_ms", 1000 * one, one) for one in range(1, 21))
    reading = read(Recent(), slow=SlowFacts(told))

    assert reading.values["latency_p90_seconds"] == 18


def test_estimates_outcomes_and_measures_of_ones_own_are_as_told() -> None:
    slow = SlowFacts(
        estimates={EVERYTHING: Estimates(30, 25, 100)},
        outcomes=Outcomes(3, 30),
        custom={"score": 0.4},
    )
    values = read(Recent(), slow=slow, customs=("measure.score", "measure.other")).values

    assert values["estimate_error"] == 0.25
    assert values["optimisation_failure_rate"] == 0.1
    assert values["measure.score"] == 0.4
    assert isnan(values["measure.other"])


def flat(nano: int, tokens: int) -> list[tuple[int, int, int]]:
    """Return 56 days of the same quarters from nine to five."""
    day = START_MS // DAY_MS
    return [
        (one * DAY_MS + quarter * QUARTER_MS, nano, tokens)
        for one in range(day - 56, day)
        for quarter in range(36, 68)
    ]


def test_an_hour_is_held_against_its_like() -> None:
    usual = usual_hours(flat(NANO // 4, 1000), Calendar(), START_MS // DAY_MS)
    recent = Recent()
    recent.take([request(1, START_MS, nano=6 * NANO, prompt=11_500, read=0)], START_MS)
    values = read(recent, usual=usual).values

    assert values["spend_times_usual"] == pytest.approx(6)
    assert values["spend_above_usual_usd"] == pytest.approx(5)
    assert values["burn_times_usual"] == pytest.approx(72)
    assert values["tokens_times_usual"] == pytest.approx(3)


def test_wild_hours_ask_for_more_and_the_ratio_is_told_as_it_is() -> None:
    calm = flat(NANO // 4, 1000)
    wild = [(at_ms, nano * (9 if place % 8 < 4 else 1), number)
            for place, (at_ms, nano, number) in enumerate(calm)]  # fmt: skip
    recent = Recent()
    recent.take([request(1, START_MS, nano=20 * NANO, prompt=11_500, read=0)], START_MS)
    told = {
        name: read(recent, usual=usual_hours(some, Calendar(), START_MS // DAY_MS)).values
        for name, some in (("calm", calm), ("wild", wild))
    }

    assert told["calm"]["spend_times_usual"] == pytest.approx(20)
    assert told["calm"]["spend_over_scatter"] == pytest.approx(20)
    assert told["wild"]["spend_times_usual"] > 2
    assert told["wild"]["spend_over_scatter"] < 1


def test_tokens_without_a_price_make_a_spike_of_their_own_within_a_minute() -> None:
    usual = usual_hours(flat(0, 100_000), Calendar(), START_MS // DAY_MS)
    world = Watched({name: DEFAULTS[name] for name in ("spend-spike", "token-spike")}, usual)
    opened = []
    for minute in range(30):
        at_ms = START_MS + minute * MINUTE_MS
        found = world.take([request(minute, at_ms, nano=0, prompt=99_500, read=0)], at_ms)
        opened += [(minute + 1, one.rule) for one in found]

    # Three times 400,000 tokens an hour are passed by the thirteenth request of 100,000.
    assert opened == [(13, "token-spike")]
