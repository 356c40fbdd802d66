"""`tokwatch check` says by its exit code whether budgets hold; its hook never holds anyone up."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.reports import World
from tests.sources.mapped.logs import configured
from tests.store.build import Made
from tokwatch.cli import check
from tokwatch.model.alert import Alert, AlertChange, Severity
from tokwatch.model.units import NANO
from tokwatch.status import prepared
from tokwatch.store.alerts import acknowledge, write_alerts
from tokwatch.store.connect import open_database
from tokwatch.store.read.every import open_alerts, open_view

DAILY = "[budget.daily]\nusd = 1\n"
NOW_MS = time.time_ns() // 1_000_000


def made(dollars: float, **more: Any) -> Made:
    """Return a request of now."""
    return Made(NOW_MS - 1_000, computed_nano=round(dollars * NANO), **more)


def test_within_limits_it_exits_with_0(world: World) -> None:
    configured(DAILY)
    world.holds([made(0.25)])

    printed = world.run("check", "--no-refresh")

    assert printed.code == 0
    assert printed.out.startswith("within: daily: $0.25 of $1.00, 25%, $0.75 left, until ")


def test_over_a_budget_it_exits_with_1(world: World) -> None:
    configured(DAILY + "[budget.n]\nrequests = 9\n")
    world.holds([made(1.5)])

    printed = world.run("check", "--no-refresh", "--json")

    assert printed.code == 1
    told = printed.json
    assert told["state"] == "over"
    assert [(one["name"], one["over"]) for one in told["budgets"]] == [
        ("daily", True),
        ("n", False),
    ]
    assert (told["budgets"][0]["spent"], told["budgets"][0]["left"]) == (1.5, -0.5)


def test_without_a_store_it_cannot_tell(world: World) -> None:
    configured(DAILY)

    assert world.run("check", "--no-refresh").code == 2


def test_without_a_budget_nothing_is_over(world: World) -> None:
    world.holds([made(1)])

    printed = world.run("check", "--no-refresh")

    assert (printed.code, "no budget is set" in printed.out) == (0, True)


def test_one_budget_can_be_asked_for_and_a_typo_names_the_nearest(world: World) -> None:
    configured(DAILY + "[budget.n]\nrequests = 9\n")
    world.holds([made(1.5)])

    assert world.run("check", "--no-refresh", "--budget", "n").code == 0
    typo = world.run("check", "--no-refresh", "--budget", "daly")
    assert typo.code == 2
    assert "Did you mean daily?" in typo.err


def test_a_part_of_a_split_and_the_whole_split_can_be_asked_for(world: World) -> None:
    configured("[split.p]\nrequests = 3\nagents = ['a', 'b']\npriority = { a = 2 }\n")
    world.holds([made(1, agent="a"), made(1, agent="a", session="s2")])

    assert world.run("check", "--no-refresh", "--budget", "p.b").code == 0
    assert world.run("check", "--no-refresh", "--budget", "p").code == 1


def test_the_second_call_answers_from_what_was_prepared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(DAILY)
    world.holds([made(0.25)])
    first = world.run("check", "--no-refresh", "--json")

    def refuse(*_: object) -> None:
        raise AssertionError("looked closely")

    monkeypatch.setattr("tokwatch.cli.check_closely.closely", refuse)
    second = world.run("check", "--no-refresh", "--json")

    assert second.json == first.json
    assert second.code == 0


@pytest.mark.parametrize("table", ["per = 'session'", "per = 'run'", "each = 'project'"])
def test_what_was_looked_at_closely_is_told_again_until_the_store_changes(
    world: World, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    configured(f"{DAILY}{table}\n")
    world.holds([made(0.25)])
    first = world.run("check", "--no-refresh", "--json")
    looks: list[object] = []

    def look(*asked: object) -> list[prepared.Line]:
        looks.append(asked)
        return []

    monkeypatch.setattr("tokwatch.cli.check_closely.closely", look)

    again = world.run("check", "--no-refresh", "--json")
    database = open_database("", world.data)
    database.execute("UPDATE quarter SET auto_nano = auto_nano + 1")
    database.close()
    world.run("check", "--no-refresh", "--json")

    assert again.json == first.json
    assert again.json["budgets"]
    assert len(looks) == 1


def test_a_quick_answer_counts_what_came_since(world: World) -> None:
    configured(DAILY)
    world.holds([made(0.25)])
    world.run("check", "--no-refresh")
    database = open_database("", world.data)
    for table in ("quarter", "day"):
        database.execute(f"UPDATE {table} SET auto_nano = auto_nano + {NANO}")
    database.close()

    assert world.run("check", "--no-refresh").out.startswith("over: daily: $1.25 of $1.00")


def test_changed_settings_are_read_again(world: World) -> None:
    configured(DAILY)
    world.holds([made(0.25)])
    assert world.run("check", "--no-refresh").code == 0

    configured("[budget.daily]\nusd = 0.2\n")

    assert world.run("check", "--no-refresh").code == 1


def test_a_day_later_nothing_prepared_holds(world: World) -> None:
    configured(DAILY)
    world.holds([made(0.25)])
    world.run("check", "--no-refresh")
    asked = prepared.Asked(None, str(world.data), None)

    assert prepared.read_prepared(asked, NOW_MS) is not None
    assert prepared.read_prepared(asked, NOW_MS + 86_400_000) is None
    assert prepared.read_prepared(asked._replace(profile="work"), NOW_MS) is None


def test_a_log_that_grew_is_read_first(world: World, home: Path) -> None:
    configured("[budget.n]\nrequests = 2\n")
    log = home / ".claude/projects/-shop/s1.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(record(1))
    assert world.run("check").code == 0
    assert world.run("check").code == 0

    log.write_text(record(1) + record(2))

    assert world.run("check").code == 1


def test_a_new_log_in_a_new_folder_is_read_first(world: World, home: Path) -> None:
    configured("[budget.n]\nrequests = 1\n")
    (home / ".claude/projects").mkdir(parents=True)
    assert world.run("check").code == 0
    log = home / ".claude/projects/-new/s9.jsonl"
    log.parent.mkdir()

    log.write_text(record(1))

    assert world.run("check").code == 1


def record(number: int) -> str:
    """Return one answer of Claude Code, of now."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    usage = {"input_tokens": 1000, "output_tokens": 10}
    message = {
        "id": f"m{number}",
        "model": "claude-opus-4-5",
        "role": "assistant",
        "type": "message",
        "usage": usage,
        "content": [],
        "stop_reason": "end_turn",
    }
    line = {"type": "assistant", "timestamp": at, "sessionId": "s1", "requestId": f"r{number}",
            "uuid": f"u{number}", "cwd": "/shop", "message": message}  # fmt: skip
    return json.dumps(line) + "\n"


def test_what_fails_could_not_be_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(check, "quick_lines", fail)
    printed = world.run("check")

    assert printed.code == 2
    assert "secret" not in printed.err


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--afford", "1000", "--model", "claude-opus-4-5"), 0, "daily has $0.75 left"),
        (("--afford", "1,000,000", "--model", "claude-opus-4-5"), 1, "cost $5.00 or less"),
        (("--afford", "1", "--model", "no-such-model"), 2, "no price is known"),
        (("--context", "s1"), 0, "1,000 of 200,000 tokens (table)"),
        (("--context", "zz"), 2, "no recent session"),
        (("--alerts",), 2, "the rules were never judged here"),
    ],
)
def test_it_tells_what_can_be_afforded_and_how_full_a_context_is(
    world: World, options: tuple[str, ...], code: int, told: str
) -> None:
    configured(DAILY)
    world.holds([made(0.25)])

    printed = world.run("check", "--no-refresh", *options)
    as_json = world.run("check", "--no-refresh", "--json", *options)

    assert (printed.code, as_json.code) == (code, code)
    assert told in printed.out
    assert as_json.json["state"] == ("within", "over", "unknown")[code]


def test_an_open_alert_exits_with_1(world: World) -> None:
    world.holds([made(0.25)])
    database = open_database("", world.data)
    found = Alert(0, "cost", "all", Severity.WARNING, NOW_MS, NOW_MS, 1, 1, 1, "too dear", user="")
    write_alerts(database, 1, [AlertChange(found, True, True)], [])
    database.close()

    printed = world.run("check", "--alerts", "--no-refresh")

    assert printed.code == 1
    assert "warning too dear" in printed.out


def test_rules_are_judged_at_once_where_no_screen_does_it(world: World, home: Path) -> None:
    configured("[budget.daily]\nrequests = 1\n")
    world.holds([made(0.25)])

    printed = world.run("check", "--alerts", "--json")

    assert printed.code == 1
    assert [one["rule"] for one in printed.json["alerts"]] == ["budget-90", "budget-100"]
    assert printed.json["judgedAt"]


def test_an_acknowledged_alert_lets_the_check_pass(world: World, home: Path) -> None:
    configured(f"{DAILY}[alerts.rules.mine]\nwhen = 'requests_per_hour > 0.5'\n")
    world.holds([made(0.01)])
    assert world.run("check", "--alerts").code == 1
    database = open_database("", world.data)
    (found,) = open_alerts(open_view(database, "local"))
    acknowledge(database, 1, found.id, NOW_MS)
    database.close()

    printed = world.run("check", "--alerts")

    assert (printed.code, printed.out.partition(":")[0]) == (0, "within")
    assert "the rules were judged just now" in printed.out


def test_alerts_that_are_off_cannot_tell(world: World) -> None:
    configured("[alerts]\non = false\n")
    world.holds([made(0.25)])

    assert world.run("check", "--alerts").code == 2


def test_budgets_are_named_for_a_hook_or_alone(world: World) -> None:
    configured("[budget.daily]\nusd = 0.2\n[budget.monthly]\nusd = 9\nper = 'month'\n")
    world.holds([made(0.25)])

    assert world.run("check", "--budget", "daily", "--alerts").code == 2
    assert hook(world, event("PreToolUse"), "--budget", "monthly") == {}
    assert hook(world, event("PreToolUse"), "--budget", "daily") != {}


def test_a_price_needs_a_model(world: World) -> None:
    assert world.run("check", "--afford", "5").code == 2


def hook(world: World, event: dict[str, Any] | str, *more: str) -> dict[str, Any]:
    """Return the hook's answer; it always exits with 0."""
    text = event if isinstance(event, str) else json.dumps(event)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(text))
        printed = world.run("check", "--hook", "--no-refresh", *more)
    assert printed.code == 0
    found: dict[str, Any] = printed.json
    return found


def event(name: str, **more: Any) -> dict[str, Any]:
    """Return what an agent tells its hook."""
    return {"hook_event_name": name, "session_id": "s1", "cwd": "/code/shop"} | more


def test_a_spent_budget_stops_each_agent_in_its_own_words(world: World) -> None:
    configured(DAILY)
    world.holds([made(1.5)])

    claude, prompt, gemini = (
        hook(world, event(name)) for name in ("PreToolUse", "UserPromptSubmit", "BeforeTool")
    )

    told = claude["hookSpecificOutput"]
    assert (told["hookEventName"], told["permissionDecision"]) == ("PreToolUse", "deny")
    assert "the budget daily is spent: $1.50 of $1.00" in told["permissionDecisionReason"]
    assert prompt["decision"] == "block"
    assert gemini["decision"] == "deny"
    assert hook(world, event("Stop")) == {}
    codex = hook(world, event("PermissionRequest", turn_id="t1"))
    assert codex["hookSpecificOutput"]["decision"]["behavior"] == "deny"


def test_below_its_limit_it_lets_go_on_and_warns_when_near(world: World) -> None:
    configured(DAILY)
    world.holds([made(0.95)])

    assert hook(world, event("PreToolUse")) == {}
    assert "is at 95%" in hook(world, event("UserPromptSubmit"))["systemMessage"]


@pytest.mark.parametrize(
    ("scope", "more", "stops"),
    [
        ('project = "/code/shop"', {}, True),
        ('project = "shop"', {}, True),
        ('project = "shop"', {"cwd": "/code/other"}, False),
        ('project = "/code/shop"', {"cwd": "/code/shop/src"}, True),
        ('project = "/code/shop"', {"cwd": "/code/other"}, False),
        ('source = "claude-code"', {}, True),
        ('source = "claude-code"', {"transcript_path": "/h/.codex/sessions/x"}, False),
        ('model = "claude-opus-4-5"', {}, True),
        ('model = "opus"', {}, True),
        ('model = "claude-opus-4-5"', {"model": "gpt-5.5"}, False),
        ('model = "claude-opus-4-5"', {"session_id": "s2"}, False),
        ('agent = "main"', {}, True),
        ('agent = "main"', {"agent_id": "a1", "agent_type": "Explore"}, False),
        ('user = "ana"', {}, True),
        ('key = "laptop"', {}, True),
        ('key = "laptop"', {"session_id": "s2"}, False),
        ('tag = "night"', {}, True),
        ('per = "session"', {}, True),
        ('per = "session"', {"session_id": "s2"}, False),
    ],
)
def test_only_what_a_budget_is_about_is_stopped(
    world: World, scope: str, more: dict[str, Any], stops: bool
) -> None:
    configured(DAILY + scope + "\n")
    world.holds([made(1.5, user="ana", tag="night", key="laptop")])

    closely, quickly = (hook(world, event("PreToolUse", **more)) for _ in range(2))

    assert bool(closely) is stops
    assert quickly == closely


@pytest.mark.parametrize("text", ["", "{bad", "[]", "null", '{"hook_event_name": 5}'])
def test_garbage_lets_everything_go_on(world: World, text: str) -> None:
    configured(DAILY)
    world.holds([made(1.5)])

    assert hook(world, text) == {}


def test_settings_that_are_wrong_let_everything_go_on(world: World) -> None:
    configured("[budget.daily]\nusd = -1\n")

    assert hook(world, event("PreToolUse")) == {}


def test_a_typo_in_the_hooks_own_line_lets_everything_go_on(world: World) -> None:
    printed = world.run("check", "--hook", "--no-such-option")

    assert (printed.code, printed.out) == (0, "{}\n")


def test_one_that_ingests_is_seen_by_its_lock(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    assert not prepared.is_ingested(str(tmp_path))
    lock = os.open(tmp_path / "ingest.lock", os.O_RDWR | os.O_CREAT)
    assert not prepared.is_ingested(str(tmp_path))
    fcntl.flock(lock, fcntl.LOCK_EX)

    assert prepared.is_ingested(str(tmp_path))
    os.close(lock)
