"""`tokwatch prune` says what goes, lets it go, and leaves every report as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.reports import World
from tests.transcripts import append, response, transcript

REPORTS = ("daily", "monthly", "session", "model", "project", "agent", "source")


@pytest.fixture
def read(world: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a session of 40 days ago and one of today; requests are kept for 30 days.

    Both lie at the start of a quarter-hour: of a pruned request no more than that is known.
    """
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number, days in enumerate((40, 0)):
        log = transcript(home, f"ago-{days}")
        append(log, response(number, session=log.stem, at=now - timedelta(days=days)))
    assert world.run("report", "daily").code == 0
    monkeypatch.setenv("TOKWATCH_RETENTION__EVENTS_DAYS", "30")


def test_by_default_nothing_is_pruned(world: World) -> None:
    printed = world.run("prune")

    assert printed.code == 0
    assert "events_days is 0" in printed.out
    assert world.run("prune", "--json").json == {"days": 0, "dryRun": False, "pruned": None}


@pytest.mark.usefixtures("read")
def test_a_dry_run_says_what_would_go(world: World) -> None:
    printed = world.run("prune", "--dry-run")

    assert "1 request of 1 session would go" in printed.out
    assert " 1,310 tokens." in printed.out
    assert "every report but `block`" in printed.out
    assert world.run("prune", "--dry-run").out == printed.out


@pytest.mark.usefixtures("read")
def test_pruning_changes_no_report_and_nothing_comes_back(world: World) -> None:
    before = [world.report(kind, "--json").json for kind in REPORTS]
    told = world.run("prune", "--dry-run", "--json").json["pruned"]

    printed = world.run("prune", "--json")

    assert printed.json == {"days": 30, "dryRun": False, "pruned": told}
    assert told["events"] == 1
    assert "nothing to prune" in world.run("prune").out
    assert [world.report(kind, "--json").json for kind in REPORTS] == before
    assert world.run("rebuild", "--logs", "--all").out.endswith(
        "Every sum equalled its requests.\n"
    )
    assert [world.report(kind, "--json").json for kind in REPORTS] == before
    assert world.run("doctor").code == 0


@pytest.mark.usefixtures("read")
def test_blocks_are_made_of_requests_and_go_with_them(world: World) -> None:
    assert len(world.report("block", "--csv").out.splitlines()) == 3

    world.run("prune")

    assert len(world.report("block", "--csv").out.splitlines()) == 2


@pytest.mark.usefixtures("read")
def test_reading_logs_prunes_by_itself(world: World) -> None:
    before = world.report("session", "--json").json

    assert world.run("report", "session", "--json").json == before

    assert "nothing to prune" in world.run("prune", "--dry-run").out
