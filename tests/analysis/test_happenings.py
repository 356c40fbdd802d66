"""What happened in a stretch: each sort is found, and what is none is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tokwatch.analysis.baseline import Stretch
from tokwatch.analysis.happenings import Compacted, Happening, HappeningFacts, What, happenings
from tokwatch.model.caching import CachedRequest, Cause
from tokwatch.model.detail import Compaction
from tokwatch.model.history import Failure, KnownBefore, MemorySeen
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Rates

MARCH_MS = 1_774_224_000_000
MINUTE_MS = 60_000
SHOWN = Stretch(MARCH_MS, MARCH_MS + 4 * QUARTER_MS)
KNOWN = KnownBefore(frozenset({"s1"}), frozenset({"/shop"}), frozenset({"opus"}))


def request(
    minute: float,
    read: int | None = 100_000,
    written: int = 1_000,
    model: str = "opus",
    **told: object,
) -> CachedRequest:
    """Return a request so many minutes after the begin of the stretch."""
    at_ms = MARCH_MS + round(minute * MINUTE_MS)
    plain = CachedRequest(
        *(at_ms, at_ms, at_ms, "claude-code", "s1", "", "/shop", model, 1, 0, 10),
        cache_read=read,
        cache_write_5m=written,
        cache_write_1h=0,
        is_priced=1,
        input_rate=5_000,
        read_rate=500,
        write_5m_rate=6_250,
        write_1h_rate=10_000,
    )
    return plain._replace(**told)  # type: ignore[arg-type]  # of the fields' own types


def found_in(facts: HappeningFacts) -> list[Happening]:
    return list(happenings(replace(facts, known=facts.known if facts.known.models else KNOWN)))


def of(requests: Sequence[CachedRequest], **told: object) -> list[Happening]:
    """Return what happened at these requests."""
    facts = HappeningFacts(SHOWN, requests)
    return found_in(replace(facts, **told))


def test_the_first_miss_stands_for_all_of_an_agent() -> None:
    requests = [request(-1), request(1), request(2, 0, 101_000), request(3, 102_000)]
    requests += [request(5, 0, 103_000), request(6, 104_000)]

    (miss,) = of(requests)

    assert (miss.what, miss.at_ms, miss.key) == (
        What.CACHE_MISS,
        requests[2].instant_ms,
        requests[2].key,
    )
    assert (miss.source, miss.session, miss.agent) == ("claude-code", "s1", "")
    assert (miss.cause, miss.count, miss.last_ms) == (Cause.PREFIX, 2, requests[4].instant_ms)
    assert miss.tokens == 101_000
    assert miss.idle_ms == MINUTE_MS
    assert miss.nano == (101_000 + 103_000) * (6_250 - 500) // 1000


def test_a_miss_without_a_price_has_no_loss() -> None:
    requests = [request(1), request(2, 0, 101_000, is_priced=0)]
    assert [one.nano for one in of(requests)] == [None]


@pytest.mark.parametrize("minute", [-5, 61])
def test_a_miss_before_or_after_the_stretch_is_not_of_it(minute: int) -> None:
    assert of([request(minute - 1), request(minute, 0, 101_000)]) == []


def test_each_agent_has_a_cache_of_its_own() -> None:
    requests = [request(1), request(2, 0, 9_000, agent="a1"), request(3)]
    assert of(requests) == []


def test_a_source_that_does_not_tell_reads_has_no_misses() -> None:
    assert of([request(1, None), request(2, None, 0), request(3, None, 0)]) == []


def test_taking_to_another_model_is_told_once() -> None:
    requests = [request(-2), request(1, model="fable"), request(2), request(3, model="fable")]

    switches = [one for one in of(requests, known=replace_models("opus", "fable"))
                if one.what is What.MODEL_SWITCH]  # fmt: skip

    assert [(one.at_ms, one.before, one.name) for one in switches] == [
        (requests[1].instant_ms, "opus", "fable")
    ]


def replace_models(*models: str) -> KnownBefore:
    return replace(KNOWN, models=frozenset(models))


def test_a_small_question_to_another_model_is_no_switch() -> None:
    requests = [request(1), request(2, 0, 500, model="haiku"), request(3)]
    assert of(requests, known=replace_models("opus", "haiku")) == []


def test_first_uses_are_told_with_what_they_cost() -> None:
    requests = [request(1), request(2, session="s2", project="/docs", model="fable")]
    costs = {
        (What.NEW_SESSION, "s1"): 50,
        (What.NEW_SESSION, "s2"): 40,
        (What.NEW_PROJECT, "/docs"): 40,
        (What.NEW_MODEL, "fable"): 30,
    }

    found = of(requests, costs=costs)

    assert [(one.what, one.name, one.nano) for one in found] == [
        (What.NEW_MODEL, "fable", 30),
        (What.NEW_PROJECT, "/docs", 40),
        (What.NEW_SESSION, "s2", 40),
    ]


def test_a_new_session_that_costs_next_to_nothing_goes_without_saying() -> None:
    costs = {(What.NEW_SESSION, "s1"): 1_000, (What.NEW_SESSION, "s2"): 49}
    assert of([request(1), request(2, session="s2")], costs=costs) == []


def test_where_nothing_was_used_before_nothing_is_new() -> None:
    facts = HappeningFacts(SHOWN, [request(1), request(2, session="s2")])
    assert happenings(facts) == ()


def failure(minute: int, retries: int = 0, status: int = 0, kind: str = "") -> Failure:
    at_ms = MARCH_MS + minute * MINUTE_MS
    return Failure(0, at_ms, "claude-code", "s1", "", retries, status, kind)


def test_many_failures_are_a_storm_and_a_few_are_not() -> None:
    few = [failure(minute, status=529) for minute in range(4)]
    (storm,) = of([], failures=[*few, failure(9, retries=3)])

    assert of([], failures=few) == []
    assert (storm.what, storm.count, storm.last_ms) == (
        What.RETRIES, 7, MARCH_MS + 9 * MINUTE_MS
    )  # fmt: skip


def test_what_two_logs_tell_of_the_same_errors_counts_once() -> None:
    told = [failure(minute, status=529) for minute in range(5)]
    told += [failure(minute, status=529, kind="overloaded") for minute in range(6)]
    told.append(failure(7, status=429, kind="rate limit"))

    (storm,) = of([], failures=told)

    assert (storm.count, storm.name) == (7, "overloaded 6, rate limit 1")


def test_a_compaction_is_told_and_is_no_miss() -> None:
    at_ms = MARCH_MS + 2 * MINUTE_MS - 1
    compactions = [Compacted("claude-code", "s1", Compaction(at_ms, "", 101_000, 9_000, "auto", 5))]
    requests = [request(1), request(2, 0, 90_000), request(3, 0, 9_000)]

    (compacted,) = of(requests, compactions=compactions)

    assert (compacted.what, compacted.was, compacted.now) == (What.COMPACTION, 101_000, 9_000)
    assert [one.what for one in of(requests)] == [What.CACHE_MISS]


def test_a_memory_file_with_another_content_is_a_config_change() -> None:
    def seen(minute: int, digest: int, subject: int = 7) -> MemorySeen:
        at_ms = MARCH_MS + minute * MINUTE_MS
        return MemorySeen(at_ms, "claude-code", "s1", "", subject, digest, 1_200)

    files = [seen(-9, 1), seen(-8, 5, subject=8), seen(1, 1), seen(2, 2), seen(3, 2), seen(70, 3)]

    (changed,) = of([], memory_files=files)

    assert (changed.what, changed.at_ms, changed.tokens) == (
        What.MEMORY_CHANGE, MARCH_MS + 2 * MINUTE_MS, 1_200
    )  # fmt: skip


def test_a_changed_list_price_is_told() -> None:
    old = Rates("opus", 0, MARCH_MS + 9, 5_000, 500, 6_250, 10_000, 25_000, 0)
    new = old._replace(since_ms=MARCH_MS + 9, until_ms=2**62, input=4_000)
    other = old._replace(model="haiku", since_ms=MARCH_MS + 9)

    (changed,) = of([], rates=(new, old, other))

    assert (changed.what, changed.name, changed.was, changed.now) == (
        What.PRICE_CHANGE, "opus", 5_000, 4_000
    )  # fmt: skip
    assert of([], rates=(old, new._replace(since_ms=SHOWN.until_ms))) == []
