"""`tokwatch measures`: what was measured beside tokens, as a list or as one measure over time."""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from msgspec.structs import astuple

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.cli.report_forms import csv_cell
from tokwatch.cli.report_rows import day_asked
from tokwatch.errors import ConfigError
from tokwatch.model.units import DAY_MS, OPEN_END_MS
from tokwatch.model.usage import Slice
from tokwatch.words import printable

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.store.view import View

Row = dict[str, object]  # a line of the output: texts and numbers by heading
Tags = tuple[tuple[str, str], ...]

_NAMES: Final = ("name", "unit", "observations", "firstMs", "lastMs")
_VALUES: Final = ("instantMs", "value", "unit", "tags")
_STRETCHES: Final = ("startMs", "observations", "least", "most", "mean", "last")
_UNITS_MS: Final = {"m": 60_000, "h": 3_600_000, "d": DAY_MS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch measures`."""
    parser.description = (
        "List what was measured: by `tokwatch track`, or in logs that a mapping reads. "
        "With a name, its values over time."
    )
    option = parser.add_argument
    option("name", metavar="NAME", nargs="?", help="the values of this measure")
    option("--since", metavar="DATE", help="first day, YYYY-MM-DD or YYYYMMDD")
    option("--until", metavar="DATE", help="last day")
    option("--tag", metavar="K=V", action="append", default=[], help="only with this tag")
    option("--no-refresh", action="store_true", help="do not read the logs first")
    option(
        "--every",
        metavar="TIME",
        help="least, mean and most by stretches of UTC time, such as 15m or 1d",
    )
    form = parser.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument("--csv", action="store_true", help="print CSV")


def run(args: argparse.Namespace) -> int:
    """Bring the store up to date and print its measures; 1 when there is none of the name."""
    from tokwatch.cli.refreshed import refreshed
    from tokwatch.cli.track import tags_asked
    from tokwatch.config import load

    if args.name is None and (args.tag or args.every):
        raise ConfigError("--tag and --every go with a NAME.")
    config = load(args.config, args.data, args.profile)
    every_ms = _stretch_ms(args.every) if args.every else None
    tags = tags_asked(args.tag)
    if not args.no_refresh:
        refreshed(config)
    rows = _read(config, lambda view, part: _rows(view, part, args.name, every_ms, tags), args)
    key = "measures" if args.name is None else "values"
    if args.json:
        named = {} if args.name is None else {"name": args.name}
        print(as_json({**named, key: rows}))
    elif args.csv:
        columns = _NAMES if args.name is None else _STRETCHES if every_ms else _VALUES
        _print_csv(columns, rows)
    else:
        _print_table(rows, _zone(config))
    if not rows:
        print(f"tokwatch: {_nothing(args)}", file=sys.stderr)
    return 0 if rows or args.name is None else 1


def _nothing(args: argparse.Namespace) -> str:
    """Say what there is nothing of."""
    if args.since or args.until or args.tag:
        return "nothing was measured with these days and tags."
    if args.name is None:
        return "nothing is measured yet; `tokwatch track` records a measure, a mapping reads them."
    return f"there is no measure {printable(args.name)!r}; `tokwatch measures` lists them."


def _zone(config: Config) -> tzinfo:
    from tokwatch.zones import find_zone

    return find_zone(config.general.timezone)[1]


def _read(
    config: Config, read: Callable[[View, Slice], list[Row]], args: argparse.Namespace
) -> list[Row]:
    """Return what is read from the store; one that does not exist yet holds nothing."""
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view

    part = Slice(
        _begin_ms(day_asked("--since", args.since), 0, config),
        _begin_ms(day_asked("--until", args.until), 1, config),
    )
    database = open_existing(config.store.url, config.data)
    if database is None:
        return []
    try:
        return read(open_view(database, config.general.workspace), part)
    finally:
        database.close()


def _begin_ms(day: int | None, after: int, config: Config) -> int:
    """Return the first instant of a day, or of the one after; open where none is asked for."""
    from tokwatch.analysis.calendar import calendar_of

    if day is None:
        return OPEN_END_MS if after else 0
    near_ms = (day + after) * DAY_MS
    calendar = calendar_of(_zone(config), "", near_ms - 2 * DAY_MS, near_ms + 2 * DAY_MS)
    return calendar.begin_ms(day + after)


def _rows(view: View, part: Slice, name: str | None, every_ms: int | None, tags: Tags) -> list[Row]:
    from tokwatch.store.read.measures import measure_names, measure_series, measures

    if name is None:
        return [_row(_NAMES, astuple(found)) for found in measure_names(view, part)]
    if every_ms is None:
        return [
            _row(_VALUES, (found.instant_ms, found.value, found.unit, dict(found.tags)))
            for found in measures(view, name, part, tags)
        ]
    return [
        _row(_STRETCHES, astuple(found))
        for found in measure_series(view, name, part, every_ms, tags)
    ]


def _row(columns: Sequence[str], values: Sequence[object]) -> Row:
    return dict(zip(columns, values, strict=True))


def _stretch_ms(text: str) -> int:
    """Return the length that `--every` names."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text)
    if found is None:
        raise ConfigError(f"--every {text!r} is no length of time.", "Write 15m, 1h or 7d.")
    return int(found[1]) * _UNITS_MS[found[2]]


def _print_csv(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Print rows with exact figures; tags stand in one cell."""
    write = csv.writer(sys.stdout, lineterminator="\n").writerow
    write(columns)
    for row in rows:
        write([_cell(value) for value in row.values()])


def _cell(value: object) -> object:
    """Return a cell; tags stand in one."""
    if isinstance(value, dict):
        value = " ".join(f"{key}={text}" for key, text in value.items())
    return csv_cell(value)


def _print_table(rows: Sequence[Row], zone: tzinfo) -> None:
    lines = [[_heading(key) for key in rows[0]]] if rows else []
    lines += [[_shown(key, value, zone) for key, value in row.items()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join(cells).rstrip())


def _heading(key: str) -> str:
    return {"instantMs": "time", "startMs": "from", "firstMs": "first", "lastMs": "last"}.get(
        key, key
    )


def _shown(key: str, value: object, zone: tzinfo) -> str:
    if key.endswith("Ms") and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, zone).isoformat(" ", "seconds")[:19]
    if isinstance(value, float):
        return f"{value:,.6g}"
    return printable(str(_cell(value)))
