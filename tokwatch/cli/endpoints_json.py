"""`tokwatch endpoints` as JSON: what docs/json.md tells of every key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokwatch.cli.json_form import camel_keys
from tokwatch.model.endpoint import COUNTED, Bucket, EndpointHealth, EndpointState, ReportSum

if TYPE_CHECKING:
    from tokwatch.gateways.poll import Polled

Document = dict[str, object]  # JSON of this file's making


def health_document(health: EndpointHealth) -> Document:
    """Return one endpoint with its parts and sums."""
    return {
        "name": health.name,
        "kind": health.kind,
        "url": health.address,
        "on": health.on,
        "paused": health.is_paused,
        "parts": [state_document(part) for part in health.parts],
        "reports": [_sum(one) for one in health.sums],
        "gauges": [
            {
                "name": one.name,
                "value": one.value,
                "unit": one.unit,
                "instantMs": one.instant_ms,
                **{key: text for key, text in one.tags if key != "endpoint"},
            }
            for one in health.gauges
        ],
    }


def state_document(state: EndpointState) -> Document:
    """Return how a part does; its cursor is nobody's business."""
    return {
        "part": state.part,
        "breaker": state.state.value,
        "error": state.error,
        "note": state.note,
        "failures": state.failures,
        "triedMs": state.tried_ms,
        "succeededMs": state.succeeded_ms,
        "nextMs": state.next_ms or None,
        "newestMs": state.newest_ms,
        "requests": state.requests,
        "bytes": state.bytes,
        "notModified": state.unchanged,
        "badRecords": state.bad,
    }


def polled_document(polled: Polled) -> Document:
    """Return what one poll brought."""
    told = polled.told
    buckets = () if told is None else (*told.buckets, *told.grown)
    return {
        "name": polled.state.name,
        **state_document(polled.state),
        "buckets": [_bucket(one) for one in buckets],
        "gauges": [] if told is None else [one._asdict() for one in told.gauges],
        "singleRequests": 0 if told is None else len(told.rows),
    }


def _sum(one: ReportSum) -> Document:
    return {
        "report": one.report,
        "buckets": one.buckets,
        "firstMs": one.first_ms,
        "lastMs": one.last_ms,
        **camel_keys({name: getattr(one, name) for name in COUNTED}),
    }


def _bucket(one: Bucket) -> Document:
    return camel_keys(one._asdict())
