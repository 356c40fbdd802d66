"""Widgets made of ready-made lines: only the lines that changed are written to the terminal."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import ClassVar, Final

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tokwatch.model.snapshot import EPOCH, Snapshot
from tokwatch.ui.inks import Inks, inks_of
from tokwatch.ui.lines import Frame, Line, framed

ZOOM: Final = Binding(
    "enter", "screen.zoom", "Zoom", show=False, id="pane.zoom", tooltip="Fill the screen with it"
)
"""For panes that have nothing else to open."""
NO_SIZE: Final = Size(0, 0)
STALE: Final = Size(-1, -1)
"""Of what was drawn, in a size that no widget has."""


def quiet(key: str, action: str, description: str, id: str, tooltip: str) -> Binding:
    """Return a binding that the last line leaves out."""
    return Binding(key, action, description, show=False, id=id, tooltip=tooltip)


class Painted(Widget):
    """A widget that draws itself as lines of styled text."""

    ALLOW_MAXIMIZE = False
    ALLOW_SELECT = False

    _strips: list[Strip]
    _drawn: Size = NO_SIZE

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the widget's lines, top line first."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw anew, and write the lines that are not what they were."""
        if not self._is_seen:
            self._forget()
            return
        if self._drawn != self.size:
            self._drawn = NO_SIZE
        if not self._drawn:
            if self.size:
                self.refresh()
            return
        before, self._strips = self._strips, self._paint()
        changed = [
            Region(0, row, self.size.width, 1)
            for row, (old, new) in enumerate(zip(before, self._strips, strict=True))
            if old != new
        ]
        if changed:
            self.refresh(*changed)

    @property
    def _is_seen(self) -> bool:
        """Whether it is on the shown screen, or on one with nothing but panels above it."""
        own = self.screen
        above = takewhile(lambda screen: screen is not own, reversed(self.app.screen_stack))
        if own not in self.app.screen_stack or not all(screen.is_modal for screen in above):
            return False
        return all(each.display for each in self.ancestors_with_self)

    def _forget(self) -> None:
        """Leave the drawing until it is shown again."""
        if self._drawn:
            self._drawn = NO_SIZE
            self.refresh()

    def _paint(self) -> list[Strip]:
        size, base = self.size, self.rich_style
        strips = []
        for line in self.draw(size, inks_of(self.app))[: size.height]:
            segments = [Segment(text, base + style) for text, style in line if text]
            strip = Strip(segments).adjust_cell_length(size.width, base).simplify()
            strips.append(strip)
        blank = Strip.blank(size.width, base)
        return strips + [blank] * (size.height - len(strips))

    def render_line(self, y: int) -> Strip:
        """Return one line, drawing all of them first where size or theme changed."""
        if self._drawn != self.size:
            self._drawn, self._strips = self.size, self._paint()
        return self._strips[y]

    def notify_style_update(self) -> None:
        """Draw anew in the colours of another theme."""
        super().notify_style_update()
        self._drawn = STALE if self._drawn else NO_SIZE

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()

    @property
    def plain(self) -> str:
        """The text that is shown, without colours."""
        if self._drawn != self.size:
            self._drawn, self._strips = self.size, self._paint()
        return "\n".join(strip.text.rstrip() for strip in self._strips)


class Pane(Painted):
    """A framed part of a screen that shows something of the newest snapshot."""

    ALLOW_MAXIMIZE = True
    TITLE: ClassVar[str] = ""
    NUMBER: ClassVar[str] = ""
    """Which number it shows, as `evidence.Number` names it; empty where it is none of those."""

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)
    now: reactive[datetime] = reactive(EPOCH, repaint=False)
    """The time from which ages are told; moves every ten seconds."""
    equivalent: reactive[bool] = reactive(False, repaint=False)
    """Whether the user pays by subscription, so that money is only an equivalent."""

    def on_mount(self) -> None:
        self.follow_app("snapshot", "now", "equivalent")

    def follow_app(self, *names: str) -> None:
        """Let attributes have the values that those of the application have."""
        for name in names:
            self.watch(self.app, name, _Taker(self, name).take)

    def watch_equivalent(self) -> None:
        self.redraw()

    def watch_snapshot(self) -> None:
        self.redraw()

    def watch_now(self) -> None:
        self.redraw()

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the lines inside the frame."""
        raise NotImplementedError

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what stands in the frame's upper left corner."""
        return [(self.TITLE, inks.text)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what stands in the frame's upper right corner."""
        return []

    def foot(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what stands in the frame's lower border."""
        return []

    def thumb(self) -> tuple[int, int] | None:
        """Return where the handle of the scroll bar is, None without one."""
        return None

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say in sentences where the shown numbers come from."""
        raise NotImplementedError

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the pane in its frame, or what it waits for."""
        snapshot = self.snapshot
        inner = Size(max(0, size.width - 4), max(0, size.height - 2))
        if snapshot is None:
            title: Line = [(self.TITLE, inks.text)]
            return framed([[("reading …", inks.muted)]], size, Frame(title, [], inks.frame))
        body = self.body(snapshot, inner, inks)
        ink = inks.frame_focus if self.has_focus else inks.frame
        title, corner = self.title(snapshot, inks), self.corner(snapshot, inks)
        foot = self.foot(snapshot, inks)
        return framed(body, size, Frame(title, corner, ink, self.thumb(), foot))


class _Taker:
    """Sets an attribute by a method: the form of a function Textual reads anew for every pane."""

    def __init__(self, widget: Widget, name: str) -> None:
        self._widget, self._name = widget, name

    def take(self, value: object) -> None:
        """Let the attribute have a value."""
        setattr(self._widget, self._name, value)
