"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class FilterLine(Input):
    """Filters while it is typed; enter keeps the filter, escape drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "close(True)", "Keep", id="filter.keep", tooltip="Keep the filter"),
        Binding("escape", "close(False)", "Drop", id="filter.drop", tooltip="Show all again"),
    ]

    class Closed(Message):
        """The user is done with the filter."""

        def __init__(self, keep: bool) -> None:
            super().__init__()
            self.keep = keep

    def __init__(self, text: str) -> None:
        super().__init__(
            text, placeholder="words, !not, model:opus, project:api, cost>1, state:live",
            compact=True, select_on_focus=False,
        )  # fmt: skip
        self.cursor_blink = False

    def action_close(self, keep: bool) -> None:
        """Say whether the filter stays."""
        self.post_message(self.Closed(keep))
