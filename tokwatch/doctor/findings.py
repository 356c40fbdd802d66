"""What a check of `tokwatch doctor` found."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, but one should know."""
    PROBLEM = "problem"


class Finding(Struct, frozen=True):
    """What one check found, and what to do about it."""

    about: str
    level: Level
    told: str
    advice: str = ""
