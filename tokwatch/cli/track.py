"""`tokwatch track`: records a measure of your own, such as a score or a duration."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from datetime import datetime
from math import isfinite

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.errors import ConfigError
from tokwatch.model.measure import Measure
from tokwatch.sources.text import safe_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `tokwatch track`."""
    parser.description = (
        "Record one value of something that no log tells: a test score, a coverage, a deployment. "
        "`tokwatch measures` lists what was recorded."
    )
    option = parser.add_argument
    option("name", metavar="NAME", help="what was measured")
    option("value", metavar="VALUE", help="a number")
    option("--unit", metavar="U", default="", help="what the number counts")
    option(
        "--tag",
        metavar="K=V",
        action="append",
        default=[],
        help="what tells it from others of its name; may be repeated",
    )
    option("--at", metavar="TIME", help="when, such as 2026-03-01T14:30; now unless told")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Keep the measure and say what was kept."""
    from tokwatch.config import load
    from tokwatch.ingest.tracking import track
    from tokwatch.model.measure import of_user

    config = load(args.config, args.data, args.profile)
    measure = of_user(_measure(args, config.general.timezone), config.general.user)
    track(config, [measure])
    if args.json:
        told = {"name": measure.name, "instantMs": measure.instant_ms, "value": measure.value}
        print(as_json({**told, "unit": measure.unit, "tags": dict(measure.tags)}))
    else:
        tags = "".join(f" {key}={value}" for key, value in measure.tags)
        unit = f" {measure.unit}" if measure.unit else ""
        print(f"{measure.name} {measure.value:g}{unit}{tags} is recorded.")
    return 0


def _measure(args: argparse.Namespace, zone_name: str) -> Measure:
    name = safe_name(args.name)
    if not name:
        raise ConfigError("NAME is empty.")
    if args.at is None:
        # Two at the same millisecond are two; one with a time of its own is the same again.
        now_ns = time.time_ns()
        at_ms, origin = now_ns // 1_000_000, f"track-{os.getpid()}-{now_ns}"
    else:
        at_ms, origin = _moment_ms(args.at, zone_name), "track"
    unit = safe_name(args.unit)
    return Measure(name, at_ms, _number(args.value), unit, tags_asked(args.tag), origin)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ConfigError(f"VALUE {text!r} is not a number.")
    return value


def tags_asked(pairs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the tags that options name, sorted."""
    tags: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        key, value = safe_name(key), safe_name(value)
        if not separator or not key or not value:
            raise ConfigError(f"--tag {pair!r} is no tag.", "Write --tag key=value.")
        if tags.setdefault(key, value) != value:
            raise ConfigError(f"--tag {key} is given twice, with other values.")
    return tuple(sorted(tags.items()))


def _moment_ms(text: str, zone_name: str) -> int:
    """Return the instant that an option names, of the configured zone unless it names one."""
    from tokwatch.analysis.calendar import epoch_ms
    from tokwatch.zones import find_zone

    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=find_zone(zone_name)[1])
        at_ms = epoch_ms(moment)
    except (ValueError, OverflowError):
        at_ms = -1
    if at_ms < 0:
        raise ConfigError(f"--at {text!r} is not a time.", "Write it as 2026-03-01T14:30.")
    return at_ms
