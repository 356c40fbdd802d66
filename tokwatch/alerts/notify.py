"""Tells people of alerts beyond the screen: a webhook, a command of theirs."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from msgspec.structs import replace

from tokwatch.config.alerting import Notify
from tokwatch.model.alert import Alert, AlertState, Delivery, DeliveryState, Severity
from tokwatch.net import NetError, post_json
from tokwatch.zones import find_zone

WEBHOOK: Final = "webhook"
COMMAND: Final = "command"
TRIES: Final = 6
LONGEST_S: Final = 180.0
"""After so long a delivery is given up."""
AT_ONCE: Final = 4
"""Deliveries by one road at the same time: one that gets no answer does not stop the next."""
COLOURS: Final = {
    Severity.NOTICE: "#439fe0",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "danger",
}


class DeliveryError(Exception):
    """That an alert could not be told; the text names no address and no secret."""


def channels(settings: Notify) -> tuple[str, ...]:
    """Return the roads that are switched on."""
    found = ((WEBHOOK, settings.webhook), (COMMAND, settings.command))
    return tuple(name for name, asked in found if asked)


def is_loud(alert: Alert, settings: Notify) -> bool:
    """Tell whether an alert matters enough to leave the list."""
    return alert.severity.rank >= Severity(settings.least).rank


def is_quiet(settings: Notify, now: datetime, zone: tzinfo) -> bool:
    """Tell whether it is within the quiet hours, which may run over midnight."""
    if not settings.quiet_from:
        return False
    clock = now.astimezone(zone).strftime("%H:%M")
    since, until = settings.quiet_from, settings.quiet_until
    return since <= clock < until if since <= until else clock >= since or clock < until


def document(alert: Alert, at_ms: int) -> dict[str, object]:
    """Return an alert as machines take it."""
    return {
        "id": alert.id,
        "rule": alert.rule,
        "subject": alert.subject,
        "severity": str(alert.severity),
        "state": str(alert.state(at_ms)),
        "title": alert.title,
        "value": alert.value,
        "worst": alert.worst,
        "threshold": alert.threshold,
        "openedAt": iso(alert.opened_ms),
        "updatedAt": iso(alert.updated_ms),
        "closedAt": iso(alert.closed_ms),
        "snoozedUntil": iso(alert.snoozed_until_ms),
        "times": alert.times,
        "events": list(alert.events),
    }


def message(alert: Alert) -> dict[str, object]:
    """Return an alert as Slack, and what understands its messages, takes it."""
    title = _escaped(alert.title)
    text = f"tokwatch {alert.severity}: {title}"
    return {
        "text": text,
        "attachments": [
            {
                "color": COLOURS[alert.severity],
                "fallback": text,
                "text": title,
                "fields": [
                    {"title": "rule", "value": _escaped(alert.rule), "short": True},
                    {"title": "of", "value": _escaped(alert.subject), "short": True},
                ],
                "ts": alert.opened_ms // 1000,
            }
        ],
    }


def _escaped(text: str) -> str:
    """Return a text without anything that a chat would take for a link or a mention."""
    plain = "".join(letter for letter in text if letter.isprintable())
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def iso(at_ms: int | None) -> str | None:
    """Return an instant as ISO 8601 in UTC."""
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")


def send(channel: str, alert: Alert, settings: Notify, at_ms: int) -> None:
    """Tell an alert by one road, once; a DeliveryError or a NetError says what went wrong."""
    if channel == WEBHOOK:
        post_json(settings.webhook, message(alert), settings.timeout_seconds)
    else:
        run_command(settings, document(alert, at_ms))


def run_command(settings: Notify, told: Mapping[str, Any]) -> None:
    """Run the user's command with an alert on its standard input; no shell takes part."""
    try:
        done = subprocess.run(
            list(settings.command),
            input=json.dumps(told).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=settings.timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeliveryError(f"took longer than {settings.timeout_seconds:g} s") from None
    except OSError as error:
        raise DeliveryError(error.strerror or type(error).__name__) from None
    if done.returncode:
        raise DeliveryError(f"ended with status {done.returncode}")


def deliver(
    delivery: Delivery, alert: Alert, settings: Notify, clock_ms: Callable[[], int]
) -> Delivery:
    """Tell an alert, again and again while another try may do better; return how that went."""
    import stamina

    stamina.instrumentation.set_on_retry_hooks([])  # they would log to the terminal
    tries = delivery.tries
    error = ""
    try:
        for attempt in stamina.retry_context(
            on=_may_do_better, attempts=TRIES, timeout=LONGEST_S, wait_initial=0.5, wait_max=60
        ):
            with attempt:
                tries += 1
                send(delivery.channel, alert, settings, clock_ms())
    except (NetError, DeliveryError) as failed:
        error = str(failed)
    state = DeliveryState.FAILED if error else DeliveryState.SENT
    return replace(delivery, state=state, tries=tries, at_ms=clock_ms(), error=error)


def _may_do_better(error: Exception) -> bool:
    return isinstance(error, NetError) and error.is_passing


def try_all(settings: Notify, now: datetime) -> list[tuple[str, str]]:
    """Send a test by every road that is on; return each with its error, empty where it went."""
    at_ms = int(now.timestamp() * 1000)
    alert = Alert(
        id=0,
        rule="test",
        subject="all",
        severity=Severity.NOTICE,
        opened_ms=at_ms,
        updated_ms=at_ms,
        value=0.0,
        worst=0.0,
        threshold=0.0,
        title="This is a test of tokwatch's notifications.",
    )
    found: list[tuple[str, str]] = []
    for channel in channels(settings):
        try:
            send(channel, alert, settings, at_ms)
            found.append((channel, ""))
        except (NetError, DeliveryError) as error:
            found.append((channel, str(error)))
    return found


class Courier:
    """Sees to what waits, in threads of its own: what is slow or fails holds nobody else up."""

    def __init__(
        self,
        settings: Notify,
        zone: tzinfo | None,
        clock: Callable[[], datetime],
        done: Callable[[Delivery], None],
    ) -> None:
        """Prepare to call `done` with each delivery that came to an end."""
        self._settings = settings
        self._zone = find_zone()[1] if zone is None else zone
        self._clock = clock
        self._done = done
        self._begun: dict[int, tuple[str, threading.Thread]] = {}
        """Road and thread of each delivery that waits as far as the store knows."""

    def see_to(self, waiting: list[tuple[Delivery, Alert]]) -> list[Delivery]:
        """Begin with the oldest of each road; return those that are pointless by now."""
        now = self._clock()
        pointless: list[Delivery] = []
        known = channels(self._settings)
        is_held = is_quiet(self._settings, now, self._zone)
        left = {delivery.id for delivery, _ in waiting}
        self._begun = {key: one for key, one in self._begun.items() if key in left}
        for delivery, alert in sorted(waiting, key=lambda one: one[0].at_ms):
            at_ms = self._now_ms()
            if delivery.id in self._begun:
                continue
            if delivery.channel not in known:
                pointless.append(_dropped(delivery, at_ms, "switched off"))
            elif alert.state(at_ms) is AlertState.CLOSED and delivery.at_ms < alert.updated_ms:
                pointless.append(_dropped(delivery, at_ms, "was over before it was told"))
            elif not is_held and self._on_their_way(delivery.channel) < AT_ONCE:
                self._begin(delivery, alert)
        return pointless

    def _on_their_way(self, channel: str) -> int:
        return sum(road == channel and thread.is_alive() for road, thread in self._begun.values())

    def _begin(self, delivery: Delivery, alert: Alert) -> None:
        def run() -> None:
            self._done(deliver(delivery, alert, self._settings, self._now_ms))

        thread = threading.Thread(target=run, name=f"deliver-{delivery.channel}", daemon=True)
        self._begun[delivery.id] = delivery.channel, thread
        thread.start()

    def _now_ms(self) -> int:
        return int(self._clock().timestamp() * 1000)

    @property
    def is_busy(self) -> bool:
        """Tell whether anything is being delivered."""
        return any(thread.is_alive() for _, thread in self._begun.values())

    def wait(self, seconds: float) -> None:
        """Wait for what has begun, for so long at most."""
        until = time.monotonic() + seconds
        for _, thread in list(self._begun.values()):
            thread.join(timeout=max(0.0, until - time.monotonic()))


def _dropped(delivery: Delivery, at_ms: int, why: str) -> Delivery:
    return replace(delivery, state=DeliveryState.FAILED, at_ms=at_ms, error=why)
