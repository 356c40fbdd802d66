"""All that is known of one sum of the cache screen."""

from __future__ import annotations

from textual.geometry import Size

from tokwatch.model.caching import CacheSum
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import Pane
from tokwatch.words import counted


class CacheFacts(Pane, can_focus=True):
    """Tokens by class, rates and amounts of a model, to read."""

    ALLOW_MAXIMIZE = False
    TITLE = "cache"
    HELP = """
    # One model's cache
    Everything that the table has no room for.
    """

    def __init__(self, name: str, one: CacheSum) -> None:
        super().__init__()
        self._model, self._sum = name, one

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name."""
        return [(fmt.clean(self._model), inks.text), (" · cache in the shown range", inks.muted)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return a line for each figure."""
        one = self._sum
        told = (
            ("hit rate by tokens", words.rate(one.token_rate),
             f"of {counted(one.prompt, 'prompt token')}"),
            ("hit rate by requests", words.rate(one.request_rate), f"{one.hits:,} of {one.told:,}"),
            ("input", f"{one.input:,}", "tokens neither read nor written"),
            ("cache read", f"{one.read:,}", ""),
            ("cache write 5 min", f"{one.write_5m:,}", ""),
            ("cache write 1 h", f"{one.write_1h:,}", ""),
            ("saved by reads", fmt.money(one.saved_nano, 4), "against plain input"),
            ("spent on writes", fmt.money(one.written_nano, 4),
             f"{fmt.money(one.premium_nano, 4)} of it above plain input"),
            ("saved, net", fmt.money(one.net_nano, 4), "against no cache at all"),
            ("lost to rewrites", fmt.money(one.lost_nano, 4),
             f"{counted(one.breaks, 'break')}, {counted(one.rewritten, 'token')} sent again"),
            ("if writes were 5 min", f"≈{fmt.signed_money(one.short_nano)}", ""),
            ("if writes were 1 h", f"≈{fmt.signed_money(one.long_nano)}", ""),
        )  # fmt: skip
        lines: list[Line] = [
            [
                (f"{name:<22}", inks.muted),
                (f"{figure:>16}", inks.strong),
                (f"   {note}", inks.muted),
            ]
            for name, figure, note in told
        ]
        if one.unpriced:
            words_ = f"{counted(one.unpriced, 'token')} without a price, in no amount"
            lines.append([(words_, inks.warning)])
        return lines

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the figures are sums of."""
        return ("Sums over the model's requests in the shown range, each as it was priced.",)
