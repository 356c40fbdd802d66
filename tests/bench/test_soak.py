"""How the soak judges what processes held, and the clock that it gives them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean

import pytest

from bench import replayed
from bench.live_logs import Answers
from bench.measured import BenchError
from bench.soak import ENDS_AFTER, HOURS, OUTPUT, Day, growth
from bench.vitals import Vitals

LOOKS = 4


def day(rss: list[float], threads: int = 6, late_threads: int = 6) -> list[Vitals]:
    """Return a day whose hours held so much memory."""
    assert len(rss) == HOURS
    return [
        Vitals(0.0, held, held / 2, late_threads if hour > 2 else threads, 12)
        for hour, held in enumerate(rss)
        for _ in range(LOOKS)
    ]


def test_memory_that_grows_in_the_first_hour_alone_is_no_leak() -> None:
    assert not growth(day([40.0, *([60.0] * 23)])).is_too_much


def test_memory_that_keeps_growing_is_too_much() -> None:
    found = growth(day([60.0 + 0.2 * hour for hour in range(24)]))
    assert found.rss == pytest.approx(64.6 / 60.2 - 1)
    assert found.is_too_much
    assert "memory +7.3%" in str(found)


@pytest.mark.parametrize(("rss", "own"), [(0.05, 0.0), (0.0, 0.05)])
def test_neither_with_files_nor_without_them_may_memory_grow(rss: float, own: float) -> None:
    looked = [
        replace(one, rss_mb=60.0 + rss * place, own_mb=30.0 + own * place)
        for place, one in enumerate(day([60.0] * 24))
    ]
    assert growth(looked).is_too_much


def test_a_thread_more_is_too_much() -> None:
    assert growth(day([60.0] * 24, late_threads=7)).is_too_much


def test_a_day_without_hours_is_refused() -> None:
    with pytest.raises(BenchError):
        growth(day([60.0] * 24)[:5])


def test_the_clock_runs_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((100.0, 101.0, 102.5))
    monkeypatch.setattr("bench.replayed.time.monotonic", lambda: next(moments))
    began = datetime(2026, 1, 1, tzinfo=UTC)
    clock = replayed.fast_clock(began, 144)
    assert clock() == began + timedelta(seconds=144)
    assert clock() == began + timedelta(seconds=360)


def test_a_file_that_is_open_for_a_moment_is_no_leak() -> None:
    looked = [replace(one, files=12 + place % 2) for place, one in enumerate(day([60.0] * 24))]
    assert growth(looked).files == 0
    kept = [*looked[: -2 * LOOKS], *(replace(one, files=13) for one in looked[-2 * LOOKS :])]
    assert growth(kept).is_too_much


def test_sessions_have_spent_what_others_of_their_age_have(tmp_path: Path) -> None:
    Day(Answers(tmp_path), 500, 1.0).begin(1_800_000_000)
    last_lines = [log.read_text().splitlines()[-1] for log in tmp_path.rglob("*.jsonl")]
    spent = [json.loads(line)["message"]["usage"]["output_tokens"] / OUTPUT for line in last_lines]
    assert len(spent) == 500
    assert mean(spent) == pytest.approx(ENDS_AFTER, rel=0.1)
    assert mean(one > ENDS_AFTER for one in spent) == pytest.approx(0.37, abs=0.05)
