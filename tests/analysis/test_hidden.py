"""Calls that no transcript shows, derived from a tool's own totals."""

from __future__ import annotations

from msgspec.structs import replace

from tokwatch.analysis.hidden import hidden_models, hidden_usage
from tokwatch.model.reading import LedgerLine
from tokwatch.model.stored import Ancestor, Ledger
from tokwatch.model.usage import Rates, Usage

NOON = 1_774_267_200_000
SEEN = Usage(requests=3, input=100, cache_read=800, cache_write_5m=60, cache_write_1h=40, output=50)
RATES = Rates("opus", 0, NOON * 2, 5_000, 500, 6_250, 10_000, 25_000, 10_000_000)


def line(session: str = "s", model: str = "opus", **counts: int) -> LedgerLine:
    """Return a total of what is seen, but for the counts given."""
    known = {
        "input": 100,
        "cache_read": 800,
        "cache_write_5m": 60,
        "cache_write_1h": 40,
        "output": 50,
        "reasoning": 0,
        "web_searches": 0,
    }
    return LedgerLine(session, model, NOON, **(known | counts), cost_nano=1)


def ledger(*lines: LedgerLine, session: str = "s") -> Ledger:
    """Return totals beside what is seen of one model."""
    return Ledger("claude-code", session, NOON, lines, {"opus": SEEN})


def test_totals_that_equal_what_is_seen_hide_nothing() -> None:
    assert hidden_usage([ledger(line())], [RATES]) == {}


def test_the_difference_is_hidden_and_priced() -> None:
    found = hidden_usage([ledger(line(input=1_100, output=70, web_searches=1))], [RATES])
    cost = (1_000 * 5_000 + 20 * 25_000) // 1000 + 10_000_000
    assert found == {
        "s": Usage(input=1_000, output=20, web_searches=1, computed_nano=cost, auto_nano=cost)
    }


def test_a_model_that_no_transcript_names_is_hidden_whole() -> None:
    found = hidden_usage([ledger(line(), line(model="haiku"))], [RATES])
    assert found["s"].total == SEEN.total
    assert found["s"].unpriced_tokens == found["s"].uncosted_tokens == SEEN.total


def test_a_total_below_what_is_seen_is_no_negative_usage() -> None:
    found = hidden_usage([ledger(line(input=0, output=60))], [RATES])
    assert (found["s"].input, found["s"].output) == (0, 10)


def test_the_mark_of_a_large_window_is_no_other_model() -> None:
    assert hidden_usage([ledger(line(model="opus[1m]"))], [RATES]) == {}
    assert hidden_models([ledger(line(model="opus[1m]"))]) == ["opus"]


def test_rates_hold_at_the_time_of_the_total() -> None:
    old = RATES._replace(until_ms=NOON, input=99_000)
    found = hidden_usage([ledger(line(input=1_100))], [old, RATES._replace(since_ms=NOON)])
    assert found["s"].auto_nano == 1_000 * 5_000 // 1000


def test_a_forks_totals_start_from_its_parents() -> None:
    parent = ledger(line("p", output=57), session="p")
    fork = replace(
        ledger(line("f", input=200, cache_read=1_600, cache_write_5m=120, cache_write_1h=80,
                    output=50 + 57 + 5), session="f"),
        ancestors=(Ancestor("p", NOON, {"opus": SEEN}),),
    )  # fmt: skip
    found = hidden_usage([fork, parent], [RATES])
    assert {session: usage.output for session, usage in found.items()} == {"p": 7, "f": 5}


def test_a_fork_of_a_fork_starts_from_both() -> None:
    def grown(session: str, times: int, hidden: int) -> LedgerLine:
        return line(session, input=100 * times, cache_read=800 * times,
                    cache_write_5m=60 * times, cache_write_1h=40 * times,
                    output=50 * times + hidden)  # fmt: skip

    seen = {"opus": SEEN}
    first = ledger(grown("1", 1, 7), session="1")
    second = replace(
        ledger(grown("2", 2, 7 + 5), session="2"), ancestors=(Ancestor("1", NOON, seen),)
    )
    third = replace(
        ledger(grown("3", 3, 7 + 5 + 3), session="3"),
        ancestors=(Ancestor("1", NOON, seen), Ancestor("2", NOON, seen)),
    )
    found = hidden_usage([third, first, second], [RATES])
    assert {session: usage.output for session, usage in found.items()} == {"1": 7, "2": 5, "3": 3}


def test_a_fork_of_a_session_without_totals_starts_from_nothing() -> None:
    fork = replace(
        ledger(line("f", output=58), session="f"),
        ancestors=(Ancestor("unknown", NOON, {"opus": SEEN}),),
    )
    assert hidden_usage([fork], [RATES])["f"].output == 8


def test_a_forks_older_ancestor_may_have_no_totals() -> None:
    parent = ledger(line("p", output=57), session="p")
    fork = replace(
        ledger(line("f", input=300, cache_read=2_400, cache_write_5m=180, cache_write_1h=120,
                    output=150 + 7 + 5), session="f"),
        ancestors=(Ancestor("old", NOON, {"opus": SEEN}), Ancestor("p", NOON, {"opus": SEEN})),
    )  # fmt: skip
    assert hidden_usage([parent, fork], [RATES])["f"].output == 5


def test_sessions_that_name_each_other_end() -> None:
    one = replace(ledger(line("1"), session="1"), ancestors=(Ancestor("2", NOON, {}),))
    two = replace(ledger(line("2"), session="2"), ancestors=(Ancestor("1", NOON, {}),))
    assert hidden_usage([one, two], [RATES]) == {}
