"""Requests for the tests of rules, and a world in which they are judged as they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from tokwatch.analysis.alerting.judge import judge
from tokwatch.analysis.alerting.life import Patience, advanced
from tokwatch.analysis.alerting.recent import Recent
from tokwatch.analysis.alerting.rules import ready_rules
from tokwatch.analysis.alerting.sessions import Sessions
from tokwatch.analysis.alerting.use import use_reading
from tokwatch.analysis.alerting.usual import UsualHours
from tokwatch.config.alerting import DEFAULTS, Rule
from tokwatch.model.alert import Alert
from tokwatch.model.alert_facts import (
    EVERYTHING,
    SessionKey,
    SessionTotal,
    SlowFacts,
    TurnSoFar,
    WatchedRequest,
)
from tokwatch.model.caching import CachedRequest
from tokwatch.model.calendar import Calendar

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
START_MS = 1_763_470_000_000
LOG = "/home/dev/.claude/projects/shop/s1.jsonl"


def request(
    key: int,
    at_ms: int,
    *,
    session: str = "s1",
    agent: str = "",
    project: str = "/code/shop",
    model: str = "claude-opus-4-5",
    prompt: int = 50_000,
    read: int | None = 45_000,
    nano: int = 100_000_000,
    output: int = 500,
    user: str = "",
    window: int | None = 200_000,
) -> WatchedRequest:
    """Return a request, by default one that reads nine tenths of its prompt from the cache."""
    written = 0 if read is None else prompt - read
    cached = CachedRequest(
        *(key, at_ms, at_ms, "claude-code", session, agent, project, model, 1, 0),
        *(prompt - written - (read or 0), read, written, 0, 1),
        *(15_000, 1_500, 18_750, 30_000),
    )
    kind = "sub-agent" if agent else "main"
    return WatchedRequest(cached, kind, user, "anthropic", output, nano, 0, window, LOG)


@dataclass
class Watched:
    """Judges rules over requests that come in, and keeps what they find."""

    rules: Mapping[str, Rule] = field(default_factory=lambda: dict(DEFAULTS))
    usual: UsualHours | None = None
    recent: Recent = field(default_factory=Recent)
    sessions: Sessions = field(default_factory=Sessions)
    patience: Patience = field(default_factory=Patience)
    costs: dict[SessionKey, int] = field(default_factory=dict)
    slow: SlowFacts = field(default_factory=SlowFacts)
    alerts: list[Alert] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ready = ready_rules(self.rules)
        self.waits = {rule.name: rule.for_ms for rule in self.ready}

    def take(
        self,
        requests: Iterable[WatchedRequest],
        at_ms: int,
        turns: Mapping[SessionKey, TurnSoFar] | None = None,
    ) -> list[Alert]:
        """Take requests, judge at a moment, and return what opened."""
        changed = self.recent.take(requests, at_ms)
        for one in changed:
            self.costs[one.session] = self.costs.get(one.session, 0) + one.nano
        names = self.sessions.take(changed)
        totals = {key: SessionTotal(self.costs[key], 0) for key in names}
        self.sessions.tell(totals, turns or {})
        readings = {
            "session": self.sessions.readings(at_ms),
            "use": [use_reading(self.recent, EVERYTHING, self.slow, self.usual, Calendar(), at_ms)],
        }
        known = {one.name for one in self.alerts if one.closed_ms is None}
        found = self.patience.sift(judge(self.ready, readings, at_ms, known), self.waits, known)
        opened = []
        kept = [one for one in self.alerts if (one.closed_ms or at_ms) > at_ms - HOUR_MS]
        for change in advanced(kept, found, {rule.name for rule in self.ready}, HOUR_MS):
            if change.is_new:
                opened.append(replace(change.alert, id=len(self.alerts) + 1))
                self.alerts.append(opened[-1])
            else:
                place = change.alert.id - 1
                self.alerts[place] = change.alert
        return opened
