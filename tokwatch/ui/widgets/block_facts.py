"""One block of a conversation: what it has cost, and its record in the log."""

from __future__ import annotations

import textwrap
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tokwatch.analysis.carried import Carried
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.block import BlockPage
from tokwatch.ui import cache_words
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.raw_lines import record_lines
from tokwatch.ui.widgets.scrolled import Scrolled
from tokwatch.words import counted

NAME: Final = 12


class BlockFacts(Scrolled[BlockPage]):
    """Lines to read, scrolled by keys."""

    ALLOW_MAXIMIZE = False
    TITLE = "block"
    KIND = BlockPage
    HELP = """
    # One block
    What a tool result, a file, a paste or anything else in the context has cost since it entered,
    and its record in the log: escaped, long texts cut, and kept nowhere.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "screen.copy", "Copy", id="copy", tooltip="Copy what the pane shows"),
    ]

    def __init__(self, about: Carried) -> None:
        super().__init__()
        self._about = about

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what the block is."""
        block = self._about.block
        return [(words.block_name(block.part, block.tool), inks.text)]

    def lines(self, content: BlockPage, width: int, inks: Inks) -> list[Line]:
        """Return its figures, its place, and its record."""
        one, block = self._about, self._about.block
        exact = "" if one.is_measured else "≈"
        held = "still in the context" if one.is_held else "no longer in the context"
        cost = cache_words.amount(one.nano, one.unpriced)
        place = f"{fmt.from_home(fmt.clean(content.path))}:{content.offset}"
        facts = [
            ("carried", f"≈{cost} in {counted(one.requests, 'prompt')} · {held}"),
            ("tokens", f"{exact}{one.tokens:,} in the prompts · ≈{block.tokens:,} by its length"),
            ("length", counted(block.chars, "character") if block.chars else fmt.NOTHING),
            *([("error", "the tool reported an error")] if block.is_error else []),
        ]
        lines: list[Line] = []
        for name, text in (*facts, ("log", place)):
            for number, part in enumerate(textwrap.wrap(text, max(20, width - NAME))):
                lines.append(_fact("" if number else name, part, inks))
        return [*lines, [], *record_lines(content.raw, width, inks)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is shown."""
        return ("One block of the detail pass; its text is read from the log at this moment.",)


def _fact(name: str, text: str, inks: Inks) -> Line:
    return [(f"{name:<{NAME}}", inks.muted), (text, inks.text)]
