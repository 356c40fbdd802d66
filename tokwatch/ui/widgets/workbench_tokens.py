"""Tokens before and after, what that costs a call and a day."""

from __future__ import annotations

from typing import Final

from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import workbench_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.workbench_pane import BenchPane
from tokwatch.workbench.answers import Sums
from tokwatch.workbench.shown import Shown

_LOW: Final = 3
"""Lines up to which there is no room for a bar of its own."""


class BenchTokens(BenchPane):
    """A bar for what was, one for what is."""

    TITLE = "tokens"
    HELP = """
    # Tokens
    The prompt before and after, counted here for this model; `≈` where its tokenizer is not public:
    then by your own logs (`tokwatch calibrate`) or by what is known of its family. Of chat JSON the
    texts count, calls and definitions of tools, and what the provider wraps them in as far as that
    is known; braces and pictures do not.

    *cost/call*: at the price of new input; *at your cached mix*: what a token of your own prompts
    to this model came to in the last 7 days. *a day*: if each call of it carried this prompt.

    * `b` target: `30%`, `2000`, `all`, what is left of the `window` or of a budget
    * `a` question, `l` level, `W` way, `L` limits of a chat, `m` models
    """

    def lines(self, shown: Shown, size: Size, inks: Inks) -> list[Line]:
        """Return tokens, money, and how the tokens are known."""
        if shown.is_empty:
            return [[("no prompt", inks.muted)], [], words.model_line(shown, inks, size.width)]
        if shown.problem:
            return [[("nothing to count", inks.muted)], [], words.model_line(shown, inks)]
        bars = self._bars(shown, size, inks)
        return [
            *bars,
            words.money_line(shown, inks, size.width),
            words.model_line(shown, inks, size.width),
        ]

    def _bars(self, shown: Shown, size: Size, inks: Inks) -> list[Line]:
        sums, mark, width = shown.sums, words.mark_of(shown.counted), size.width
        before = sums.before if sums else shown.counted.tokens if shown.counted else 0
        head: Line = [("before ", inks.muted), (f"{mark}{before:,} ", inks.text)]
        if sums is None:
            return [[*head, ("counting …" if shown.is_working else "", inks.muted)]]
        after: Line = [("after ", inks.muted), (f"{mark}{sums.after:,} ", inks.strong)]
        gone = f"-{sums.saved:,} (-{sums.share:.0%})" if sums.saved >= 0 else f"+{-sums.saved:,}"
        end: Line = [(gone, inks.good if sums.saved > 0 else inks.muted), *_goal(shown, inks)]
        used = sum(len(text) for text, _ in [*head, *after, *end])
        room = max(0, width - used - 3)
        if width < words.NARROW:
            told: list[Line] = [[*head, *after, *end]] if used <= width else [[*head, *after], end]
            return told if size.height <= _LOW else [*told, _bar(sums, width - 8, inks)]
        most = max(sums.before, sums.after, 1)
        left, right = (round(room / 2 * n / most) for n in (sums.before, sums.after))
        gap = max(0, room - left - right)
        return [[*head, ("█" * left, inks.muted), (" ", inks.text), *after,
                 ("█" * right, inks.trend), (" " * (gap + 1), inks.text), *end]]  # fmt: skip

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what was undone and can be done again."""
        return [("working …", inks.warning)] if self.shown.is_working else []

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Tokens are counted on this machine; nothing is sent. Prices are those of the price "
            "list now; the mix is that of your requests to this model in the last 7 days.",
            "A day: calls of this model in the last 7 days, by 7.",
        )


def _bar(sums: Sums, width: int, inks: Inks) -> Line:
    cells = max(4, width)
    full = round((sums.after / sums.before if sums.before else 0) * cells)
    return [("█" * full, inks.trend), ("░" * (cells - full), inks.muted)]


def _goal(shown: Shown, inks: Inks) -> Line:
    """Return the target, and whether it is met."""
    sums, target = shown.sums, shown.bench.target
    if sums is None or sums.budget is None:
        return [("  no target", inks.muted)]
    name = f"{target.name} " if target.name else ""
    if sums.is_met:
        return [(f"  target {name}{sums.budget:,} ", inks.muted), ("✓", inks.good)]
    return [
        (f"  target {name}{sums.budget:,} ", inks.muted),
        (f"missed by {sums.after - sums.budget:,}", inks.error),
    ]
