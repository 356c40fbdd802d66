"""The line in which a filter is typed."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

EXAMPLES: Final = "words, !not, model:opus, project:api, cost>1, state:live"
"""Of what can be typed about sessions."""


class FilterLine(Horizontal):
    """Filters while it is typed; enter keeps the filter, escape drops it."""

    HELP = """
    # Filter
    Every word must match; `!word` must not. A field narrows it: `model:opus`, `project:"my app"`,
    `source:codex`, `agent:explore`, `state:live`. Numbers compare: `cost>1`, `rate>5`,
    `context>75`, `cache<50`, `tokens>1000000`.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "close(True)",
            "Keep",
            id="filter.keep",
            priority=True,
            tooltip="Keep the filter",
        ),
        Binding(
            "escape",
            "close(False)",
            "Drop",
            id="filter.drop",
            priority=True,
            tooltip="Show all again",
        ),
    ]

    class Closed(Message):
        """The user is done with the filter."""

        def __init__(self, keep: bool) -> None:
            super().__init__()
            self.keep = keep

    def __init__(self, text: str, examples: str = EXAMPLES) -> None:
        super().__init__()
        self._text, self._examples = text, examples

    def compose(self) -> ComposeResult:
        """Show a slash and the text behind it."""
        yield Static("/")
        entry = Input(
            self._text,
            placeholder=self._examples,
            compact=True,
            select_on_focus=False,
        )
        entry.cursor_blink = False
        yield entry

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def action_close(self, keep: bool) -> None:
        """Say whether the filter stays."""
        self.post_message(self.Closed(keep))
