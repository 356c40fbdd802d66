"""A small real store with something of everything, and every command that prints JSON of it."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.endpoint_server import EndpointServer
from tests.store.test_suggestions import ONE, TWO
from tests.transcripts import append, response, transcript
from tokwatch.cli import main
from tokwatch.model.endpoint import Bucket, EndpointState
from tokwatch.model.suggestion import SuggestionState, TriggerCount
from tokwatch.store.endpoints import write_polled
from tokwatch.store.store import open_store, workspace_id
from tokwatch.store.suggestions import answer, write_suggestions, write_triggers

NOW: Final = datetime.now(UTC)
NOW_MS: Final = time.time_ns() // 1_000_000
CONFIG: Final = """
[general]
timezone = "UTC"
[notify]
command = ["true"]
[retention]
events_days = 9999
[budget.daily]
usd = 0.01
[budget.mine]
tokens = 10_000_000
per = "session"
[alerts.rules.mine]
when = 'requests_per_hour > 0.5'
[endpoint.box]
kind = "llamacpp"
url = "URL"
[endpoint.org]
kind = "anthropic-admin"
url = "URL"
key = "env:ORG_KEY"
only = ["usage"]
[mapping.mine]
files = ["~/mine/*.jsonl"]
time = "at"
[mapping.mine.fields]
input = "in"
duration = "ms"
cost = "usd"
output = "out"
model = "model"
[mapping.mine.measure.rating]
value = "stars"
tags = { page = "page" }
"""

MINE: Final = (
    '{"at": "2026-03-23T12:00:00Z", "in": 5, "out": 2, "model": "m", "ms": 9, "usd": 0.1}\n'
    '{"at": "2026-03-23T12:01:00Z", "stars": 4, "page": "search"}\n'
    '{"event": "health"}\n'
)

REPORTS: Final = (
    "daily", "weekly", "monthly", "session", "block", "model", "project", "agent", "user", "key",
    "tool", "provider", "source", "summary", "detailed", "savings", "suggestions", "compression",
)  # fmt: skip
CALLS: Final = (
    ("compress", "TEXT", "--explain"),
    *(("report", kind, "--no-refresh") for kind in REPORTS),
    ("check", "--no-refresh"),
    ("check", "--no-refresh", "--afford", "5000", "--model", "claude-opus-4-8"),
    ("check", "--no-refresh", "--context", "5f0c2b1e"),
    ("check", "--no-refresh", "--alerts"),
    ("statusline",),
    ("status", "--all", "--no-refresh"),
    ("triage", "--no-refresh", "--from", "2h"),
    ("sources",),
    ("sources", "test", "mine", "MINE"),
    ("endpoints", "test", "org"),
    ("endpoints", "poll", "org"),
    ("endpoints", "poll", "box"),
    ("endpoints", "forget", "gone"),
    ("endpoints",),
    ("reconcile", "--no-refresh"),
    ("doctor",),
    ("alerts", "--all"),
    ("alerts", "ack", "1"),
    ("alerts", "snooze", "1", "--minutes", "5"),
    ("alerts", "test"),
    ("suggestions", "--no-refresh", "--all"),
    ("suggestions", "dismiss", "2"),
    ("audit", "--no-refresh"),
    ("audit", "--no-refresh", "--session", "5f0c2b6e"),
    ("quality", "--no-refresh", "--before-after", "1h", "--source", "claude-code"),
    ("what-if", "--no-refresh", "--model", "claude-haiku-4-5"),
    ("count", "TEXT", "--model", "claude-opus-4-8"),
    ("count", "TEXT", "--models"),
    ("templates", "save", "plan", "TEXT", "--compress"),
    ("templates", "tag", "plan", "work"),
    ("templates", "list"),
    ("templates", "show", "plan"),
    ("templates", "use", "plan"),
    ("templates", "export", "OUT"),
    ("templates", "import", "OUT/plan.tokwatch.json"),
    ("templates", "rm", "plan"),
    ("calibrate", "--no-refresh"),
    ("export", "--no-refresh", "--events", "EVENTS"),
    ("import", "EVENTS"),
    ("import", "--path", "HOME", "--machine", "lap"),
    ("track", "score", "4", "--tag", "of=tests"),
    ("measures", "--no-refresh"),
    ("measures", "score", "--no-refresh"),
    ("measures", "score", "--every", "1h", "--no-refresh"),
    ("rebuild", "--logs"),
    ("prune",),
    ("backup", "BACKUP"),
    ("config",),
)
"""In this order, for some do what others tell of."""


def tell_all(server: EndpointServer) -> None:
    """Let a server of models and a provider's report answer."""
    server.clock_ms = lambda: time.time_ns() // 1_000_000
    server.tell("/metrics", b"llamacpp:tokens_predicted_total 7\n")
    server.tell("/v1/models", {"data": [{"id": "qwen.gguf"}]})
    server.tell("/slots", [{"id": 0, "n_ctx": 100, "n_prompt_tokens": 25}])
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    told = {
        "starting_at": hour.isoformat(),
        "ending_at": (hour + timedelta(hours=1)).isoformat(),
        "results": [{"uncached_input_tokens": 7, "output_tokens": 5, "model": "claude-opus-4-8"}],
    }
    report = {"data": [told], "has_more": False, "next_page": None}
    server.tell("/v1/organizations/usage_report/messages", report)


def make_world(folder: Path, home: Path, fixtures: Path, server: EndpointServer) -> list[str]:
    """Make logs, read them, add what only time brings; return the options before a command."""
    shutil.copytree(fixtures, home, dirs_exist_ok=True)
    log = transcript(home)
    models = ("claude-opus-4-8", "claude-opus-4-8", "mystery", "claude-haiku-4-5")
    for number, model in enumerate(models):
        append(log, response(number, at=NOW - timedelta(minutes=50 - number), model=model))
    (home / "mine").mkdir()
    (home / "mine" / "a.jsonl").write_text(MINE)
    (folder / "text.md").write_text("Please  do this now.\n\n\n\nPlease  do this now.\n" * 9)
    config = folder / "config.toml"
    config.write_text(CONFIG.replace("URL", server.url), "utf-8")
    options = ["--config", str(config), "--data", str(folder / "data")]
    for told in (["report", "tool"], ["alerts", "--now"]):
        main([*options, *told])
    _fill(folder / "data")
    return options


def _fill(data: Path) -> None:
    """Put into the store what analysers and providers would tell."""
    database = open_store("", data)
    workspace = workspace_id(database, "local") or 0
    write_suggestions(database, workspace, [ONE, TWO], NOW_MS)
    answer(database, workspace, 1, SuggestionState.ACCEPTED, NOW_MS)
    gone = Bucket("usage", NOW_MS, 60_000, output=1)
    write_polled(database, workspace, EndpointState("gone", "usage"), buckets=[gone])
    write_triggers(database, workspace, [TriggerCount("high cost", 1, NOW_MS, 9.0, 2.0, True)])
    database.close()


def argument(word: str, folder: Path, home: Path) -> str:
    """Return a word of a call with the file that it stands for."""
    known = {
        "MINE": home / "mine" / "a.jsonl",
        "TEXT": folder / "text.md",
        "OUT": folder / "out",
        "OUT/plan.tokwatch.json": folder / "out" / "plan.tokwatch.json",
        "EVENTS": folder / "events.jsonl",
        "HOME": home,
        "BACKUP": folder / "backup.db",
    }
    return str(known.get(word, word))
