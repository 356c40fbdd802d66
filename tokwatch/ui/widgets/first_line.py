"""The first line of every screen: where am I, is it live, what time is it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.geometry import Size
from textual.reactive import reactive

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.snapshot import Snapshot, SourceMode, SourceStatus
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import wanting
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, click, width_of
from tokwatch.ui.places import PLACES
from tokwatch.ui.replay import WITH_SECONDS, Replay
from tokwatch.ui.silence import silent_since
from tokwatch.ui.widgets.painted import Pane
from tokwatch.words import counted

FORMS: Final = (
    *(("name", "name"), ("short", "short"), ("name", "key"), ("short", "key")),
    *(("name", ""), ("short", "")),
)
"""How the open screen and the others are named, the fullest wording first."""
NAMELESS: Final = 3
"""From this one on the name of tokwatch is given up before the wording."""


class FirstLine(Pane):
    """The line at the top; it is written only when a word of it changes."""

    ALLOW_MAXIMIZE = False
    DEFAULT_CLASSES = "-textual-system"

    here: reactive[str] = reactive("overview", repaint=False)
    paused: reactive[bool] = reactive(False, repaint=False)
    moved: reactive[bool] = reactive(False, repaint=False)
    """Whether the user chose the shown moment."""
    held: reactive[int] = reactive(0, repaint=False)
    """Requests that arrived while the picture stands still."""
    demo: reactive[bool] = reactive(False, repaint=False)
    replay: reactive[Replay | None] = reactive(None, repaint=False)

    def on_mount(self) -> None:
        self.follow_app("paused", "moved", "held", "demo", "replay")

    def watch_paused(self) -> None:
        self.redraw()

    def watch_moved(self) -> None:
        self.redraw()

    def watch_held(self) -> None:
        self.redraw()

    def watch_demo(self) -> None:
        self.redraw()

    def watch_replay(self) -> None:
        self.redraw()

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the name, the screens, and at the right the state, as full as there is room."""
        demo: Line = [("demo ", inks.warning)] if self.demo else []
        full: Line = [(" tokwatch ", inks.strong), *demo]
        short: Line = [(" ", inks.strong), *demo]
        wordings = self._wordings(inks)
        name, places, status = next(
            (
                (name, places, status)
                for number, (here, others) in enumerate(FORMS)
                for name in ((full,) if number < NAMELESS else (full, short))
                for places in (self._places(inks, here, others),)
                for status in wordings
                if width_of(name) + width_of(places) + width_of(status) <= size.width - 2
            ),
            (full, [], wordings[-1]),
        )
        gap = max(1, size.width - width_of(name + places) - width_of(status) - 1)
        return [[*name, *places, (" " * gap, inks.text), *status]]

    def _places(self, inks: Inks, here: str, others: str) -> Line:
        """Return the open screen in brackets among the others, each to be clicked."""
        line: Line = []
        for place in PLACES:
            count = self._count_at(place.id)
            names = {"name": f"{place.key} {place.name}{count}",
                     "short": f"{place.key} {place.short}{count}",
                     "key": f"{place.key}{count.strip()}", "": ""}  # fmt: skip
            is_here = place.id == self.here
            if place.is_aside and not is_here:
                continue
            ink = inks.accent if is_here else inks.text
            if label := f"[{names[here]}]" if is_here else names[others]:
                line += [(label, click(ink, f"app.place('{place.id}')")), (" ", inks.text)]
        return line[:-1]

    def _count_at(self, place: str) -> str:
        """Return how many alerts want a look, beside the name of their screen."""
        if place != "alerts" or self.snapshot is None:
            return ""
        number = len(wanting(self.snapshot.alerts, epoch_ms(self.snapshot.now)))
        return f" ({number})" if number else ""

    def _wordings(self, inks: Inks) -> list[Line]:
        """Return the state and the time, the fullest wording first."""
        snapshot = self.snapshot
        if snapshot is None:
            return [[("starting …", inks.muted)]]
        time: Line = [(f" · {fmt.clock(self.now, snapshot.zone)}", inks.muted)]
        quiet = self._quiet(snapshot, inks)
        long, short = self._mode(snapshot, inks)
        tail = quiet + time
        return [long + _count(snapshot.sources, inks) + tail, long + tail, short + tail]

    def _quiet(self, snapshot: Snapshot, inks: Inks) -> Line:
        since = silent_since(snapshot, self.now)
        return [(f" · quiet {fmt.age(since, self.now)}", inks.muted)] if since else []

    def _mode(self, snapshot: Snapshot, inks: Inks) -> tuple[Line, Line]:
        """Return how the picture comes about, in full and in short."""
        if self.replay is not None:
            return self._replayed(self.replay, snapshot, inks)
        if self.paused:
            new = f", {self.held:,} new" if self.held else ""
            paused: Line = [(f"‖ paused{new}", inks.warning)]
            past = self._past(snapshot, inks)[1] if snapshot.until is not None else []
            return ([*paused, (" ", inks.text), *past] if past else paused), paused
        if snapshot.until is not None:
            return self._past(snapshot, inks)
        if snapshot.follower_of is not None:
            number = snapshot.follower_of
            short: Line = [(f"◌ follows {number}", inks.text)]
            return [(f"◌ follows process {number}", inks.text)], short
        mode = _mode_of(snapshot, inks, stale=silent_since(snapshot, self.now) is not None)
        return mode, mode

    def _past(self, snapshot: Snapshot, inks: Inks) -> tuple[Line, Line]:
        """Return which moment is shown in place of now, and why where that was not asked for."""
        assert snapshot.until is not None
        until = fmt.moment(snapshot.until, self.now, snapshot.zone)
        word = "until" if self.moved else "last use"
        return [(f"◂ {word} {until}", inks.warning)], [(f"◂ {until}", inks.warning)]

    def _replayed(self, replay: Replay, snapshot: Snapshot, inks: Inks) -> tuple[Line, Line]:
        """Return how fast the past runs on, and the moment that is shown."""
        shown = snapshot.until or replay.at(self.now)
        until = fmt.moment(shown, self.now, snapshot.zone)
        if replay.speed <= WITH_SECONDS:
            until += f":{shown:%S}"
        sign = "‖" if replay.is_held else "▶"
        held = ", held" if replay.is_held else ""
        long = f"{sign} replay {replay.speed}x{held} · {until}"
        return [(long, inks.warning)], [(f"{sign} replay {replay.speed}x {until}", inks.warning)]


def _count(sources: Sequence[SourceStatus], inks: Inks) -> Line:
    present = sum(each.mode is not SourceMode.ABSENT for each in sources)
    return [(f" · {counted(present, 'source')}", inks.muted)] if present else []


def _mode_of(snapshot: Snapshot, inks: Inks, *, stale: bool) -> Line:
    modes = [each.mode for each in snapshot.sources]
    if failing := modes.count(SourceMode.ERROR):
        return [(f"x {failing} failing", inks.error)]
    if snapshot.error:
        return [("x failing", inks.error)]
    good, text = (inks.muted, inks.muted) if stale else (inks.good, inks.text)
    if SourceMode.LIVE in modes:
        return [("●", good), (" live", text)]
    if {SourceMode.POLLING, SourceMode.ENDPOINT} & set(modes) or snapshot.gateways:
        return [("◐", good), (" polling", text)]
    return [("○ waiting", inks.muted)]
