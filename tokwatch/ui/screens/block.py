"""The panel that opens on a block of a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType

from tokwatch.analysis.carried import Carried
from tokwatch.pages.block import BlockAsk
from tokwatch.pages.workbench_logged import LoggedAsk
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.session_words import block_name
from tokwatch.ui.terminal import copy
from tokwatch.ui.to_workbench import TO_WORKBENCH, to_workbench
from tokwatch.ui.widgets.block_facts import BlockFacts

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp


class BlockPanel(Panel):
    """Asks for the block's record while it is open; the screen beneath asks again afterwards."""

    asks_feed: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [TO_WORKBENCH]

    def __init__(self, about: Carried) -> None:
        self._about = about
        self._facts = BlockFacts(about)
        super().__init__(self._facts)
        self._asked = BlockAsk(*about.chain, about.block.offset)

    def on_screen_resume(self) -> None:
        cast("TokwatchApp", self.app).feed.look(self._asked)

    async def action_workbench(self) -> None:
        """Take the block's text to the workbench."""
        one = self._about
        asked = LoggedAsk(*one.chain, one.entered, one.block.offset, one.block.chars)
        name = block_name(one.block.part, one.block.tool)
        await to_workbench(self.app, asked, name)

    def action_copy(self) -> None:
        """Copy the text of the panel."""
        copy(self.app, self._facts.plain)
        self.notify("Copied: block", markup=False)
