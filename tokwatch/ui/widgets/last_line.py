"""The last line of every screen: the keys that do something here, the most useful first."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.screen import Screen

from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, click, width_of
from tokwatch.ui.widgets.painted import Painted

NEXT_PANE: Final = "app.focus_next"
LAST: Final = ("help", "quit")
"""Actions whose keys stand at the end, and always find room."""


class LastLine(Painted):
    """Keys with their meaning; each can be clicked."""

    DEFAULT_CLASSES = "-textual-system"

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)

    def _update(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self._forget()  # drawn once for all that is told before the next frame

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return as many keys as fit; help and quit always do."""
        keys: list[tuple[str, str, Binding]] = []
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and binding.action not in {each[0] for each in keys}:
                keys.append((binding.action, binding.description.lower(), binding))
            elif binding.action == NEXT_PANE and self._has_more:
                keys.insert(min(1, len(keys)), (NEXT_PANE, "more panes", binding))
        keys.sort(key=lambda each: each[0].removeprefix("app.") in LAST)
        entries = [
            [
                (self.app.get_key_display(binding),
                 click(inks.accent, f"app.simulate_key('{binding.key}')")),
                (f" {told}  ", inks.muted),
            ]
            for _, told, binding in keys
        ]  # fmt: skip
        while len(entries) > 2 and 1 + sum(map(width_of, entries)) > size.width:
            del entries[-3]
        return [[(" ", inks.text), *(run for entry in entries for run in entry)]]

    @property
    def _has_more(self) -> bool:
        """Whether panes found no room on the screen: the focus brings them into sight."""
        if self.screen.maximized is not None or self.screen.query("HelpPanel"):
            return False
        boxes = self.screen.query(VerticalScroll)
        return any(box.display and box.max_scroll_y > 0 for box in boxes)
