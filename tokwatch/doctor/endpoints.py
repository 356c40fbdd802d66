"""What `tokwatch doctor` says of endpoints: as they were polled last; none of them is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tokwatch.config import Config
from tokwatch.doctor.findings import Finding, Level
from tokwatch.model.endpoint import CLOCK, EndpointHealth, EndpointState, PollState
from tokwatch.model.units import DAY_MS
from tokwatch.store.connect import Database
from tokwatch.words import counted, printable, spanned

TEST = "tokwatch endpoints test NAME asks it; R on screen 9 does so at once."


def endpoint_findings(config: Config, database: Database | None) -> Iterator[Finding]:
    """Yield of each endpoint where its key is missing, and how its polling does."""
    if not config.endpoint:
        return
    from tokwatch.gateways.keys import key_trouble
    from tokwatch.ingest.endpoint_health import endpoint_health
    from tokwatch.store.view import open_view

    now_ms = time.time_ns() // 1_000_000
    view = None if database is None else open_view(database, config.general.workspace)
    for health in endpoint_health(config, view, now_ms, (), DAY_MS):
        about = f"endpoint {health.name}"
        if not health.on:
            yield Finding(about, Level.NOTE, "off in the settings")
            continue
        if trouble := key_trouble(config.endpoint[health.name].key):
            advice = f"[endpoint.{health.name}] key says where it is looked for."
            yield Finding(about, Level.PROBLEM, trouble, advice)
        yield from _polled(about, health, now_ms)


def _polled(about: str, health: EndpointHealth, now_ms: int) -> Iterator[Finding]:
    asked = [part for part in health.parts if part.tried_ms is not None]
    advice = TEST.replace("NAME", health.name)
    if health.is_paused:
        told = "paused on screen 9"
        yield Finding(about, Level.NOTE, told, "space there goes on.")
    elif not asked:
        yield Finding(about, Level.NOTE, "not asked yet: a screen that is open does", advice)
    for part in asked:
        if part.error:
            yield Finding(about, Level.PROBLEM, _failing(part, now_ms), advice)
    good = [part for part in asked if not part.error]
    if good:
        newest_ms = max((part.succeeded_ms or part.tried_ms or 0) for part in good)
        names = ", ".join(part.part for part in good)
        told = f"{names}: answered {spanned(now_ms - newest_ms)} ago, circuit closed"
        yield Finding(about, Level.OK, told)
    for gauge in health.gauges:
        if gauge.name == CLOCK and gauge.value:
            side = "ahead of" if gauge.value > 0 else "behind"
            told = f"its clock is {spanned(round(abs(gauge.value) * 1000))} {side} this machine's"
            advice = "Reports go by its clock; times of single requests may be off by so much."
            yield Finding(about, Level.NOTE, told, advice)


def _failing(part: EndpointState, now_ms: int) -> str:
    circuit = {PollState.CLOSED: "closed", PollState.OPEN: "open", PollState.HALF_OPEN: "half-open"}
    told = f"{part.part}: {printable(part.error)}, {counted(part.failures, 'failure')} in a row"
    last = "never answered"
    if part.succeeded_ms is not None:
        last = f"last answer {spanned(now_ms - part.succeeded_ms)} ago"
    return f"{told}, {last}, circuit {circuit[part.state]}"
