"""Lines about endpoints: what they tell of minutes and days, and which stands first."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.analysis.gateways import gateways
from tokwatch.model.endpoint import EndpointHealth, EndpointState, PollState, ReportSum
from tokwatch.model.measure import Measure

NOW_MS = 1_774_267_200_000
GOOD = EndpointState("proxy", "metrics", tried_ms=NOW_MS, succeeded_ms=NOW_MS - 4_000)
PROXY = EndpointHealth("proxy", "litellm", "LiteLLM", "http://127.0.0.1:4000", True, (GOOD,))


def told(report: str, *counts: int | None) -> ReportSum:
    """Return a sum: requests, input, cache reads and writes, output, searches, nano-dollars."""
    return ReportSum("proxy", report, 1, 0, 0, *counts)


def gauge(name: str, value: float, *tags: tuple[str, str]) -> Measure:
    """Return a gauge of the proxy."""
    return Measure(name, NOW_MS, value, "", (("endpoint", "proxy"), *tags))


def test_reports_of_one_endpoint_overlap_so_the_largest_speaks() -> None:
    growth = told("litellm", 10, 600, 300, 100, None, 500, None, 2_000)
    daily = told("daily", 40, 1_000, 2_500, 500, None, 1_000, None, 9_000)

    (line,) = gateways([PROXY], [growth], [growth, daily], NOW_MS)

    assert (line.tokens_per_minute, line.requests_per_minute) == (300, 2)
    assert (line.hit_rate, line.spend_nano) == (2_500 / 4_000, 9_000)


def test_gauges_tell_queue_and_what_is_left_and_go_before_sums() -> None:
    health = replace(
        PROXY,
        gauges=(
            gauge("requests_running", 3, ("model", "a")),
            gauge("requests_running", 1, ("model", "b")),
            gauge("requests_waiting", 2, ("model", "a")),
            gauge("budget_left_usd", 20, ("of", "ana")),
            gauge("budget_left_usd", 7.5, ("of", "bob")),
            gauge("cache_hit_share", 0.9),
            gauge("spent_today_usd", 1.25),
        ),
    )

    (line,) = gateways([health], [], [told("daily", 1, 1, 0, None, None, 1, None, 5)], NOW_MS)

    assert (line.running, line.waiting, line.left_nano) == (4, 2, 7_500_000_000)
    assert (line.hit_rate, line.spend_nano) == (0.9, 1_250_000_000)


def test_no_growth_is_nothing_used_only_where_something_counts() -> None:
    silent = replace(PROXY, parts=(replace(GOOD, succeeded_ms=NOW_MS - 400_000),))
    reports = replace(PROXY, parts=(replace(GOOD, part="usage"),))

    rates = [
        gateways([one], [], [], NOW_MS)[0].tokens_per_minute for one in (PROXY, silent, reports)
    ]

    assert rates == [0, None, None]


def test_what_fails_stands_first_then_what_is_used_most_and_what_is_off_is_left_out() -> None:
    refused = replace(GOOD, error="answered with status 401", state=PollState.OPEN)
    healths = [
        replace(PROXY, name="calm"),
        PROXY,
        replace(PROXY, name="off", on=False),
        replace(PROXY, name="refused", parts=(refused,)),
    ]

    found = gateways(healths, [told("x", 1, 1, 1, 1, None, 1, None, 1)], [], NOW_MS)

    assert [line.health.name for line in found] == ["refused", "proxy", "calm"]
