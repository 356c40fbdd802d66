"""The first line of every screen: where am I, is it live, what time is it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from textual.geometry import Size
from textual.reactive import reactive

from tokwatch.snapshot import EPOCH, Snapshot, SourceMode, SourceStatus
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, click, width_of
from tokwatch.ui.places import PLACES
from tokwatch.ui.widgets.painted import Pane

QUIET: Final = timedelta(minutes=15)
"""Silence from which the first line says how long it has lasted."""


class FirstLine(Pane):
    """The line at the top; it is written only when a word of it changes."""

    ALLOW_MAXIMIZE = False
    DEFAULT_CLASSES = "-textual-system"

    here: reactive[str] = reactive("overview", repaint=False)
    paused: reactive[bool] = reactive(False, repaint=False)
    held: reactive[int] = reactive(0, repaint=False)
    """Requests that arrived while the picture stands still."""
    demo: reactive[bool] = reactive(False, repaint=False)

    def on_mount(self) -> None:
        for name in ("paused", "held", "demo"):
            self.watch(self.app, name, partial(setattr, self, name))

    def watch_paused(self) -> None:
        self.redraw()

    def watch_held(self) -> None:
        self.redraw()

    def watch_demo(self) -> None:
        self.redraw()

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the name, the screens, and at the right the state."""
        status = self._status(inks, size.width)
        left: Line = [(" tokwatch ", inks.strong)]
        if self.demo:
            left.append(("demo ", inks.warning))
        room = size.width - width_of(left) - width_of(status) - 2
        lists = (self._places(inks, names) for names in ("name", "short", "key"))
        left += next((places for places in lists if width_of(places) <= room), [])
        gap = max(1, size.width - width_of(left) - width_of(status) - 1)
        return [[*left, (" " * gap, inks.text), *status]]

    def _places(self, inks: Inks, names: str) -> Line:
        line: Line = []
        for place in PLACES:
            here = place.id == self.here
            ink = inks.accent if here else inks.text if place.is_built else inks.muted
            name = {"name": place.name, "short": place.short, "key": ""}[names]
            label = f"[{place.key} {place.name}]" if here else f"{place.key} {name}".rstrip()
            line += [(label, click(ink, f"app.place('{place.id}')")), (" ", inks.text)]
        return line[:-1]

    def _status(self, inks: Inks, width: int) -> Line:
        snapshot = self.snapshot
        if snapshot is None:
            return [("starting …", inks.muted)]
        line = self._mode(snapshot, inks)
        present = [each for each in snapshot.sources if each.mode is not SourceMode.ABSENT]
        if present and width >= 76 and not self.paused:
            plural = "" if len(present) == 1 else "s"
            line.append((f" · {len(present)} source{plural}", inks.muted))
            line += self._quiet(present, inks)
        return [*line, (f" · {fmt.clock(self.now, snapshot.zone)}", inks.muted)]

    def _quiet(self, sources: Sequence[SourceStatus], inks: Inks) -> Line:
        """Return for how long nothing came in, where that is long."""
        last = max((each.last_event or EPOCH for each in sources), default=EPOCH)
        if last == EPOCH or self.now - last < QUIET:
            return []
        return [(f" · quiet {fmt.age(last, self.now)}", inks.muted)]

    def _mode(self, snapshot: Snapshot, inks: Inks) -> Line:
        if self.paused:
            new = f", {self.held:,} new" if self.held else ""
            return [(f"‖ paused{new}", inks.warning)]
        if snapshot.until is not None:
            until = fmt.moment(snapshot.until, self.now, snapshot.zone)
            return [(f"◂ until {until}", inks.warning)]
        if snapshot.follower_of is not None:
            return [(f"◌ follows process {snapshot.follower_of}", inks.text)]
        return _mode_of(snapshot.sources, inks)


def _mode_of(sources: tuple[SourceStatus, ...], inks: Inks) -> Line:
    failing = sum(each.mode is SourceMode.ERROR for each in sources)
    if failing:
        return [(f"x {failing} failing", inks.error)]
    modes = {each.mode for each in sources}
    if SourceMode.LIVE in modes:
        return [("●", inks.good), (" live", inks.text)]
    if SourceMode.POLLING in modes:
        return [("◐", inks.good), (" polling", inks.text)]
    return [("○ waiting", inks.muted)]
