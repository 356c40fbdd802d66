"""`tokwatch check`: says by its exit code whether budgets hold, for cron, CI and agents' hooks."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.status.prepared import (
    DATABASE_ERRORS,
    Answers,
    Asked,
    Line,
    data_folder,
    is_ingested,
    logs_stand,
    read_prepared,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


WITHIN, OVER, UNKNOWN = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tokwatch check`."""
    parser.description = (
        "Exit with 0 within limits, 1 over a budget or with an alert open, 2 where that cannot be "
        "told. Without an option every budget is checked."
    )
    option = parser.add_argument
    option("--budget", metavar="NAME", action="append", help="only this budget; may be repeated")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--afford",
        metavar="TOKENS",
        type=token_count,
        help="whether so many tokens can be afforded",
    )
    kind.add_argument("--context", metavar="SESSION", help="whether its context window has room")
    kind.add_argument("--alerts", action="store_true", help="whether an alert is open")
    kind.add_argument(
        "--hook", action="store_true", help="answer a coding agent's hook; always exits with 0"
    )
    option("--model", metavar="NAME", help="the model that --afford is about")
    option(
        "--output-tokens",
        metavar="TOKENS",
        type=token_count,
        default=0,
        help="how many tokens the answer may have, beside those of --afford",
    )
    option("--no-refresh", action="store_true", help="do not read the logs first")
    add_json(parser)


def token_count(text: str) -> int:
    """Return a number such as 5,000."""
    digits = text.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of tokens")
    return int(digits)


def run(args: argparse.Namespace) -> int:
    """Answer, and return the exit code: whatever goes wrong, it could not be told."""
    if args.hook:
        from tokwatch.cli.check_hook import answer

        return answer(args, sys.stdin)
    try:
        return _answer(args)
    except (ConfigError, BrokenPipeError):
        raise
    except TokwatchError as error:
        print(f"tokwatch: {error.message} {error.hint}".rstrip(), file=sys.stderr)
    except Exception as error:  # a command's top: 1 would say that a budget is spent
        from tokwatch.cli import as_bug

        print(f"tokwatch: {as_bug(error).message}", file=sys.stderr)
    return UNKNOWN


def _answer(args: argparse.Namespace) -> int:
    is_other = args.afford is not None or args.context is not None or args.alerts
    if is_other and args.budget:
        raise ConfigError("--budget stands alone or with --hook.")
    if is_other:
        from tokwatch.cli.check_more import answer_more

        return answer_more(args)
    lines = quick_lines(args, args.budget or ())
    if lines is None:
        from tokwatch.cli.check_closely import closely

        lines = closely(args, args.budget or ())
    return _tell(lines, is_json=args.json)


def asked_by(args: argparse.Namespace) -> Asked:
    """Return the options that decide which settings hold."""
    return Asked(args.config, args.data, args.profile)


def quick_lines(
    args: argparse.Namespace, names: Sequence[str], session: str = ""
) -> list[Line] | None:
    """Return how budgets stand by what was prepared; None where it must be looked at closely.

    Those for each session stand for one, where it is named.
    """
    import sqlite3

    asked = asked_by(args)
    prepared = read_prepared(asked, time.time_ns() // 1_000_000)
    if prepared is None:
        return None
    known = {one[key] for one in prepared["budgets"] for key in ("name", "split")}
    if not known.issuperset(names):
        return None
    data = data_folder(asked)
    if not (args.no_refresh or is_ingested(data) or logs_stand(data, prepared)):
        return None
    try:
        answers = Answers(prepared)
        try:
            return answers.lines(names, session)
        finally:
            answers.close()
    except (sqlite3.Error, *DATABASE_ERRORS):
        return None


def _tell(lines: list[Line] | None, *, is_json: bool) -> int:
    """Print how budgets stand, and return the exit code."""
    from tokwatch.cli.check_words import as_document, sentence

    code = UNKNOWN if lines is None else OVER if any(one.is_over for one in lines) else WITHIN
    if is_json:
        print(as_document(code, lines or []))
        return code
    if lines is None:
        print("unknown: there is no store yet; `tokwatch report daily` makes one")
    for one in lines or ():
        print(sentence(one))
    if lines == []:
        print("within limits: no budget is set, or none counts anything so far")
    return code
