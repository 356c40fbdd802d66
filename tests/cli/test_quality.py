"""`tokwatch quality`: speed, failures and costs, whole or before and after an instant."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.reports import DAY_MS, HOUR_MS, MARCH_MS, World
from tests.store.build import Made
from tests.store.made_detail import write
from tests.transcripts import SESSION, append, response, transcript
from tokwatch.model.detail import Detail, Incident, Turn
from tokwatch.store.store import open_store

MADE = tuple(
    Made(
        MARCH_MS + number * 6 * HOUR_MS,
        model="claude-opus-4-5" if number < 4 else "gpt-5.5",
        source="claude-code" if number < 4 else "codex",
        computed_nano=(number + 1) * 10_000_000,
        path="/logs/a.jsonl" if number < 4 else "/logs/b.jsonl",
        session="s1" if number < 4 else "s2",
    )
    for number in range(8)
)


@pytest.fixture
def filled(world: World) -> World:
    """Return a store of eight requests of two days, a second's latency more each."""
    world.holds(MADE)
    database = open_store("", world.data)
    for number in range(8):
        database.execute(
            "INSERT INTO request_fact (workspace, key, log, name, value)"
            " VALUES (1, ?, 1, 'duration_ms', ?)",
            (number + 1, (number + 1) * 1000),
        )
    turn = Turn(0, "", MARCH_MS, MARCH_MS + HOUR_MS, 1, 0, interrupted=False, finished=True)
    failed = Incident(MARCH_MS + HOUR_MS, "", "server", 500, 1, 7)
    write(database, "/logs/a.jsonl", Detail(turns=(turn,), incidents=(failed,)))
    database.close()
    return world


def ask(world: World, *arguments: str) -> str:
    """Return what is printed without looking at logs."""
    printed = world.run("quality", "--no-refresh", *arguments)
    assert printed.code == 0, printed.err
    return printed.out


def row(text: str, name: str) -> list[str]:
    """Return the cells of the line that begins with a name."""
    line = next(line for line in text.splitlines() if line.startswith(f"  {name} "))
    return line.removeprefix(f"  {name}").split()


def test_it_prints_every_part_with_the_definition_of_success(filled: World) -> None:
    out = ask(filled)

    assert "8 requests · 2 sessions" in out
    assert "of 1 session the conversation is read" in out
    told = "8 of 8 4.5s 1.0s 4.0s 8.0s 8.0s 8.0s"
    assert " ".join(row(out, "latency")) == told
    assert row(out, "cost")[-6:] == ["$0.045", "$0.010", "$0.040", "$0.080", "$0.080", "$0.080"]
    assert row(out, "success rate") == ["80.0%", "4", "of", "5", "attempts"]
    assert row(out, "turn")[3] == "60.0m"
    assert row(out, "server") == ["1", "0"]
    assert "success rate: Answers ÷ (answers + failed attempts)." in out
    assert row(out, "claude-opus-4-5")[:2] == ["4", "2.0s"]


def test_json_has_the_same_exactly(filled: World) -> None:
    document = json.loads(ask(filled, "--json"))

    latency = next(one for one in document["measures"] if one["name"] == "latency")
    assert (latency["known"], latency["sum"]) == (8, 36_000)
    assert (latency["p50"], latency["p99"]) == (4_000, 8_000)
    assert latency["average"] == 4_500
    assert sum(bar["values"] for bar in latency["distribution"]) == 8
    assert [one for one in latency["trendP50"] if one is not None] == [2_000, 6_000]
    money = next(one for one in document["outcomes"] if one["name"] == "$ per M tokens")
    assert (money["costNano"], money["tokens"]) == (360_000_000, 8 * 1_050)
    success = next(one for one in document["outcomes"] if one["name"] == "success rate")
    assert (success["part"], success["whole"], success["value"]) == (4, 5, 0.8)
    assert {one["name"]: one["requests"] for one in document["groups"]} == {
        "claude-opus-4-5": 4,
        "gpt-5.5": 4,
    }
    assert document["untilMs"] > document["sinceMs"] == MARCH_MS


def test_a_range_a_model_and_a_grouping_are_kept_to(filled: World) -> None:
    day = ask(filled, "--since", "2026-03-23", "--until", "2026-03-23")
    opus = json.loads(ask(filled, "--model", "opus", "--by", "source", "--json"))

    assert "4 requests" in day
    assert opus["only"] == [{"by": "model", "value": "claude-opus-4-5"}]
    assert [one["name"] for one in opus["groups"]] == ["claude-code"]
    assert json.loads(ask(filled, "--source", "codex", "--json"))["requests"] == 4
    assert json.loads(ask(filled, "--agent", "main", "--json"))["requests"] == 8


def test_before_and_after_an_instant_stand_side_by_side(filled: World) -> None:
    out = ask(filled, "--before-after", "2026-03-24")
    document = json.loads(ask(filled, "--before-after", "2026-03-24", "--json"))

    assert row(out, "latency")[:4] == ["2.0s", "6.0s", "+4.0s", "▲200%"]
    assert row(out, "server") == ["1", "0", "-1"]
    assert document["markMs"] == MARCH_MS + DAY_MS
    assert (document["before"]["requests"], document["after"]["requests"]) == (4, 4)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--model", "gemini"), "--model 'gemini' is not used in this range."),
        (("--model", "-"), "--model '-' means several."),
        (("--since", "yesterdayish"), "'yesterdayish' is no time"),
        (("--since", "2026-03-24", "--until", "2026-03-23"), "--since is not before --until"),
    ],
)
def test_what_makes_no_sense_is_told(filled: World, arguments: tuple[str, ...], told: str) -> None:
    printed = filled.run("quality", "--no-refresh", *arguments)

    assert printed.code == 2
    assert told in printed.err
    assert printed.out == ""


def test_without_a_store_there_is_nothing_and_no_error(world: World) -> None:
    out = ask(world)

    assert out.startswith("the first request .. ")
    assert "0 requests" in out
    assert "n/a" in out
    assert not (world.data / "tokwatch.db").exists()


def message(text: str, at: datetime) -> str:
    """Return a line of the user's."""
    return json.dumps(
        {
            "type": "user",
            "uuid": f"u{at.timestamp()}",
            "sessionId": SESSION,
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "message": {"role": "user", "content": text},
        }
    )


def test_logs_are_read_first_their_conversations_too(world: World, home: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    log = transcript(home)
    for number in range(3):
        asked = now - timedelta(minutes=9 - number)
        append(
            log,
            message("do it", asked),
            response(number, at=asked + timedelta(seconds=2 + number)),
        )

    printed = world.run("quality", "--json")

    assert printed.code == 0, printed.err
    found = {one["name"]: one for one in printed.json["measures"]}
    assert (found["latency"]["known"], found["latency"]["derived"]) == (3, 3)
    assert (found["latency"]["min"], found["latency"]["max"]) == (2_000, 4_000)
    assert found["turn"]["known"] == 3
    assert printed.json["sessionsRead"] == 1
