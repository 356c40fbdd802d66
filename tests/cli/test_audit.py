"""`tokwatch audit`: each cause with its number, each request with its place."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.cli.reports import DAY_MS, MARCH_MS, World
from tests.sources.agents import cline_logs
from tests.store.build import Made
from tests.transcripts import NOON, SESSION, append, response, transcript
from tokwatch.model.reading import LedgerLine


@pytest.fixture
def log(home: Path) -> Path:
    """Return a transcript with a streamed response, a bad line and two gapless days."""
    path = transcript(home)
    append(path, response(1, output=1), response(1, output=100), "{broken")
    append(path, response(2, at=NOON + timedelta(days=3)))
    return path


def words(world: World, *arguments: str) -> str:
    """Return what an audit prints."""
    done = world.run("audit", *arguments)
    assert done.code == 0, done.err
    return done.out


def test_every_cause_has_a_number(world: World, log: Path, home: Path) -> None:
    fork = transcript(home, "fork")
    later = NOON + timedelta(days=4)
    append(fork, *(response(number, session="fork", at=later) for number in (1, 2)))

    out = words(world)

    assert out.startswith("2 requests from the first request to the last (UTC), 2,620 tokens")
    for told in (
        "Claude Code  [claude-code]",
        "2 requests in 1 session, 2,620 tokens",
        "2 logs, 6 lines",
        "records      4 records in logs - 2 merged = 2 events\n",
        "1 repeated line of one response, 2 copies in forks",
        "1 unreadable line",
        "2 exact",
        "2026-11-20 12:00:00 to 2026-11-23 12:00:00, 2 days with use,"
        " 2 without between them: 2026-11-21 to 2026-11-22",
        "deletes transcripts after 30 days",
        "is derived   hidden calls",
    ):
        assert told in out
    assert "Requests, the newest first" not in out


def test_requests_that_claude_code_may_tell_too_are_counted_and_shown(
    world: World, home: Path
) -> None:
    free = cline_logs.request(text=cline_logs.info(cost=0))
    task = cline_logs.task_log(home, [free, cline_logs.request(cline_logs.AT_MS + 9)], "roo-code")
    cline_logs.prompts(task, (cline_logs.AT_MS + 5, "claude-sonnet-4-20250514"))

    out = words(world)

    assert "2 requests in 1 session" in out
    assert "overlap      1 request may be in Claude Code's log too, and counted twice" in out
    [source] = json.loads(words(world, "--json"))["sources"]
    assert source["overlappingRequests"] == 1


def test_a_session_lists_its_requests_with_their_places(
    world: World, log: Path, home: Path
) -> None:
    fork = transcript(home, "fork")
    append(fork, response(2, session="fork", at=NOON + timedelta(days=4)))

    out = words(world, "--session", SESSION[:8])

    size = len(response(1, output=1)) + 1
    assert f"2 requests of session {SESSION}" in out
    assert "Requests, the newest first (2 events):" in out
    assert f"      {log}:{size}\n" in out
    assert f"      also {fork}:0, record\n" in out
    assert "input 10, read 1,000, written 5m 200, 1h 0, output 100; computed $" in out
    assert out.count(" counts") == 2


def test_a_day_lists_its_requests_alone(world: World, log: Path) -> None:
    out = words(world, "--day", "2026-11-23")

    assert "1 request from 2026-11-23 00:00:00 to 2026-11-24 00:00:00" in out
    assert "Requests, the newest first (1 event):" in out


def test_json_has_the_documented_shape(world: World, log: Path, repository: Path) -> None:
    found = json.loads(words(world, "--session", SESSION, "--json"))
    found.pop("schemaVersion")
    page = (repository / "docs" / "audit.md").read_text("utf-8")

    [source] = found["sources"]
    assert found["session"] == SESSION
    assert found["totals"]["requests"] == source["totals"]["requests"] == 2
    assert source["duplicates"]["repeatedLines"] == 1
    assert source["skipped"]["badLines"] == 1
    assert source["coverage"]["activeDays"] == 0, "of one session days say nothing"
    assert [event["path"] for event in found["events"]] == [str(log)] * 2
    assert found["events"][0]["counts"] == "computed"
    names = {*found, *source, *source["duplicates"], *source["skipped"], *found["events"][0]}
    assert {name for name in names | set(found["totals"]) if f"`{name}`" not in page} == set()


def test_gaps_are_dates_in_json(world: World, log: Path) -> None:
    [source] = json.loads(words(world, "--json"))["sources"]

    gap = {"first": "2026-11-21", "last": "2026-11-22", "days": 2}
    assert source["coverage"]["gaps"] == [gap]
    assert source["coverage"]["first"] == "2026-11-20T12:00:00.000Z"


def test_what_is_not_sure_is_told(world: World) -> None:
    plain = Made(MARCH_MS)
    world.holds(
        [
            replace(plain, final=0),
            replace(plain, grade=-1),
            replace(plain, grade=-1, final=0),
            replace(plain, model="new", computed_nano=None),
            replace(plain, logged_nano=11_000_000),
            plain,
        ],
        ledger=[
            (
                "/logs/a.jsonl",
                LedgerLine("s1", "claude-opus-4-5", MARCH_MS, 9_999, 0, 0, 0, 0, 0, 0, 0),
            )
        ],
    )

    out = words(world, "--no-refresh")

    assert "3 exact, 2 lower bounds (33.3%), 2 derived from totals (33.3%), 1 of these both" in out
    assert "anthropic/new: 1,050 tokens" in out
    assert "1 request has both: logged $0.0110, computed $0.0100, difference $0.0010" in out
    assert "in calls that no transcript shows: derived, in none of the sums" in out


def test_ranges_and_sources_narrow(world: World) -> None:
    plain = Made(MARCH_MS)
    world.holds([plain, replace(plain, at_ms=MARCH_MS + DAY_MS, source="codex")])

    assert words(world, "--no-refresh", "--since", "2026-03-24").startswith("1 request from 2026")
    assert words(world, "--no-refresh", "--until", "2026-03-23").startswith("1 request")
    out = words(world, "--no-refresh", "--source", "codex")
    assert "[claude-code]" not in out
    assert "Codex CLI  [codex]" in out


def test_before_there_is_a_store_nothing_is_audited(world: World) -> None:
    assert words(world, "--no-refresh").startswith("0 requests from")
    refused = world.run("audit", "--no-refresh", "--session", "abc")
    assert (refused.code, refused.err.splitlines()[0]) == (1, "tokwatch: there is no session 'abc'")


def test_what_stands_for_nothing_is_refused(world: World) -> None:
    for arguments, told in (
        (("--session", ""), "--session is empty."),
        (("--since", "2026-03-24", "--until", "2026-03-23"), "--since 2026-03-24 is after --until"),
    ):
        refused = world.run("audit", "--no-refresh", *arguments)
        assert refused.code == 2
        assert told in refused.err


def test_a_session_that_is_not_there_or_not_clear_is_told(world: World) -> None:
    plain = Made(MARCH_MS)
    world.holds([replace(plain, session=name) for name in ("abc1", "abc2", "ab")])

    missing = world.run("audit", "--no-refresh", "--session", "x\x1b")
    unclear = world.run("audit", "--no-refresh", "--session", "abc")

    assert (missing.code, unclear.code) == (1, 1)
    assert "there is no session 'x?'" in missing.err
    assert "2 sessions begin with 'abc'" in unclear.err
    assert "abc1, abc2" in unclear.err
    assert "of session ab " in words(world, "--no-refresh", "--session", "ab")


def test_a_day_and_a_range_do_not_go_together(world: World) -> None:
    done = world.run("audit", "--day", "2026-03-23", "--since", "2026-03-01")

    assert done.code == 2
    assert "--day is a range of its own" in done.err


def test_names_of_logs_are_printed_safely(world: World) -> None:
    world.holds([Made(MARCH_MS, model="m\x1b[2J", path="/logs/\x1b]0;x.jsonl")])

    assert "\x1b" not in words(world, "--no-refresh", "--day", "2026-03-23")
