"""Every likely reason of a gap has its case and its near-misses."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.analysis.reconciled import (
    AT_MS,
    DAY,
    MODEL,
    USED,
    bucket,
    compared,
    cost,
    logged,
    of_cost,
    only,
    report,
    why,
)
from tokwatch.model.reconciliation import Figures, Reason, Why
from tokwatch.model.units import DAY_MS


def test_reads_that_stand_in_the_input_in_place_of_their_class() -> None:
    row = only(compared([logged()], report(bucket(input=520_000, cache_read=None))))
    moved = only(compared([logged()], report(bucket(input=520_000, cache_read=0))))
    both = bucket(input=560_000, cache_read=None, cache_write_5m=None)

    assert row.pair.gap[1:5] == (500_000, None, 0, 0)
    assert row.reasons == (Reason(Why.CACHED, tokens=500_000),)
    assert moved.pair.gap.tokens == 0
    assert moved.reasons == (Reason(Why.CACHED, tokens=500_000),)
    assert only(compared([logged()], report(both))).reasons == (Reason(Why.CACHED, tokens=540_000),)


def test_reads_that_count_twice() -> None:
    row = only(compared([logged()], report(bucket(input=520_000))))

    assert row.pair.gap.tokens == 500_000
    assert row.reasons == (Reason(Why.CACHED, tokens=500_000),)


def test_reads_in_the_input_of_the_logs() -> None:
    blind = replace(USED, input=520_000, cache_read=0)

    row = only(compared([logged(blind)], report(bucket())))

    assert row.reasons == (Reason(Why.CACHED, tokens=-500_000),)


@pytest.mark.parametrize(("fresh", "read"), [(600_000, 500_000), (520_000, 980_000)])
def test_more_input_that_is_not_the_reads_is_somebody_elses(fresh: int, read: int) -> None:
    row = only(compared([logged()], report(bucket(input=fresh, cache_read=read))))

    assert why(row) == [Why.ELSEWHERE]
    assert row.reasons[0].tokens == row.pair.gap.tokens


def test_what_came_since_the_report_was_open_is_late() -> None:
    small = bucket(
        requests=6, input=12_000, cache_read=300_000, cache_write_5m=24_000, output=24_000
    )
    open_yet = replace(report(small), later=(logged(),))
    row = only(compared([logged()], open_yet))

    assert row.pair.gap.tokens == -240_000
    assert row.reasons == (Reason(Why.LATE, tokens=-240_000),)


def test_late_data_and_reads_in_the_input_are_told_apart() -> None:
    half = replace(USED, requests=5, input=10_000, cache_read=250_000, cache_write_5m=20_000,
                   cache_write_1h=0, output=20_000)  # fmt: skip
    told = bucket(requests=5, input=260_000, cache_read=None, cache_write_5m=20_000, output=20_000)

    row = only(compared([logged()], replace(report(told), later=(logged(half),))))

    assert row.reasons == (
        Reason(Why.CACHED, tokens=250_000),
        Reason(Why.LATE, tokens=-50_000),
    )


def test_reads_in_the_input_of_a_gateway_that_half_of_it_went_through() -> None:
    whole = bucket(input=520_000, cache_read=None)
    part = bucket(
        DAY + 1,
        requests=5,
        input=260_000,
        cache_read=None,
        cache_write_5m=20_000,
        output=20_000,
    )
    untold = part._replace(requests=None)
    cells = [logged(), logged(day=DAY + 1)]
    missing = (Reason(Why.CACHED), Reason(Why.PAST, tokens=-300_000, number=5))

    alone = only(compared(cells[1:], report(part), days=range(DAY + 1, DAY + 2)))
    _, by_habit = compared(cells, report(whole, untold), days=range(DAY, DAY + 2)).rows
    no_habit = only(compared(cells[1:], report(untold), days=range(DAY + 1, DAY + 2)))

    assert alone.reasons == missing
    assert by_habit.reasons == (missing[0], replace(missing[1], number=None))
    assert why(no_habit) == [Why.ELSEWHERE]
    some = logged(replace(USED, input=0, cache_read=30_000, cache_write_5m=0, cache_write_1h=0,
                          output=0), DAY + 1)  # fmt: skip
    late = replace(report(part), later=(some,))
    row = only(compared(cells[1:], late, days=range(DAY + 1, DAY + 2)))
    assert row.reasons == (
        missing[0],
        Reason(Why.LATE, tokens=-30_000),
        Reason(Why.PAST, tokens=-270_000, number=5),
    )


def test_lateness_explains_no_more_than_came_late() -> None:
    some = replace(USED, input=0, cache_read=100_000, cache_write_5m=0, cache_write_1h=0, output=0)
    missing = replace(report(bucket(cache_read=300_000)), later=(logged(some),))

    row = only(compared([logged()], missing))

    assert [(one.why, one.tokens) for one in row.reasons] == [
        (Why.LATE, -100_000),
        (Why.PAST, -100_000),
    ]


def test_late_data_of_another_day_or_model_explains_nothing() -> None:
    less = report(bucket(output=20_000))
    for late in (logged(day=DAY + 1), logged(model="gpt-5.5")):
        row = only(compared([logged()], replace(less, later=(late,))))
        assert why(row) == [Why.PAST]


def test_what_came_before_the_first_figure_is_not_missing() -> None:
    first = replace(report(bucket(output=30_000)), earlier=(logged(),))
    row = only(compared([logged()], first))

    assert why(row) == [Why.EARLIER]
    assert row.reasons[0].tokens == -10_000


def test_an_opposite_gap_of_the_day_beside_is_a_boundary() -> None:
    cells = [logged(), logged(day=DAY + 1)]
    days = range(DAY, DAY + 2)
    moved = report(bucket(output=55_000), bucket(DAY + 1, output=25_000))
    same = report(bucket(output=55_000), bucket(DAY + 1, output=55_000))

    first, second = compared(cells, moved, days=days).rows

    assert (why(first), first.reasons[0].day) == ([Why.BOUNDARY], DAY + 1)
    assert (why(second), second.reasons[0].day) == ([Why.BOUNDARY], DAY)
    assert [why(row) for row in compared(cells, same, days=days).rows] == [[Why.ELSEWHERE]] * 2


def test_longer_answers_where_some_were_logged_unfinished() -> None:
    longer = report(bucket(output=60_000))
    unfinished = replace(USED, lower_bound=4)

    row = only(compared([logged(unfinished)], longer))
    assert row.reasons == (Reason(Why.LOWER, tokens=20_000, number=4),)
    assert why(only(compared([logged()], longer))) == [Why.ELSEWHERE]
    more = report(bucket(output=60_000, requests=12))
    assert why(only(compared([logged(unfinished)], more))) == [Why.ELSEWHERE, Why.LOWER]


def test_another_key_is_named_by_what_it_used() -> None:
    mine, theirs = bucket()._replace(key="laptop"), bucket()._replace(key="ci")
    row = only(compared([logged()], report(mine, theirs._replace(output=140_000))))

    [reason] = row.reasons
    assert (reason.why, reason.names, reason.number) == (Why.KEY, ("ci",), 10)
    assert reason.tokens == 700_000


def test_without_a_report_of_what_the_logs_tell_it_was_paid_otherwise() -> None:
    haiku = logged(model="claude-haiku-4-5")
    found = compared([logged(), haiku], report(bucket()))

    haikus = next(row for row in found.rows if row.pair.model == "claude-haiku-4-5")
    assert haikus.pair.says == Figures(0, 0, 0, 0, 0, 0)
    assert (why(haikus), haikus.reasons[0].number) == ([Why.PAST], 10)


def test_as_much_under_a_name_of_its_own_is_another_name() -> None:
    alias = bucket(model="best")
    other = bucket(model="best", output=90_000)

    found = compared([logged()], report(alias))
    missed = compared([logged()], report(other))

    assert [(row.pair.model, row.reasons[0].names) for row in found.rows] == [
        ("best", (MODEL,)),
        (MODEL, ("best",)),
    ]
    assert {why(row)[0] for row in found.rows} == {Why.NAMES}
    assert {why(row)[0] for row in missed.rows} == {Why.ELSEWHERE, Why.PAST}


def test_no_price_is_told_on_either_side() -> None:
    unpriced = replace(USED, auto_nano=0, uncosted_tokens=600_000)
    free = bucket(cost_nano=0)

    ours = only(compared([logged(unpriced)], report(bucket())))
    theirs = only(compared([logged()], report(free)))
    dearer = only(compared([logged()], report(bucket(cost_nano=6_000_000_000))))

    assert ours.reasons == (Reason(Why.UNPRICED, tokens=600_000, names=("logs",)),)
    assert theirs.reasons == (Reason(Why.UNPRICED, tokens=600_000, names=("report",)),)
    assert dearer.reasons == (Reason(Why.RATES, cost_nano=1_000_000_000),)


def test_classes_drawn_otherwise_and_what_is_small() -> None:
    drawn = only(compared([logged()], report(bucket(cache_write_5m=60_000, cache_read=480_000))))
    small = only(compared([logged()], report(bucket(output=40_100, cost_nano=5_004_000_000))))

    assert why(drawn) == [Why.CLASSES]
    assert why(small) == [Why.SMALL]
    assert small.pair.gap.output == 100


def test_a_bill_takes_its_reasons_from_the_usage_of_the_same_endpoint() -> None:
    dear, cheap = report(cost(8 * 10**9), name="cost"), report(cost(3 * 10**9), name="cost")
    more = report(bucket(output=400_000))

    assert why(of_cost(compared([logged()], dear, report(bucket())))) == [Why.RATES]
    assert why(of_cost(compared([logged()], cheap, report(bucket())))) == [Why.RATES]
    assert why(of_cost(compared([logged()], dear, more))) == [Why.ELSEWHERE]
    assert why(of_cost(compared([logged()], cheap, more))) == [Why.RATES]
    assert why(of_cost(compared([logged()], dear))) == [Why.ELSEWHERE]
    assert why(of_cost(compared([logged()], cheap))) == [Why.PAST]


def test_what_a_bill_inherits_keeps_its_numbers() -> None:
    unfinished = replace(USED, lower_bound=4)
    dear = report(cost(8 * 10**9), name="cost")

    row = of_cost(compared([logged(unfinished)], dear, report(bucket(output=41_000))))

    assert row.reasons == (Reason(Why.LOWER, cost_nano=3 * 10**9, number=4),)


def test_a_bill_knows_lateness_boundaries_and_what_has_no_price() -> None:
    late = replace(report(cost(3 * 10**9), name="cost"), later=(logged(),))
    no_price = replace(USED, uncosted_tokens=600_000)
    two = [logged(), logged(day=DAY + 1)]
    moved = report(cost(3 * 10**9), cost(7 * 10**9)._replace(begin_ms=AT_MS + DAY_MS), name="cost")
    dear = report(cost(8 * 10**9), name="cost")
    penny = report(cost(5_004_000_000), name="cost")

    assert of_cost(compared([logged()], late)).reasons == (
        Reason(Why.LATE, cost_nano=-2_000_000_000),
    )
    rows = compared(two, moved, days=range(DAY, DAY + 2)).rows
    assert [why(row) for row in rows] == [[Why.BOUNDARY], [Why.BOUNDARY]]
    found = of_cost(compared([logged(no_price)], dear, report(bucket())))
    assert found.reasons == (Reason(Why.UNPRICED, tokens=600_000, names=("logs",)),)
    assert why(of_cost(compared([logged()], penny))) == [Why.SMALL]


def test_what_came_late_explains_no_more_than_is_missing() -> None:
    beyond = replace(report(bucket(output=60_000)), later=(logged(),), earlier=(logged(),))

    assert why(only(compared([logged()], beyond))) == [Why.ELSEWHERE]


def test_more_input_is_not_for_unfinished_answers() -> None:
    more = report(bucket(input=40_000, output=60_000))
    row = only(compared([logged(replace(USED, lower_bound=4))], more))

    assert row.reasons == (
        Reason(Why.ELSEWHERE, tokens=40_000),
        Reason(Why.LOWER, number=4),
    )


def test_a_key_that_used_the_gap_is_named_alone() -> None:
    half = bucket(
        requests=5, input=10_000, cache_read=250_000, cache_write_5m=20_000, output=20_000
    )
    told = [
        half._replace(key="a"),
        half._replace(key="b"),
        bucket(output=140_000)._replace(key="c"),
    ]

    [reason] = only(compared([logged()], report(*told))).reasons

    assert reason.names == ("c",)


def test_a_cheaper_report_is_not_for_want_of_a_price() -> None:
    some = replace(USED, uncosted_tokens=1_000)
    row = only(compared([logged(some)], report(bucket(cost_nano=4_000_000_000))))

    assert row.reasons == (Reason(Why.RATES, cost_nano=-1_000_000_000),)


def test_half_a_cent_is_rounding() -> None:
    few = replace(USED, auto_nano=10_000_000)

    rounded = of_cost(compared([logged(few)], report(cost(14_000_000), name="cost")))
    dearer = of_cost(compared([logged(few)], report(cost(16_000_000), name="cost")))

    assert (why(rounded), why(dearer)) == ([Why.SMALL], [Why.ELSEWHERE])
