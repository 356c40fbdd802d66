"""What a screen has between its first lines and the last."""

from __future__ import annotations

from textual.containers import VerticalScroll


class Panes(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Scrolls to the pane with the focus where there is little room; the keys are the panes'."""
