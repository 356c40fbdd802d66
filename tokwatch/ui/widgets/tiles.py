"""The four tiles: what the shown day costs, how fast, how well cached, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size

from tokwatch.model import NANO
from tokwatch.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import spark, tall_spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.widgets.painted import Line, Pane, width_of


class Tile(Pane, can_focus=True):
    """One figure, what it is set against, and its trend."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.zoom", "Zoom", show=False, id="tile.zoom"),
    ]

    def headline(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the figure and what it is set against."""
        raise NotImplementedError

    def note(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return a second line for tiles that have room."""
        raise NotImplementedError

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the values of the sparkline, oldest first."""
        return ()

    async def on_click(self) -> None:
        await self.run_action("screen.zoom")

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the headline, then as much of trend and note as there is room for."""
        headline, trend = self.headline(snapshot, inks), self.trend(snapshot)
        if size.height <= 1:
            room = size.width - width_of(headline) - 2
            if trend and room >= 5:
                headline = [*headline, ("  " + spark(trend[-room:], room), inks.trend)]
            return [headline]
        if size.height == 2:
            return [
                headline,
                [(spark(trend, min(len(trend), size.width)), inks.trend)]
                if trend
                else self.note(snapshot, inks),
            ]
        lines = [headline, self.note(snapshot, inks)]
        width = min(size.width, max(len(trend), size.width // 2))
        bars = _stretched(trend, width)
        tall = tall_spark(bars, len(bars), min(10, size.height - 2)) if trend else []
        return lines + [[(line, inks.trend)] for line in tall]

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the tile, without a frame where there is only one line for it."""
        if size.height > 2 or self.snapshot is None:
            return super().draw(size, inks)
        name: Line = [(fmt.fit(self.TITLE, 9), inks.muted)]
        inner = Size(size.width - 9, 1)
        return [name + self.body(self.snapshot, inner, inks)[0]]


def _stretched(values: Sequence[float | None], width: int) -> list[float | None]:
    """Return each value as many times as fits into the width."""
    times = max(1, width // max(1, len(values)))
    return [value for value in values for _ in range(times)]


class Today(Tile):
    """Spending of the shown day."""

    TITLE = "today"
    HELP = """
    # Today
    Cost of every request of the day, by your time zone. `▲ 2.1×` sets it against the mean
    of earlier active days up to the same time. `≥` marks a lower bound, `+?` tokens
    without a price. `i` says where the number comes from, `+` zooms.
    """

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return which day it is, and whether the money is only an equivalent."""
        name = "today" if snapshot.is_today or not snapshot.day else fmt.day(snapshot.day)
        label: Line = [(name, inks.text)]
        if not snapshot.is_today:
            label.append((" · last active day", inks.muted))
        return [*label, (" · API-equivalent", inks.muted)] if self.equivalent else label

    def headline(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the day's cost and how many times the usual it is."""
        spend = snapshot.spend
        line: Line = [(fmt.cost(spend.cost_nano, spend.usage), inks.strong)]
        times = spend.times_usual
        if times is None:
            return line
        arrow, ink = ("▲", inks.warning) if times >= 1.05 else ("▼", inks.good)
        if 0.95 < times < 1.05:
            arrow, ink = "=", inks.muted
        return [*line, (f"  {arrow} {times:.1f}× usual", ink)]

    def note(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the day's tokens and requests."""
        usage = snapshot.spend.usage
        return [(f"{fmt.count(usage.total)} tokens · {usage.requests:,} requests", inks.muted)]

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
    HELP = """
    # Burn rate
    What the last five minutes cost, as dollars per hour, and the highest rate of the day.
    """

    def headline(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the rate and the day's peak."""
        burn = snapshot.burn
        line: Line = [(fmt.money(burn.nano_per_hour) + "/h", inks.strong)]
        if burn.peak_nano_per_hour:
            line.append((f"  peak {fmt.money(burn.peak_nano_per_hour)}", inks.muted))
        return line

    def note(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the tokens per minute."""
        return [(f"{fmt.count(snapshot.burn.tokens_per_minute)} tokens/min", inks.muted)]

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
    HELP = """
    # Cache hit rate
    Cache reads as a share of all prompt tokens (input, cache reads and cache writes).
    `▼ 19 pts` sets the last hour against the day before it.
    """

    def headline(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the hit rate and its change."""
        cache = snapshot.cache
        if cache.rate is None:
            return [("n/a", inks.strong), ("  no cache figures", inks.muted)]
        line: Line = [(fmt.percent(cache.rate), inks.strong)]
        points = cache.change_points
        if points is None or abs(points) < 0.5:
            return line
        arrow, ink = ("▲", inks.good) if points > 0 else ("▼", inks.warning)
        return [*line, (f"  {arrow} {abs(points):.0f} pts / 1h", ink)]

    def note(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the tokens read from the cache and all prompt tokens."""
        usage = snapshot.spend.usage
        text = f"{fmt.count(usage.cache_read)} of {fmt.count(usage.prompt)} prompt tokens"
        return [(text, inks.muted)]

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
    """Where the day ends at the present pace."""

    TITLE = "forecast"
    HELP = """
    # Forecast
    Where the day ends at the present pace: an estimate, so it carries `≈`. Beside it the
    active five-hour block, this week and this month so far.
    """

    def headline(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the estimate for the end of the day."""
        forecast = snapshot.forecast
        if forecast.end_of_day_nano is None:
            return [("n/a", inks.strong), ("  too little to tell", inks.muted)]
        line: Line = [(f"≈ {fmt.short_money(forecast.end_of_day_nano)}", inks.strong)]
        line.append((" by 24:00", inks.text))
        low, high = forecast.low_nano, forecast.high_nano
        if low is not None and high is not None and high - low >= NANO:
            line.append((f"  {fmt.money(low, 0)} to {fmt.money(high, 0)}", inks.muted))
        return line

    def note(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what the active block has cost, or where there is none, the week."""
        forecast = snapshot.forecast
        if forecast.block_nano is None or forecast.block_end is None:
            return self._longer(snapshot, inks)
        line: Line = [(f"block {fmt.short_money(forecast.block_nano)}", inks.muted)]
        if forecast.block_forecast_nano is not None:
            line.append((f" → ≈ {fmt.short_money(forecast.block_forecast_nano)}", inks.muted))
        return [*line, (f" at {fmt.clock(forecast.block_end, snapshot.zone)}", inks.muted)]

    def _longer(self, snapshot: Snapshot, inks: Inks) -> Line:
        forecast = snapshot.forecast
        week = f"week {fmt.short_money(forecast.week_nano)}"
        return [(f"{week} · month {fmt.short_money(forecast.month_nano)}", inks.muted)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the estimate, the block, the week and the month."""
        lines = super().body(snapshot, size, inks)
        return [*lines, self._longer(snapshot, inks)] if size.height > 2 else lines

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the estimate rests on."""
        return (
            "An estimate: what was spent so far, and the rest of the day at the present pace; low "
            "and high where history allows to tell them.",
            "A block is five hours from its first request, as subscriptions count them; "
            "the setting blocks.hours changes it.",
        )
