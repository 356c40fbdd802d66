"""Tells of alerts where the user is: toast, bell, desktop notification, window title."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.alert import Alert, AlertState, Severity
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import ranked, wanting
from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.ui.following import FollowingApp

LEVELS: dict[Severity, Literal["information", "warning", "error"]] = {
    Severity.NOTICE: "information",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "error",
}


class Alarms:
    """Remembers which alerts were told, so that each is told once."""

    def __init__(self) -> None:
        """Start with nothing told; what the first picture with alerts shows is not news."""
        self._known: set[int] | None = None
        self._untold: dict[int, Alert] = {}
        """Those that wait for the note that is shown to go."""
        self._is_shown = False

    def take(self, app: FollowingApp, snapshot: Snapshot) -> None:
        """Tell of the alerts that wake up with a snapshot, once history is read."""
        if snapshot.is_hasty:
            return
        at_ms = epoch_ms(snapshot.now)
        awake = [one for one in snapshot.alerts if one.state(at_ms) is AlertState.OPEN]
        before = self._known
        if before is not None and snapshot.progress is not None:
            return
        self._known = {one.id for one in awake}
        if before is None:
            return
        settings = app.config.notify
        fresh = [one for one in awake if one.id not in before]
        if not fresh:
            return

        from tokwatch.alerts.notify import is_loud, is_quiet

        news = [one for one in fresh if is_loud(one, settings)]
        if not news:
            return
        if settings.toast:
            self._untold |= {one.id: one for one in news}
            if not self._is_shown:
                self._tell(app)
        is_simulated = bool(getattr(app, "demo", False))
        if is_simulated or is_quiet(settings, snapshot.now, fmt.zone(snapshot.zone)):
            return
        if settings.bell:
            app.bell()
        if settings.desktop:
            send_desktop(app, [fmt.clean(one.title) for one in news])

    def _tell(self, app: FollowingApp) -> None:
        """Show one note of all that is still open; what comes meanwhile waits until it is gone."""
        news = [one for one in self._untold.values() if one.id in (self._known or ())]
        self._untold.clear()
        self._is_shown = bool(news) and app.alarms is self
        if self._is_shown:
            _toast(app, ranked(news, epoch_ms(app.clock())))
            app.set_timer(app.NOTIFICATION_TIMEOUT, partial(self._tell, app))


def _toast(app: FollowingApp, news: Sequence[Alert]) -> None:
    """Show the foremost alert and how many others there are: a second note would hide the table."""
    told = fmt.clean(news[0].title)
    if len(news) > 1:
        told += f"\nand {counted(len(news) - 1, 'other alert')}; 6 lists them"
    app.notify(told, severity=LEVELS[news[0].severity], markup=False)


def title_of(app: FollowingApp, snapshot: Snapshot) -> str:
    """Return the window's title: what today costs, and how many alerts want a look."""
    title = f"tokwatch {fmt.money(snapshot.spend.cost_nano)}"
    if not app.config.notify.title:
        return title
    number = len(wanting(snapshot.alerts, epoch_ms(snapshot.now)))
    return f"({number}) {title}" if number else title


def desktop_sequence(text: str, *, in_tmux: bool) -> str:
    """Return what makes a terminal notify the desktop: iTerm2's and kitty's 9, urxvt's 777.

    tmux passes it on where `allow-passthrough` is on.
    """
    plain = "".join(letter for letter in text if letter.isprintable())[:200]
    escaped = plain.replace(";", ",")
    sequences = (f"\x1b]9;{plain}\x1b\\", f"\x1b]777;notify;tokwatch;{escaped}\x1b\\")
    if not in_tmux:
        return "".join(sequences)
    doubled = (sequence.replace("\x1b", "\x1b\x1b") for sequence in sequences)
    return "".join(f"\x1bPtmux;{sequence}\x1b\\" for sequence in doubled)


def send_desktop(app: FollowingApp, texts: Iterable[str]) -> None:
    """Notify the desktop through the terminal, where there is one."""
    driver = app._driver
    if driver is None or app.is_headless or app.is_web:
        return
    for text in texts:
        driver.write(desktop_sequence(text, in_tmux="TMUX" in os.environ))


def try_notifications(app: FollowingApp) -> None:
    """Send a test by every road that is on, and say how that went."""
    settings = app.config.notify
    told = "This is a test."
    app.notify(told, title="tokwatch", markup=False)
    if settings.bell:
        app.bell()
    if settings.desktop:
        send_desktop(app, [told])

    def work() -> None:
        from tokwatch.alerts.notify import try_all

        results = try_all(settings, app.clock())
        words = [f"{channel}: {error or 'sent'}" for channel, error in results]
        on = [name for name in ("bell", "desktop") if getattr(settings, name)]
        summary = " · ".join([*words, *(f"{name}: sent" for name in on)])
        text = summary or "[notify] switches on nothing beyond the screen."
        app.call_from_thread(app.notify, text, title="test", markup=False)

    app.run_worker(work, group="notify", thread=True)
