"""The overview's lines about endpoints: which stored buckets speak of minutes, which of a day."""

from __future__ import annotations

from pathlib import Path

from tokwatch.config import load
from tokwatch.model.endpoint import Bucket, EndpointState
from tokwatch.model.units import DAY_MS
from tokwatch.pages.endpoint_sums import day_sums
from tokwatch.pages.gateways import gateway_lines
from tokwatch.pages.memory import Memory
from tokwatch.store.connect import Database
from tokwatch.store.endpoints import write_polled
from tokwatch.store.read.every import open_view
from tokwatch.store.store import open_store

NOW_MS = 1_774_267_230_000  # half a minute after noon
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def bucket(report: str, ago_ms: int, width_ms: int, tokens: int, nano: int | None) -> Bucket:
    """Return a bucket that began so long ago."""
    begin_ms = (NOW_MS - ago_ms) // width_ms * width_ms
    return Bucket(report, begin_ms, width_ms, requests=1, input=tokens, output=0, cost_nano=nano)


def test_minutes_are_of_growth_alone_and_money_is_of_a_day(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[endpoint.box]\nkind = "litellm"\nurl = "http://127.0.0.1:4000"\n')
    config = load(file, tmp_path, environ={})
    database: Database = open_store("", tmp_path)
    grown = (
        bucket("litellm", 0, MINUTE_MS, 1_000, 10),
        bucket("litellm", 4 * MINUTE_MS, MINUTE_MS, 500, 10),
        bucket("litellm", 5 * MINUTE_MS, MINUTE_MS, 70_000, 10),
        bucket("daily", 0, HOUR_MS, 900_000, 5),
        bucket("litellm", DAY_MS + HOUR_MS, MINUTE_MS, 1, 1_000),
    )
    try:
        view = open_view(database, "local")
        state = EndpointState("box", "metrics", "litellm", succeeded_ms=NOW_MS)
        write_polled(database, view.workspace, state, (), (), grown)
        (line,) = gateway_lines(view, config, NOW_MS, Memory())
    finally:
        database.close()

    assert (line.tokens_per_minute, line.requests_per_minute) == (300, 0.4)
    assert line.spend_nano == 30


def test_the_last_day_is_read_by_hours_and_what_is_over_is_kept_a_while(tmp_path: Path) -> None:
    database: Database = open_store("", tmp_path)
    memory = Memory()
    state = EndpointState("box", "metrics", "litellm")
    told = (
        bucket("daily", 12 * HOUR_MS, HOUR_MS, 1_000, None),
        bucket("daily", 0, HOUR_MS, 20, None),
        bucket("daily", DAY_MS - HOUR_MS // 2, HOUR_MS, 300_000, 7),
        bucket("metrics", 0, MINUTE_MS, 5, 3),
    )
    try:
        view = open_view(database, "local")

        def tokens(after_ms: int = 0) -> list[int]:
            return [one.tokens for one in day_sums(view, NOW_MS + after_ms, memory)]

        write_polled(database, view.workspace, state, (), (), told)
        first = day_sums(view, NOW_MS, memory)
        write_polled(database, view.workspace, state, (), (), told)
        soon, after_a_while, later = tokens(14_999), tokens(15_000), tokens(600_000)
    finally:
        database.close()

    assert [(one.report, one.buckets, one.tokens, one.cost_nano) for one in first] == [
        ("daily", 2, 1_020, None),
        ("metrics", 1, 5, 3),
    ]
    assert (soon, after_a_while, later) == ([1_020, 5], [1_040, 10], [2_040, 10])
