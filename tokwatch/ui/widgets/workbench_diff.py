"""The prompt and what became of it: side by side, or one beneath the other."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line as Painted
from tokwatch.ui.viewport import Excerpt
from tokwatch.ui.widgets.painted import Pane
from tokwatch.workbench.laid import LEAST, NUMBER, Line, wrapped
from tokwatch.workbench.rows import Ink, Segs
from tokwatch.workbench.shown import Shown

WELCOME: Final = (
    "There is no prompt here yet.",
    "",
    "o   open a file: text, or chat JSON as Anthropic or OpenAI write it",
    "c   take what is on the clipboard; or paste it",
    "e   write it here          E   write it in $EDITOR",
    "T   open a template",
    "w   on a session, a request or a block: its text, read from the log",
    "",
    "Nothing leaves this machine unless you ask a model (s, R): what goes where is told before.",
    "Nothing is kept unless you save it.",
)


class BenchDiff(Pane, can_focus=True):
    """Lines with their numbers; what changed is marked by sign and by colour."""

    TITLE = "prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "Down", show=False, id="row.down",
                tooltip="The next line"),
        Binding("k,up", "scroll(-1)", "Up", show=False, id="row.up", tooltip="The line before"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="row.page-down",
                tooltip="A screen further"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="row.page-up",
                tooltip="A screen back"),
        Binding("home,g", "scroll(-100000000)", "First", show=False, id="row.first",
                tooltip="The first line"),
        Binding("end,G", "scroll(100000000)", "Last", show=False, id="row.last",
                tooltip="The last line"),
        Binding("space", "screen.refuse", "Accept/reject", show=False, id="bench.refuse-here",
                tooltip="Reject the change, or accept it again"),
    ]  # fmt: skip
    HELP = """
    # The prompt and its compression
    Left the original, right what became of it; `-` and `+` one beneath the other in a narrow
    window. Inside a change the words that differ are marked. `x` before a line: a change that you
    rejected, the original stays.

    * `n` `N` next and previous change, `x` or `space` rejects or accepts it, `M` keeps its words
      for good
    * `v` side by side or one beneath the other, `u` `U` undo and redo
    * `L` which messages of a chat stay; a message that leaves is a change too
    * `s` a model's summary in place of what leaves, `R` a model's rewriting of this text: what goes
      where and costs is told first; `O` opens what a summary replaced
    * `T` templates, `S` saves this as one, `y` copies, `ctrl+s` saves to a file
    """

    class Asked(Message):
        """A change was clicked."""

        def __init__(self, line: int) -> None:
            super().__init__()
            self.line = line

    class Fitted(Message):
        """There is room for another picture."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown = Shown()
        self._excerpt = Excerpt()

    def put(self, shown: Shown) -> None:
        """Show another state."""
        self._shown = shown
        self._excerpt.fit(len(shown.lines), self.size.height - 2)
        self.redraw()

    def show_line(self, line: int) -> None:
        """Bring a line into sight."""
        if not self._excerpt.shows(line):
            self._excerpt.scroll(line - self._excerpt.height // 3 - self._excerpt.top)
        self.redraw()

    @property
    def room(self) -> int:
        """Cells for a line."""
        return max(20, self.size.width - 4)

    @property
    def top(self) -> int:
        """The first line in sight."""
        return self._excerpt.top

    def on_resize(self) -> None:
        self.post_message(self.Fitted())

    def title(self, snapshot: Snapshot, inks: Inks) -> Painted:
        """Return where the prompt came from."""
        bench, sums = self._shown.bench, self._shown.sums
        if self._shown.is_empty:
            return [("prompt", inks.text)]
        shape = f" · {sums.shape}" if sums is not None else ""
        return [(bench.origin.name or "prompt", inks.text), (shape, inks.muted)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Painted:
        """Return which change is looked at."""
        shown = self._shown
        if shown.is_working:
            return [("working …", inks.warning)]
        if not shown.changes:
            return []
        return [(f"change {shown.chosen + 1:,} of {len(shown.changes):,}", inks.muted)]

    def thumb(self) -> tuple[int, int] | None:
        """Return the handle of the scroll bar."""
        return self._excerpt.thumb()

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Painted]:
        """Return the lines in sight."""
        shown = self._shown
        if shown.problem:
            return [[("! ", inks.error), (shown.problem, inks.text)]]
        if shown.is_empty:
            return _welcome(size, inks)
        if not shown.lines:
            return [[("counting …" if shown.is_working else "empty", inks.muted)]]
        self._excerpt.fit(len(shown.lines), size.height)
        here, top = shown.change.line if shown.change else -1, self._excerpt.top
        return [
            self._line(shown.lines[number], size.width, inks, is_here=number == here)
            for number in range(top, min(top + size.height, len(shown.lines)))
        ]

    def _line(self, line: Line, width: int, inks: Inks, *, is_here: bool) -> Painted:
        if line.mark == "=":
            rest = "─" * max(0, width - 4 - sum(cell_len(text) for text, _ in line.left or ()))
            return [("── ", inks.frame), *_painted(line.left, inks), (f" {rest}", inks.frame)]
        gutter = inks.accent if is_here else inks.muted
        sign = "▸" if is_here else " "
        if not self._shown.is_split:
            mark = (f"{line.mark} ", _sign(line.mark, inks))
            number = line.left_number or line.right_number
            return [(sign, gutter), (_number(number), inks.muted), mark, *_painted(line.left, inks)]
        half = (width - 3) // 2
        is_same = line.right is None
        right = line.left if is_same else line.right
        marks = {"~": ("-", "+"), "x": ("x", "x")}.get(line.mark, (" ", " "))
        one = [(sign, gutter), (_number(line.left_number), inks.muted),
               (marks[0] + " " if line.left is not None else "  ", _sign(marks[0], inks)),
               *_painted(line.left, inks)]  # fmt: skip
        other = [(" ", gutter), (_number(line.right_number), inks.muted),
                 (marks[1] + " " if right else "  ", _sign(marks[1], inks)),
                 *_painted(right, inks)]  # fmt: skip
        filler = " " * max(0, half - sum(cell_len(text) for text, _ in one))
        return [*one, (filler, inks.text), (" │ ", inks.frame), *other]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is shown."""
        return (
            "The original text beside the text as it is with all changes that you did not reject. "
            "Control characters are shown as signs and kept in the text.",
        )

    def action_scroll(self, lines: int) -> None:
        """Show other lines."""
        self._excerpt.scroll(lines)
        self.redraw()

    def action_page(self, pages: int) -> None:
        """Show the lines a screen further."""
        self.action_scroll(pages * max(1, self._excerpt.height - 1))

    def on_mouse_scroll_down(self) -> None:
        self.action_scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self.action_scroll(-3)

    def on_click(self, event: events.Click) -> None:
        """Look at the clicked change."""
        self.post_message(self.Asked(self._excerpt.top + event.y - 1))


def _welcome(size: Size, inks: Inks) -> list[Painted]:
    """Return how to begin, wrapped; without its empty lines where there is no room for them."""
    lines: list[Painted] = []
    for number, text in enumerate(WELCOME):
        ink = inks.muted if number else inks.text
        begin = len(text) - len(text[1:].lstrip()) if text[1:4] == "   " else 0
        first, *rest = wrapped(((text[begin:], 0),), max(LEAST, size.width - begin))
        lines.append([(text[:begin], ink), *((said, ink) for said, _ in first)])
        lines += [[(" " * begin, ink), *((said, ink) for said, _ in line)] for line in rest]
    if len(lines) <= size.height:
        return lines
    return [line for line in lines if any(said.strip() for said, _ in line)]


def _number(number: int) -> str:
    return f"{number:>{NUMBER - 1}} " if number else " " * NUMBER


def _sign(mark: str, inks: Inks) -> Style:
    return {"-": inks.error, "+": inks.good, "x": inks.warning}.get(mark, inks.muted)


def _painted(segs: Segs | None, inks: Inks) -> Painted:
    styles = {
        Ink.SAME: inks.text,
        Ink.GONE: inks.error + Style(strike=True, bold=False, reverse=False),
        Ink.NEW: inks.good + Style(underline=True),
        Ink.REJECTED: inks.warning,
        Ink.HEAD: inks.accent,
    }
    return [(text, styles[Ink(ink)]) for text, ink in segs or ()]
