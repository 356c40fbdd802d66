"""Every configured endpoint, how its polling does, and what it told last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokwatch.config import Config
from tokwatch.ingest.poll_threads import endpoint_of
from tokwatch.model.endpoint import EndpointHealth, EndpointState, ReportSum
from tokwatch.store.read.endpoints import endpoint_states, newest_gauges, report_sums
from tokwatch.store.view import View

RECENT_MS: Final = 15 * 60_000
"""A gauge that was not told for so long is not what it was."""


def endpoint_health(
    config: Config,
    view: View | None,
    now_ms: int,
    sums: Sequence[ReportSum] | None = None,
    gauges_ms: int = RECENT_MS,
) -> tuple[EndpointHealth, ...]:
    """Return all endpoints by name; without a store none was polled yet.

    `sums` are the reports' of all time where they are known already; gauges are no older than
    `gauges_ms`.
    """
    if not config.endpoint:
        return ()
    states = {} if view is None else {(s.name, s.part): s for s in endpoint_states(view)}
    if sums is None:
        sums = [] if view is None else report_sums(view)
    gauges = [] if view is None else newest_gauges(view, now_ms - gauges_ms)
    found = []
    for name, table in sorted(config.endpoint.items()):
        endpoint = endpoint_of(config, name)
        kind = endpoint.adapter.kind
        found.append(
            EndpointHealth(
                *(name, kind, endpoint.adapter.title, table.address, table.on),
                parts=tuple(
                    states.get((name, part.name), EndpointState(name, part.name, kind))
                    for part in endpoint.parts
                ),
                sums=tuple(one for one in sums if one.endpoint == name),
                gauges=tuple(one for one in gauges if ("endpoint", name) in one.tags),
            )
        )
    return tuple(found)
