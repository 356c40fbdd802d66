"""What other lifetimes of cache writes would have changed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.caching import CacheSum
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.cache import CachePage
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM


class CacheLifetimes(PagePane[CachePage], can_focus=True):
    """The range as it was, with all writes for five minutes, and for an hour."""

    TITLE = "if all writes were for"
    KIND = CachePage
    HELP = """
    # Five minutes or an hour
    An hour costs more to write and survives longer pauses. The pauses of the range, as they
    were, priced both ways: what it would have cost more (+) or less (-).
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def page(self, content: CachePage, size: Size, inks: Inks) -> list[Line]:
        """Return a line for each lifetime, and what was written as it was."""
        one = content.total
        if not one.write_5m + one.write_1h:
            return [[("nothing was written to a cache here", inks.muted)]]
        return [
            _line("5 minutes", one.short_nano, one.write_5m, one, inks),
            _line("1 hour", one.long_nano, one.write_1h, one, inks),
            [("on the pauses as they were", inks.muted)],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the pauses were priced."""
        return (
            "For an hour: every five-minute write at the price of an hour's; what had to be sent "
            "again after a pause of more than five minutes and up to an hour would have been read.",
            "For five minutes: every hour's write at the lower price; what was read after such a "
            "pause would have been written again. That is the most it can be: what other "
            "sessions kept warm, such as the system prompt, would still have been read.",
        )


def _line(name: str, nano: int, written: int, one: CacheSum, inks: Inks) -> Line:
    ink = inks.good if nano < 0 else inks.warning if nano else inks.muted
    share = written * 100 // (one.write_5m + one.write_1h)
    told = f"≈{fmt.signed_money(nano)}" if nano else "the same"
    more = "+?" if nano and one.unpriced else ""
    return [
        (f"{name:<10}", inks.text),
        (f"{told}{more}", ink),
        (f"  {share}% of the writes are", inks.muted),
    ]
