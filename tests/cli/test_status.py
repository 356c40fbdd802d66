"""`tokwatch status`: what the overview shows, in sentences and as JSON."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.reports import DAY_MS, HOUR_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.model.endpoint import EndpointHealth, EndpointState, PollState
from tokwatch.model.gateway import Gateway
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
    assert "context about 90% of 200,000 tokens, as is usual for the model (critical)" in told
    assert "done" not in told
    assert "done" in morning.run("--config", config, "status", "--no-refresh", "--all").out


def test_gateways_are_told_as_they_were_polled_last(
    morning: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = EndpointHealth(
        *("proxy", "litellm", "LiteLLM proxy", "http://127.0.0.1", True),
        parts=(EndpointState("proxy", "metrics", tried_ms=1, succeeded_ms=NOW_MS - 5_000),),
    )
    refused = EndpointState("gpu", "metrics", state=PollState.OPEN, error="the key is refused")
    lines = (
        Gateway(replace(proxy, name="gpu", parts=(refused,))),
        Gateway(proxy, 12_400.0, 3.2, 0.92, 4, 2, 1_250_000_000),
        Gateway(replace(proxy, name="new", parts=(EndpointState("new", "metrics"),))),
    )
    monkeypatch.setattr("tokwatch.monitor.at_once._gateways", lambda *_: lines)

    told = morning.run("status", "--no-refresh").out

    assert (
        "3 gateways, as polled last:\n"
        "  gpu, left alone, metrics: the key is refused\n"
        "  proxy, polled, 12,400 tokens a minute, cache hits 92%, 4 running, 2 waiting, "
        "$1.25 in 24 hours, answered 5 s ago\n"
        "  new, not asked yet\n"
    ) in told


def test_endpoints_are_told_although_no_log_has_a_request(world: World) -> None:
    world.holds([])
    config = world.data / "config.toml"
    config.write_text('[endpoint.box]\nkind = "llamacpp"\n')

    told = world.run("--config", str(config), "status", "--no-refresh").out

    assert "Today: $0.00 spent" in told
    assert "1 gateway, as polled last:\n  box, not asked yet\n" in told


@pytest.mark.parametrize(("days", "times"), [(5, "5.0"), (500, "500")])
def test_how_many_times_the_usual_is_a_plain_number(
    world: World, monkeypatch: pytest.MonkeyPatch, days: int, times: str
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOW_MS * 1_000_000)
    before = [Made(MARCH_MS - n * DAY_MS, session="old", computed_nano=NANO) for n in (1, 2)]
    world.holds([*before, Made(NOW_MS - 60_000, session="now", computed_nano=days * NANO)])

    assert f", {times} times the usual" in world.run("status", "--no-refresh").out


def test_json_has_the_same(morning: World) -> None:
    found = morning.run("status", "--no-refresh", "--json").json

    assert (found["cost"], found["requests"], found["lowerBoundRequests"]) == (5.0, 2, 1)
    (session,) = found["sessions"]
    assert (session["sessionId"], session["cost"], session["state"]) == ("now", 3.0, "live")
    assert (session["context"]["share"], session["context"]["basis"]) == (0.9, "table")


def test_a_window_that_the_tools_settings_ask_for_is_an_estimate_and_named(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOW_MS * 1_000_000)
    folder = tmp_path / ".claude"
    folder.mkdir()
    folder.joinpath("settings.json").write_text('{"model": "sonnet[1m]"}')
    log = str(folder / "projects" / "app" / "s1.jsonl")
    world.holds([Made(NOW_MS - 60_000, model="claude-sonnet-4-5", cache_read=89_800, path=log)])

    told = world.run("status", "--no-refresh").out

    assert "context about 9% of 1,000,000 tokens, as its tool's settings ask for" in told


def test_an_empty_store_says_what_to_do(world: World) -> None:
    assert "tokwatch sources" in world.run("status", "--no-refresh").out
