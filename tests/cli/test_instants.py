"""Instants and ranges as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tokwatch.cli.instants import instant_asked, range_asked
from tokwatch.errors import ConfigError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2025, 11, 18, 14, 2, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("now", "2025-11-18T14:02:31+00:00"),
        ("2h", "2025-11-18T12:02:31+00:00"),
        ("90m", "2025-11-18T12:32:31+00:00"),
        ("3d", "2025-11-15T14:02:31+00:00"),
        ("1w", "2025-11-11T14:02:31+00:00"),
        ("13:20", "2025-11-18T12:20:00+00:00"),
        ("15:02", "2025-11-18T14:02:00+00:00"),
        ("15:03", "2025-11-17T14:03:00+00:00"),
        ("2025-11-17", "2025-11-16T23:00:00+00:00"),
        ("20251117", "2025-11-16T23:00:00+00:00"),
        ("2025-11-17T13:20", "2025-11-17T12:20:00+00:00"),
        ("2025-11-17 13:20:05", "2025-11-17T12:20:05+00:00"),
        ("2025-11-17T13:20Z", "2025-11-17T13:20:00+00:00"),
        ("2025-11-17T13:20+09:00", "2025-11-17T04:20:00+00:00"),
    ],
)
def test_times(text: str, meant: str) -> None:
    found = instant_asked("--from", text, NOW, BERLIN, ends=False)
    assert found.astimezone(UTC).isoformat() == meant


def test_a_date_that_ends_a_range_means_the_end_of_its_day() -> None:
    found = instant_asked("--to", "2025-10-26", NOW, BERLIN, ends=True)
    assert found.astimezone(UTC).isoformat() == "2025-10-26T23:00:00+00:00"


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "13:75", "2025-13-01", "2h30", "9999999d", "99999w"]
)
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        instant_asked("--from", text, NOW, BERLIN, ends=False)
    assert "--from" in caught.value.message


def test_ranges() -> None:
    begin, end = range_asked("--against", "10:00..11:30", NOW, UTC)
    assert (begin.hour, end.hour, end.minute) == (10, 11, 30)
    begin, end = range_asked("--against", "2h..", NOW, UTC)
    assert (end - begin).total_seconds() == 7200
    assert end == NOW
    for text in ("10:00", "11:00..10:00"):
        with pytest.raises(ConfigError):
            range_asked("--against", text, NOW, UTC)


def test_instants_before_and_after_all_logs_are_the_nearest_there_may_be() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    for text, year in (("0001-01-01", 1970), ("9999w", 1970), ("9999-12-31", 9900)):
        assert instant_asked("--from", text, now, UTC, ends=True).year == year
