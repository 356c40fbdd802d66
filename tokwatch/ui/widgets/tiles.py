"""The four tiles: what the shown day costs, how fast, how well cached, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size

from tokwatch.model import NANO
from tokwatch.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.tile import Tile


class Today(Tile):
    """Spending of the shown day."""

    TITLE = SHORT = "today"
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
        if not snapshot.is_today and self.size.width >= 30:
            label.append((" · last active", inks.muted))
        return [*label, (" · API-equivalent", inks.muted)] if self.equivalent else label

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the day's cost and how many times the usual it is."""
        spend = snapshot.spend
        figure: Line = [(fmt.cost(spend.cost_nano, spend.usage), inks.strong)]
        times = spend.times_usual
        if times is None:
            return [figure]
        arrow, ink = ("▲", inks.warning) if times >= 1.05 else ("▼", inks.good)
        if 0.95 < times < 1.05:
            arrow, ink = "=", inks.muted
        return [
            [*figure, (f"  {arrow} {times:.1f}× usual", ink)],
            [*figure, (f"  {arrow}{times:.1f}×", ink)],
            figure,
        ]

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
    SHORT = "burn"
    HELP = """
    # Burn rate
    What the last five minutes cost, as dollars per hour, and the highest rate of the day.
    """

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the rate and the day's peak."""
        burn = snapshot.burn
        figure: Line = [(fmt.money(burn.nano_per_hour) + "/h", inks.strong)]
        if not burn.peak_nano_per_hour:
            return [figure]
        return [[*figure, (f"  peak {fmt.money(burn.peak_nano_per_hour)}", inks.muted)], figure]

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
    SHORT = "cache"
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
        if points is None or abs(points) < 0.5:
            return [figure]
        arrow, ink = ("▲", inks.good) if points > 0 else ("▼", inks.warning)
        return [
            [*figure, (f"  {arrow} {abs(points):.0f} pts / 1h", ink)],
            [*figure, (f"  {arrow}{abs(points):.0f} pts", ink)],
            figure,
        ]

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

    TITLE = SHORT = "forecast"
    HELP = """
    # Forecast
    Where the day ends at the present pace: an estimate, so it carries `≈`. Beside it the
    active five-hour block, this week and this month so far.
    """

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the estimate for the end of the day."""
        forecast = snapshot.forecast
        if forecast.end_of_day_nano is None:
            return [
                [("n/a", inks.strong), ("  too little to tell", inks.muted)],
                [("n/a", inks.strong)],
            ]
        figure: Line = [(f"≈{fmt.short_money(forecast.end_of_day_nano)}", inks.strong)]
        wordings: list[Line] = [[*figure, (" by 24:00", inks.text)], figure]
        low, high = forecast.low_nano, forecast.high_nano
        if low is not None and high is not None and high - low >= NANO:
            spread = f"  {fmt.money(low, 0)} to {fmt.money(high, 0)}"
            wordings.insert(0, [*wordings[0], (spread, inks.muted)])
        return wordings

    def note(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what the active block has cost, or where there is none, the week."""
        forecast = snapshot.forecast
        if forecast.block_nano is None or forecast.block_end is None:
            return self._longer(snapshot, inks)
        line: Line = [(f"block {fmt.short_money(forecast.block_nano)}", inks.muted)]
        if forecast.block_forecast_nano is not None:
            line.append((f" → ≈{fmt.short_money(forecast.block_forecast_nano)}", inks.muted))
        return [*line, (f" at {fmt.clock(forecast.block_end, snapshot.zone)}", inks.muted)]

    def _longer(self, snapshot: Snapshot, inks: Inks) -> Line:
        forecast = snapshot.forecast
        week = f"week {fmt.short_money(forecast.week_nano)}"
        return [(f"{week} · month {fmt.short_money(forecast.month_nano)}", inks.muted)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the estimate, the block, the week and the month."""
        lines = super().body(snapshot, size, inks)
        if size.height > 2:
            lines.insert(2, self._longer(snapshot, inks))
        return lines

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the estimate rests on."""
        return (
            "An estimate: what was spent so far, and the rest of the day at the present pace; low "
            "and high where history allows to tell them.",
            "A block is five hours from its first request, as subscriptions count them; "
            "the setting blocks.hours changes it.",
        )
