"""Other lifetimes of writes, priced on the pauses as they were."""

from __future__ import annotations

from tests.analysis.cached import INPUT, LONG, READ, SHORT, sent
from tokwatch.analysis.cache_savings import cache_part, total
from tokwatch.model.caching import CachedRequest


def changes(*requests: CachedRequest) -> tuple[int, int]:
    """Return what an hour's and five minutes' writes would have cost more."""
    one = total(cache_part(requests, {}, {}, lambda at_ms: at_ms).models.values())
    return one.long_nano, one.short_nano


def priced(tokens: int, rate: int) -> int:
    return tokens * rate // 1000


def test_without_a_pause_an_hour_only_costs_more() -> None:
    steady = sent(1, cache_write_5m=500), sent(2, 60, cache_read=20_500, cache_write_5m=600)
    assert changes(*steady) == (priced(1_100, LONG - SHORT), 0)


def test_after_a_pause_of_ten_minutes_an_hour_would_have_been_read() -> None:
    again = sent(2, 600, input=10, cache_read=0, cache_write_5m=20_700)
    first, paid = priced(500, LONG - SHORT), priced(200, LONG - SHORT)
    assert changes(sent(1, cache_write_5m=500), again) == (
        first + paid - priced(20_500, SHORT - READ),
        0,
    )


def test_after_two_hours_it_would_not() -> None:
    again = sent(2, 7_200, cache_read=0, cache_write_5m=20_700)
    assert changes(sent(1, cache_write_5m=500), again)[0] == priced(21_200, LONG - SHORT)


def test_a_changed_prefix_would_have_been_sent_again_all_the_same() -> None:
    again = sent(2, 60, cache_read=0, cache_write_5m=20_700)
    assert changes(sent(1, cache_write_5m=500), again)[0] == priced(21_200, LONG - SHORT)


def test_what_was_not_even_written_again_would_have_been_read_too() -> None:
    again = sent(2, 600, input=21_000, cache_read=0)
    assert changes(sent(1, cache_write_5m=500), again)[0] == (
        priced(500, LONG - SHORT) - priced(20_500, INPUT - READ)
    )


def test_with_five_minutes_a_long_pause_would_have_been_written_again() -> None:
    read = sent(2, 600, cache_read=20_500, cache_write_1h=600)
    assert changes(sent(1, cache_write_1h=500), read) == (
        0,
        priced(1_100, SHORT - LONG) + priced(20_500, SHORT - READ),
    )


def test_with_five_minutes_short_pauses_are_only_cheaper() -> None:
    read = sent(2, 200, cache_read=20_500, cache_write_1h=600)
    assert changes(sent(1, cache_write_1h=500), read) == (0, priced(1_100, SHORT - LONG))


def test_where_a_provider_caches_by_itself_nothing_would_change() -> None:
    missed = sent(2, 600, input=21_000, cache_read=0)
    assert changes(sent(1, input=20_000), missed) == (0, 0)
