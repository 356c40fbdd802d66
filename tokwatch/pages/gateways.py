"""The overview's lines about endpoints, read from what their polling stored."""

from __future__ import annotations

from typing import Final

from tokwatch.analysis.gateways import MINUTE_MS, RECENT_MINUTES, gateways
from tokwatch.config import Config
from tokwatch.ingest.endpoint_health import endpoint_health
from tokwatch.model.gateway import Gateway
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.store.read.endpoints import report_sums
from tokwatch.store.view import View

DAY_KEPT_MS: Final = 15_000
"""Sums of a day are as old as this at most: of a busy proxy they are of many thousand buckets."""


def gateway_lines(view: View, config: Config, now_ms: int, memory: Memory) -> tuple[Gateway, ...]:
    """Return a line for every endpoint that is on."""
    day = memory.recall(
        *("day", None, now_ms, DAY_KEPT_MS),
        lambda: report_sums(view, Slice(now_ms - DAY_MS)),
    )
    recent_ms = (now_ms // MINUTE_MS - RECENT_MINUTES + 1) * MINUTE_MS
    recent = report_sums(view, Slice(recent_ms), MINUTE_MS)
    return gateways(endpoint_health(config, view, now_ms, day), recent, day, now_ms)
