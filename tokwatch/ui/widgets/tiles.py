"""The four tiles: what the shown day costs, how fast, how well cached, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.reactive import reactive

from tokwatch.model.snapshot import Snapshot
from tokwatch.model.units import NANO
from tokwatch.ui import format as fmt
from tokwatch.ui.budget_gauge import budget_gauges, day_budget
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.silence import silent_since
from tokwatch.ui.widgets.tile import EQUIVALENT, Tile, fitting
from tokwatch.words import counted


class Today(Tile):
    """Spending of the shown day."""

    TITLE = SHORT = "today"
    NUMBER = "day"
    HELP = """
    # Today
    Cost of every request of the day, by your time zone. `▲ 2.1×` sets it against the mean
    of earlier active days up to the same time. `≥` marks a lower bound, `~` what is
    derived, `+?` tokens without a price. `i` says where the number comes from, `+` zooms.
    """

    moved: reactive[bool] = reactive(False, repaint=False)
    """Whether the user chose the shown moment."""

    def on_mount(self) -> None:
        self.follow_app("moved")

    def watch_moved(self) -> None:
        self.redraw()

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return which day it is, and whether the money is only an equivalent."""
        money = EQUIVALENT if self.equivalent else ("",)
        name, more = self._day(snapshot)
        wordings: list[Line] = [
            [(name, inks.text), (words, inks.muted)] for words in (more + money[0], *money)
        ]
        wordings += [] if self.equivalent else [[(self.name_of(snapshot), inks.text)]]
        return fitting(wordings, self.size.width - 6)

    def name_of(self, snapshot: Snapshot) -> str:
        """Return the day in as little as a tile without a frame has."""
        return self._day(snapshot)[0].partition(" ")[2] or self.SHORT

    def _day(self, snapshot: Snapshot) -> tuple[str, str]:
        """Return the name of the shown day, and why or how far it is shown."""
        if snapshot.is_today or not snapshot.day:
            until = snapshot.until
            return "today", f" until {fmt.clock(until, snapshot.zone)}" if until else ""
        chosen = self.moved and snapshot.until is not None
        return fmt.day(snapshot.day), "" if chosen else " · last active"

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the day's cost and how many times the usual it is."""
        spend = snapshot.spend
        figure: Line = [(fmt.cost(spend.cost_nano, spend.usage), inks.strong)]
        times = spend.times_usual
        if times is None or snapshot.progress is not None:
            return [figure]
        arrow, ink = ("▲", inks.warning) if times >= 1.05 else ("▼", inks.good)
        if 0.95 < times < 1.05:
            arrow, ink = "=", inks.muted
        return [
            [*figure, (f"  {arrow} {fmt.times(times)} usual", ink)],
            [*figure, (f"  {arrow}{fmt.times(times)}", ink)],
            figure,
        ]

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the day's tokens and requests."""
        usage = snapshot.spend.usage
        tokens = f"{fmt.count(usage.total)} tokens"
        return [
            [(f"{tokens} · {counted(usage.requests, 'request')}", inks.muted)],
            [(tokens, inks.muted)],
        ]

    def caption(self, snapshot: Snapshot) -> str:
        """Return the scale of the bars."""
        most = fmt.money(max(snapshot.spend.trend_nano, default=0))
        return f"a bar for each hour since midnight, the highest {most}"

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the day's cost by hour."""
        return snapshot.spend.trend_nano

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the day's cost came about."""
        return (
            "The cost of every request of the day, from local midnight on, sub-agents included.",
            "Each request is priced once, by its model, date, tier and token classes; a cost that "
            "the tool itself logged counts first, unless the setting prices.mode says otherwise.",
            "The usual is the mean of the earlier active days, up to the same time of day.",
        )


class BurnRate(Tile):
    """Dollars per hour over the last minutes."""

    TITLE = "burn rate"
    SHORT = "burn"
    NUMBER = "burn"
    HELP = """
    # Burn rate
    What the last five minutes cost, as dollars per hour, and the highest rate of the day.
    """

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the rate and the day's peak."""
        burn = snapshot.burn
        since = None if burn.nano_per_hour else silent_since(snapshot, self.now)
        ink = inks.strong if since is None else inks.muted
        bare: Line = [(fmt.short_money(burn.nano_per_hour), ink)]
        figure: Line = [(fmt.money(burn.nano_per_hour) + "/h", ink)]
        if since is not None:
            return [[*figure, (f"  quiet {fmt.age(since, self.now)}", inks.muted)], figure, bare]
        peak = f"  peak {fmt.money(burn.peak_nano_per_hour)}" if burn.peak_nano_per_hour else ""
        return [[*figure, (peak, inks.muted)], figure, bare]

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the tokens per minute."""
        return [[(f"{fmt.count(snapshot.burn.tokens_per_minute)} tokens/min", inks.muted)]]

    def caption(self, snapshot: Snapshot) -> str:
        """Return the scale of the bars."""
        most = fmt.money(max(snapshot.burn.trend_nano, default=0))
        return f"a bar for each five minutes of the last hour, the highest {most}/h"

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the rate over time."""
        return snapshot.burn.trend_nano

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the rate is taken over."""
        minutes = snapshot.burn.minutes
        return (
            f"What the requests of the last {minutes} minutes cost, times {60 / minutes:g}.",
            "The setting burn.minutes changes the time it is taken over. The peak is the highest "
            "rate of the shown day.",
        )


class CacheHits(Tile):
    """Share of the prompt that was read from the provider's cache."""

    TITLE = "cache hit rate"
    SHORT = "cache"
    NUMBER = "day"
    TREND_TOP = 1.0
    HELP = """
    # Cache hit rate
    Cache reads as a share of all prompt tokens (input, cache reads and cache writes).
    `▼ 19 pts` sets the last hour against the day before it.
    """

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the hit rate and its change."""
        cache = snapshot.cache
        figure: Line = [(fmt.percent(cache.rate), inks.strong)]
        if cache.rate is None:
            return [[*figure, ("  no cache data", inks.muted)], figure]
        points = cache.change_points
        if points is None or abs(points) < 0.5 or snapshot.progress is not None:
            return [figure]
        arrow, ink = ("▲", inks.good) if points > 0 else ("▼", inks.warning)
        change = counted(int(abs(points) + 0.5), "pt")
        return [
            [*figure, (f"  {arrow} {change} / 1h", ink)],
            [*figure, (f"  {arrow}{change}", ink)],
            figure,
        ]

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the tokens read from the cache and all prompt tokens."""
        usage = snapshot.spend.usage
        share = f"{fmt.count(usage.cache_read)} of {fmt.count(usage.prompt)}"
        return [[(f"{share} prompt tokens", inks.muted)], [(share, inks.muted)]]

    def caption(self, snapshot: Snapshot) -> str:
        """Return the scale of the bars."""
        return "a bar for each hour since midnight; the full height is 100%"

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the hit rate over time."""
        return snapshot.cache.trend

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the rate is a share of."""
        return (
            "Cache reads as a share of the prompt tokens of the shown day: input, cache reads and "
            "cache writes. Sources that do not tell their cache reads are left out.",
            "The change sets the last hour against the day before it, in percentage points.",
        )


class DayForecast(Tile):
    """Where the day ends."""

    TITLE = SHORT = "forecast"
    NUMBER = "day"
    HELP = """
    # Forecast
    Where the day ends, by how earlier days went on from this time: an estimate, so it carries `≈`.
    Beside it the tightest budget where one is set, else the active five-hour block and where the
    last hour's pace takes it; this week and this month so far.
    """

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the estimate for the end of the day."""
        forecast = snapshot.forecast
        if snapshot.progress is not None:
            return [[("…", inks.strong), ("  once history is read", inks.muted)],
                    [("…", inks.strong)]]  # fmt: skip
        if forecast.end_of_day_nano is None:
            return [
                [("n/a", inks.strong), ("  too little to tell", inks.muted)],
                [("n/a", inks.strong)],
            ]
        figure: Line = [(f"≈{fmt.short_money(forecast.end_of_day_nano)}", inks.strong)]
        wordings: list[Line] = [[*figure, (" by 24:00", inks.text)], figure]
        if (of := day_budget(snapshot.budget)) is not None:
            wordings.insert(0, [*wordings[0], (f" of {fmt.short_money(of)}", inks.text)])
        low, high = forecast.low_nano, forecast.high_nano
        if low is not None and high is not None and high - low >= NANO:
            spread = f"  {fmt.money(low, 0)} to {fmt.money(high, 0)}"
            wordings.insert(0, [*wordings[0], (spread, inks.muted)])
        return wordings

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return what the active block has cost, or where there is none, the week."""
        forecast = snapshot.forecast
        if snapshot.progress is not None:
            return [[]]
        if snapshot.budget is not None:
            return budget_gauges(snapshot.budget, inks)
        if forecast.block_nano is None or forecast.block_end is None:
            return [self._longer(snapshot, inks)]
        end = f" at {fmt.clock(forecast.block_end, snapshot.zone)}"
        line: Line = [(f"block {fmt.short_money(forecast.block_nano)}", inks.muted)]
        if forecast.block_forecast_nano is None:
            return [[*line, (end, inks.muted)], line]
        estimate = f"≈{fmt.short_money(forecast.block_forecast_nano)}"
        return [
            [*line, (f" → {estimate}{end}", inks.muted)],
            [*line, (f" → {estimate}", inks.muted)],
            [(f"block {estimate}", inks.muted)],
        ]

    def _longer(self, snapshot: Snapshot, inks: Inks) -> Line:
        forecast = snapshot.forecast
        week = f"week {fmt.short_money(forecast.week_nano)}"
        return [(f"{week} · month {fmt.short_money(forecast.month_nano)}", inks.muted)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the estimate, the block, the week and the month."""
        lines = super().body(snapshot, size, inks)
        longer = self._longer(snapshot, inks)
        if size.height > 2 and snapshot.progress is None and longer not in lines:
            lines.insert(2, longer)
        return lines

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the estimate rests on."""
        return (
            "An estimate: what was spent so far, and the rest as earlier days went on from this "
            "time, with low and high; before there are three of those, as the last hour went.",
            "A block is five hours from its first request, as subscriptions count them, and is "
            "taken to go on as the last hour went; the setting blocks.hours changes its length.",
        )
