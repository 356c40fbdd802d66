"""What the prompt under the cursor was made of."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.analysis.composition import UNTOLD, Mix
from tokwatch.model.session import SessionRequest
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.ui.widgets.tile import fitting
from tokwatch.words import counted

FIGURES: Final = 12
"""Cells of a count and a share."""
NAME: Final = 18
LEAST_BAR: Final = 4


class SessionComposition(PagePane[SessionPage], can_focus=True):
    """The parts of one prompt, the largest first; they add up to what the provider counted."""

    TITLE = "composition"
    KIND = SessionPage
    HELP = """
    # Composition at the cursor
    What the prompt of the request under the cursor was made of. The whole is what the provider
    counted. An answer weighs what its usage says, and what came since the request before weighs
    what the prompt grew by beyond that: where that is all one thing's own, it is *measured*;
    else it is shared out by the estimated sizes of the blocks, and counts as *estimated*.

    What the prompts hold and no log tells (mostly the system prompt and the tools) is *not in
    the log*. `left` and `right` move the cursor.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    cursor: int | None = None

    def point_at(self, key: int | None) -> None:
        """Show the prompt of another request."""
        self.cursor = key
        self.redraw()

    def request(self, content: SessionPage) -> SessionRequest | None:
        """Return the request under the cursor."""
        points = content.course.points
        if self.cursor is None:
            return points[-1] if points else None
        place = content.course.places.get(self.cursor)
        return None if place is None else points[place]

    def page(self, content: SessionPage, size: Size, inks: Inks) -> list[Line]:
        """Return a line for each part, and how much of it is counted."""
        request = self.request(content)
        if request is None:
            why = "this request's prompt is not a part of the conversation"
            return [[(why if content.lines else words.nothing_words(content), inks.muted)]]
        mix = content.inside.mix(request.key) if content.inside else None
        if mix is None:
            return self._by_class(content, request, size, inks)
        room = max(1, size.height - 1)
        shares = list(mix.shares)
        if len(shares) > room:
            keep = shares[: room - 1] if shares[-1][0] != UNTOLD else shares[: room - 2]
            last = shares[-1:] if shares[-1][0] == UNTOLD else []
            others = mix.total - sum(tokens for _, tokens in [*keep, *last])
            lines = [self._line(words.group_name(g), t, mix.total, size, inks) for g, t in keep]
            lines.append(self._line("others", others, mix.total, size, inks))
            lines += [self._line(words.group_name(g), t, mix.total, size, inks) for g, t in last]
        else:
            lines = [self._line(words.group_name(g), t, mix.total, size, inks) for g, t in shares]
        lines += [[] for _ in range(room - len(lines))]
        return [*lines, _counted(mix, size.width, inks)]

    def _by_class(
        self, content: SessionPage, request: SessionRequest, size: Size, inks: Inks
    ) -> list[Line]:
        """Return what usage alone tells, and why there is no more."""
        told, total = request.cached, request.prompt
        why = words.reading_words(content) or "the log does not hold this request's conversation"
        return [
            self._line("cache read", told.cache_read or 0, total, size, inks),
            self._line("cache written", told.cache_write_5m + told.cache_write_1h, total, size,
                       inks),
            self._line("new input", told.input, total, size, inks),
            [],
            [(fmt.fit_to(why, size.width), inks.warning if content.reading else inks.muted)],
        ]  # fmt: skip

    @staticmethod
    def _line(name: str, tokens: int, total: int, size: Size, inks: Inks) -> Line:
        share = tokens / total if total else 0.0
        bar = size.width - NAME - FIGURES - 2
        named = NAME if bar >= LEAST_BAR else max(4, min(NAME, size.width - FIGURES - 1))
        line: Line = [(fmt.fit(name, named) + " ", inks.text)]
        if bar >= LEAST_BAR:
            full, rest = gauge(share, bar)
            line += [(full, inks.trend), (rest, inks.frame), (" ", inks.text)]
        percent = f"{share * 100:.0f}%" if share >= 0.005 or not tokens else "<1%"
        return [*line, (f"{fmt.count(tokens):>7}{percent:>5}", inks.text)]

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return whose prompt it is."""
        request = self.request(self.content) if self.content else None
        if request is None:
            return [("composition", inks.text)]
        whole = f" · {counted(request.prompt, 'token')}"
        return [("composition", inks.text), (whole, inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is counted, and what is estimated."""
        inside = self.content.inside if self.content else None
        return (
            "The sum is the prompt as the provider counted it. Answers weigh their counted output; "
            "what else entered shares what the prompt grew by, in proportion to its estimated "
            "tokens. Measured is what needed no such sharing.",
            words.estimate_words(inside.estimate if inside else None),
            "Where thinking of earlier turns left the prompt when the user spoke, or the context "
            "shrank without a word in the log, the parts are scaled to what is left.",
        )


def _counted(mix: Mix, width: int, inks: Inks) -> Line:
    measured = mix.measured * 100 // mix.total if mix.total else 0
    rest = 100 - measured
    return fitting(
        [
            [(f"measured {measured}%", inks.text), (f" · estimated ≈{rest}%", inks.muted)],
            [(f"{measured}% counted", inks.text), (f" · ≈{rest}% est.", inks.muted)],
        ],
        width,
    )
