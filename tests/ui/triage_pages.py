"""Literal triages, for the tests of their words and of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from msgspec.structs import replace

from tests.ui.literal import NOW, dollars
from tokwatch.analysis.anomalies import Anomaly
from tokwatch.analysis.attribution import DIMENSIONS, Trail
from tokwatch.analysis.baseline import Against, Stretch
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.happenings import Happening, What
from tokwatch.analysis.triage import TriageFacts, triage
from tokwatch.model.caching import Cause
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Cell, Dimension, Rates, Usage
from tokwatch.pages.triage import Course, TriagePage

SICK, CALM = "7f3a1111-0000-4000-8000-0000000004c1", "b01e2222-0000-4000-8000-0000000009d2"
RATES = (
    Rates("claude-opus-4-5", 0, 2**62, 5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000, 0),
    Rates("claude-sonnet-4-5", 0, 2**62, 3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000, 0),
)
DAY = NOW.replace(hour=0, minute=0, second=0)


def at(hour: int, minute: int, second: int = 0) -> int:
    """Return a time of the literal day."""
    moment: datetime = DAY.replace(hour=hour, minute=minute, second=second)
    return epoch_ms(moment)


SHOWN = Stretch(at(13, 15), at(13, 45))
BASELINE = Stretch(at(11, 45), at(13, 15))


def cell(session: str, project: str, model: str, cost: float, **counts: int) -> Cell:
    """Return the usage of a session in a stretch."""
    values = {
        Dimension.SESSION: session,
        Dimension.PROJECT: f"/home/ana/{project}",
        Dimension.MODEL: model,
        Dimension.KIND: "main",
        Dimension.SOURCE: "claude-code",
        Dimension.PROVIDER: "anthropic",
        Dimension.BRANCH: "main",
        Dimension.MACHINE: "laptop",
    }
    group = tuple(values.get(dimension, "") for dimension in DIMENSIONS)
    nano = dollars(cost)
    return Cell(group, replace(Usage(auto_nano=nano, computed_nano=nano), **counts))


AFTER = (
    cell(SICK, "checkout-svc", "claude-opus-4-5", 13.90, requests=18, input=7_000,
         cache_read=152_000, cache_write_5m=2_100_000, output=9_000),
    cell(CALM, "tokwatch", "claude-sonnet-4-5", 1.70, requests=22, input=8_000,
         cache_read=2_700_000, cache_write_5m=80_000, output=13_000),
)  # fmt: skip
BEFORE = (
    cell(SICK, "checkout-svc", "claude-opus-4-5", 4.80, requests=55, input=22_000,
         cache_read=6_400_000, cache_write_5m=110_000, output=29_000),
    cell(CALM, "tokwatch", "claude-sonnet-4-5", 4.35, requests=60, input=24_000,
         cache_read=7_700_000, cache_write_5m=190_000, output=40_000),
)  # fmt: skip
ANOMALY = Anomaly(
    SHOWN.since_ms, SHOWN.until_ms, dollars(15.6), at(13, 0), dollars(16.4), dollars(3.05),
    dollars(9.15), 18, True, False,
)  # fmt: skip
OLDER = replace(
    ANOMALY,
    since_ms=at(9, 0) - 2 * 96 * QUARTER_MS,
    until_ms=at(10, 0) - 2 * 96 * QUARTER_MS,
    nano=dollars(48.2),
    peak_ms=at(9, 0) - 2 * 96 * QUARTER_MS,
    peak_nano=dollars(48.2),
    is_of_slot=False,
    is_scattered=True,
)
HAPPENED = (
    Happening(
        at(13, 18, 4), What.CACHE_MISS, "claude-code", SICK, key=171, cause=Cause.PREFIX,
        tokens=155_902, nano=dollars(12.1), count=13, last_ms=at(13, 44, 52),
    ),
    Happening(
        at(13, 20), What.MODEL_SWITCH, "claude-code", CALM, key=9, before="claude-haiku-4-5",
        name="claude-sonnet-4-5", last_ms=at(13, 20),
    ),
    Happening(
        at(13, 34, 10), What.NEW_PROJECT, "claude-code", CALM, name="/home/ana/tokwatch",
        nano=dollars(1.7), last_ms=at(13, 34, 10),
    ),
    Happening(at(13, 40), What.PRICE_CHANGE, name="claude-opus-4-5", was=5_000_000, now=4_000_000),
)  # fmt: skip


def course(narrowed: bool = False) -> Course:
    """Return costs over time: calm, then a spike."""
    nano = tuple(dollars(0.17 + 0.05 * (place % 3)) for place in range(20))
    spike = tuple(dollars(cost) for cost in (2.1, 3.9, 3.4, 2.6, 2.0, 1.6, 0.4, 0.3))
    every = nano + spike
    inside = tuple(value // 2 for value in every) if narrowed else ()
    return Course(at(11, 35), 5 * 60_000, every, inside, dollars(6.1))


def page(
    after: Sequence[Cell] = AFTER,
    before: Sequence[Cell] = BEFORE,
    *,
    trail: Trail = (),
    happened: tuple[Happening, ...] = HAPPENED,
    anomaly: Anomaly | None = ANOMALY,
    anomalies: tuple[Anomaly, ...] = (ANOMALY, OLDER),
    has_history: bool = True,
) -> TriagePage:
    """Return a triage of half an hour against the hour and a half before."""
    facts = TriageFacts(SHOWN, BASELINE, Fraction(1, 3), after, before, rates=RATES, trail=trail)
    return TriagePage(
        triage(facts), Against.BEFORE, anomaly, anomalies, has_history,
        course(bool(trail)), happened,
    )  # fmt: skip


SPIKE = page()
NARROWED = page(trail=((Dimension.PROJECT, "/home/ana/checkout-svc"),))
NOTHING = replace(
    page((), (), happened=(), anomaly=None, anomalies=(), has_history=False),
    course=Course(at(11, 35), 5 * 60_000, (0,) * 28, (), 0),
)
