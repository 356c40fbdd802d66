"""The models for a prompt at hand: what each counts, costs and has done for you."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tokwatch.analysis.complexity import Complexity, complexity
from tokwatch.analysis.suitable import LEAST_ATTEMPTS, Fitting, Room, fitted
from tokwatch.compress.billed import beside, tokens_of
from tokwatch.model.card import MILLION, card_at
from tokwatch.model.event import ModelName
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.prices.resolve import resolve, window
from tokwatch.prices.settings import PriceSettings
from tokwatch.prompts.counted_prompt import chat_of, counted_prompt
from tokwatch.tokens.counting import own_file
from tokwatch.tokens.estimate import Calibrations, Counted, for_model, of_prompts
from tokwatch.tokens.families import family_of, generation
from tokwatch.workbench.meter import wrapping_of

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.view import View

USED_DAYS: Final = 90
"""A model that was not used for longer is not yours any more."""
JUDGED: Final = 20_000
"""Requests by which models are judged: the newest."""
FIRST_PARTIES: Final = ("anthropic", "openai", "google", "x-ai")


class ModelTable(Struct, frozen=True):
    """What the models say to one prompt."""

    complexity: Complexity
    rows: tuple[Fitting, ...]
    """The cheapest first."""


class Known(Struct, frozen=True):
    """What the store tells of models, read once for many prompts."""

    calibrations: Calibrations
    used: tuple[ModelName, ...] = ()
    errors: tuple[tuple[str, float, int], ...] = ()
    """Model, share of attempts that failed, attempts."""


def known_models(view: View | None, config: Config, now_ms: int) -> Known:
    """Return what the store tells; without one nothing."""
    if view is None:
        return Known({})
    from tokwatch.model.facets import Facet, Portion
    from tokwatch.store.read.every import read_calibrations, spending

    since_ms = max(0, now_ms - USED_DAYS * DAY_MS)
    portion = Portion(Slice(since_ms, now_ms + 1), mode=CostMode(config.prices.mode))
    cells = spending(view, portion, (Facet.PROVIDER, Facet.MODEL))
    used = tuple(ModelName(*map(str, cell.group)) for cell in cells)
    calibrations = of_prompts(read_calibrations(view))
    return Known(calibrations, used, tuple(_errors(view, config, since_ms, now_ms)))


def _errors(
    view: View, config: Config, since_ms: int, now_ms: int
) -> Iterable[tuple[str, float, int]]:
    """Yield the share of failed attempts of each model of which enough are known."""
    from tokwatch.analysis.quality import quality
    from tokwatch.analysis.trend import Cut
    from tokwatch.store.read.every import performance

    part = Slice(since_ms, now_ms + 1)
    told = performance(view, part, CostMode(config.prices.mode), JUDGED)
    for group in quality(told, Cut((since_ms,), now_ms + 1)).groups:
        if group.success.whole >= LEAST_ATTEMPTS:
            yield group.name, 1 - group.success.part / group.success.whole, group.success.whole


def room_of(config: Config) -> Room:
    """Return what of a window may be used, as configured."""
    context = config.context
    return Room(context.warning, context.critical, context.safety_margin, context.reserve_tokens)


def window_of(provider: str, model: str, config: Config, settings: PriceSettings) -> int | None:
    """Return a model's window: as configured, else by its name; None where no list tells it."""
    own = config.context.windows.get(model)
    return own if own is not None else window(provider, model, settings)


def model_table(text: str, config: Config, known: Known, now_ms: int) -> ModelTable:
    """Return the models you use and those that their makers sell, with this prompt."""
    settings = PriceSettings.from_config(config.prices, config.data)
    counters = _Counts(text, config, known.calibrations)
    asked = complexity(text, counters.of("").tokens)
    errors = {generation(name): (rate, tries) for name, rate, tries in known.errors}
    rows = []
    seen: set[str] = set()
    for model, is_used in _candidates(known, settings):
        name = generation(model.name)
        if name in seen:
            continue
        seen.add(name)
        counted = counters.of(model.name)
        cold, cached = _price(model, counted.tokens, now_ms, settings)
        if cold is None and not is_used:
            continue
        rate, tries = errors.get(name, (None, 0))
        size = window_of(model.provider, model.name, config, settings)
        rows.append(
            Fitting(model.name, model.provider, is_used, counted, size, cold, cached, rate, tries)
        )
    return ModelTable(asked, fitted(rows, asked.value, room_of(config)))


def _candidates(known: Known, settings: PriceSettings) -> Iterable[tuple[ModelName, bool]]:
    from tokwatch.prices.listed import replacements

    for model in known.used:
        yield model, True
    for model in replacements(FIRST_PARTIES, settings):
        yield model, False


def _price(
    model: ModelName, tokens: int, now_ms: int, settings: PriceSettings
) -> tuple[int | None, int | None]:
    """Return what a prompt costs now, sent for the first time and out of the cache."""
    cards = resolve(model.provider, model.name, settings=settings).cards
    card = card_at(cards, now_ms, tokens)
    if card is None:
        return None, None
    return tokens * card.input // MILLION, tokens * card.cache_read // MILLION


class _Counts:
    """One text counted for many models: once in each encoding."""

    def __init__(self, text: str, config: Config, calibrations: Calibrations) -> None:
        self._text = text
        self._chat = chat_of(text)
        self._config = config
        self._calibrations = calibrations
        self._raw: dict[str, int] = {}

    def of(self, model: str) -> Counted:
        """Return the tokens for a model; for none those of o200k."""
        if own_file(model, self._config.tokens.tokenizer) is not None:
            return counted_prompt(self._text, self._chat, model, self._config, self._calibrations)
        encoding = family_of(model).encoding
        if encoding not in self._raw:
            from tokwatch.tokens.counter import PieceCounter
            from tokwatch.tokens.counting import count_in

            count = PieceCounter(count_in(encoding, self._config.data)).count
            chat = self._chat
            self._raw[encoding] = count(self._text) if chat is None else tokens_of(chat, count)
        raw = self._raw[encoding]
        if self._chat is not None:
            raw += beside(self._chat, wrapping_of(model, self._calibrations))
        return for_model(model, raw, self._text, self._calibrations)
