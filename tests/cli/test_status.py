"""`tokwatch status`: what the overview shows, in sentences and as JSON."""

from __future__ import annotations

import time

import pytest

from tests.cli.reports import DAY_MS, HOUR_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.model.units import NANO

NOW_MS = MARCH_MS + 9 * HOUR_MS


@pytest.fixture
def morning(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a store with a session that runs, one that ended, and a budget that is passed."""
    monkeypatch.setattr(time, "time_ns", lambda: NOW_MS * 1_000_000)
    world.holds(
        [
            Made(MARCH_MS - DAY_MS, session="old", computed_nano=NANO),
            Made(MARCH_MS + HOUR_MS, session="done", computed_nano=2 * NANO),
            Made(
                NOW_MS - 60_000,
                session="now",
                project="shop\x1b[31m",
                computed_nano=3 * NANO,
                cache_read=179_800,
                final=0,
            ),
        ]
    )
    (world.data / "config.toml").write_text(
        '[general]\ntimezone = "UTC"\n[budget.lunch]\nusd = 4\nper = "day"\n'
    )
    return world


def test_it_says_how_things_stand(morning: World) -> None:
    config = str(morning.data / "config.toml")
    told = morning.run("--config", config, "status", "--no-refresh").out
    lines = told.splitlines()

    assert lines[0] == "tokwatch at 2026-03-23 09:00, UTC."
    assert lines[1].startswith("Today: at least $5.00 spent")
    assert "Burn rate: $36.00 an hour over the last 5 minutes" in told
    assert "Tightest budget: lunch: at least $5.00 of $4.00 spent, $1.00 over" in told
    assert "1 live of 2 sessions in the last 24 hours:" in told
    assert "shop?[31m, claude-opus-4-5, live: at least $3.00" in told
    assert "context 90% of 200,000 tokens, table (critical)" in told
    assert "done" not in told
    assert "done" in morning.run("--config", config, "status", "--no-refresh", "--all").out


def test_json_has_the_same(morning: World) -> None:
    found = morning.run("status", "--no-refresh", "--json").json

    assert (found["cost"], found["requests"], found["lowerBoundRequests"]) == (5.0, 2, 1)
    (session,) = found["sessions"]
    assert (session["sessionId"], session["cost"], session["state"]) == ("now", 3.0, "live")
    assert (session["context"]["share"], session["context"]["basis"]) == (0.9, "table")


def test_an_empty_store_says_what_to_do(world: World) -> None:
    assert "tokwatch sources" in world.run("status", "--no-refresh").out
