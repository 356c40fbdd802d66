"""Finds the time zone that days are counted in: the one asked for, or the system's."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from tokwatch.errors import ConfigError

SYSTEM = "local"
"""Names the system's zone where the system does not tell its IANA name."""


class SystemZone(tzinfo):
    """The system's own clock, for systems that do not name their zone."""

    def fromutc(self, at: datetime) -> datetime:
        """Return a UTC instant as the system shows it."""
        return at.replace(tzinfo=UTC).astimezone()

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        """Return the offset at a local time."""
        return None if at is None else at.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, at: datetime | None) -> timedelta | None:
        """Return None: the offset alone is known."""
        return None

    def tzname(self, at: datetime | None) -> str:
        """Return the name of this zone."""
        return SYSTEM


def find_zone(name: str = "") -> tuple[str, tzinfo]:
    """Return a zone and its name; no name means the system's."""
    if name in ("", SYSTEM):
        name = system_zone_name()
        if name == SYSTEM:
            return name, SystemZone()
    if name == "UTC":
        return name, UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # long to load, and many servers keep UTC

    try:
        return name, ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"{name!r} is not a known time zone.", 'Use a name such as "Europe/Berlin" or "UTC".'
        ) from error


def system_zone_name() -> str:
    """Return the IANA name of the system's zone, or "local" where it cannot be told."""
    named = (os.environ.get("TZ", "").lstrip(":"), _linked_zone(), _written_zone())
    return next((name for name in named if _is_zone(name)), SYSTEM)


def _linked_zone() -> str:
    try:
        target = os.readlink("/etc/localtime")
    except OSError:
        return ""
    return target.partition("zoneinfo/")[2]


def _written_zone() -> str:
    try:
        return Path("/etc/timezone").read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""


def _is_zone(name: str) -> bool:
    if name in ("", "UTC"):
        return bool(name)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
