"""`tokwatch sources test`: what a source makes of the first lines of a file; nothing is stored."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import as_json
from tokwatch.cli.money import dollars, usd
from tokwatch.errors import ConfigError
from tokwatch.model.event import Sighting
from tokwatch.model.measure import Measure
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.ingest.trial import Trial

Cost = Callable[[Sighting], int | None]


def run(args: argparse.Namespace) -> int:
    """Print the trial; 1 when nothing in the file was understood."""
    from tokwatch.config import load
    from tokwatch.ingest.chosen import source_of
    from tokwatch.ingest.trial import try_source
    from tokwatch.zones import find_zone

    if args.lines < 1:
        raise ConfigError("--lines is 1 at least.")
    config = load(args.config, args.data, args.profile)
    source = source_of(config, args.name)
    trial = try_source(source, args.file, args.lines, config.sources.max_line_mb << 20)
    cost = _cost(config)
    if args.json:
        told = {"source": source.name, "file": str(args.file), **_document(trial, cost)}
        print(as_json(told))
    else:
        zone = find_zone(config.general.timezone)[1]
        for line in _text(trial, cost, zone):
            print(printable(line))
    return 0 if trial.requests or trial.measures else 1


def _cost(config: Config) -> Cost:
    """Return what computes a request's cost in nano-dollars; None without a price."""
    from tokwatch.model.card import card_at, cost_nano
    from tokwatch.prices.resolve import resolve
    from tokwatch.prices.settings import PriceSettings

    settings = PriceSettings.from_config(config.prices, config.data)

    def cost(found: Sighting) -> int | None:
        model = found.model
        cards = resolve(model.provider, model.name, model.tier, settings).cards
        fresh, read = found.input or 0, found.cache_read or 0
        short, long = found.cache_write_5m or 0, found.cache_write_1h or 0
        card = card_at(cards, found.instant_ms, fresh + read + short + long)
        if card is None:
            return None
        return cost_nano(card, fresh, read, short, long, found.output or 0, found.web_searches)

    return cost


def _document(trial: Trial, cost: Cost) -> dict[str, object]:
    return {
        "isRead": trial.is_wanted,
        "endsWithinALine": trial.is_torn,
        ("lines" if trial.has_lines else "records"): [
            {
                "number": tried.number,
                "requests": [_request(found, cost) for found in tried.requests],
                "facts": {fact.name: fact.value for fact in tried.facts},
                "measures": [_measure(measure) for measure in tried.measures],
                "skipped": tried.skipped,
                "remark": tried.remark,
            }
            for tried in trial.tried
        ],
        "counts": _counts(trial),
    }


def _counts(trial: Trial) -> dict[str, int]:
    tally = trial.tally
    return {
        "tried": len(trial.tried),
        "requests": trial.requests,
        "measures": trial.measures,
        "skipped": trial.skipped,
        "badLines": tally.bad_lines,
        "oversizedLines": tally.oversized_lines,
        "undatedRecords": tally.undated,
        "unknownRecords": tally.unknown,
        "repeatedRecords": tally.repeated,
    }


def _request(found: Sighting, cost: Cost) -> dict[str, object]:
    scope = {name: value for name, value in found.scope._asdict().items() if value}
    return {
        "instantMs": found.instant_ms,
        **scope,
        **found.model._asdict(),
        "input": found.input,
        "cacheRead": found.cache_read,
        "cacheWrite5m": found.cache_write_5m,
        "cacheWrite1h": found.cache_write_1h,
        "output": found.output,
        "reasoning": found.reasoning,
        "webSearches": found.web_searches,
        "window": found.window,
        "loggedCost": dollars(found.logged_nano),
        "computedCost": dollars(cost(found)),
    }


def _measure(measure: Measure) -> dict[str, object]:
    return {
        "name": measure.name,
        "instantMs": measure.instant_ms,
        "value": measure.value,
        "unit": measure.unit,
        "tags": dict(measure.tags),
    }


def _text(trial: Trial, cost: Cost, zone: tzinfo) -> Iterator[str]:
    for tried in trial.tried:
        parts = [_request_text(found, cost, zone) for found in tried.requests]
        parts += [f"{fact.name} {fact.value:,}" for fact in tried.facts]
        parts += [_measure_text(measure, zone) for measure in tried.measures]
        parts += [f"skipped: {tried.skipped}"] if tried.skipped else []
        parts += [f"! {tried.remark}"] if tried.remark else []
        for place, part in enumerate(parts):
            yield f"{'' if place else tried.number:>6}  {part}"
    yield ""
    yield from _remarks(trial)


def _remarks(trial: Trial) -> Iterator[str]:
    what = "line" if trial.has_lines else "record"
    yield (
        f"{counted(len(trial.tried), what)}: {counted(trial.requests, 'request')},"
        f" {counted(trial.measures, 'measure')}, {trial.skipped:,} skipped"
    )
    tally = trial.tally
    troubles = {
        "without a time": tally.undated,
        "of an unknown shape": tally.unknown,
        "replaced by a later one": tally.repeated,
        "too long": tally.oversized_lines,
    }
    told = [f"{number:,} {trouble}" for trouble, number in troubles.items() if number]
    if told:
        yield f"of them {', '.join(told)}"
    if trial.is_empty:
        yield "the file is empty"
    if tally.bad_lines and not trial.has_lines:
        yield "the file is no document of this source, or a broken one"
    if trial.is_torn:
        yield "behind them a line that is not complete: it waits for its end"
    if not trial.is_wanted:
        yield "tokwatch does not read this file by itself: its place or name is another"


def _request_text(found: Sighting, cost: Cost, zone: tzinfo) -> str:
    classes = {
        "input": found.input,
        "cache read": found.cache_read,
        "cache write 5m": found.cache_write_5m,
        "cache write 1h": found.cache_write_1h,
        "output": found.output,
        "reasoning in it": found.reasoning,
        "web searches": found.web_searches or None,
    }
    tokens = ", ".join(f"{name} {n:,}" for name, n in classes.items() if n is not None)
    agent = f"/{found.scope.agent}" if found.scope.agent else ""
    return "  ".join(
        (
            _clock(found.instant_ms, zone),
            found.model.name,
            f"{found.scope.session}{agent}",
            tokens or "no tokens",
            _cost_text(found, cost),
        )
    )


def _cost_text(found: Sighting, cost: Cost) -> str:
    if found.logged_nano is not None:
        return f"{usd(found.logged_nano, 6)} as logged"
    nano = cost(found)
    return "unpriced" if nano is None else usd(nano, 6)


def _measure_text(measure: Measure, zone: tzinfo) -> str:
    tags = "".join(f" {tag}={value}" for tag, value in measure.tags)
    unit = f" {measure.unit}" if measure.unit else ""
    return f"{_clock(measure.instant_ms, zone)}  {measure.name} {measure.value:g}{unit}{tags}"


def _clock(at_ms: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, zone).isoformat(" ", "seconds")[:19]
