"""`tokwatch statusline`: one line for a tool's own status bar, tmux or a shell prompt."""

from __future__ import annotations

import argparse
import os
import select
import sys
import time
from contextlib import suppress
from typing import BinaryIO

from tokwatch.cli.check_words import clock, percent, printable, short_amount, usd
from tokwatch.cli.json_form import add_json, as_json
from tokwatch.errors import ConfigError
from tokwatch.status.fields import FIELDS, filled, unknown_field, wanted_fields
from tokwatch.status.prepared import (
    Answers,
    Asked,
    Values,
    data_folder,
    read_prepared,
)
from tokwatch.status.told import MOST_BYTES, Told, remember, told_by

HOUR_MS = 3_600_000
WAIT_S = 0.2
"""How long standard input may take to begin: an open pipe that nobody writes to must not hang."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch statusline`."""
    parser.description = (
        "Print one line. Claude Code's status line hands its JSON to standard input; without it "
        "the line tells what the store knows."
    )
    parser.add_argument("--format", metavar="TEXT", help="in place of [statusline] format")
    parser.add_argument("--no-remember", action="store_true", help="keep nothing of the input")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the line; what cannot be told is left out."""
    if args.format and (unknown := unknown_field(args.format)):
        raise ConfigError(f"{{{unknown}}} is no field.", f"There are {', '.join(FIELDS)}.")
    now_ms = time.time_ns() // 1_000_000
    asked = Asked(args.config, args.data, args.profile)
    told = told_by(read_input(sys.stdin.buffer) if sys.stdin else b"")
    prepared = read_prepared(asked, now_ms)
    if prepared is None:
        from tokwatch.cli.statusline_closely import prepared_closely

        prepared = prepared_closely(asked, now_ms)
    if not args.no_remember:
        remember(told, data_folder(asked), now_ms)
    text = args.format or prepared["format"]
    wanted = frozenset(FIELDS) if args.json else wanted_fields(text)
    values = values_of(told, prepared, wanted, now_ms)
    if args.json:
        fields = {name: values.get(name) or None for name in FIELDS}
        print(as_json({"line": filled(text, values), "fields": fields}))
    else:
        print(filled(text, values))
    return 0


def read_input(stream: BinaryIO) -> bytes:
    """Return what standard input holds; nothing from a terminal, or where nobody writes."""
    try:
        if stream.isatty():
            return b""
        if os.name == "posix" and not select.select([stream], [], [], WAIT_S)[0]:
            return b""
        return stream.read(MOST_BYTES)
    except (OSError, ValueError):
        return b""


def values_of(told: Told, prepared: Values, wanted: frozenset[str], now_ms: int) -> dict[str, str]:
    """Return the fields that are wanted, as far as they are known."""
    found = of_tool(told, now_ms)
    if not prepared.get("store"):
        return found
    with suppress(Exception):  # a command's top: the line tells the rest
        answers = Answers(prepared)
        try:
            return found | of_store(answers, told, wanted, now_ms)
        finally:
            answers.close()
    return found


def of_tool(told: Told, now_ms: int) -> dict[str, str]:
    """Return what the tool told."""
    share = told.used_percent
    if share is None and told.used_tokens is not None and told.window:
        share = 100 * told.used_tokens / told.window
    quotas = [
        f"{one.name} {one.percent:.0f}% until {clock(one.resets_s * 1000)}"
        for one in told.quotas
        if one.resets_s * 1000 > now_ms
    ]
    return {
        "model": told.model_name,
        "context": "" if share is None else f"ctx {share:.0f}%",
        "context_tokens": "" if told.used_tokens is None else short(told.used_tokens),
        "window": short(told.window) if told.window else "",
        "session": "" if told.cost_usd is None else usd(round(told.cost_usd * 1e9)),
        "quota": ", ".join(quotas),
        "project": os.path.basename(told.folder.rstrip("/\\")),
    }


def of_store(answers: Answers, told: Told, wanted: frozenset[str], now_ms: int) -> dict[str, str]:
    """Return what the store knows; no more is asked than is wanted."""
    prepared = answers.prepared
    found: dict[str, str] = {}
    mark = "≈" if prepared["equivalent"] else ""
    for name, length in (("today", "day"), ("week", "week"), ("month", "month")):
        if name in wanted:
            found[name] = mark + usd(answers.sums(prepared["sums"][length])[5])
    if wanted & {"cache", "requests", "tokens"}:
        sums = answers.sums(prepared["sums"]["day"])
        prompt = sums[1] + sums[2] + sums[3]
        found["cache"] = f"cache {percent(sums[2] / prompt)}" if prompt else ""
        found["requests"], found["tokens"] = f"{sums[0]:,}", short(prompt + sums[4])
    if wanted & {"budget", "budget_left"}:
        found |= _tightest(answers)
    if "session" in wanted and told.cost_usd is None and told.session:
        found["session"] = _session_cost(answers, told.session)
    if "burn" in wanted:
        span_ms = prepared["burn_minutes"] * 60_000
        since_ms = now_ms - span_ms
        nano = answers.value(prepared["burn"], since_ms, since_ms)
        found["burn"] = f"{mark}{usd(nano * HOUR_MS // span_ms)}/h"
    if "alerts" in wanted:
        count = answers.value(prepared["alerts"], now_ms)
        found["alerts"] = f"! {count} alert{'' if count == 1 else 's'}" if count else ""
    if "age" in wanted:
        found["age"] = _age(answers.value(prepared["newest"]), now_ms)
    return found


def _session_cost(answers: Answers, session: str) -> str:
    sql, values = answers.prepared["session_cost"]
    sums = answers.sums([(sql, [*values, session])])
    return usd(sums[5]) if sums[0] else ""


def _tightest(answers: Answers) -> dict[str, str]:
    """Return the budget of which the smallest share is left, of those that are quick to tell."""
    lines = [one for one in answers.quick_lines() if one.limit > 0]
    if not lines:
        return {}
    one = max(lines, key=lambda line: line.share)
    mark = "! " if one.is_over else ""
    name = printable(one.name)
    return {
        "budget": f"{mark}{name} {percent(one.share)} of {short_amount(one, one.limit)}",
        "budget_left": f"{mark}{name} {short_amount(one, one.left)} left",
    }


def _age(newest_ms: int, now_ms: int) -> str:
    minutes = (now_ms - newest_ms) // 60_000
    if not newest_ms or minutes < 10:
        return ""
    return f"{minutes}m old" if minutes < 120 else f"{minutes // 60}h old"


def short(number: int) -> str:
    """Return a count in few characters."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}{unit}".replace(".0", "")
    return str(number)
