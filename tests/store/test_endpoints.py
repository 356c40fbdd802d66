"""What endpoints told is kept once, whole, and apart from events; on both databases."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.store.told import buckets_of
from tokwatch.model.endpoint import Bucket, EndpointState, PollState, Replaced
from tokwatch.model.measure import Measure
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.endpoint_forget import (
    Forgettable,
    forget_endpoint,
    forgettable,
    stored_endpoints,
)
from tokwatch.store.endpoints import write_polled
from tokwatch.store.measures import add_measures
from tokwatch.store.prune import prune
from tokwatch.store.read.endpoints import (
    days_of_buckets,
    endpoint_states,
    newest_gauges,
    report_spans,
    report_sums,
    stored_states,
)
from tokwatch.store.read.measures import measures
from tokwatch.store.store import workspace_id
from tokwatch.store.view import View

HOUR_MS = 3_600_000
STATE = EndpointState(
    *("proxy", "usage", "openai", PollState.HALF_OPEN, 4, "no answer", "a note"),
    *(10, 9, 11, 8, 7, 6, 5, 4), paused=True, cursor='{"from":5}',
)  # fmt: skip


def bucket(hour: int, model: str = "m", **counts: int | None) -> Bucket:
    """Return a bucket of an hour."""
    return Bucket("usage", hour * HOUR_MS, HOUR_MS, model)._replace(**counts)  # type: ignore[arg-type]  # counts only


@pytest.fixture
def view(database: Database) -> View:
    return View(database, workspace_id(database, "local") or 0)


def write(view: View, *buckets: Bucket, replaced: tuple[int, int] | None = None) -> None:
    """Write what one poll told of hours."""
    ranges = [Replaced("usage", *(hour * HOUR_MS for hour in replaced))] if replaced else []
    write_polled(view.database, view.workspace, STATE, ranges, buckets)


def grow(view: View, *buckets: Bucket) -> None:
    """Write growth."""
    write_polled(view.database, view.workspace, STATE, grown=buckets)


def test_a_state_comes_back_as_it_was(view: View) -> None:
    write(view)
    assert endpoint_states(view) == [STATE]

    write_polled(view.database, view.workspace, replace(STATE, error="", paused=False))
    assert endpoint_states(view) == [replace(STATE, error="", paused=False)]


def test_what_is_told_again_replaces_its_range_and_nothing_else(view: View) -> None:
    write(view, bucket(1, output=1), bucket(2, output=2), bucket(2, "gone", output=9))
    write(view, bucket(2, output=5), bucket(3, output=6), replaced=(2, 4))

    found = [(one.begin_ms // HOUR_MS, one.model, one.output)
             for one in buckets_of(view, "proxy")]  # fmt: skip
    assert found == [(1, "m", 1), (2, "m", 5), (3, "m", 6)]


def test_the_same_told_twice_changes_nothing(view: View) -> None:
    for _ in range(2):
        write(view, bucket(1, requests=3, input=None, output=4, cost_nano=5))

    [found] = buckets_of(view, "proxy")
    assert found == bucket(1, requests=3, input=None, output=4, cost_nano=5)


def test_growth_adds_up_and_unknown_stays_unknown(view: View) -> None:
    grow(view, bucket(1, output=4, cache_read=None))
    grow(view, bucket(1, output=5, input=2, cache_read=None), bucket(1, "n", output=1))

    first, second = buckets_of(view, "proxy")
    assert (first.output, first.input, first.cache_read) == (9, 2, None)
    assert (second.model, second.output) == ("n", 1)


def test_sums_are_by_endpoint_and_report(view: View) -> None:
    write(view, bucket(1, requests=1, input=10, output=2), bucket(5, "n", input=5, cache_read=7))
    cost = Bucket("cost", 0, 24 * HOUR_MS, cost_nano=3)
    write_polled(view.database, view.workspace, replace(STATE, name="other"), buckets=[cost])

    proxy, other = sorted(report_sums(view), key=lambda one: one.report, reverse=True)
    assert (proxy.endpoint, proxy.buckets, proxy.requests, proxy.tokens) == ("proxy", 2, 1, 24)
    assert (proxy.first_ms, proxy.last_ms, proxy.cost_nano) == (HOUR_MS, 5 * HOUR_MS, None)
    assert (other.endpoint, other.report, other.cost_nano, other.input) == (
        "other",
        "cost",
        3,
        None,
    )
    [part] = report_sums(view, Slice(since_ms=2 * HOUR_MS, models=("n",)))
    assert part.tokens == 12


def test_every_report_is_found_with_its_first_and_last_bucket(view: View) -> None:
    write(view, bucket(3), bucket(1, "n"), bucket(9)._replace(report="a"), bucket(2))
    more = [Bucket(name, hour * HOUR_MS, HOUR_MS) for name in ("usage", "cost") for hour in (4, 6)]
    write_polled(view.database, view.workspace, replace(STATE, name="box"), buckets=more)

    assert [(*one[:2], one.first_ms // HOUR_MS, one.last_ms // HOUR_MS)
            for one in report_spans(view)] == [
        ("box", "cost", 4, 6), ("box", "usage", 4, 6),
        ("proxy", "a", 9, 9), ("proxy", "usage", 1, 3),
    ]  # fmt: skip
    assert report_spans(replace(view, user="ana")) == []


def test_days_are_of_utc_and_keep_models_users_and_keys_apart(view: View) -> None:
    first = bucket(23, input=1, output=2)._replace(project="p", key="k")
    write(view, first, bucket(23, input=3, output=None)._replace(project="q", key="k"))
    write(view, bucket(23, output=9)._replace(user="ana", key="k"))
    minute = bucket(24, input=5)._replace(width_ms=60_000)
    write(view, minute, bucket(30, input=7), bucket(25, "n", output=1))

    found = days_of_buckets(view, "proxy", Slice(23 * HOUR_MS, 30 * HOUR_MS))

    day = Bucket("usage", 24 * HOUR_MS, HOUR_MS)
    assert found == [
        Bucket("usage", 0, HOUR_MS, "m", key="k", input=4, output=2),
        Bucket("usage", 0, HOUR_MS, "m", user="ana", key="k", output=9),
        day._replace(model="m", width_ms=60_000, input=5),
        day._replace(model="n", output=1),
    ]
    assert days_of_buckets(view, "other") == []


def test_a_workspace_sees_its_own_and_a_user_what_is_theirs(view: View) -> None:
    write(view, bucket(1, output=1), bucket(1, output=2)._replace(user="ana"))
    other = View(view.database, workspace_id(view.database, "other") or 0)

    assert report_sums(other) == []
    assert endpoint_states(other) == []
    assert stored_states(view.database, other.workspace) == []
    [ana] = days_of_buckets(replace(view, user="ana"), "proxy")
    assert ana.output == 2


def test_pruning_takes_what_is_older(view: View) -> None:
    write(view, bucket(1, output=1), bucket(5, output=2))

    prune(view.database, view.workspace, 3 * HOUR_MS)

    assert [one.output for one in buckets_of(view, "proxy")] == [2]


def test_of_gauges_the_newest_value_counts_and_only_those_of_endpoints(view: View) -> None:
    tags = (("endpoint", "box"), ("model", "m"))
    told = [
        Measure("requests_running", 100, 3, "", tags, "endpoint"),
        Measure("requests_running", 200, 4, "", tags, "endpoint"),
        Measure("requests_running", 10, 9, "", (("endpoint", "old"),), "endpoint"),
        Measure("spent_usd", 200, 7, "usd", (), "track"),
    ]
    add_measures(view.database, view.workspace, told)

    assert [(one.value, one.tags) for one in newest_gauges(view, 50)] == [(4, tags)]


def gauge(name: str, at_ms: int, origin: str = "endpoint") -> Measure:
    """Return a value with tags before and behind that of its endpoint."""
    tags = (("endpoint", name), ("aa", "x"), ("model", "m"))
    return Measure("requests_running", at_ms, 1.0, "", tags, origin)


def test_what_an_endpoint_told_is_forgotten_and_nothing_of_another(view: View) -> None:
    other = View(view.database, workspace_id(view.database, "other") or 0)
    for one in (view, other):
        write(one, bucket(1, output=1), bucket(5, "n", output=2))
        bare = Measure("spent_usd", 7, 1.0, "usd", (("endpoint", "proxy"),), "endpoint")
        gauges = [gauge("proxy", 5), bare, gauge("proxy2", 6), gauge("proxy", 8, "track")]
        add_measures(one.database, one.workspace, gauges)
    cost = Bucket("cost", 0, HOUR_MS, cost_nano=3)
    write_polled(view.database, view.workspace, replace(STATE, name="proxy2"), buckets=[cost])
    told = Forgettable(1, 2, 2, HOUR_MS, 5 * HOUR_MS)

    assert stored_endpoints(view.database, view.workspace) == ["proxy", "proxy2"]
    assert forgettable(view.database, view.workspace, "proxy") == told
    assert forget_endpoint(view.database, view.workspace, "proxy") == told

    assert stored_endpoints(view.database, view.workspace) == ["proxy2"]
    assert forgettable(view.database, view.workspace, "proxy") == Forgettable(0, 0, 0)
    assert [one.name for one in endpoint_states(view)] == ["proxy2"]
    assert [(one.instant_ms, one.origin) for one in measures(view, "requests_running")] == [
        (6, "endpoint"),
        (8, "track"),
    ]
    assert measures(view, "spent_usd") == []
    assert [one.endpoint for one in report_spans(view)] == ["proxy2"]
    assert forgettable(other.database, other.workspace, "proxy") == told
