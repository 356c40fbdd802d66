"""Moving in time."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from tests.ui.literal import BUSY, NOW
from tokwatch.model.snapshot import Span
from tokwatch.ui.timeline import moved, next_span, resized

BACK = replace(BUSY, until=NOW - timedelta(hours=2))


def test_back_is_half_a_range_before_now() -> None:
    assert moved(BUSY, -1, NOW) == (Span.HOURS, NOW - timedelta(hours=2))


def test_forward_ends_at_now_and_follows_it() -> None:
    assert moved(BACK, 1, NOW) == (Span.HOURS, None)


def test_all_of_history_cannot_be_moved() -> None:
    assert moved(replace(BUSY, span=Span.ALL), -1, NOW) == (Span.ALL, None)


def test_sizes_stop_at_both_ends() -> None:
    assert resized(replace(BUSY, span=Span.HOUR), -1) == (Span.HOUR, None)
    assert resized(replace(BACK, span=Span.MONTH), 1) == (Span.ALL, None)
    assert resized(BACK, 1) == (Span.DAY, BACK.until)


def test_the_longest_range_is_followed_by_the_shortest() -> None:
    assert next_span(replace(BUSY, span=Span.ALL)) == (Span.HOUR, None)
