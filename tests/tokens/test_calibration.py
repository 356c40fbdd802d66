"""The fit finds what counts were made with, drops what does not belong, and knows its error."""

from __future__ import annotations

import random

import pytest

from tokwatch.tokens.calibration import LEAST_PAIRS, MOST_FOLDS, Pair, fit


def made(
    number: int, a: float = 1.2, b: float = 60.0, noise: float = 0.0, sessions: int = 4
) -> list[Pair]:
    """Return pairs that were billed by a line, more or less."""
    chance = random.Random(5)
    pairs = []
    for place in range(number):
        tokens, calls = chance.randrange(20, 3_000), chance.randrange(3)
        billed = (a * tokens + b * calls) * (1 + chance.uniform(-noise, noise))
        pairs.append(Pair(f"s{place % sessions}", tokens, calls, max(1, round(billed))))
    return pairs


def test_an_exact_line_is_found() -> None:
    found = fit(made(60))

    assert found is not None
    assert found.line.a == pytest.approx(1.2, rel=0.01)
    assert found.line.b == pytest.approx(60, rel=0.05)
    assert found.error < 0.01
    assert (found.pairs, found.dropped, found.sessions) == (60, 0, 4)
    assert found.raw_error > 0.15


def test_rows_that_do_not_belong_are_dropped() -> None:
    odd = [Pair("s1", 300, 1, 20_000), Pair("s2", 9_000, 0, 40)]

    found = fit([*made(60, noise=0.05), *odd])

    assert found is not None
    assert (found.pairs, found.dropped) == (60, 2)
    assert found.line.a == pytest.approx(1.2, rel=0.03)


def test_the_error_is_that_of_sessions_left_out() -> None:
    """One session that is billed by another line is a surprise to a fit of the others."""
    strange = [pair._replace(session="odd") for pair in made(40, a=2.4, b=0.0)]

    alone, together = fit(made(40)), fit([*made(40), *strange])

    assert alone is not None
    assert together is not None
    assert alone.error < 0.01
    assert together.error > 0.2
    assert together.p90 >= together.error


def test_too_few_pairs_tell_nothing() -> None:
    assert fit(made(LEAST_PAIRS - 1)) is None
    assert fit([]) is None
    assert fit([Pair("s", 0, 0, 5), Pair("s", 5, 0, 0)]) is None


def test_a_single_session_is_divided() -> None:
    found = fit(made(30, noise=0.1, sessions=1))

    assert found is not None
    assert 0 < found.error < 0.1


def test_many_sessions_are_left_out_several_at_once() -> None:
    found = fit(made(120, noise=0.1, sessions=5 * MOST_FOLDS))

    assert found is not None
    assert found.sessions == 5 * MOST_FOLDS
    assert found.error < 0.1


def test_without_calls_there_is_no_price_of_one() -> None:
    found = fit([pair._replace(calls=0) for pair in made(30, b=0)])

    assert found is not None
    assert found.line.b == 0


def test_the_order_of_pairs_changes_nothing() -> None:
    pairs = made(50, noise=0.2)

    one, other = fit(pairs), fit(sorted(pairs))

    assert one is not None
    assert other is not None
    assert one.line.a == pytest.approx(other.line.a, rel=1e-3)
