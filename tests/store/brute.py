"""The events that logs amount to when each is read once to its end, found by plain code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tests.store.facts import Event, pricing
from tests.store.worlds import Script, last_of_each
from tokwatch.model.card import card_at, cost_nano
from tokwatch.model.event import Grade, ModelName, Scope, Sighting
from tokwatch.store.merge import Counted, LogFacts, settle


def expected_events(world: Sequence[Script]) -> dict[int, Event]:
    """Return the events by their keys."""
    scopes: list[Scope] = []
    models: list[ModelName] = []
    holders: defaultdict[int, list[Counted]] = defaultdict(list)
    for log, script in enumerate(world):
        for sighting in last_of_each(script.records):
            holders[sighting.key].append(_counted(sighting, log, len(scopes)))
            scopes.append(sighting.scope)
            models.append(sighting.model)
    facts = {log: _facts(script, log, holders) for log, script in enumerate(world)}
    found: dict[int, Event] = {}
    for copies in holders.values():
        is_single = len(copies) == 1 and copies[0].grade != Grade.GHOST
        for event in copies if is_single else settle(copies, facts):
            model = models[event.model]
            where = (world[event.log].path, event.instant_ms, event.first_ms, scopes[event.scope])
            counts = (*event[6:], len(copies), _cost(event, model))
            found[event.key] = Event._make((*where, model, *counts))
    return found


def _counted(sighting: Sighting, log: int, name: int) -> Counted:
    key, instant_ms, first_ms, _, _, *counts = sighting
    return Counted._make((key, log, instant_ms, first_ms, name, name, *counts))


def _facts(script: Script, log: int, holders: Mapping[int, Sequence[Counted]]) -> LogFacts:
    """Return what decides between logs, of a log read to its end."""
    lineage = script.lineage(len(script.records))
    told = [[copy for copy in copies if copy.grade != Grade.WITNESS] for copies in holders.values()]
    own = [
        copies[0].first_ms
        for copies in told
        if len(copies) == 1 and copies[0].log == log and copies[0].grade == Grade.RECORD
    ]
    start = min(own, default=None) if lineage.begin_ms is None else None
    return LogFacts(script.path, *lineage, start)


def _cost(event: Counted, model: ModelName) -> int | None:
    prompt = (event.input, event.cache_read, event.cache_write_5m, event.cache_write_1h)
    input_tokens, cache_read, write_5m, write_1h = (tokens or 0 for tokens in prompt)
    size = (input_tokens + cache_read + write_5m + write_1h) // max(1, event.requests)
    if event.grade == Grade.DERIVED:
        size = 0
    card = card_at(pricing(model).cards, event.instant_ms, size)
    if card is None:
        return None
    counts = (input_tokens, cache_read, write_5m, write_1h, event.output or 0)
    return cost_nano(card, *counts, event.web_searches)
