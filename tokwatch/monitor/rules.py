"""What the overview depends on, as the settings have it."""

from __future__ import annotations

from functools import lru_cache

from tokwatch.analysis.context import Windows
from tokwatch.analysis.overview import OverviewRules
from tokwatch.analysis.session_rows import RowRules
from tokwatch.config import Config
from tokwatch.model.usage import CostMode
from tokwatch.prices.settings import PriceSettings
from tokwatch.sources import asks_large, source_named


def rules_of(config: Config) -> OverviewRules:
    """Return what the overview depends on, as configured."""
    prices = PriceSettings.from_config(config.prices, config.data)
    rows = RowRules(
        mode=CostMode(config.prices.mode),
        burn_minutes=config.burn.minutes,
        warning=config.context.warning,
        critical=config.context.critical,
        windows=Windows(
            config.context.windows,
            lru_cache(lambda provider, model: _window(provider, model, prices)),
            asks_large,
        ),
        resume=resume_command,
    )
    return OverviewRules(rows, config.blocks.hours, config.week.starts)


def _window(provider: str, model: str, prices: PriceSettings) -> int | None:
    from tokwatch.prices.resolve import window

    return window(provider, model, prices)


def resume_command(source: str, session: str) -> str:
    """Return the command with which the session's tool resumes it."""
    found = source_named(source)
    return found.resume_command(session) if found else ""
