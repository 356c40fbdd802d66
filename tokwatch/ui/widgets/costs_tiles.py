"""The tiles of the costs screen: what the slice comes to, how fast it goes, where things end."""

from __future__ import annotations

import textwrap
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.analysis.calendar import instant
from tokwatch.analysis.projection import Band
from tokwatch.model.facets import Unit
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.burn import Block
from tokwatch.pages.costs import CostsPage
from tokwatch.ui import facet_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.ui.widgets.tile import EQUIVALENT, fitting
from tokwatch.words import counted

ROOM_FOR_MEANING: Final = 8
"""Lines from which a tile says what it means as well."""
TILE_LINES: Final = 3
"""Lines of a tile that is not tall."""
NAME: Final = 6
"""Cells of the name of what ends."""


class CostsTile(PagePane[CostsPage], can_focus=True):
    """A few lines about the slice; `enter` fills the screen with it."""

    KIND = CostsPage
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def facts(self, content: CostsPage, size: Size, inks: Inks) -> list[Line]:
        """Return the lines about the slice."""
        raise NotImplementedError

    def page(self, content: CostsPage, size: Size, inks: Inks) -> list[Line]:
        """Return the lines, and where there is room what they mean."""
        lines = self.facts(content, size, inks)
        if size.height > ROOM_FOR_MEANING and self.snapshot is not None:
            for sentence in self.meaning(self.snapshot):
                wrapped = textwrap.wrap(sentence, size.width)
                lines += [[], *([(part, inks.muted)] for part in wrapped)]
        return lines

    async def on_click(self) -> None:
        await self.run_action("screen.zoom")


class SliceTotal(CostsTile):
    """What the slice comes to, against the range before."""

    TITLE = "spend"
    HELP = """
    # Spend
    What the slice comes to in the shown range, and against the range of the same length before
    it. Tokens are told by class: what was sent anew, read from the provider's cache, written to
    it, and got back.
    """

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name, and whether the money is only an equivalent."""
        money = EQUIVALENT if self.equivalent else ("",)
        wordings: list[Line] = [[(self.TITLE, inks.text), (words, inks.muted)] for words in money]
        return fitting(wordings, self.size.width - 6)

    def facts(self, content: CostsPage, size: Size, inks: Inks) -> list[Line]:
        """Return the cost with its change, the tokens by class, the requests."""
        amount, before = content.table.amount, content.table.before
        lines: list[Line] = [fitting(self._headlines(content, inks), size.width)]
        classes = (
            ("new", amount.input),
            ("read", amount.cache_read),
            ("written", amount.cache_write),
            ("out", amount.output),
        )
        told = [f"{fmt.count(count)} {name}" for name, count in classes]
        tokens = f"{fmt.count(amount.tokens)} tokens"
        read = f" · {fmt.percent(_share(amount.cache_read, amount.tokens))} read from the cache"
        whole = " · ".join(told)
        if len(whole) > size.width and size.height > TILE_LINES:
            halves = (" · ".join(told[:2]), " · ".join(told[2:]))
            lines += [[(fmt.fit_to(half, size.width), inks.muted)] for half in halves]
        else:
            tellings = (whole, " ".join(told), tokens + read, tokens)
            lines.append(fitting([[(one, inks.muted)] for one in tellings], size.width))
        requests = counted(amount.requests, "request")
        was = "" if before is None else f" · {before.requests:,} before"
        wordings: list[Line] = [[(requests + more, inks.muted)] for more in (was, "")]
        return [*lines, fitting(wordings, size.width)]

    def _headlines(self, content: CostsPage, inks: Inks) -> list[Line]:
        amount, before = content.table.amount, content.table.before
        cost = words.amount_text(amount, Unit.COST)
        figure: Line = [(cost, inks.warning if amount.missing else inks.strong)]
        if before is None or not before.requests:
            told = "  all of history" if before is None else "  nothing in the range before"
            return [[*figure, (told, inks.muted)], figure]
        arrow = words.arrow(amount.nano, before.nano)
        style = inks.warning if arrow == "▲" else inks.good if arrow else inks.muted
        change = f"{arrow} {words.change_words(amount.nano, before.nano)}".strip()
        difference = words.difference(amount.nano, before.nano, Unit.COST)
        return [
            [*figure, (f"  {change}  {difference}", style), (" vs before", inks.muted)],
            [*figure, (f"  {change}  {difference}", style)],
            [*figure, (f" {change}", style)],
            figure,
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is compared with what."""
        content = self.content
        shown = "the shown range"
        before = ""
        if content is not None:
            shown = words.range_words(content.shown, snapshot.zone)
            if content.before is not None:
                before = f", {words.range_words(content.before, snapshot.zone)}"
        return (
            f"The requests of {shown} ({snapshot.zone}) that are in the slice. Ranges of up to "
            "four hours are exact to the request; longer ones begin where a quarter of an hour "
            "does.",
            f"The range before is as long and ends where the shown one begins{before}.",
        )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class BurnRates(CostsTile):
    """How fast the slice costs money."""

    TITLE = "burn rate"
    HELP = """
    # Burn rate
    Moving averages over wall-clock time in which what is older counts less: half as much after
    five minutes, or after an hour. *Active* stops the clock while nobody works.
    """

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name, and whether it is of a part only."""
        of = " · of the slice" if self.content is not None and self.content.picks else ""
        return [(self.TITLE, inks.text), (of, inks.muted)]

    def facts(self, content: CostsPage, size: Size, inks: Inks) -> list[Line]:
        """Return the short rate with its course, the long one, the one of active time."""
        rates = content.burning.rates
        figure: Line = [(f"{fmt.money(rates.short_nano)}/h", inks.strong), (" 5 min", inks.muted)]
        room = min(len(rates.trend_nano), size.width - width_of(figure) - 2)
        if room >= 5:
            figure.append(("  " + spark(rates.trend_nano[-room:], room), inks.trend))
        long = f"{fmt.money(rates.long_nano)}/h 60 min"
        active = "" if rates.active_nano is None else f"{fmt.money(rates.active_nano)}/h active"
        second = fitting(
            [[(f"{long} · {active}" if active else long, inks.text)], [(long, inks.text)]],
            size.width,
        )
        hours, minutes = divmod(rates.active_minutes, 60)
        used = f"{hours} h {minutes} min" if hours else f"{minutes} min"
        third = f"{fmt.count(rates.tokens_per_minute)} tokens/min · active {used} of 12 h"
        wordings: list[Line] = [
            [(third, inks.muted)],
            [(f"active {used} of 12 h", inks.muted)],
            [(f"active {used}", inks.muted)],
        ]
        return [figure, second, fitting(wordings, size.width)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the averages are made."""
        return (
            "The cost of each of the last 720 minutes of wall-clock time, weighted by 2 to the "
            "power of minus its age over the half-life: 5 minutes, or 60. Idle minutes count as "
            "nothing.",
            "Active time leaves out the minutes that are not within five minutes after a request, "
            "and ages by active minutes alone, with a half-life of 60.",
            "The overview's burn rate is the plain mean of the last minutes instead.",
        )


class Endings(CostsTile):
    """Where the running blocks, the day and the month end."""

    TITLE = "projection"
    HELP = """
    # Projection
    What the running block of hours, today and the month come to in the end: estimates, with the
    band that eight of ten earlier courses stayed in. A block is taken from the tool's own reset
    time where its log tells one, else from the algorithm. They are of all spending, not of the
    slice.
    """

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the name, and of what it is where there is room."""
        name: Line = [(self.TITLE, inks.text)]
        return fitting([[*name, (" · all spending", inks.muted)], name], self.size.width - 6)

    def facts(self, content: CostsPage, size: Size, inks: Inks) -> list[Line]:
        """Return a line for each thing that ends."""
        snapshot = self.snapshot
        assert snapshot is not None
        lines = [self._block(block, snapshot, size.width, inks) for block in content.burning.blocks]
        if not lines:
            lines.append([(f"{'block':<{NAME}}", inks.muted), ("none is running", inks.muted)])
        forecast, month = snapshot.forecast, content.burning.month
        low, middle, high = forecast.low_nano, forecast.end_of_day_nano, forecast.high_nano
        band = None if low is None or middle is None or high is None else Band(low, middle, high)
        if _is_of_moment(snapshot):
            lines.append(_ending("day", snapshot.spend.cost_nano, band, "", size.width, inks))
        else:
            lines.append(_ending("day", 0, None, "nothing used yet", size.width, inks))
        left = f"{counted(month.days_left, 'day')} left" if month.days_left else "last day"
        lines.append(_ending("month", month.nano, month.band, left, size.width, inks))
        return lines

    def _block(self, block: Block, snapshot: Snapshot, width: int, inks: Inks) -> Line:
        running = block.running
        until = f"by {fmt.clock(instant(running.end_ms), snapshot.zone)}"
        if running.limit is None:
            return _ending("block", running.nano, block.band, until, width, inks)
        used = running.limit.used_percent
        share = "" if used is None else f"{used:.0f}% used, "
        until = f"{share}resets {fmt.clock(instant(running.end_ms), snapshot.zone)}"
        end = "" if block.band is None else f" → ≈{fmt.short_money(block.band.middle)}"
        head: Line = [(f"{fmt.fit(running.limit.source, NAME - 1)} ", inks.muted)]
        return fitting(
            [
                [*head, (until, inks.strong), (f" · {fmt.short_money(running.nano)}{end}",
                 inks.muted)],
                [*head, (until, inks.strong)],
                [*head, (share.rstrip(", ") or until, inks.strong)],
            ],
            width,
        )  # fmt: skip

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where each line comes from, that of each block by name."""
        blocks = self.content.burning.blocks if self.content is not None else ()
        return (
            *(_origin(block, snapshot) for block in blocks),
            "A block's rest: what followed those moments of the last 14 days before which an hour "
            "had cost half to twice as much as the last one, as a multiple of that hour, times "
            "what the last hour cost; the median, the first and the last decile.",
            "The day: as on the overview. The month: what it has cost, plus the rest of today, "
            "plus what as many days in a row cost in the 56 days before.",
            "Listed are the requests since the month began, or a block that has run for longer.",
        )


def _is_of_moment(snapshot: Snapshot) -> bool:
    """Tell whether the overview's day is that of the moment, and not an earlier one with use."""
    moment = (snapshot.until or snapshot.now).astimezone(fmt.zone(snapshot.zone))
    return snapshot.day == moment.date().isoformat()


def _ending(name: str, nano: int, band: Band | None, note: str, width: int, inks: Inks) -> Line:
    """Return what something has cost and comes to, as fully as there is room."""
    head: Line = [(f"{name:<{NAME}}", inks.muted)]
    spent = fmt.short_money(nano)
    if band is None:
        return fitting(
            [
                [*head, (spent, inks.text), (f" {note}" if note else "", inks.muted)],
                [*head, (spent, inks.text)],
            ],
            width,
        )
    end = f"≈{fmt.short_money(band.middle)}"
    between = f" {fmt.short_money(band.low)}–{fmt.short_money(band.high)}"
    so_far: Line = [*head, (f"{spent} → ", inks.muted), (end, inks.strong)]
    return fitting(
        [
            [*so_far, (between, inks.text), (f" {note}" if note else "", inks.muted)],
            [*so_far, (between, inks.text)],
            [*head, (end, inks.strong), (between, inks.text)],
            [*head, (end, inks.strong)],
        ],
        width,
    )


def _origin(block: Block, snapshot: Snapshot) -> str:
    """Say how a block's begin and end are known."""
    running = block.running
    begin, end = (
        fmt.clock(instant(at_ms), snapshot.zone) for at_ms in (running.begin_ms, running.end_ms)
    )
    used = f"{fmt.money(running.nano)} in {counted(running.requests, 'request')}"
    if running.limit is None:
        return (
            f"The block {begin}–{end} ({used}) is by the algorithm: from the full hour of the "
            "first request after the block before, of all tools. The plan's own may differ."
        )
    told = fmt.clock(instant(running.limit.told_ms), snapshot.zone)
    return (
        f"{running.limit.source}: {begin}–{end} ({used}) is by the reset time that its log "
        f"told at {told}."
    )
