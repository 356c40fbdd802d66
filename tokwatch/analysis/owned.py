"""What requests come to: their usage, and the facts of the agent that made them."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.model.event import ModelName
from tokwatch.model.session import Kin, SessionRequest
from tokwatch.model.stored import SessionFact
from tokwatch.model.units import WINDOW_TOKENS
from tokwatch.model.usage import Usage


def usage_of(requests: Sequence[SessionRequest]) -> Usage:
    """Return the sum of requests, marks and all, as the store's own sums have it."""
    sums = [0] * len(Usage.__struct_fields__)
    for request in requests:
        for place, figure in enumerate(_figures(request)):
            sums[place] += figure
    return Usage(*sums)


def fact_of(kin: Kin, requests: Sequence[SessionRequest], usage: Usage) -> SessionFact:
    """Return what is known of an agent from its requests, the oldest of which come first."""
    last = requests[-1]
    by_model: dict[str, int] = {}
    for request in requests:
        cost = request.logged_nano if request.logged_nano is not None else request.computed_nano
        name = request.cached.model
        by_model[name] = by_model.get(name, 0) + (cost or 0)
    large = max(
        (
            request.prompt
            for request in requests
            if request.is_single and request.cached.model == last.cached.model
        ),
        default=0,
    )
    return SessionFact(
        *(last.cached.source, kin.session, kin.agent, kin.kind, kin.parent),
        project=last.cached.project,
        branch=last.branch,
        first_ms=requests[0].instant_ms,
        last_ms=last.instant_ms,
        models=tuple(sorted(by_model, key=lambda name: (-by_model[name], name))),
        last_model=ModelName(last.provider, last.cached.model, last.tier),
        context_tokens=last.prompt if last.is_single else None,
        window=last.window,
        largest_prompt=large if large > WINDOW_TOKENS else 0,
        path=last.path,
        usage=usage,
    )


def _figures(request: SessionRequest) -> tuple[int, ...]:
    """Return what one request adds to a sum, in the order of Usage's fields."""
    told = request.cached
    prompt = request.prompt
    total = prompt + request.output
    logged, computed = request.logged_nano, request.computed_nano
    auto = computed if logged is None else logged
    return (
        *(told.requests, told.input, told.cache_read or 0),
        *(told.cache_write_5m, told.cache_write_1h, request.output, request.reasoning),
        *(request.web_searches, logged or 0, computed or 0, auto or 0),
        total if computed is None else 0,
        total if auto is None else 0,
        0 if request.is_final else told.requests,
        prompt if told.cache_read is None else 0,
        told.requests if told.is_derived else 0,
    )
