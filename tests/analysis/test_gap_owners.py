"""Another key, another user, another machine: told apart by names, else by amounts."""

from __future__ import annotations

from msgspec.structs import replace

from tests.analysis.reconciled import (
    AT_MS,
    DAY,
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
from tokwatch.model.endpoint import Bucket
from tokwatch.model.reconciliation import Reason, Report, Why
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Cell

ALL = 600_000
"""Tokens of `USED`, and of a bucket that agrees with it."""
LAPTOP = logged(key="laptop")
SMALL = {"input": 10_000, "cache_read": 0, "cache_write_5m": 0, "output": 40_000}


def told(key: str = "", user: str = "", /, **counts: int | None) -> Bucket:
    """Return a bucket of a key and a user."""
    return bucket()._replace(key=key, user=user, **counts)  # type: ignore[arg-type]  # counts only


def reasons(cells: list[Cell], *buckets: Bucket, kind: str = "litellm") -> tuple[Reason, ...]:
    """Return the reasons of the only comparison."""
    return only(compared(cells, report(*buckets, kind=kind))).reasons


def test_a_key_that_no_request_of_the_logs_has_is_another_key() -> None:
    found = reasons([LAPTOP], told("laptop"), told("ci", requests=3, cost_nano=1, **SMALL))

    assert found[0] == Reason(Why.KEY, tokens=50_000, number=3, names=("ci",))


def test_also_where_the_logs_know_none_of_the_gateways_keys() -> None:
    assert reasons([LAPTOP], told("ci", output=140_000)) == (
        Reason(Why.KEY, tokens=100_000, names=("ci",)),
    )


def test_the_same_key_that_used_more_is_another_machine() -> None:
    found = reasons([LAPTOP], told("laptop", output=140_000, requests=12))

    assert found == (Reason(Why.MACHINE, tokens=100_000, number=2, names=("laptop",)),)


def test_the_only_key_of_a_report_is_that_of_logs_that_name_none() -> None:
    assert reasons([logged()], told("team", output=140_000)) == (
        Reason(Why.MACHINE, tokens=100_000, names=("team",)),
    )
    nothing = replace(USED, requests=0, input=0, cache_read=0, cache_write_5m=0, cache_write_1h=0,
                      output=0)  # fmt: skip
    assert next(one.why for one in reasons([logged(nothing)], told("team"))) is Why.ELSEWHERE


def test_another_key_and_another_machine_share_a_gap() -> None:
    found = reasons([LAPTOP], told("laptop", output=140_000), told("ci", **SMALL))

    assert [(one.why, one.tokens, one.names) for one in found] == [
        (Why.KEY, 50_000, ("ci",)),
        (Why.MACHINE, 100_000, ("laptop",)),
    ]


def test_a_key_of_the_logs_that_the_report_does_not_name_paid_elsewhere() -> None:
    found = reasons([LAPTOP, logged(key="home")], told("laptop"))

    assert found[0] == Reason(Why.KEY, tokens=-ALL, number=10, names=("home",))


def test_requests_without_a_key_may_be_those_of_any() -> None:
    cells = [LAPTOP, logged()]
    twice = {"input": 40_000, "cache_read": 1_000_000, "cache_write_5m": 80_000, "output": 80_000}

    less, more = (
        reasons(cells, told("laptop"), told("ci"), told("ops", **SMALL)),
        reasons(cells, told("laptop"), told("ci", **twice)),
    )

    assert [(one.why, one.names) for one in less] == [(Why.KEY, ("ci", "ops"))]
    assert [(one.why, one.tokens) for one in more] == [(Why.KEY, ALL)]
    whole = told("laptop", output=20_000), told("ci", output=160_000)
    assert [one.why for one in reasons(cells, *whole)] == [Why.KEY]
    few = told("laptop", output=120_000), told("ci", **SMALL)
    assert [one.why for one in reasons([LAPTOP, logged()], *few)] == [Why.PAST]


def test_what_has_no_key_may_be_of_the_key_that_only_the_report_names() -> None:
    most = told("ci", input=20_000, cache_read=500_000, cache_write_5m=0, output=30_000)

    found = reasons([LAPTOP, logged()], told("laptop", output=140_000), most)

    assert found == (Reason(Why.MACHINE, tokens=50_000, names=("laptop",)),)


def test_keys_that_both_sides_name_are_no_other_keys_whatever_they_used() -> None:
    half = replace(USED, input=10_000, cache_read=250_000, cache_write_5m=15_000,
                   cache_write_1h=5_000, output=20_000)  # fmt: skip
    cells = [logged(half, key="laptop"), logged(half, key="home")]

    [found] = reasons(cells, told("laptop"), told("home"))

    assert (found.why, found.tokens, found.names) == (Why.MACHINE, ALL, ("home", "laptop"))


def test_ids_of_a_provider_are_not_taken_for_names_of_a_gateway() -> None:
    ids = told("apikey_1", output=40_000), told("apikey_2", output=240_000)

    [by_id] = reasons([LAPTOP], *ids, kind="anthropic")
    [known] = reasons([logged(key="apikey_1")], *ids, kind="anthropic")

    assert (by_id.why, by_id.names) == (Why.KEY, ("apikey_2",))  # the other agrees with the logs
    assert (known.why, known.names) == (Why.KEY, ("apikey_2",))
    [unlike] = reasons([LAPTOP], told("apikey_1", **SMALL), told("apikey_2"), told("k3", **SMALL),
                       kind="anthropic")  # fmt: skip
    assert (unlike.why, unlike.names) == (Why.KEY, ("apikey_1", "k3"))
    none = told("apikey_1", output=90_000), told("apikey_2", output=90_000)
    [nobody] = reasons([LAPTOP], *none, kind="anthropic")
    assert (nobody.why, nobody.names) == (Why.ELSEWHERE, ("apikey_1", "apikey_2"))


def test_users_tell_where_keys_do_not() -> None:
    ana = logged(user="ana")

    assert reasons([ana], told("", "ana"), told("", "ben", **SMALL))[0] == Reason(
        *(Why.USER, 50_000, None, 10, ("ben",))
    )
    both = told("k", "ana"), told("k", "ben", **SMALL)
    assert [(one.why, one.names) for one in reasons([ana], *both)] == [(Why.USER, ("ben",))]


def test_a_bill_names_the_key_by_its_dollars() -> None:
    mine, theirs = cost(5 * 10**9)._replace(key="me"), cost(3 * 10**9)._replace(key="ci")

    row = of_cost(compared([logged()], report(mine, theirs, name="cost")))

    assert row.reasons == (Reason(Why.KEY, cost_nano=3 * 10**9, names=("ci",)),)


def test_a_bill_takes_the_key_from_the_usage_of_its_endpoint() -> None:
    usage = report(told("laptop"), told("ci"), kind="anthropic")

    row = of_cost(compared([LAPTOP], usage, report(cost(10 * 10**9), name="cost")))

    assert row.reasons == (Reason(Why.KEY, cost_nano=5 * 10**9, number=10, names=("ci",)),)


def test_what_came_late_is_taken_off_before_keys_are_asked() -> None:
    part = {"input": 10_000, "cache_read": 250_000, "cache_write_5m": 20_000, "output": 20_000}
    late: Report = replace(
        report(told("laptop", **part), kind="litellm"),
        told_ms=AT_MS + DAY_MS - 1,
        later=(logged(replace(USED, input=10_000, cache_read=250_000, cache_write_5m=20_000,
                              cache_write_1h=0, output=20_000), DAY, key="laptop"),),
    )  # fmt: skip

    assert why(only(compared([LAPTOP], late)))[0] is Why.LATE
