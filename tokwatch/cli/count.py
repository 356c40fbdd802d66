"""`tokwatch count`: the tokens of a text, what they take of a window, and which models fit."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json, as_json
from tokwatch.errors import ConfigError
from tokwatch.words import counted as counts
from tokwatch.words import named, printable

if TYPE_CHECKING:
    from tokwatch.analysis.suitable import Level
    from tokwatch.config import Config
    from tokwatch.prompts.given_text import GivenText
    from tokwatch.tokens.estimate import Counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `tokwatch count`."""
    parser.description = (
        "Count the tokens of a text, here and offline. With a model it says what that takes of "
        "its window: exit code 0 is ok, 1 warning, 2 critical. With --models it lists the models "
        "that fit, the cheapest first."
    )
    option = parser.add_argument
    option("file", metavar="FILE", nargs="?", default="-", help="a text; - for standard input")
    option("--model", metavar="M", help="count as this model does; without it, o200k")
    option("--models", action="store_true", help="list the models that fit, with prices")
    option("--exact", action="store_true", help="ask the model's provider: sends the text there")
    option("--yes", action="store_true", help="send it without asking")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Count and print; the exit code says how full the window is."""
    from tokwatch.config import load
    from tokwatch.prompts.given_text import given_text

    if args.models and (args.model or args.exact):
        raise ConfigError("--models goes with neither --model nor --exact.")
    if args.exact and not args.model:
        raise ConfigError("--exact needs --model.")
    config = load(args.config, args.data, args.profile)
    given = given_text(args.file)
    if given.note:
        print(f"tokwatch: {given.note}", file=sys.stderr)
    if args.models:
        from tokwatch.cli.count_models import print_models
        from tokwatch.prompts.library import reading

        with reading(config) as view:
            return print_models(given.text, config, view, _now_ms(), is_json=args.json)
    counted = _exact(args, given) if args.exact else _counted(config, args.model or "", given.text)
    return _tell(args, config, counted)


def _counted(config: Config, model: str, text: str) -> Counted:
    from tokwatch.prompts.counted_prompt import chat_of, counted_prompt
    from tokwatch.tokens.estimate import Basis, Counted, of_prompts

    calibrations = {}
    if model:
        from tokwatch.prompts.library import reading
        from tokwatch.store.read.calibrations import read_calibrations

        with reading(config) as view:
            calibrations = of_prompts(read_calibrations(view)) if view is not None else {}
    chat = chat_of(text)
    if chat is not None:
        size = sum(one.place is not None for one in chat.messages)
        told = f"counted as a chat of {counts(size, 'message')}"
        print(f"tokwatch: {told}; {chat.note}".rstrip("; "), file=sys.stderr)
    counted = counted_prompt(text, chat, model, config, calibrations)
    return counted if model else Counted(counted.tokens, Basis.EXACT, 0.0)


def _exact(args: argparse.Namespace, given: GivenText) -> Counted:
    """Ask the provider, once the user has allowed it."""
    from tokwatch.prompts.exact_count import ask, exact_count
    from tokwatch.tokens.estimate import Basis, Counted

    count = exact_count(args.model, given.text, os.environ)
    print(f"tokwatch: {count.words}", file=sys.stderr)
    if not args.yes:
        if args.file == "-" or not sys.stdin.isatty():
            raise ConfigError("Nobody is here to be asked.", "With --yes it is sent.")
        print("Send it? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise ConfigError("Nothing was sent.")
    return Counted(ask(count), Basis.EXACT, 0.0)


def _tell(args: argparse.Namespace, config: Config, counted: Counted) -> int:
    from tokwatch.analysis.suitable import level_of
    from tokwatch.prices.settings import PriceSettings
    from tokwatch.prompts.model_table import room_of, window_of

    size = None
    if args.model:
        settings = PriceSettings.from_config(config.prices, config.data)
        size = window_of("", args.model, config, settings)
    share = counted.tokens / size if size else None
    level = level_of(share, room_of(config))
    if args.json:
        print(as_json(_document(args.model or "", counted, size, share, level)))
        return level.exit_code
    print(f"{counted.tokens:,} {named(counted.tokens, 'token')}{_of_model(args.model, counted)}")
    if share is not None:
        print(f"{share:.1%} of its window of {size:,}: {level.name}")
    elif args.model:
        print("its window is not known: [context] windows names it")
    return level.exit_code


def _of_model(model: str | None, counted: Counted) -> str:
    if not model:
        return " (o200k)"
    return f" for {printable(model)} ({basis_words(counted)})"


def basis_words(counted: Counted) -> str:
    """Return how a number of tokens is known."""
    from tokwatch.tokens.estimate import Basis

    match counted.basis:
        case Basis.EXACT:
            return "exact"
        case Basis.CALIBRATED:
            doubt = ", doubtful" if counted.is_doubtful else ""
            return (
                f"≈, by {counted.pairs:,} measurements of yours, ±{counted.error or 0:.0%}{doubt}"
            )
        case Basis.RATIO:
            return "≈, by what is known of its family; `tokwatch calibrate` measures it"
        case Basis.UNKNOWN:
            return "≈, by o200k: its own tokenizer is not known"
        case _:
            return "≈, by the number of characters"


def _document(
    model: str, counted: Counted, size: int | None, share: float | None, level: Level
) -> dict[str, object]:
    return {
        "model": model or None,
        **count_record(counted),
        "window": size,
        "windowShare": share,
        "level": level.name,
    }


def count_record(counted: Counted) -> dict[str, object]:
    """Return a count as JSON has it."""
    return {
        "tokens": counted.tokens,
        "basis": counted.basis.value,
        "error": counted.error,
        "measurements": counted.pairs,
    }


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
