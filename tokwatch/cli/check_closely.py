"""Looks at budgets closely: reads settings and logs, and prepares the next call."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokwatch.cli.check import asked_by
from tokwatch.cli.refreshed import refreshed
from tokwatch.errors import ConfigError
from tokwatch.status.prepared import Line
from tokwatch.store.store import open_existing
from tokwatch.store.view import open_view

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.read.worker import Worker


def closely(args: argparse.Namespace, names: Sequence[str]) -> list[Line] | None:
    """Return how budgets stand; None where there is no store to tell it."""
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    _refuse_unknown(config, names)
    if not args.no_refresh:
        refreshed(config)
    found = lines_of(config, names)
    if found is not None:
        from tokwatch.status.preparing import prepare

        prepare(config, asked_by(args), time.time_ns() // 1_000_000)
    return found


def lines_of(config: Config, names: Sequence[str] = ()) -> list[Line] | None:
    """Return how budgets stand in the store as it is."""
    from tokwatch.status.preparing import all_lines

    database = open_existing(config.store.url, config.data)
    if database is None:
        return None
    try:
        view = open_view(database, config.general.workspace)
        now_ms = time.time_ns() // 1_000_000
        found = []
        for name in names or ("",):
            found += all_lines(view, config, now_ms, name)
        return found
    finally:
        database.close()


def worker_of(args: argparse.Namespace, session: str, agent: str) -> Worker | None:
    """Return who is at work in a session, as far as its requests are stored."""
    from tokwatch.config import load
    from tokwatch.store.read.worker import worker

    config = load(args.config, args.data, args.profile)
    database = open_existing(config.store.url, config.data)
    if database is None:
        return None
    try:
        return worker(open_view(database, config.general.workspace), session, agent)
    finally:
        database.close()


def _refuse_unknown(config: Config, names: Sequence[str]) -> None:
    """Raise a ConfigError for a name that no budget has."""
    from tokwatch.budgets.budgeting import budgets_of

    known = {one.name for one in budgets_of(config)} | set(config.split)
    for name in names:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, sorted(known), 1)
            told = ", ".join(sorted(known)) or "none; see docs/budgets.md"
            hint = f"Did you mean {near[0]}?" if near else f"Known: {told}."
            raise ConfigError(f"There is no budget {name!r}.", hint)
