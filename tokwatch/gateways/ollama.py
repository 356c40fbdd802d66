"""Ollama: which models are loaded, their windows and memory. It tells no tokens by itself."""

from __future__ import annotations

from typing import Final

from tokwatch.gateways.ask import Adapter, Ask, BadAnswer, Gauge, Moment, Part, Poll, Told, bearer
from tokwatch.gateways.paged import records
from tokwatch.gateways.values import count, name


def _loaded(moment: Moment, cursor: str, days: int) -> Poll:
    reply = yield Ask("/api/ps")
    gauges, bad = [], 0
    models = records(reply.document(), "models")
    for model in models:
        called = name(model.get("name")) if isinstance(model, dict) else ""
        if not called:
            bad += 1
            continue
        for told, key, unit in (
            ("window_tokens", "context_length", "tokens"),
            ("memory_bytes", "size", "bytes"),
            ("video_memory_bytes", "size_vram", "bytes"),
        ):
            if (value := count(model.get(key))) is not None:
                gauges.append(Gauge(told, value, unit, called))
    if bad and bad == len(models):
        raise BadAnswer("no model of the answer has a name")
    gauges.append(Gauge("models_loaded", len(models) - bad))
    return Told(gauges=tuple(gauges), bad=bad)


ADAPTER: Final = Adapter(
    "ollama",
    "Ollama",
    (Part("loaded", 30, 5, _loaded, help="loaded models, their windows and memory"),),
    bearer,
)
