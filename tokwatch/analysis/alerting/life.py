"""The life of alerts: opened once, updated while true, closed with hysteresis."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.model.alert import Alert, AlertChange, Firing, Judgement

WINDOW_MS: Final = 60_000
WINDOWS: Final = 2
"""So many windows below its clear level, and an alert is over."""
QUIET_MS: Final = 30_000
"""A value that moves a little is written as often as this at most."""


class Patience(Struct):
    """Since when each rule holds, for those that must hold for a while before they alert."""

    since: dict[tuple[str, str], int] = field(default_factory=dict)

    def sift(self, found: Judgement, waits: Mapping[str, int], known: Collection[tuple[str, str]],
             ) -> Judgement:  # fmt: skip
        """Return a judgement without what has not held long enough; open alerts go on."""
        held: dict[tuple[str, str], int] = {}
        firings: list[Firing] = []
        for firing in found.firings:
            name = (firing.rule, firing.subject)
            held[name] = self.since.get(name, firing.at_ms)
            if name in known or firing.at_ms - held[name] >= waits.get(firing.rule, 0):
                firings.append(firing)
        # What still counts keeps its time: a rate that dips for a moment is not another one.
        for name, at_ms in self.since.items():
            if name in found.holding or name[0] not in found.judged:
                held[name] = at_ms
        self.since = held
        return replace(found, firings=tuple(firings))


def advanced(
    alerts: Iterable[Alert],
    found: Judgement,
    active: Collection[str],
    flapping_ms: int,
) -> list[AlertChange]:
    """Return what changes; `alerts` are the open ones and those closed a short while ago.

    `active` names the rules that are on: alerts of others are over.
    """
    open_ones = {one.name: one for one in alerts if one.closed_ms is None}
    closed = _newest_closed(alerts, found.at_ms - flapping_ms)
    changes: list[AlertChange] = []
    fired: set[tuple[str, str]] = set()
    for firing in found.firings:
        name = (firing.rule, firing.subject)
        fired.add(name)
        if name in open_ones:
            changes += _updated(open_ones[name], firing)
        elif name in closed:
            changes.append(AlertChange(_reopened(closed[name], firing), False, False))
        else:
            changes.append(AlertChange(_opened(firing), True, True))
    for name, alert in open_ones.items():
        if name not in fired:
            changes += _quieter(alert, found, is_active=alert.rule in active)
    return changes


def _newest_closed(alerts: Iterable[Alert], since_ms: int) -> dict[tuple[str, str], Alert]:
    found: dict[tuple[str, str], Alert] = {}
    for one in sorted(alerts, key=lambda one: one.closed_ms or 0):
        if one.closed_ms is not None and one.closed_ms >= since_ms:
            found[one.name] = one
    return found


def _opened(firing: Firing) -> Alert:
    return Alert(
        id=0,
        rule=firing.rule,
        subject=firing.subject,
        severity=firing.severity,
        opened_ms=firing.at_ms,
        updated_ms=firing.at_ms,
        value=firing.value,
        worst=firing.value,
        threshold=firing.threshold,
        title=firing.title,
        user=firing.user,
        events=firing.events,
    )


def _taken(alert: Alert, firing: Firing) -> Alert:
    """Return an alert with what its rule says of it at another moment."""
    is_above = firing.clear <= firing.threshold
    return replace(
        alert,
        severity=firing.severity,
        updated_ms=firing.at_ms,
        value=firing.value,
        worst=(max if is_above else min)(alert.worst, firing.value),
        threshold=firing.threshold,
        title=firing.title,
        clear_since_ms=None,
    )


def _reopened(alert: Alert, firing: Firing) -> Alert:
    return replace(_taken(alert, firing), closed_ms=None, times=alert.times + 1)


def _updated(alert: Alert, firing: Firing) -> list[AlertChange]:
    taken = _taken(alert, firing)
    is_awake = alert.snoozed_until_ms is not None and firing.at_ms >= alert.snoozed_until_ms
    if is_awake:
        taken = replace(taken, snoozed_until_ms=None)
    moved = taken.value != alert.value or taken.threshold != alert.threshold
    is_due = moved and firing.at_ms - alert.updated_ms >= QUIET_MS
    if is_due or is_awake or alert.clear_since_ms is not None:
        return [AlertChange(taken, False, is_awake)]
    return []


def _quieter(alert: Alert, found: Judgement, *, is_active: bool) -> list[AlertChange]:
    """Return what becomes of an open alert whose rule does not fire."""
    if not is_active:
        return [AlertChange(_closed(alert, found.at_ms), False, False)]
    if alert.rule not in found.judged:
        return []
    if alert.name in found.holding:
        is_clear = alert.clear_since_ms is not None
        return [AlertChange(replace(alert, clear_since_ms=None), False, False)] if is_clear else []
    if alert.clear_since_ms is None:
        return [AlertChange(replace(alert, clear_since_ms=found.at_ms), False, False)]
    if found.at_ms - alert.clear_since_ms >= WINDOWS * WINDOW_MS:
        return [AlertChange(_closed(alert, found.at_ms), False, False)]
    return []


def _closed(alert: Alert, at_ms: int) -> Alert:
    return replace(alert, closed_ms=at_ms, updated_ms=at_ms, snoozed_until_ms=None)
