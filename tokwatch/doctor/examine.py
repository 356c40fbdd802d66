"""Checks everything that tokwatch depends on, and says what to do about what is wrong."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from tokwatch import __version__
from tokwatch.config import Config
from tokwatch.doctor.endpoints import endpoint_findings
from tokwatch.doctor.findings import Finding, Level
from tokwatch.errors import TokwatchError
from tokwatch.ingest.ingest import day_of
from tokwatch.ingest.inventory import SourceState, inventory
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.usage import Dimension, Slice
from tokwatch.sources.text import safe_name
from tokwatch.store.connect import Database
from tokwatch.store.read.every import open_view, stored_zone, usage
from tokwatch.store.store import REVISION, open_existing
from tokwatch.words import counted, named
from tokwatch.zones import find_zone

LOW_SPACE_BYTES: Final = 500_000_000
OLD_PRICES_DAYS: Final = 90
PACKAGES: Final = ("textual", "plotext", "watchfiles", "msgspec", "sqlmodel", "genai-prices")


def examine(config: Config) -> Iterator[Finding]:
    """Yield what each check finds, the quick ones first."""
    yield from _versions()
    yield _zone(config)
    yield _space(config)
    yield _holder(config)
    database, trouble = None, None
    try:
        database = open_existing(config.store.url, config.data)
        states = inventory(config)
    except TokwatchError as error:
        trouble = Finding("store", Level.PROBLEM, error.message, error.hint)
        states = inventory(config, with_store=False)
    for state in states:
        if not _is_elsewhere(state, config):
            yield from _source(state, is_mapped=state.name in config.mapping)
    yield from _elsewhere([state.title for state in states if _is_elsewhere(state, config)])
    yield from endpoint_findings(config, database)
    if trouble is not None:
        yield trouble
    elif database is None:
        told = f"there is no store in {config.data} yet"
        yield Finding("store", Level.NOTE, told, "Run tokwatch, or a report: it makes one.")
    if database is not None:
        try:
            yield from _checked(config, database)
        finally:
            database.close()


def _checked(config: Config, database: Database) -> Iterator[Finding]:
    """Yield what a store's checks find; one that cannot even be read ends them."""
    try:
        yield from _store(config, database)
        yield from _prices(config, database)
        yield from _token_counts(config, database)
    except TokwatchError as error:
        yield Finding("store", Level.PROBLEM, error.message, error.hint)


def _versions() -> Iterator[Finding]:
    told = (
        f"tokwatch {__version__}, Python {platform.python_version()}"
        f" ({sys.platform}), SQLite {sqlite3.sqlite_version}"
    )
    yield Finding("versions", Level.OK, told)
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Finding(
                "versions", Level.PROBLEM, f"{name} is missing", "Install tokwatch again."
            )
    yield Finding("versions", Level.OK, ", ".join(found))
    yield _reading()


def _reading() -> Finding:
    from tokwatch.sources import sieve
    from tokwatch.store import rows

    if sieve.COMPILED and rows.COMPILED:
        return Finding("versions", Level.OK, "logs are read by the compiled modules")
    told = "logs are read by plain Python, more slowly: the modules for it are not compiled"
    advice = "Install tokwatch again where there are a C compiler and Python's headers."
    return Finding("versions", Level.NOTE, told, advice)


def _zone(config: Config) -> Finding:
    name, _ = find_zone(config.general.timezone)
    origin = "[general] timezone" if config.general.timezone else "the system's"
    return Finding("time zone", Level.OK, f"days are those of {name} ({origin})")


def _space(config: Config) -> Finding:
    folder = config.data
    while not os.path.exists(folder) and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:,.1f} GB free for {config.data}"
    if free >= LOW_SPACE_BYTES:
        return Finding("disk", Level.OK, told)
    return Finding("disk", Level.PROBLEM, told, "Free some space, or move it: --data FOLDER.")


def _holder(config: Config) -> Finding:
    lock = IngestLock(config.data)
    try:
        is_free = not os.path.exists(config.data) or lock.acquire()
    except TokwatchError as error:
        return Finding("ingest", Level.PROBLEM, error.message, error.hint)
    if is_free:
        lock.release()
        return Finding("ingest", Level.OK, "no process reads logs now")
    return Finding("ingest", Level.OK, f"process {lock.holder()} reads the logs")


def _is_elsewhere(state: SourceState, config: Config) -> bool:
    """Tell a tool of which nothing is here, and of which the settings say nothing."""
    is_named = state.name in config.mapping or state.name in config.sources.paths
    is_here = any(root.found or root.error for root in state.roots)
    return state.enabled and not is_named and not is_here and not state.endpoints


def _elsewhere(titles: list[str]) -> Iterator[Finding]:
    if titles:
        advice = "Elsewhere? [sources.paths] names folders; tokwatch sources lists where it looks."
        yield Finding("sources", Level.NOTE, f"not here: {', '.join(titles)}", advice)


def _source(state: SourceState, *, is_mapped: bool = False) -> Iterator[Finding]:
    about = state.title
    if not state.enabled:
        yield Finding(about, Level.NOTE, "off", "[sources] only and off decide which are read.")
        return
    found = [root for root in state.roots if root.found]
    for root in state.roots:
        if root.error:
            advice = "Check its permissions."
            told = f"{safe_name(root.path)}: {root.error}"
            yield Finding(about, Level.PROBLEM, told, advice)
    if not found and state.endpoints:
        told = f"{counted(state.events, 'request')} stored, told by endpoint "
        yield Finding(about, Level.OK, told + ", ".join(state.endpoints))
        return
    if not found:
        told = "none of its folders exists: " + ", ".join(root.path for root in state.roots)
        advice = f'Elsewhere? [sources.paths] {state.name} = ["FOLDER"].'
        if is_mapped:
            advice = f"Elsewhere? The files of [mapping.{state.name}] say where."
        yield Finding(about, Level.NOTE, told, advice)
        return
    told = f"{counted(state.files, 'log')} in {counted(len(found), 'folder')}"
    yield Finding(about, Level.OK, f"{told}, {counted(state.events, 'request')} stored")
    if state.unread:
        path, error = state.unread[0]
        more = f" and {len(state.unread) - 1:,} more" if len(state.unread) > 1 else ""
        told = f"{safe_name(path)}{more} cannot be read: {error}"
        yield Finding(about, Level.PROBLEM, told, "Check its permissions, and whether it is whole.")
    if state.bad_lines or state.oversized_lines or state.undated:
        told = (
            f"{counted(state.bad_lines, 'unreadable line')}, {state.oversized_lines:,} oversized,"
            f" {counted(state.undated, 'record')} without a time: left out, the rest is counted"
        )
        yield Finding(about, Level.NOTE, told)
    if state.unknown:
        told = f"{counted(state.unknown, 'record')} of a shape that this version does not know"
        told += f": fields {state.sample}" if state.sample else ""
        advice = "A newer tokwatch may know them."
        if is_mapped:
            advice = f"tokwatch sources test {state.name} FILE says why."
        yield Finding(about, Level.NOTE, told, advice)
    if state.retention:
        yield Finding(about, Level.NOTE, state.retention)


def _store(config: Config, database: Database) -> Iterator[Finding]:
    if database.notice:
        yield Finding("store", Level.PROBLEM, database.notice)
    else:
        yield Finding("store", Level.OK, f"{database.name}, schema {REVISION}")
    if database.postgres and not config.general.machine:
        told = "this machine has no name in a store that others may use too"
        advice = '[general] machine = "NAME" tells its logs from theirs.'
        yield Finding("store", Level.NOTE, told, advice)
    yield from _integrity(config, database)
    yield from _parsers(config, database)


def _integrity(config: Config, database: Database) -> Iterator[Finding]:
    """Yield damage of the file, and roll-ups that differ from the events."""
    from tokwatch.store.integrity import damage, differences

    for told in damage(database):
        advice = "Move the file away and run a report: it is made anew from the logs."
        yield Finding("store", Level.PROBLEM, told, advice)
    view = open_view(database, config.general.workspace)
    zone = find_zone(stored_zone(view))[1]
    differing = differences(database, view.workspace, day_of(zone))
    for table, cells in differing.items():
        differ = named(cells, "differs", "differ")
        told = f"{counted(cells, 'sum')} of {table} {differ} from the events"
        yield Finding("store", Level.PROBLEM, told, "Run: tokwatch rebuild")
    if not differing:
        yield Finding("store", Level.OK, "every sum equals its events")


def _parsers(config: Config, database: Database) -> Iterator[Finding]:
    """Yield how many logs an older parser read that could be read anew."""
    from tokwatch.ingest.chosen import sources_of
    from tokwatch.store.rebuild import outdated

    workspace = open_view(database, config.general.workspace).workspace
    versions = {source.name: source.version for source in sources_of(config)}
    paths = outdated(database, workspace, config.general.machine, versions)
    there = sum(os.path.exists(path) for path in paths)
    if there:
        told = f"{counted(there, 'log was', 'logs were')} read by another version of tokwatch"
        yield Finding("store", Level.NOTE, told, "To read them again: tokwatch rebuild --logs")


def _prices(config: Config, database: Database) -> Iterator[Finding]:
    from tokwatch.prices.age import age_days
    from tokwatch.prices.settings import PriceSettings
    from tokwatch.prices.version import version as prices_version

    settings = PriceSettings.from_config(config.prices, config.data)
    age = age_days(config.data, time.time_ns() // 1_000_000)
    told = f"price list {prices_version(settings)}"
    if age is not None:
        told += f", fetched {counted(age, 'day')} ago"
    yield Finding("prices", Level.OK, told)
    if not config.prices.update:
        yield Finding("prices", Level.NOTE, "updates are off ([prices] update)")
    elif age is not None and age > OLD_PRICES_DAYS:
        advice = "Upgrade genai-prices, or let tokwatch run where it reaches the network."
        yield Finding("prices", Level.NOTE, f"the price list is {counted(age, 'day')} old", advice)
    view = open_view(database, config.general.workspace)
    for cell in usage(view, Slice(), (Dimension.PROVIDER, Dimension.MODEL)):
        if cell.usage.unpriced_tokens:
            provider, model = cell.group
            name = f"{provider}/{model}" if provider else str(model)
            told = f"{name}: no price is known for {counted(cell.usage.unpriced_tokens, 'token')}"
            advice = f'[prices.alias] "{model}" = "a model that costs the same", or an override.'
            yield Finding("prices", Level.PROBLEM, told, advice)


def _token_counts(config: Config, database: Database) -> Iterator[Finding]:
    """Yield how far counted tokens are off those that were billed, by model."""
    from tokwatch.store.read.every import read_calibrations
    from tokwatch.tokens.estimate import of_prompts

    about = "token counts"
    found = of_prompts(read_calibrations(open_view(database, config.general.workspace)))
    if not found:
        advice = "Run: tokwatch calibrate. A screen that is open does it daily."
        yield Finding(about, Level.NOTE, "not measured on your logs yet", advice)
        return
    for model, one in sorted(found.items()):
        told = f"{safe_name(model)}: off by {one.error:.0%} on {one.pairs:,} measurements"
        if one.is_doubtful:
            advice = "Estimates of it are doubtful: your logs may hold little of what was sent."
            yield Finding(about, Level.NOTE, f"{told}, above 20%", advice)
    if good := sum(not one.is_doubtful for one in found.values()):
        yield Finding(about, Level.OK, f"{good} of {len(found)} models are off by 20% at most")
