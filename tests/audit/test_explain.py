"""What `i` explains is exactly the number on the screen: the same requests, to the token."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.overview import OverviewRules, overview
from tokwatch.audit.explain import explain
from tokwatch.config import Config, load
from tokwatch.demo import DemoFeed
from tokwatch.model.evidence import Number, Shown
from tokwatch.model.snapshot import Snapshot, Span
from tokwatch.model.units import NANO
from tokwatch.model.usage import CostMode
from tokwatch.monitor.gather import Question, gather
from tokwatch.monitor.monitor import Monitor
from tokwatch.store.read.every import open_view
from tokwatch.store.store import open_store

MINUTE_MS = 60_000
ZONES = ("UTC", "America/New_York", "Asia/Kathmandu")
OFFSETS = (0, 1, 59_999, 7 * MINUTE_MS, 15 * MINUTE_MS, 15 * MINUTE_MS - 1, 26 * 60 * MINUTE_MS)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store of a request every seven minutes of three days."""
    folder = tmp_path_factory.mktemp("explained")
    database = open_store("", folder)
    made = [
        Made(
            MARCH_MS + number * 7 * MINUTE_MS,
            session=f"s{number % 3}",
            agent="a1" if number % 5 == 0 else "",
            source=("claude-code", "codex")[number % 2],
            input=number,
            computed_nano=number * NANO,
            final=number % 4 > 0,
            grade=-1 if number % 6 == 0 else 1,
        )
        for number in range(620)
    ]
    build(database, made, zone="UTC")
    database.close()
    return folder


@pytest.fixture
def config(stored: Path, tmp_path: Path) -> Config:
    """Return settings over a copy of that store."""
    shutil.copytree(stored, tmp_path, dirs_exist_ok=True)
    return load(data=tmp_path, environ={})


def picture(config: Config, at_ms: int, span: Span, zone: str) -> Snapshot:
    """Return what the screen shows at a moment."""
    database = open_store("", config.data, read_only=True)
    view = open_view(database, "local")
    question = Question(at_ms, zone, ZoneInfo(zone), span)
    now = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    assert epoch_ms(now) == at_ms
    shown = overview(gather(view, question), Snapshot(now=now, span=span), OverviewRules())
    database.close()
    return shown


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("offset_ms", OFFSETS)
def test_the_day_is_explained_to_the_token(config: Config, zone: str, offset_ms: int) -> None:
    at_ms = MARCH_MS + 40 * 60 * MINUTE_MS + offset_ms
    config = load(data=config.data, environ={"TOKWATCH_GENERAL__TIMEZONE": zone})
    tiles = picture(config, at_ms, Span.HOURS, zone)

    found = explain(config, Shown(Number.DAY, at_ms, day=tiles.day))

    assert found is not None
    assert found.usage == tiles.spend.usage
    assert found.usage.requests
    assert found.usage.hit_rate == tiles.cache.rate
    assert len(found.events) == found.usage.requests


@pytest.mark.parametrize("offset_ms", OFFSETS)
def test_the_burn_rate_is_explained_to_the_token(config: Config, offset_ms: int) -> None:
    at_ms = MARCH_MS + 40 * 60 * MINUTE_MS + offset_ms
    tiles = picture(config, at_ms, Span.HOURS, "UTC")

    found = explain(config, Shown(Number.BURN, at_ms, minutes=tiles.burn.minutes))

    assert found is not None
    assert found.usage.total // tiles.burn.minutes == tiles.burn.tokens_per_minute
    assert found.usage.auto_nano * 60 // tiles.burn.minutes == tiles.burn.nano_per_hour


@pytest.mark.parametrize("span", Span)
@pytest.mark.parametrize("offset_ms", OFFSETS)
def test_the_chart_is_explained_to_the_token(config: Config, span: Span, offset_ms: int) -> None:
    at_ms = MARCH_MS + 40 * 60 * MINUTE_MS + offset_ms
    chart = picture(config, at_ms, span, "UTC").chart

    found = explain(config, Shown(Number.RANGE, at_ms, span))

    assert found is not None
    assert found.usage.auto_nano == sum(sum(series.nano) for series in chart.series)
    assert found.usage.auto_nano


@pytest.mark.parametrize("offset_ms", OFFSETS)
def test_each_line_of_the_table_is_explained_to_the_token(config: Config, offset_ms: int) -> None:
    at_ms = MARCH_MS + 40 * 60 * MINUTE_MS + offset_ms
    rows = picture(config, at_ms, Span.ALL, "UTC").sessions
    assert {row.agent for row in rows} == {"", "a1"}

    for row in rows:
        shown = Shown(Number.AGENT, at_ms, source=row.source, session=row.session, agent=row.agent)
        found = explain(config, shown)
        assert found is not None
        assert found.usage == row.usage
        assert {event.scope.agent for event in found.events} == {row.agent}


def test_certainty_is_told_of_exactly_these_requests(config: Config) -> None:
    at_ms = MARCH_MS + 10 * 60 * MINUTE_MS
    found = explain(config, Shown(Number.RANGE, at_ms, Span.ALL))

    assert found is not None
    usage = found.usage
    assert usage.lower_bound == sum(not event.is_final for event in found.events)
    assert usage.derived == sum(event.place.grade == -1 for event in found.events)
    assert sum(event.counted(CostMode.AUTO)[1] for event in found.events) == usage.auto_nano


def test_without_a_store_there_is_nothing_to_explain(tmp_path: Path) -> None:
    shown = Shown(Number.DAY, MARCH_MS, day="2026-03-23")

    assert explain(load(data=tmp_path, environ={}), shown) is None
    open_store("", tmp_path).close()
    assert explain(load(data=tmp_path, environ={}), shown) is None


def test_the_screens_feeds_explain_their_own_store(config: Config, tmp_path: Path) -> None:
    shown = Shown(Number.RANGE, MARCH_MS + 60 * MINUTE_MS, Span.HOUR)

    found = Monitor(config).explain(shown)
    assert found is not None
    assert found.usage.requests
    assert DemoFeed(config).explain(shown) is None, "the user's store is not the demo's"


def test_a_source_is_explained_with_all_that_it_ever_told(config: Config) -> None:
    shown = Shown(Number.SOURCE, MARCH_MS, source="codex")

    audit = explain(config, shown)

    assert audit is not None
    odd = range(1, 620, 2)
    assert audit.usage.requests == len(odd)
    assert audit.usage.computed_nano == sum(odd) * NANO
    assert [one.source for one in audit.sources] == ["codex"]
