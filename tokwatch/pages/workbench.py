"""What the store knows for the workbench: models, their prices, how often they are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tokwatch.analysis.break_even import CacheRates, affordable, mixed_rate
from tokwatch.model.card import card_at
from tokwatch.model.facets import Amount, Facet, Pick, Portion, total
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Dimension, Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.prices.resolve import resolve
from tokwatch.prices.settings import PriceSettings
from tokwatch.store.read.every import read_calibrations, spending, usage
from tokwatch.tokens.calibrated import Calibration
from tokwatch.tokens.estimate import of_prompts

if TYPE_CHECKING:
    from tokwatch.prompts.model_table import Known

KEPT_MS: Final = 60_000
DAYS: Final = 7
"""By which calls a day are told."""


class ModelUse(Struct, frozen=True):
    """A model, what it costs, and how it was called in the last days."""

    model: str
    provider: str
    requests: int
    rates: CacheRates | None
    """None without a price."""
    mixed: int | None
    """Nano-dollars a million tokens of the user's own prompts."""
    window: int | None

    @property
    def calls_a_day(self) -> float:
        """Return requests a day."""
        return self.requests / DAYS


class WorkbenchPage(Struct, frozen=True):
    """What is known of models; the one most called comes first."""

    models: tuple[ModelUse, ...] = ()
    project: str = ""
    """Of whose requests calls and mix are; empty for all."""
    calibrations: tuple[tuple[str, Calibration], ...] = ()
    rooms: tuple[tuple[str, int], ...] = ()
    """What is left: of the window, of budgets, in tokens, by name."""
    known: Known | None = None
    """For the table of models; None where it was not asked for."""
    now_ms: int = 0

    def use(self, model: str) -> ModelUse | None:
        """Return what is known of a model."""
        return next((one for one in self.models if one.model == model), None)


EMPTY: Final = WorkbenchPage()


@dataclass(frozen=True, slots=True)
class WorkbenchAsk:
    """Asks for what concerns prompts for a model, of a project where one is named."""

    model: str = ""
    project: str = ""
    shows_models: bool = False
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> WorkbenchPage:
        """Return the page; a minute old at most."""
        of = (sight.view.database.name, self.model, self.project, self.shows_models)
        return self.memory.recall("page", of, sight.now_ms, KEPT_MS, lambda: self._read(sight))

    def _read(self, sight: Sight) -> WorkbenchPage:
        from tokwatch.prompts.model_table import known_models

        settings = PriceSettings.from_config(sight.config.prices, sight.config.data)
        amounts, hours = _amounts(sight, self.project), _for_an_hour(sight, self.project)
        models = [
            _use(sight, settings, name, amount, hours.get(name, 0)) for name, amount in amounts
        ]
        if self.model and not any(one.model == self.model for one in models):
            models.append(_use(sight, settings, ("", self.model), Amount()))
        models.sort(key=lambda one: (-one.requests, one.model))
        chosen = next((one for one in models if one.model == self.model), None)
        return WorkbenchPage(
            models=tuple(models),
            project=self.project,
            calibrations=tuple(sorted(of_prompts(read_calibrations(sight.view)).items())),
            rooms=tuple(_rooms(sight, chosen or (models[0] if models else None))),
            known=known_models(sight.view, sight.config, sight.now_ms)
            if self.shows_models
            else None,
            now_ms=sight.now_ms,
        )


def _amounts(sight: Sight, project: str) -> list[tuple[tuple[str, str], Amount]]:
    """Return what was called in the last days, by provider and model."""
    part = Slice(max(0, sight.now_ms - DAYS * DAY_MS), sight.now_ms + 1)
    picks = (Pick(Facet.PROJECT, project),) if project else ()
    portion = Portion(part, picks, sight.calendar, sight.mode)
    found: dict[tuple[str, str], list[Amount]] = {}
    for cell in spending(sight.view, portion, (Facet.PROVIDER, Facet.MODEL)):
        provider, model = map(str, cell.group)
        found.setdefault((provider, model), []).append(cell.amount)
    best: dict[str, tuple[str, Amount]] = {}
    for (provider, model), amounts in found.items():
        amount = total(amounts)
        before = best.get(model)
        if model and (before is None or before[1].requests < amount.requests):
            best[model] = (provider, amount)
    return [((provider, model), amount) for model, (provider, amount) in best.items()]


def _for_an_hour(sight: Sight, project: str) -> dict[tuple[str, str], int]:
    """Return the tokens written to caches that last an hour, by provider and model."""
    since_ms = max(0, sight.now_ms - DAYS * DAY_MS)
    part = Slice(since_ms, sight.now_ms + 1, projects=(project,) if project else ())
    cells = usage(sight.view, part, (Dimension.PROVIDER, Dimension.MODEL), sight.calendar)
    return {
        (str(cell.group[0]), str(cell.group[1])): cell.usage.cache_write_1h
        for cell in cells
        if cell.usage.cache_write_1h
    }


def _use(
    sight: Sight,
    settings: PriceSettings,
    name: tuple[str, str],
    amount: Amount,
    for_an_hour: int = 0,
) -> ModelUse:
    from tokwatch.prompts.model_table import window_of

    provider, model = name
    card = card_at(resolve(provider, model, settings=settings).cards, sight.now_ms, 1)
    rates = None
    if card is not None:
        short = card.cache_write_5m or card.input
        rates = CacheRates(card.input, short, card.cache_read, card.cache_write_1h or short)
    mixed = (
        None
        if rates is None
        else mixed_rate(amount.input, amount.cache_read, amount.cache_write, rates, for_an_hour)
    )
    size = window_of(provider, model, sight.config, settings)
    return ModelUse(model, provider, amount.requests, rates, mixed, size)


def _rooms(sight: Sight, use: ModelUse | None) -> Iterator[tuple[str, int]]:
    """Yield what is left, in tokens: of the window, and of each budget."""
    from tokwatch.budgets.budgeting import standings
    from tokwatch.prompts.model_table import room_of

    if use is not None and use.window:
        room = room_of(sight.config)
        yield "window", max(1, int(use.window * room.margin) - room.reserve)
    if not sight.config.budget and not sight.config.split:
        return
    for one in standings(sight.view, sight.config, sight.at_ms, sight.calendar):
        if one.left <= 0:
            continue
        if one.unit == "tokens":
            yield f"budget {one.name}", int(one.left)
        elif use is not None and use.rates is not None and one.unit == "usd":
            yield f"budget {one.name}", max(1, affordable(int(one.left), use.rates))
