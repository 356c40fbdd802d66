"""`tokwatch what-if`: what a range would have cost under other models, caches and tiers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tokwatch.cli.days import add_days, part_asked
from tokwatch.cli.json_form import add_json, as_json
from tokwatch.cli.money import dollars, usd
from tokwatch.cli.progress import progress
from tokwatch.words import counted, printable

if TYPE_CHECKING:
    from tokwatch.analysis.what_if import Repriced, WhatIf
    from tokwatch.config import Config
    from tokwatch.model.usage import Slice
    from tokwatch.store.view import View

NAME: Final = 32
COST: Final = 13


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch what-if`."""
    parser.description = (
        "Reprice the requests of a range under other models, the cheapest first: as they were "
        "cached, without cache, with writes that last an hour, and in batch. Each request is "
        "priced at its own date and prompt size."
    )
    option = parser.add_argument
    add_days(parser)
    option(
        "--project",
        metavar="NAME",
        action="append",
        default=[],
        help="only requests of this project; may be repeated, * stands for any text",
    )
    option(
        "--of",
        metavar="NAME",
        action="append",
        default=[],
        help="only requests made with this model; may be repeated, * stands for any text",
    )
    option(
        "--model",
        metavar="NAME",
        action="append",
        default=[],
        help="reprice under this model; may be repeated; without it, under all that are sold",
    )
    add_json(parser)
    option("--no-refresh", action="store_true", help="do not read the logs first")


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date, reprice the range and print that; 1 where no price is known."""
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    part = part_asked(args, config)
    if not args.no_refresh:
        refreshed(config, part.sources)
    with progress("repricing requests"):
        found = _read(config, part, args)
    if args.json:
        print(as_json(_document(found)))
    else:
        for line in _lines(found):
            print(line)
    for line in _remarks(found):
        print(f"tokwatch: {line}", file=sys.stderr)
    return 1 if found.unknown else 0


def _read(config: Config, part: Slice, args: argparse.Namespace) -> WhatIf:
    """Reprice what the store holds; one that does not exist yet holds nothing."""
    from tokwatch.analysis.what_if import WhatIf
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    database = open_existing(config.store.url, config.data)
    if database is None:
        return WhatIf((), 0, 0, 0, 0)
    try:
        view = open_view(database, config.general.workspace)
        return _repriced(view, config, _narrowed(view, part, args), args.model)
    finally:
        database.close()


def _narrowed(view: View, part: Slice, args: argparse.Namespace) -> Slice:
    from tokwatch.cli.named import MODEL, PROJECT, named
    from tokwatch.store.read.catalogue import model_names, project_names

    models = named(MODEL, model_names(view), tuple(args.of)) if args.of else ()
    projects = named(PROJECT, project_names(view), tuple(args.project)) if args.project else ()
    return replace(part, models=models, projects=projects)


def _repriced(view: View, config: Config, part: Slice, names: list[str]) -> WhatIf:
    from tokwatch.model.facets import Portion
    from tokwatch.model.usage import CostMode
    from tokwatch.monitor.what_if import reprice
    from tokwatch.prices.settings import PriceSettings

    settings = PriceSettings.from_config(config.prices, config.data)
    portion = Portion(part, mode=CostMode(config.prices.mode))
    return reprice(view, portion, settings, names)


def _lines(found: WhatIf) -> Iterator[str]:
    """Yield the table."""
    from tokwatch.analysis.what_if import Way

    yield (
        f"{counted(found.requests, 'request')}, {counted(found.tokens, 'token')}, computed "
        f"{usd(found.computed_nano, 4)}; "
        f"the largest prompt {counted(found.largest, 'token')}"
    )
    if not found.requests:
        return
    yield ""
    ways = "".join(f"{way:>{COST}}" for way in Way)
    yield f"  {'model':<{NAME}}{ways}  window"
    for row in found.rows:
        yield _line(row)


def _line(row: Repriced) -> str:
    from tokwatch.analysis.what_if import Way

    mark = "*" if row.candidate.is_used else " "
    name = printable(row.candidate.model.name)[: NAME - 1]
    costs = "".join(f"{usd(row.nano[way], 4):>{COST}}" for way in Way)
    window = row.candidate.window
    told = "not known" if window is None else f"{window:,}"
    if row.too_large:
        told += f": too small for {counted(row.too_large, 'request')}"
    return f"{mark} {name:<{NAME}}{costs}  {told}"


def _remarks(found: WhatIf) -> Iterator[str]:
    """Yield what is missing, a line each."""

    for name in found.unknown:
        yield f"no price is known for {printable(name)}"
    for name, tokens in found.unpriced:
        told = f"its {counted(tokens, 'token is', 'tokens are')} not in what was computed"
        yield f"{printable(name)} has no price: {told}"


def _document(found: WhatIf) -> dict[str, object]:
    """Return the what-if as JSON: money in dollars, counts whole."""
    return {
        "requests": found.requests,
        "totalTokens": found.tokens,
        "computedCost": dollars(found.computed_nano),
        "computedNano": found.computed_nano,
        "countedNano": found.nano,
        "largestPrompt": found.largest,
        "unpriced": [{"modelName": name, "tokens": tokens} for name, tokens in found.unpriced],
        "unknown": list(found.unknown),
        "models": [_record(row) for row in found.rows],
    }


def _record(row: Repriced) -> dict[str, object]:
    from tokwatch.analysis.what_if import Way

    names = {Way.CACHED: "cached", Way.FRESH: "noCache", Way.HOUR: "hourCache", Way.BATCH: "batch"}
    return {
        "modelName": row.candidate.model.name,
        "provider": row.candidate.model.provider,
        "isUsed": row.candidate.is_used,
        "window": row.candidate.window,
        "tooLarge": row.too_large,
        "nano": {name: row.nano[way] for way, name in names.items()},
        "cost": {name: dollars(row.nano[way]) for way, name in names.items()},
        "byModel": [
            {
                "modelName": one.model.name,
                "requests": one.requests,
                "computedNano": one.computed_nano,
                "nano": one.nano,
            }
            for one in row.was
        ],
        "note": row.offer.note,
    }
