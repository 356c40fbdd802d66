"""`tokwatch report`: what it asks of the store, and what it says beside the figures."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from filelock import FileLock
from msgspec.structs import replace

from tests.cli.reports import DAY_MS, HOUR_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.cli.report_rows import KINDS
from tokwatch.ingest import ingest
from tokwatch.ingest.ingest import Refreshed

KIND_NAMES = tuple(KINDS)


def dates(world: World, *arguments: str) -> list[str]:
    """Return the days of a daily report."""
    return [row["date"] for row in world.report("daily", "--json", *arguments).json["daily"]]


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_no_data_is_an_empty_list_and_zero_totals(world: World, kind: str) -> None:
    found = world.report(kind, "--json")
    assert (found.code, found.err) == (0, "")
    assert found.json[KINDS[kind].rows] == []
    totals = found.json["totals"]
    assert totals["totalCost"] == totals["totalTokens"] == totals["inputTokens"] == 0


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_an_empty_store_is_no_data_too(world: World, kind: str) -> None:
    world.holds([])
    assert world.report(kind, "--json").json["totals"]["totalTokens"] == 0
    assert "No usage found" in world.report(kind).out
    assert world.report(kind, "--csv").out.count("\n") == 1
    assert world.report(kind, "--md").code == 0


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_kind_adds_up_to_the_same_totals(world: World, kind: str) -> None:
    world.holds(
        Made(
            MARCH_MS + number * 7 * HOUR_MS,
            session=f"s{number % 3}",
            agent="a" if number % 4 == 0 else "",
            model=f"m{number % 2}",
            provider=f"p{number % 2}",
            source="codex" if number % 5 == 0 else "claude-code",
            project=f"/code/{number % 6}",
            user=f"u{number % 2}",
            key=f"k{number % 3}",
        )
        for number in range(40)
    )
    found = world.report(kind, "--json").json
    rows = found[KINDS[kind].rows]
    assert len(rows) > (kind != "tool"), "no log is there that tells tools"
    assert found["totals"]["totalTokens"] == 40 * 1_050
    assert found["totals"]["totalCost"] == pytest.approx(0.4)
    assert sum(row["totalTokens"] for row in rows) == 40 * 1_050
    assert sum(row.get("totalCost", row.get("costUSD")) for row in rows) == pytest.approx(0.4)


@pytest.mark.parametrize("form", ["2026-03-24", "20260324"])
def test_since_and_until_name_whole_days_both_inclusive(world: World, form: str) -> None:
    world.holds(Made(MARCH_MS + day * DAY_MS + DAY_MS - 1) for day in range(4))
    assert dates(world, "--since", form) == ["2026-03-24", "2026-03-25", "2026-03-26"]
    assert dates(world, "--until", form) == ["2026-03-23", "2026-03-24"]
    assert dates(world, "--since", form, "--until", form) == ["2026-03-24"]
    assert dates(world, "--since", "2027-01-01") == []
    assert dates(world, "--until", "2020-01-01") == []


def test_the_zone_decides_the_day(world: World) -> None:
    world.holds([Made(MARCH_MS + HOUR_MS)])
    assert dates(world) == ["2026-03-23"]
    assert dates(world, "--timezone", "America/New_York") == ["2026-03-22"]
    assert dates(world, "--timezone", "Asia/Tokyo", "--since", "2026-03-23") == ["2026-03-23"]
    assert dates(world, "--timezone", "America/New_York", "--since", "2026-03-23") == []


def test_the_configured_zone_counts_unless_another_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.holds([Made(MARCH_MS + HOUR_MS)])
    monkeypatch.setenv("TOKWATCH_GENERAL__TIMEZONE", "America/New_York")
    assert dates(world) == ["2026-03-22"]
    assert dates(world, "--timezone", "UTC") == ["2026-03-23"]


def test_the_first_day_of_the_week_is_a_setting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.holds([Made(MARCH_MS), Made(MARCH_MS - 1)])
    weeks = world.report("weekly", "--json").json["weekly"]
    assert [row["week"] for row in weeks] == ["2026-03-16", "2026-03-23"]
    monkeypatch.setenv("TOKWATCH_WEEK__STARTS", "sunday")
    weeks = world.report("weekly", "--json").json["weekly"]
    assert [row["week"] for row in weeks] == ["2026-03-22"]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--source", "codex", {"codex"}),
        ("--model", "gpt-5", {"codex"}),
        ("--model", "claude-*", {"claude"}),
        ("--model", "*", {"codex", "claude"}),
        ("--model", "opus", {"claude"}),
        ("--model", "gpt", set()),
        ("--project", "/code/shop", {"claude"}),
        ("--project", "shop", {"claude"}),
        ("--project", "sh*", {"claude"}),
        ("--project", "work", set()),
    ],
)
def test_filters_pick_what_is_shown(
    world: World, option: str, value: str, expected: set[str]
) -> None:
    world.holds(
        [
            Made(MARCH_MS, session="codex", source="codex", model="gpt-5", project="/other/docs"),
            Made(MARCH_MS, session="claude", model="claude-opus", project="/code/shop"),
        ]
    )
    rows = world.report("session", "--json", option, value).json["sessions"]
    assert {row["sessionId"] for row in rows} == expected


def test_of_a_name_that_nothing_has_the_nearest_one_is_told(world: World) -> None:
    world.holds([Made(MARCH_MS, model="claude-opus-4-5-20251101", project="/code/sh\x1bop")])
    told = world.report("daily", "--model", "opus-4-6", "--project", "shop", "--json")

    assert told.code == 0
    assert told.json["daily"] == []
    assert told.err == (
        "tokwatch: no model is named 'opus-4-6'; did you mean opus-4-5? * stands for any text\n"
        "tokwatch: no project is named 'shop'; did you mean sh?op? * stands for any text\n"
    )
    assert world.report("daily", "--model", "opus*", "--project", "/code/*").err == ""


def test_a_filter_may_be_repeated(world: World) -> None:
    world.holds(Made(MARCH_MS, model=model) for model in ("a", "b", "c"))
    rows = world.report("model", "--json", "--model", "a", "--model", "c").json["models"]
    assert [row["modelName"] for row in rows] == ["a", "c"]


@pytest.mark.parametrize(
    ("mode", "cost"), [("auto", 0.007), ("calculate", 0.01), ("display", 0.007)]
)
def test_the_mode_decides_the_cost(world: World, mode: str, cost: float) -> None:
    world.holds([Made(MARCH_MS, logged_nano=7_000_000)])
    for kind in ("daily", "session", "block"):
        found = world.report(kind, "--json", "--mode", mode).json
        assert found["totals"]["totalCost"] == cost


def test_the_configured_mode_counts_unless_another_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.holds([Made(MARCH_MS, logged_nano=7_000_000)])
    monkeypatch.setenv("TOKWATCH_PRICES__MODE", "calculate")
    assert world.report("daily", "--json").json["totals"]["totalCost"] == 0.01


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--since", "yesterday"), "yesterday"),
        (("--until", "2026-13-01"), "2026-13-01"),
        (("--timezone", "Nowhere/None"), "Nowhere/None"),
        (("--source", "claude-cod"), "claude-code"),
    ],
)
def test_a_mistaken_option_is_told_before_anything_is_read(
    world: World, arguments: tuple[str, ...], named: str
) -> None:
    found = world.report("daily", *arguments)
    assert (found.code, found.out) == (2, "")
    assert named in found.err
    assert not world.data.exists()


def test_an_unknown_kind_is_refused(world: World) -> None:
    with pytest.raises(SystemExit) as caught:
        world.report("hourly")
    assert caught.value.code == 2


def test_models_without_a_price_are_told_on_stderr(world: World) -> None:
    world.holds(
        [
            Made(MARCH_MS, model="new", computed_nano=None),
            Made(MARCH_MS, model="logged", computed_nano=None, logged_nano=5),
            Made(MARCH_MS),
        ]
    )
    assert world.report("daily", "--json").err == "tokwatch: no price is known for new\n"
    told = world.report("block", "--json", "--mode", "calculate").err
    assert told == "tokwatch: no price is known for logged, new\n"
    assert world.report("daily", "--json", "--mode", "display").err == ""


def test_names_from_logs_cannot_steer_the_terminal(world: World) -> None:
    hostile = "\x1b[31mred\x07"
    world.holds([Made(MARCH_MS, model=hostile, project=hostile, computed_nano=None)])
    for kind in ("daily", "project", "model"):
        for form in ((), ("--md",), ("--csv",)):
            found = world.report(kind, *form)
            assert "\x1b" not in found.out + found.err
            assert "\x07" not in found.out + found.err


def transcript_line(number: int, tokens: int) -> str:
    """Return a line of a Claude Code transcript."""
    usage = {"input_tokens": tokens, "output_tokens": 5}
    message = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-5-20251101",
        "stop_reason": "end_turn",
        "usage": usage,
    }
    record = {
        "type": "assistant",
        "sessionId": "8a7b6c5d-0000-4000-8000-000000000001",
        "timestamp": f"2026-03-23T10:00:0{number}.000Z",
        "cwd": "/home/ana/shop",
        "message": message,
    }
    return json.dumps(record) + "\n"


def test_a_report_reads_what_was_appended_first(world: World, home: Path) -> None:
    log = home / ".claude/projects/-home-ana-shop/8a7b6c5d-0000-4000-8000-000000000001.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(transcript_line(1, 100), encoding="utf-8")
    assert world.run("report", "daily", "--json").json["totals"]["inputTokens"] == 100
    with log.open("a", encoding="utf-8") as appended:
        appended.write(transcript_line(2, 11) + "{broken\n")
    assert world.report("daily", "--json").json["totals"]["inputTokens"] == 100
    found = world.run("report", "daily", "--json")
    assert found.json["totals"]["inputTokens"] == 111
    assert found.err == "tokwatch: 1 bad line in the logs left out\n"


def test_a_source_limits_what_is_read(world: World, home: Path) -> None:
    log = home / ".claude/projects/-home-ana-shop/8a7b6c5d-0000-4000-8000-000000000001.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(transcript_line(1, 100), encoding="utf-8")
    world.run("report", "daily", "--source", "codex")
    assert world.report("daily", "--json").json["daily"] == []


def test_a_report_beside_a_process_that_ingests_tells_its_age(world: World) -> None:
    world.holds([Made(MARCH_MS)])
    with FileLock(world.data / "ingest.lock"):
        (world.data / "ingest.pid").write_text(str(os.getppid()), encoding="ascii")
        found = world.run("report", "daily", "--json")
    assert found.json["totals"]["requests"] == 1
    assert f"process {os.getppid()} reads the logs" in found.err
    assert "days ago" in found.err


@pytest.mark.parametrize(
    ("minutes", "age"), [(0, "0 seconds ago"), (3, "3 minutes ago"), (150, "2 hours ago")]
)
def test_the_age_is_told_in_the_largest_fitting_unit(
    world: World, monkeypatch: pytest.MonkeyPatch, minutes: int, age: str
) -> None:
    world.holds([Made(MARCH_MS)])
    monkeypatch.setattr(time, "time_ns", lambda: (MARCH_MS + minutes * 60_000) * 1_000_000)
    monkeypatch.setattr(ingest, "refresh", lambda *_: Refreshed(locked_by=7))
    assert world.run("report", "daily").err == (
        f"tokwatch: process 7 reads the logs; the newest event here: {age}\n"
    )


def test_a_store_that_another_process_has_just_begun_is_empty(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "refresh", lambda *_: Refreshed(locked_by=7))
    assert "newest event here: none" in world.run("report", "daily").err


def test_logs_that_cannot_be_read_are_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = {"/logs/\x1b[31m": "Permission denied"}
    monkeypatch.setattr(ingest, "refresh", lambda *_: Refreshed(errors=errors))
    told = "tokwatch: cannot read /logs/?[31m: Permission denied\n"
    for command in (("report", "daily"), ("audit",), ("measures",)):
        assert world.run(*command).err.startswith(told)
    assert told in world.run("export", "--events", "-").err
    errors["/logs/b"] = "Input/output error"
    assert "/logs/?[31m and 1 more: Permission denied" in world.run("report", "daily").err


def test_no_form_tells_where_logs_lie(world: World) -> None:
    world.holds([replace(Made(MARCH_MS), path="/logs/secret-name.jsonl")])
    for kind in KIND_NAMES:
        for form in ((), ("--json",), ("--csv",), ("--md",)):
            assert "secret-name" not in world.report(kind, *form).out


@pytest.mark.parametrize(
    "words",
    [
        ("report", "daily"),
        ("report", "detailed"),
        ("what-if",),
        ("audit",),
        ("measures",),
        ("reconcile",),
    ],
)
def test_days_without_end_mean_all_of_time(world: World, words: tuple[str, ...]) -> None:
    world.holds([Made(MARCH_MS)])

    printed = world.run(
        *words, "--since", "0001-01-01", "--until", "9999-12-31", "--no-refresh", "--json"
    )

    assert printed.code == 0, printed.err
    assert "1,050" in printed.out or "1050" in printed.out or words == ("measures",)


def test_a_range_that_ends_before_it_begins_is_a_mistake(world: World) -> None:
    printed = world.report("daily", "--since", "2026-11-02", "--until", "2026-11-01")

    assert (printed.code, printed.out) == (2, "")
    assert "--since 2026-11-02 is after --until 2026-11-01." in printed.err
