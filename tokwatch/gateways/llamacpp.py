"""A llama.cpp server: metrics (started with --metrics) and the fill of each slot's context.

Its prompt tokens are those that were processed: what came from the cache counts apart.
"""

from __future__ import annotations

from typing import Any, Final

from tokwatch.gateways.ask import Adapter, Ask, BadAnswer, Gauge, Moment, Part, Poll, Told, bearer
from tokwatch.gateways.prometheus import buckets, gauges, growth, samples
from tokwatch.gateways.values import count, cursor_of, name, part, state_of


def _metrics(moment: Moment, cursor: str, days: int) -> Poll:
    """Read the metrics, which name no model: what is served is asked for once, and after restarts.

    A counter that fell tells of a restart.
    """
    before = state_of(cursor)
    found, bad = samples((yield Ask("/metrics")))
    grown = growth(found, cursor)
    model = name(before.get("model"))
    if grown.fell or not model:
        model = _model((yield Ask("/v1/models")).document())
    return Told(
        cursor=cursor_of({**grown.state, "model": model}),
        grown=buckets(grown, moment.here_ms, model),
        gauges=gauges(found, model),
        newest_ms=moment.here_ms,
        bad=bad,
    )


def _model(document: dict[str, Any]) -> str:
    """Return the name of the model that is served; of a path only the file's name."""
    served = document.get("data")
    first = served[0] if isinstance(served, list) and served else {}
    return name(first.get("id")).replace("\\", "/").rpartition("/")[2]


def _slots(moment: Moment, cursor: str, days: int) -> Poll:
    """Read how full the context of each slot is: prompt and answer over its size."""
    told = (yield Ask("/slots")).json()
    if not isinstance(told, list):
        raise BadAnswer("the answer is no list of slots")
    gauges, bad = [], 0
    for slot in told:
        window = count(slot.get("n_ctx")) if isinstance(slot, dict) else None
        if not window:
            bad += 1
            continue
        used = _used(slot)
        number = f"slot {count(slot.get('id')) or 0}"
        gauges.append(Gauge("context_share", min(1.0, used / window), "share", of=number))
        gauges.append(Gauge("context_tokens", used, "tokens", of=number))
    return Told(gauges=tuple(gauges), bad=bad)


def _used(slot: dict[str, Any]) -> int:
    """Return the tokens that a slot holds; its prompt's include the answer's in newer versions."""
    names = ("n_prompt_tokens", "n_prompt_tokens_processed", "n_prompt_tokens_cache")
    held, processed, cached = (count(slot.get(name)) or 0 for name in names)
    return max(held, processed + cached + _decoded(slot))


def _decoded(slot: dict[str, Any]) -> int:
    """Return the tokens of the answer so far: an object, or a list of them in newer versions."""
    told = slot.get("next_token")
    first = told[0] if isinstance(told, list) and told and isinstance(told[0], dict) else None
    return count((first or part(slot, "next_token")).get("n_decoded")) or 0


ADAPTER: Final = Adapter(
    "llamacpp",
    "llama.cpp server",
    (
        Part("metrics", 15, 5, _metrics, help="growth of tokens; running and waiting requests"),
        Part("slots", 15, 5, _slots, help="how full each slot's context is"),
    ),
    bearer,
)
