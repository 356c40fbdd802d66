"""The last line of every screen: the keys that do something here, the most useful first."""

from __future__ import annotations

from textual.binding import Binding
from textual.geometry import Size
from textual.screen import Screen

from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, click, width_of
from tokwatch.ui.widgets.painted import Painted


class LastLine(Painted):
    """Keys with their meaning; each can be clicked."""

    DEFAULT_CLASSES = "-textual-system"

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)

    def _update(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.redraw()

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return as many keys as fit; help and quit always do."""
        keys: list[tuple[str, str, Binding]] = []
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and binding.action not in {each[0] for each in keys}:
                keys.append((binding.action, self.app.get_key_display(binding), binding))
        entries = [
            [
                (key, click(inks.accent, f"app.simulate_key('{binding.key}')")),
                (f" {binding.description.lower()}  ", inks.muted),
            ]
            for _, key, binding in keys
        ]
        while len(entries) > 2 and 1 + sum(map(width_of, entries)) > size.width:
            del entries[-3]
        return [[(" ", inks.text), *(run for entry in entries for run in entry)]]
