"""The workbench's pages, from a store with requests and a log."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.pages.workbench import DAYS, WorkbenchAsk
from tokwatch.pages.workbench_logged import LoggedAsk
from tokwatch.store.connect import Database

NOW_MS = 1_772_323_200_000
HOUR_MS = 3_600_000
MADE = [
    Made(NOW_MS - HOUR_MS, input=1000, cache_read=9000),
    Made(NOW_MS - 2 * HOUR_MS, input=1000, cache_read=9000),
    Made(NOW_MS - 30 * 24 * HOUR_MS, input=5),
]


def test_models_are_told_with_calls_price_and_mix(database: Database) -> None:
    view = build(database, MADE)
    page = WorkbenchAsk().answer(sight_of(view, NOW_MS))
    (use,) = page.models
    assert use.requests == 2
    assert use.calls_a_day == pytest.approx(2 / DAYS)
    assert use.rates is not None
    assert use.mixed is not None
    assert use.rates.read < use.mixed < use.rates.input
    assert use.rates.written(is_hour=True) == 2 * use.rates.input
    assert use.window
    assert dict(page.rooms)["window"] < use.window
    assert page.use(use.model) == use
    assert page.known is None


def test_another_model_is_told_though_it_was_never_used(database: Database) -> None:
    view = build(database, MADE)
    page = WorkbenchAsk("gpt-5", shows_models=True).answer(sight_of(view, NOW_MS))
    use = page.use("gpt-5")
    assert use is not None
    assert (use.requests, use.mixed) == (0, None)
    assert page.known is not None
    assert page.known.used


def test_a_projects_own_calls_count(database: Database) -> None:
    view = build(database, MADE)
    page = WorkbenchAsk(project="/nowhere").answer(sight_of(view, NOW_MS))
    assert page.models == ()
    assert WorkbenchAsk().answer(
        replace(sight_of(view, NOW_MS), config=sight_of(view, NOW_MS).config)
    )


def test_a_log_that_is_not_known_is_told(database: Database) -> None:
    view = build(database, MADE)
    page = LoggedAsk("claude-code", "s1").answer(sight_of(view, NOW_MS))
    assert page.problem
    assert page.offsets == ()
