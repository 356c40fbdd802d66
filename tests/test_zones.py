"""Which zone days are counted in."""

from __future__ import annotations

import os
import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tokwatch.errors import ConfigError
from tokwatch.zones import SYSTEM, SystemZone, find_zone

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def nameless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Make a system that tells its zone nowhere."""
    monkeypatch.delenv("TZ", raising=False)

    def refuse(*_: object) -> str:
        raise OSError

    monkeypatch.setattr(os, "readlink", refuse)
    monkeypatch.setattr(Path, "read_text", refuse)


def test_a_zone_is_found_by_its_name() -> None:
    name, zone = find_zone("Asia/Kathmandu")
    assert name == "Asia/Kathmandu"
    assert NOON.astimezone(zone).utcoffset() == timedelta(hours=5, minutes=45)


def test_utc_needs_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "ZoneInfo", None)
    assert find_zone("UTC") == ("UTC", UTC)


@pytest.mark.parametrize("name", ["Nowhere/None", "../../etc/passwd", "a\0b", "/etc/localtime"])
def test_a_zone_that_does_not_exist_is_told(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find_zone(name)
    assert repr(name) in caught.value.message


def test_the_system_zone_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":America/New_York")
    assert find_zone()[0] == "America/New_York"


def test_else_the_one_that_the_clock_is_linked_to(
    monkeypatch: pytest.MonkeyPatch, nameless: None
) -> None:
    monkeypatch.setattr(os, "readlink", lambda path: "/usr/share/zoneinfo/Europe/Berlin")
    assert find_zone()[0] == "Europe/Berlin"


def test_else_the_one_that_is_written_down(monkeypatch: pytest.MonkeyPatch, nameless: None) -> None:
    monkeypatch.setattr(Path, "read_text", lambda *_: "Asia/Tokyo\n")
    assert find_zone()[0] == "Asia/Tokyo"


def test_a_system_that_names_no_zone_has_its_own_clock(nameless: None) -> None:
    name, zone = find_zone()
    assert name == SYSTEM
    assert isinstance(zone, SystemZone)


def test_an_unknown_name_in_the_environment_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, nameless: None
) -> None:
    monkeypatch.setenv("TZ", "EST5EDT4,M3.2.0,M11.1.0/Somewhere")
    assert find_zone()[0] == SYSTEM


def test_the_systems_clock_goes_as_the_system_says() -> None:
    zone = SystemZone()
    # Tests run in UTC.
    local = NOON.astimezone(zone)
    assert (local, local.utcoffset()) == (NOON, timedelta())
    assert datetime(2026, 7, 1, 12, tzinfo=zone).utcoffset() == timedelta()
    assert (zone.dst(local), zone.tzname(local), zone.utcoffset(None)) == (None, SYSTEM, None)
