"""What rules found: the open alerts and their history, and how they were told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.model.alert import Alert, Delivery
from tokwatch.model.caching import Chain
from tokwatch.model.suggestion import Suggestion, TriggerCount
from tokwatch.model.units import DAY_MS
from tokwatch.pages.alert_rules import WatchedRule, watched_rules
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.suggestions import listed
from tokwatch.store.read.every import alerts, chains_of, deliveries, suggestions, trigger_counts

HISTORY_MS: Final = 30 * DAY_MS
MOST: Final = 500
KEPT_MS: Final = 60_000
"""Whose a request is does not change."""


class AlertsPage(Struct, frozen=True):
    """Alerts, the open ones first."""

    at_ms: int
    alerts: tuple[Alert, ...] = ()
    chains: Mapping[int, Chain] = {}
    """Whose the first request of each alert is, by its key."""
    deliveries: tuple[Delivery, ...] = ()
    rules_on: int = 0
    rules: int = 0
    suggestions: tuple[Suggestion, ...] = ()
    """The best first; those that were answered behind the others."""
    triggers: tuple[TriggerCount, ...] = ()
    watched: tuple[WatchedRule, ...] = ()
    """Every rule; empty while alerts are off."""

    def chain(self, of: Alert | Suggestion) -> tuple[Chain, int] | None:
        """Return the agent and the key of the first request that is still stored."""
        found = ((self.chains[key], key) for key in of.events if key in self.chains)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class AlertsAsk:
    """Asks what rules found."""

    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> AlertsPage:
        """Return the page."""
        found = alerts(sight.view, sight.now_ms - HISTORY_MS, MOST)
        saving = listed(suggestions(sight.view))
        rests: list[Alert | Suggestion] = [*found, *saving]
        keys = tuple(key for one in rests for key in one.events)
        chains = self.memory.recall(
            "chains", keys, sight.now_ms, KEPT_MS, lambda: chains_of(sight.view, keys)
        )
        rules = sight.config.alerts.rules
        return AlertsPage(
            sight.now_ms,
            tuple(found),
            chains,
            tuple(deliveries(sight.view, sight.now_ms - HISTORY_MS)),
            sum(rule.on for rule in rules.values()) if sight.config.alerts.on else 0,
            len(rules),
            saving,
            tuple(trigger_counts(sight.view)),
            self._watched(sight),
        )

    def _watched(self, sight: Sight) -> tuple[WatchedRule, ...]:
        rules = sight.config.alerts.rules
        if not sight.config.alerts.on:
            return ()
        return self.memory.recall(
            "rules", tuple(rules.items()), sight.now_ms, KEPT_MS, lambda: watched_rules(rules)
        )
