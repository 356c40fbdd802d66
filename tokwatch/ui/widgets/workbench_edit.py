"""The prompt as text to be edited, beside its compression."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

PAUSE_S: Final = 0.15
"""After the last key, before the text is taken."""
WRAPPED_UP_TO: Final = 60_000
"""Characters up to which lines are wrapped: of more that takes long."""


class BenchEdit(TextArea):
    """Tells the text a moment after the last key."""

    HELP = """
    # The prompt, to be edited
    The compression follows a moment after the last key. `escape` goes back to the changes; `ctrl+z`
    and `ctrl+y` undo and redo what was typed.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Done", id="bench-edit.leave", tooltip="Leave the text"),
    ]

    class Edited(Message):
        """The text is another one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The user is done."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            "", soft_wrap=False, show_line_numbers=True, compact=True, id=id,
            highlight_cursor_line=False, max_checkpoints=50,
        )  # fmt: skip
        self.cursor_blink = False
        self._timer: Timer | None = None
        self._told = ""

    def begin(self, text: str) -> None:
        """Show a text, and take the keys."""
        if text != self._told or not self.text:
            self._told = text
            self.soft_wrap = len(text) < WRAPPED_UP_TO
            self.load_text(text)
        self.focus()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Wait until no further key comes."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE_S, self._tell)

    def _tell(self) -> None:
        self._timer = None
        text = self.text
        if text != self._told:
            self._told = text
            self.post_message(self.Edited(text))

    def action_leave(self) -> None:
        """Take the text and leave."""
        if self._timer is not None:
            self._timer.stop()
        self._tell()
        self.post_message(self.Left())
