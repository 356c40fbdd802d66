"""A literal health of sources and store, for the tests of the screen."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from tests.ui.literal import BUSY, NOW, source
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.doctor.checked import Checked
from tokwatch.ingest.presence import Running
from tokwatch.model.event import ModelName, Scope
from tokwatch.model.snapshot import RootStatus, SourceMode
from tokwatch.model.stored import EventFact
from tokwatch.model.usage import NO_USAGE
from tokwatch.model.worker import WorkerState
from tokwatch.pages.sources import SourceCounts, SourcesPage, StoreHealth
from tokwatch.store.read.health import StoreFacts


def newest(name: str, at: datetime, path: str) -> EventFact:
    """Return the newest request of a source."""
    scope, model = Scope(name, "s1"), ModelName("", "m")
    return EventFact(1, epoch_ms(at), scope, model, NO_USAGE, None, path, 0)


SHOWN = replace(
    BUSY,
    sources=(
        replace(
            source("claude-code", "Claude Code", bad_lines=3),
            roots=(RootStatus("/home/ana/.claude/projects", found=True),),
            files=141,
        ),
        source("codex", "Codex CLI", SourceMode.POLLING, events=918),
        replace(
            source("opencode", "OpenCode", SourceMode.ERROR, events=90),
            error="/mnt/team/opencode.db: Permission denied",
            roots=(
                RootStatus("/mnt/team/opencode.db", found=True, error="Permission denied"),
                RootStatus("/home/ana/.local/share/opencode", found=False),
            ),
        ),
        source("gemini-cli", "Gemini CLI", SourceMode.ABSENT, events=0),
        replace(source("crush", "Crush", SourceMode.ABSENT, events=0), roots=()),
    ),
)
HEALTH = StoreHealth(
    store=StoreFacts("/home/ana/.local/share/tokwatch/tokwatch.db", False, 150_679_552, "0003",
                     is_newest=True, notice=""),
    data="/home/ana/.local/share/tokwatch",
    checked=Checked(epoch_ms(NOW - timedelta(days=2)), (), ("every sum equals its events",)),
    prices="1-0.2.3-4ae1-4e837280-1391876e",
    prices_days=1,
    prices_update=True,
    processes=(
        Running(4711, epoch_ms(NOW - timedelta(hours=3)), is_this=True),
        Running(5120, epoch_ms(NOW - timedelta(minutes=4)), is_this=False),
    ),
    reader=4711,
)  # fmt: skip
PAGE = SourcesPage(
    {
        "claude-code": SourceCounts(
            *(152, 3, 1, 0, 2, "kind,payload,seq,type", 141),
            newest("claude-code", NOW - timedelta(seconds=31),
                   "/home/ana/.claude/projects/-home-ana-shop/7f3a1111.jsonl"),
        ),
        "codex": SourceCounts(
            files=24, conversations=24,
            newest=newest("codex", NOW - timedelta(hours=5), "/home/ana/.codex/rollout.jsonl"),
        ),
        "opencode": SourceCounts(
            files=1, newest=newest("opencode", NOW - timedelta(days=9), "/mnt/team/opencode.db")
        ),
    },
    HEALTH,
    epoch_ms(NOW),
    workers=(
        *(WorkerState(name, epoch_ms(NOW)) for name in ("pictures", "pages", "ingest")),
        WorkerState("prices", epoch_ms(NOW - timedelta(days=1)), "not fetched"),
        WorkerState("alerts", told="off in the settings"),
    ),
)  # fmt: skip
