"""Requests as their cache sees them: in order, at the rates that each was priced at."""

from __future__ import annotations

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import (
    cached_requests,
    day_counts,
    loose_sessions,
    quarter_counts,
    requests_before,
)

ANY = 2**62
CHANGE_MS = MARCH_MS + 5_000
SECOND_MS = 1_000


def add_cards(database: Database) -> None:
    """Price the first model: otherwise from an instant on, and there by the prompt's size."""
    for since_ms, until_ms, above, upto, rate in (
        (0, CHANGE_MS, -1, ANY, 10),
        (CHANGE_MS, ANY, -1, 200_000, 20),
        (CHANGE_MS, ANY, 200_000, ANY, 40),
    ):
        database.execute(
            "INSERT INTO card (workspace, model, since_ms, above_tokens, until_ms, upto_tokens, "
            "input, cache_read, cache_write_5m, cache_write_1h, output, web_search, source) "
            "VALUES (1, 1, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, '')",
            (since_ms, above, until_ms, upto, rate, rate + 1, rate + 2, rate + 3),
        )


def test_requests_come_in_order_with_all_that_a_cache_asks_for(database: Database) -> None:
    made = [
        Made(MARCH_MS + SECOND_MS, agent="a1", cache_read=None, cache_write_1h=None),
        Made(MARCH_MS, source="codex", project="/p", cache_write_5m=None),
        Made(MARCH_MS + 2 * SECOND_MS, grade=-1, requests=4),
        Made(MARCH_MS + 3 * SECOND_MS, grade=2),
    ]
    first, second, third = cached_requests(build(database, made))
    assert first[1:16] == (
        *(MARCH_MS, MARCH_MS, "codex", "s1", "", "/p", "claude-opus-4-5", 1, 0, 100, 800, 0, 40),
        *(0, 0),
    )
    assert first.key == 2
    assert (second.agent, second.cache_read, second.cache_write_1h) == ("a1", None, 0)
    assert (third.requests, third.is_derived) == (4, 1)


def test_a_range_has_its_begin_and_not_its_end(database: Database) -> None:
    view = build(database, [Made(MARCH_MS + number) for number in range(9)])
    found = cached_requests(view, Slice(MARCH_MS + 2, MARCH_MS + 5))
    assert [one.instant_ms - MARCH_MS for one in found] == [2, 3, 4]


def test_each_request_has_the_rates_of_its_date_and_size(database: Database) -> None:
    large = {"input": 1, "cache_read": 200_000, "cache_write_5m": 0, "cache_write_1h": 0}
    made = [
        Made(CHANGE_MS - 1),
        Made(CHANGE_MS),
        Made(CHANGE_MS + 1, input=0, cache_read=200_000, cache_write_5m=0, cache_write_1h=0),
        Made(CHANGE_MS + 2, **large),  # type: ignore[arg-type]  # of the fields' own types
        Made(CHANGE_MS + 3, requests=2, **large),  # type: ignore[arg-type]  # as above
        Made(CHANGE_MS + 4, grade=-1, **large),  # type: ignore[arg-type]  # as above
        Made(CHANGE_MS + 5, model="no-such-model"),
    ]
    view = build(database, made)
    add_cards(database)
    found = cached_requests(view)
    assert [one.input_rate for one in found] == [10, 20, 20, 40, 20, 20, 0]
    assert [one.is_priced for one in found] == [1] * 6 + [0]
    assert found[0][16:] == (11, 12, 13)


def test_a_session_that_is_called_as_its_log_is_no_conversation(database: Database) -> None:
    made = [
        Made(MARCH_MS, source="headroom", session="proxy", path="/logs/proxy.jsonl"),
        Made(MARCH_MS + 1, source="headroom", session="a client's", path="/logs/proxy.jsonl"),
        Made(MARCH_MS + 2, source="codex", session="thread", path="/logs/thread.jsonl"),
        Made(MARCH_MS + 3, source="other", session="thread", path="/logs/thread.jsonl"),
    ]
    view = build(database, made)
    asked = ["proxy", "a client's", "thread", "unknown"]
    assert loose_sessions(view, asked, ["codex", "pi"]) == [
        *(("headroom", "proxy"), ("other", "thread")),
    ]
    assert loose_sessions(view, ["thread"], []) == [("codex", "thread"), ("other", "thread")]
    assert loose_sessions(view, [], []) == []


def test_the_last_requests_of_each_agent_before_an_instant(database: Database) -> None:
    made = [Made(MARCH_MS + number, session="s1") for number in range(12)]
    made += [Made(MARCH_MS + 100, session="s1", agent="a1"), Made(MARCH_MS, session="other")]
    made += [Made(MARCH_MS + 3, session="s1", branch="dev"), Made(MARCH_MS + 4, grade=2)]
    view = build(database, made)
    found = requests_before(view, ["s1", "unknown"], MARCH_MS + 11, 3)
    assert [(one.instant_ms - MARCH_MS, one.agent) for one in found] == [
        *((3, ""), (8, ""), (9, ""), (10, "")),
    ]
    assert requests_before(view, ["s1"], MARCH_MS + 101, 1)[-1].agent == "a1"
    assert requests_before(view, [], MARCH_MS + 11, 3) == []


def test_counts_by_quarter_and_by_day_are_those_of_the_events(database: Database) -> None:
    made = [
        Made(MARCH_MS, computed_nano=3),
        Made(MARCH_MS + 1, computed_nano=4, model="other"),
        Made(MARCH_MS + QUARTER_MS, logged_nano=9),
        Made(MARCH_MS + 3 * DAY_MS, computed_nano=5),
        Made(MARCH_MS + 3 * DAY_MS, grade=2),
    ]
    view = build(database, made)
    day = MARCH_MS // DAY_MS
    quarter = MARCH_MS // QUARTER_MS * QUARTER_MS
    assert day_counts(view) == [(day, 3, 16), (day + 3, 1, 5)]
    assert day_counts(view, day + 1, day + 4) == [(day + 3, 1, 5)]
    assert quarter_counts(view) == [
        *((quarter, 2, 7), (quarter + QUARTER_MS, 1, 9), (quarter + 3 * DAY_MS, 1, 5)),
    ]
    assert quarter_counts(view, Slice(quarter + 1, quarter + DAY_MS)) == [
        (quarter + QUARTER_MS, 1, 9)
    ]
