"""The overview's lines about endpoints, read from what their polling stored."""

from __future__ import annotations

from tokwatch.analysis.gateways import RECENT_MINUTES, gateways
from tokwatch.config import Config
from tokwatch.ingest.endpoint_health import endpoint_health
from tokwatch.model.gateway import Gateway
from tokwatch.model.units import MINUTE_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.endpoint_sums import day_sums
from tokwatch.pages.memory import Memory
from tokwatch.store.read.endpoints import report_sums
from tokwatch.store.view import View


def gateway_lines(view: View, config: Config, now_ms: int, memory: Memory) -> tuple[Gateway, ...]:
    """Return a line for every endpoint that is on."""
    day = day_sums(view, now_ms, memory)
    recent_ms = (now_ms // MINUTE_MS - RECENT_MINUTES + 1) * MINUTE_MS
    recent = report_sums(view, Slice(recent_ms), MINUTE_MS)
    return gateways(endpoint_health(config, view, now_ms, day), recent, day, now_ms)
