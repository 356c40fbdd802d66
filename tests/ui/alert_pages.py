"""Literal alerts for the tests of their screen."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from tests.ui.literal import BUSY, NOW
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.config.alerting import DEFAULTS, Rule
from tokwatch.model.alert import Alert, Delivery, DeliveryState, Severity
from tokwatch.model.caching import Chain
from tokwatch.pages.alert_rules import watched_rules
from tokwatch.pages.alerts import AlertsPage

AT_MS = epoch_ms(NOW)


def alert(
    number: int,
    rule: str,
    severity: Severity,
    title: str,
    minutes: int,
    **more: object,
) -> Alert:
    """Return an alert that opened so many minutes ago."""
    opened_ms = epoch_ms(NOW - timedelta(minutes=minutes))
    plain = Alert(
        *(number, rule, "session claude-code/7f3a-0000", severity, opened_ms, AT_MS),
        *(38.1, 41.0, 25.0, title),
    )
    return replace(plain, **more)


BURN = alert(
    4, "burn", Severity.CRITICAL, "burn rate $38.10 (above $25.00)", 28, subject="all",
    events=(91, 90), times=2,
)  # fmt: skip
DROP = alert(
    3, "cache-drop", Severity.WARNING,
    "cache hit rate fell by 53 points (above 30 points) · 7f3a4c1 · checkout-svc", 41,
    events=(81,), value=53.0, worst=53.0, threshold=30.0,
)  # fmt: skip
FULL = alert(
    2, "context-full", Severity.CRITICAL, "context window 93% (above 85%) · 7f3a4c1", 60,
    acknowledged_ms=AT_MS - 60_000, value=0.93, worst=0.93, threshold=0.85,
)  # fmt: skip
BUDGET = alert(
    1, "budget-50", Severity.NOTICE, "budget spent 52% (above 50%) · daily, day", 180,
    subject="budget daily day 0", closed_ms=AT_MS - 3_600_000, value=0.52, worst=0.52,
    threshold=0.5,
)  # fmt: skip
SNOOZED = alert(
    5, "latency", Severity.WARNING, "latency p90 140 s (above 120 s)", 75,
    snoozed_until_ms=AT_MS + 1_800_000, value=140.0, worst=200.0, threshold=120.0,
)  # fmt: skip
ALL = (BURN, DROP, FULL, SNOOZED, BUDGET)
PAGE = AlertsPage(
    AT_MS,
    ALL,
    {91: Chain("claude-code", "7f3a-0000", ""), 81: Chain("claude-code", "7f3a-0000", "a1")},
    (
        Delivery(2, 4, "webhook", DeliveryState.FAILED, 6, AT_MS, "answered with status 500"),
        Delivery(1, 4, "command", DeliveryState.SENT, 1, AT_MS),
    ),
    29,
    29,
    watched=watched_rules(
        {"mine": Rule("cost_usd_per_hour > threshold", 4, projects=("shop",)), **DEFAULTS}
    ),
)
SHOWN = replace(BUSY, alerts=tuple(one for one in ALL if one.closed_ms is None))
