"""One line on every screen but that of alerts while something critical is open."""

from __future__ import annotations

from textual.geometry import Size

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.alert import Alert, Severity
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import wanting
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, click
from tokwatch.ui.widgets.painted import Pane


class Banner(Pane):
    """Shown while a critical alert is neither acknowledged nor snoozed."""

    ALLOW_MAXIMIZE = False

    def watch_snapshot(self) -> None:
        """Stand on the screen only while there is something to say that it does not show itself."""
        is_listed = getattr(self.screen, "PLACE", "") == "alerts"
        self.display = self._is_on and not is_listed and bool(self.alerts)
        self.redraw()

    @property
    def _is_on(self) -> bool:
        config = getattr(self.app, "config", None)
        return config is None or bool(config.notify.banner)

    @property
    def alerts(self) -> list[Alert]:
        """The critical alerts that want a look, the newest first."""
        if self.snapshot is None:
            return []
        found = wanting(self.snapshot.alerts, epoch_ms(self.snapshot.now))
        return [one for one in found if one.severity is Severity.CRITICAL]

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the newest one, and how many others there are."""
        alerts = self.alerts
        if not alerts:
            return []
        more = f" and {len(alerts) - 1} more" if len(alerts) > 1 else ""
        tail = f"{more} · 6 shows it "
        room = max(0, size.width - len(tail) - 3)
        text = fmt.fit_to(fmt.clean(alerts[0].title), room)
        ink = click(inks.error, "app.place('alerts')")
        return [[(" x ", ink), (text, ink), (tail, inks.muted)]]
