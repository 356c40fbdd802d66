"""What a picture tells beside its sums is kept for a moment, but not past a change."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from tests.pages.sights import sight_of
from tokwatch.config import load
from tokwatch.model.endpoint import EndpointState, PollState
from tokwatch.monitor.beside import Beside
from tokwatch.store.endpoints import write_polled
from tokwatch.store.read.every import open_view
from tokwatch.store.store import open_store

NOW_MS = 1_774_267_230_000
GOOD = EndpointState("box", "metrics", "litellm", succeeded_ms=NOW_MS)


def test_an_endpoint_that_fails_is_told_with_the_next_picture(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[endpoint.box]\nkind = "litellm"\nurl = "http://127.0.0.1:4000"\n')
    config = load(file, tmp_path, environ={})
    database = open_store("", tmp_path)
    try:
        view = open_view(database, "local")
        write_polled(database, view.workspace, GOOD)
        sight = replace(sight_of(view, NOW_MS), config=config)
        beside = Beside()
        before = beside.gateways(sight, config)
        kept = beside.gateways(sight, config)
        write_polled(
            database, view.workspace, replace(GOOD, state=PollState.OPEN, error="no answer")
        )
        (after,) = beside.gateways(sight, config)
    finally:
        database.close()

    assert kept is before
    assert before[0].health.worst is None
    assert after.health.worst is not None
    assert after.health.worst.error == "no answer"
