"""What made-up endpoints told of that work; the camera itself asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from docs.camera.stage import NOW
from tokwatch.config import Config
from tokwatch.ingest.poll_threads import PollThreads
from tokwatch.model.endpoint import Bucket, EndpointState, PollState
from tokwatch.model.measure import Measure
from tokwatch.model.units import DAY_MS, NANO
from tokwatch.store.connect import Database
from tokwatch.store.endpoints import write_polled
from tokwatch.store.measures import add_measures
from tokwatch.store.store import open_store

SETTINGS: Final = """
[endpoint.proxy]
kind = "litellm"
url = "http://127.0.0.1:4000"
key = "env:LITELLM_KEY"
[endpoint.gpu]
kind = "prometheus"
url = "https://gpu.example.org/metrics"
[endpoint.bill]
kind = "anthropic"
key = "file:~/.config/anthropic-analytics-key"
"""
NOW_MS: Final = round(NOW.timestamp() * 1000)
MINUTE_MS: Final = 60_000
_GAUGES: Final = (
    ("proxy", "budget_left_usd", 147.2, "usd"),
    ("proxy", "limit_usd", 200.0, "usd"),
    ("proxy", "spent_usd", 52.8, "usd"),
    ("proxy", "ready", 1.0, ""),
    ("gpu", "requests_running", 3.0, ""),
    ("gpu", "requests_waiting", 1.0, ""),
    ("gpu", "kv_cache_share", 0.41, ""),
)


def tell(config: Config) -> None:
    """Write into the store what the endpoints told, and let nobody be asked."""
    PollThreads.start = lambda self: None  # type: ignore[method-assign]  # nobody is there to answer
    database = open_store(config.store.url, config.data)
    try:
        for state, buckets in _told(database):
            write_polled(database, 1, state, buckets=buckets)
        add_measures(
            database,
            1,
            [
                Measure(name, NOW_MS - 9_000, value, unit, (("endpoint", endpoint),), "endpoint")
                for endpoint, name, value, unit in _GAUGES
            ],
        )
    finally:
        database.close()


def _told(database: Database) -> Iterator[tuple[EndpointState, list[Bucket]]]:
    yield (
        _state("proxy", "metrics", "litellm"),
        list(_minutes("litellm", "gpt-5-mini", 31_000)),
    )
    for part in ("ready", "models", "key"):
        yield _state("proxy", part, "litellm"), []
    yield _state("gpu", "metrics", "prometheus"), list(_minutes("vllm", "qwen3-coder", 8_400))
    yield _state("bill", "usage", "anthropic"), list(_days(database))
    refused = "401: the key is not accepted"
    yield _state("bill", "cost", "anthropic", refused), []


def _state(name: str, part: str, kind: str, error: str = "") -> EndpointState:
    return EndpointState(
        *(
            name,
            part,
            kind,
            PollState.OPEN if error else PollState.CLOSED,
            6 if error else 0,
            error,
        ),
        tried_ms=NOW_MS - 9_000,
        succeeded_ms=None if error else NOW_MS - 9_000,
        next_ms=NOW_MS + (14 * MINUTE_MS if error else 6_000),
        newest_ms=None if error else NOW_MS - 12_000,
        requests=214,
        bytes=380_000,
        unchanged=171,
    )


def _minutes(report: str, model: str, tokens: int) -> Iterator[Bucket]:
    """Yield what counters grew by in the last minutes."""
    for ago in range(8):
        begin_ms = (NOW_MS // MINUTE_MS - ago) * MINUTE_MS
        some = tokens + 700 * (ago % 3)
        yield Bucket(
            *(report, begin_ms, MINUTE_MS, model),
            requests=4,
            input=some // 8,
            cache_read=some * 7 // 8,
            output=some // 20,
            cost_nano=NANO // 9 if report == "litellm" else None,
        )


def _days(database: Database) -> Iterator[Bucket]:
    """Yield a provider's report of what the logs tell too, but for what another key used."""
    columns = "input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "requests"
    sums = ", ".join(f"sum({name})" for name in columns)
    rows = database.rows(
        f"SELECT q.quarter_ms / {DAY_MS}, m.name, {sums} FROM quarter q"
        " JOIN model m ON m.id = q.model WHERE m.provider = 'anthropic'"
        " AND q.quarter_ms >= ? GROUP BY 1, 2 ORDER BY 1, 2",
        (NOW_MS // DAY_MS * DAY_MS - 6 * DAY_MS,),
    )
    for day, model, *counts in rows:
        told = dict(zip(columns, counts, strict=True))
        of = ("usage", day * DAY_MS, DAY_MS, model, "anthropic")
        yield Bucket(*of, key="laptop", **told)
        if "haiku" in model and day % 2:
            yield Bucket(*of, key="ci", input=9_000, cache_read=240_000, output=4_100, requests=12)
