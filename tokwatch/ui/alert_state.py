"""What the screen says of alerts: glyphs, states and counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from rich.style import Style

from tokwatch.analysis.calendar import epoch_ms, instant
from tokwatch.model.alert import Alert, AlertState, Severity
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks

GLYPHS: Final = {Severity.CRITICAL: "x", Severity.WARNING: "!", Severity.NOTICE: "·"}
SHORT: Final = {Severity.CRITICAL: "crit", Severity.WARNING: "warn", Severity.NOTICE: "info"}


def ink_of(severity: Severity, inks: Inks) -> Style:
    """Return the colour of a severity."""
    return {
        Severity.CRITICAL: inks.error,
        Severity.WARNING: inks.warning,
        Severity.NOTICE: inks.muted,
    }[severity]


def state_words(alert: Alert, now: datetime) -> str:
    """Return where an alert stands, and for how long it is or was so."""
    at_ms = epoch_ms(now)
    state = alert.state(at_ms)
    if state is AlertState.CLOSED and alert.closed_ms is not None:
        return f"closed · {fmt.age(instant(alert.opened_ms), instant(alert.closed_ms))}"
    if state is AlertState.SNOOZED and alert.snoozed_until_ms is not None:
        return f"snoozed {fmt.age(now, instant(alert.snoozed_until_ms))}"
    if state is AlertState.ACKNOWLEDGED:
        return "acknowledged"
    return f"open {fmt.age(instant(alert.opened_ms), now)}"


def ranked(alerts: Iterable[Alert], at_ms: int) -> list[Alert]:
    """Return alerts as they are listed: what wants a look, the rest of the open, then history."""
    return sorted(
        alerts,
        key=lambda one: (
            one.closed_ms is not None,
            one.state(at_ms) is not AlertState.OPEN,
            -one.severity.rank if one.closed_ms is None else 0,
            -(one.closed_ms or one.opened_ms),
            -one.id,
        ),
    )


def wanting(alerts: Iterable[Alert], at_ms: int) -> list[Alert]:
    """Return the alerts that want a look: neither acknowledged nor snoozed, and no mere notice."""
    return [
        one
        for one in alerts
        if one.state(at_ms) is AlertState.OPEN and one.severity is not Severity.NOTICE
    ]
