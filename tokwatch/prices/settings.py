"""What the user says about prices: overrides, aliases, and where a downloaded list lies."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Protocol, Self

from msgspec import Struct, field

NANO_DECIMAL = Decimal(10**9)


def nano(dollars: Decimal | float | int | str) -> int:
    """Return dollars as nano-dollars, exactly where they can be."""
    return round(Decimal(str(dollars)) * NANO_DECIMAL)


class Override(Struct, frozen=True):
    """The user's own standard rates, nano-dollars per million tokens; None keeps the known one."""

    input: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_1h: int | None = None
    output: int | None = None


class DollarRates(Protocol):
    """One `[prices.override."name"]` table of the configuration."""

    @property
    def input(self) -> float | None: ...
    @property
    def cache_read(self) -> float | None: ...
    @property
    def cache_write_5m(self) -> float | None: ...
    @property
    def cache_write_1h(self) -> float | None: ...
    @property
    def output(self) -> float | None: ...


class PricesSection(Protocol):
    """The `[prices]` section of the configuration, as far as it names models."""

    @property
    def override(self) -> Mapping[str, DollarRates]: ...
    @property
    def alias(self) -> Mapping[str, str]: ...


class PriceSettings(Struct, frozen=True):
    """Overrides and aliases by name in lower case, and the folder of the price list on disk."""

    overrides: Mapping[str, Override] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    """Where `refresh` keeps the price list; None uses the installed one only."""

    @classmethod
    def from_config(cls, section: PricesSection, folder: Path | None = None) -> Self:
        """Return the settings that a `[prices]` section of the configuration means."""
        return cls(
            {name.lower(): _override(rates) for name, rates in section.override.items()},
            {name.lower(): target for name, target in section.alias.items()},
            folder,
        )


def _override(rates: DollarRates) -> Override:
    values = {}
    for name in Override.__struct_fields__:
        dollars: float | None = getattr(rates, name)
        values[name] = None if dollars is None else nano(dollars)
    return Override(**values)
