"""What rules see of sessions: cache breaks, contexts, loops, each within a minute of its case."""

from __future__ import annotations

from math import isnan

import pytest

from tests.analysis.alerting.requests import HOUR_MS, LOG, MINUTE_MS, START_MS, Watched, request
from tokwatch.analysis.alerting.sessions import STILL_MS, Sessions, label_of, loop_calls
from tokwatch.analysis.context import Windows
from tokwatch.config.alerting import DEFAULTS
from tokwatch.config.measures import MEASURES
from tokwatch.model.alert_facts import SessionTotal, TurnSoFar

SESSION = ("claude-code", "s1")


def measures_of(sessions: Sessions, at_ms: int) -> dict[str, float]:
    """Return the measures of the only session."""
    (reading,) = sessions.readings(at_ms)
    return dict(reading.values)


def steady(count: int, *, first: int = 1, at_ms: int = START_MS) -> Sessions:
    """Return a session that reads nine tenths of its prompts from the cache, one a minute."""
    sessions = Sessions()
    sessions.take(request(first + place, at_ms + place * MINUTE_MS) for place in range(count))
    return sessions


def test_a_reading_has_every_measure_of_sessions() -> None:
    values = measures_of(steady(1), START_MS)

    assert set(values) == {name for name, one in MEASURES.items() if one.kind == "session"}


def test_the_hit_rate_needs_ten_requests_and_its_fall_ten_more() -> None:
    # The first one could not have found anything there.
    assert isnan(measures_of(steady(10), START_MS)["session_cache_hit_rate"])
    eleven = measures_of(steady(11), START_MS)
    assert eleven["session_cache_hit_rate"] == pytest.approx(0.9)
    assert isnan(eleven["session_cache_drop"])
    assert measures_of(steady(21), START_MS)["session_cache_drop"] == pytest.approx(0)


def test_the_newest_ten_are_compared_with_the_thirty_before_them() -> None:
    sessions = Sessions()
    for place in range(81):
        read = 10_000 if place <= 40 else 20_000 if place <= 50 else 45_000
        sessions.take([request(place, START_MS + place * MINUTE_MS, read=read)])

    values = measures_of(sessions, START_MS + 80 * MINUTE_MS)

    assert values["session_cache_hit_rate"] == pytest.approx(0.9)
    # Of thirty ten at 40 and twenty at 90 %.
    assert values["session_cache_drop"] == pytest.approx((10 * 40 + 20 * 90) / 30 - 90)


def test_a_prefix_that_breaks_with_each_request_is_found_within_a_minute() -> None:
    world = Watched({"cache-drop": DEFAULTS["cache-drop"]})
    for place in range(30):
        assert not world.take([request(place, START_MS + place * MINUTE_MS)], START_MS)
    opened = []
    for place in range(30, 40):
        at_ms = START_MS + place * MINUTE_MS
        found = world.take([request(place, at_ms, read=0)], at_ms)
        opened += [(place - 29, one) for one in found]

    # Nine tenths, of which four of ten requests read nothing: 36 points less.
    ((misses, alert),) = opened
    assert misses == 4
    assert alert.value == pytest.approx(36)
    assert set(alert.events[:4]) == {30, 31, 32, 33}


def test_what_expired_over_pauses_is_no_fall() -> None:
    world = Watched({"cache-drop": DEFAULTS["cache-drop"]})
    for place in range(60):
        at_ms = START_MS + place * 6 * MINUTE_MS
        assert not world.take([request(place, at_ms, read=45_000 if place < 40 else 0)], at_ms)


def test_one_pause_is_no_fall() -> None:
    world = Watched({"cache-drop": DEFAULTS["cache-drop"]})
    for place in range(60):
        at_ms = START_MS + place * MINUTE_MS
        read = 0 if place % 12 == 0 else 45_000
        assert not world.take([request(place, at_ms, read=read)], at_ms)


def test_a_large_context_that_is_sent_anew_is_found_at_once() -> None:
    world = Watched({"rewrite": DEFAULTS["rewrite"]})
    world.take([request(1, START_MS, prompt=150_000, read=140_000)], START_MS)
    at_ms = START_MS + MINUTE_MS
    (alert,) = world.take([request(2, at_ms, prompt=150_000, read=0)], at_ms)

    assert alert.events == (2,)
    assert alert.value == 150_000
    assert world.take([], at_ms + 14 * MINUTE_MS) == []


def test_a_smaller_one_and_a_first_request_are_none() -> None:
    world = Watched({"rewrite": DEFAULTS["rewrite"]})
    first = request(1, START_MS, prompt=190_000, read=0, session="s2")
    before = request(2, START_MS, prompt=99_000, read=90_000)
    again = request(3, START_MS + MINUTE_MS, prompt=99_000, read=0)

    assert world.take([first, before, again], START_MS + MINUTE_MS) == []


def test_an_answer_that_grows_counts_once() -> None:
    sessions = steady(11)
    grown = request(11, START_MS + 10 * MINUTE_MS, output=9_000)
    before = measures_of(sessions, START_MS + 10 * MINUTE_MS)
    sessions.take([grown])

    assert measures_of(sessions, START_MS + 10 * MINUTE_MS) == before


def test_a_break_that_is_told_anew_is_one_break() -> None:
    sessions = Sessions()
    sessions.take([request(1, START_MS, prompt=150_000, read=140_000)])
    broken = request(2, START_MS + MINUTE_MS, prompt=150_000, read=0)
    sessions.take([broken])
    sessions.take([broken._replace(output=8_000)])

    chain = sessions.tracks[SESSION].chains[""]
    assert [one.key for one in chain.breaks] == [2]


def test_the_context_is_that_of_the_fullest_agent_at_work() -> None:
    sessions = Sessions(Windows({}, lambda provider, model: 400_000))
    sessions.take(
        [
            request(1, START_MS, prompt=100_000, window=None),
            request(2, START_MS, prompt=150_000, agent="a1"),
        ]
    )

    assert measures_of(sessions, START_MS)["context_share"] == 0.75
    assert measures_of(sessions, START_MS + 11 * MINUTE_MS)["context_share"] == 0.25


def test_a_context_is_measured_against_the_window_that_the_tools_settings_ask_for() -> None:
    def asks_large(source: str, path: str, model: str) -> bool:
        return (source, path, model) == ("claude-code", LOG, "claude-sonnet-4-5")

    sessions = Sessions(Windows(asks_large=asks_large))
    sessions.take([request(1, START_MS, prompt=190_000, window=None, model="claude-sonnet-4-5")])

    assert measures_of(sessions, START_MS)["context_share"] == 0.19


def test_a_session_without_a_request_for_an_hour_is_forgotten() -> None:
    sessions = steady(1)

    assert sessions.readings(START_MS + HOUR_MS - 1)
    assert sessions.readings(START_MS + HOUR_MS + STILL_MS) == []
    assert sessions.tracks == {}


def test_cost_and_turn_are_those_of_the_store() -> None:
    sessions = steady(1)
    sessions.tell({SESSION: SessionTotal(12_000_000_000, 99)}, {SESSION: TurnSoFar(7, 5, (1,), 3)})
    values = measures_of(sessions, START_MS)

    assert (values["session_cost_usd"], values["session_tokens"]) == (12, 99)
    assert (values["turn_requests"], values["turn_cost_usd"]) == (7, 5e-9)


def test_the_burn_of_a_session_is_that_of_its_last_five_minutes() -> None:
    sessions = steady(10)

    at_ms = START_MS + 9 * MINUTE_MS
    assert measures_of(sessions, at_ms)["session_burn_usd_per_hour"] == pytest.approx(6)
    assert measures_of(sessions, at_ms + HOUR_MS // 2)["session_burn_usd_per_hour"] == 0


@pytest.mark.parametrize(
    ("calls", "times"),
    [
        ((), 0),
        ((1,), 1),
        ((1, 2, 3, 4, 5, 6, 7, 8), 1),
        ((9, 1, 1, 1, 1, 1, 1), 6),
        ((1, 2, 1, 2, 1, 2), 3),
        ((1, 2, 3, 1, 2, 3, 1, 2, 3), 3),
        ((1, 1, 1, 1, 1, 1, 2), 1),
        ((7, 1, 7, 2, 7, 3, 7, 4, 7, 5, 7, 6), 1),
    ],
)
def test_calls_that_come_round_again_are_counted(calls: tuple[int, ...], times: int) -> None:
    assert loop_calls(calls) == times


def test_a_loop_is_found_with_its_sixth_call_and_lands_on_it() -> None:
    world = Watched({"tool-loop": DEFAULTS["tool-loop"]})
    opened = []
    for place in range(8):
        at_ms = START_MS + place * 10_000
        turn = TurnSoFar(place, 0, (4,) * place, place)
        found = world.take([request(place, at_ms)], at_ms, {SESSION: turn})
        opened += [(place, one.events[0]) for one in found]

    assert opened == [(6, 6)]


def test_a_test_that_is_run_after_each_edit_is_no_loop() -> None:
    world = Watched({"tool-loop": DEFAULTS["tool-loop"]})
    calls: tuple[int, ...] = ()
    for place in range(1, 40):
        at_ms = START_MS + place * 10_000
        calls = (*calls, 1_000 + place, 7)
        turn = {SESSION: TurnSoFar(place, 0, calls, place)}
        assert not world.take([request(place, at_ms)], at_ms, turn)


def test_a_session_is_called_by_its_id_and_its_folder() -> None:
    assert label_of("7f3a1234-9", "/home/ana/shop/") == "7f3a1234 · shop"
    assert label_of("7f3a", "") == "7f3a"
