"""`tokwatch compress`: a text in, a shorter one out; what is told of it goes to standard error."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tokwatch.cli.json_form import add_json
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.uncollected import uncollected

if TYPE_CHECKING:
    from tokwatch.cli.compress_asked import Result
    from tokwatch.config import Config
    from tokwatch.prompts.compressing import Order, Press
    from tokwatch.tokens.estimate import Calibrations

LEVELS = ("light", "balanced", "aggressive")
LARGE = 3_000_000
"""Characters from which on the command says that it takes a while."""
STRATEGIES = ("auto", "sliding-window", "important-first", "summary")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `tokwatch compress`."""
    parser.description = (
        "Shorten a prompt: plain text, or chat JSON as Anthropic and OpenAI write it. Standard "
        "output is the text and nothing else. Where the target cannot be met it is the best that "
        "could be done, and the exit code is 1. Without a target three tenths of the tokens go."
    )
    option = parser.add_argument
    option("file", metavar="FILE", nargs="?", default="-", help="a text; - for standard input")
    option("--model", metavar="M", default="", help="count as this model does; without it, o200k")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--budget", metavar="N", help="tokens that it may have")
    target.add_argument("--reduce", metavar="PERCENT", help="the share of tokens that is to go")
    option("--question", metavar="Q", default="", help="what the text is to answer")
    option("--level", choices=LEVELS, help="how far it may go; aggressive unless told")
    option(
        "--stages",
        metavar="NAMES",
        help="just these stages, with commas, in this order; without a target all of them run",
    )
    option(
        "--keep",
        metavar="PATTERN",
        action="append",
        default=[],
        help="a regular expression of what must stay letter for letter; may be repeated",
    )
    option("--blind", action="store_true", help="without a question keep what holds rare facts")
    _add_strategy(parser)
    option("--explain", action="store_true", help="say what each stage did and what is gone")
    add_json(parser)


def _add_strategy(parser: argparse.ArgumentParser) -> None:
    option = parser.add_argument
    told = f"how a chat is cut; needs chat JSON: {', '.join(STRATEGIES)}"
    option("--strategy", metavar="HOW", choices=STRATEGIES, help=told)
    option("--max-messages", metavar="N", help="messages that stay at most")
    option("--max-tokens", metavar="N", help="tokens that stay at most")
    option("--reserve", metavar="N", help="tokens of those kept free for the answer")
    option(
        "--summarise",
        action="store_true",
        help="send the messages that go to [workbench] gateway, for a summary in their place",
    )
    option("--originals", metavar="FILE", help="write the messages that went to this new file")
    option(
        "--rewrite",
        action="store_true",
        help="send a text that is still too long to [workbench] gateway, to be rewritten",
    )


def run(args: argparse.Namespace) -> int:
    """Compress and print; 1 where the target was missed, or a model that was asked failed."""
    from tokwatch.cli.compress_order import order_of
    from tokwatch.cli.compress_words import document, tell
    from tokwatch.config import load

    config = load(args.config, args.data, args.profile)
    order = order_of(args, config)
    text = _text(args.file)
    if len(text) >= LARGE:
        told = f"{len(text):,} characters: this takes some seconds, about one for each million"
        print(f"tokwatch: {told}", file=sys.stderr, flush=True)
    press = _press(text, order, config)
    began = time.perf_counter()
    try:
        with uncollected():  # edits hold no cycles, and live until the text is written
            result = _result(press, args, config)
    except ConfigError:
        raise
    except TokwatchError:
        _record(config, order, round((time.perf_counter() - began) * 1000), None)
        raise
    ms = round((time.perf_counter() - began) * 1000)
    tell(result, explains=args.explain)
    told = document(result, explains=args.explain) if args.json else result.done.text
    sys.stdout.flush()
    sys.stdout.buffer.write(told.encode("utf-8"))
    sys.stdout.buffer.flush()
    _record(config, order, ms, result)
    return 0 if result.done.is_met and not result.is_error else 1


def _result(press: Press, args: argparse.Namespace, config: Config) -> Result:
    """Return what came of it; a model is asked only where an option allows that."""
    from tokwatch.cli.compress_asked import Result, rewritten, summarised
    from tokwatch.compress.limits import Strategy
    from tokwatch.prompts.gateway_model import gateway_of

    gateway = gateway_of(config) if args.summarise or args.rewrite else None
    if args.rewrite and press.is_chat:
        raise ConfigError("A rewriting is for plain text.", "--summarise shortens a chat.")
    done = press.pressed(press.kept(has_summary=args.summarise))
    kept = done.kept
    if gateway and kept and kept.strategy is Strategy.SUMMARY and kept.dropped:
        return summarised(press, done, gateway, config, args.originals)
    if gateway and args.rewrite and not done.is_met:
        return rewritten(press, done, gateway, config)
    return Result(done)


def _record(config: Config, order: Order, ms: int, result: Result | None) -> None:
    """Leave a record without text; that it cannot be kept stands in nobody's way."""
    from tokwatch.model.template import Failure, Run, failure_of
    from tokwatch.prompts.library import record_run

    done = result.done if result else None
    failure = Failure.ERROR
    if result and done:
        failure = failure_of(
            is_met=done.is_met,
            accepted=done.edits,
            rejected=0,
            is_lost=result.is_lost,
            is_error=result.is_error,
        )
    record = Run(
        *(time.time_ns() // 1_000_000, "compress", order.model, done.stages if done else ()),
        *(done.before if done else 0, done.after if done else 0, done.budget if done else None),
        *(done.edits if done else 0, 0, ms),
        failure=failure,
        summary_nano=result.cost.nano if result and result.cost else None,
    )
    try:
        record_run(config, record)
    except TokwatchError as error:
        print(f"tokwatch: the run is not recorded: {error.message}", file=sys.stderr)


def _text(file: str) -> str:
    """Return the text; one that would have to be changed to be read is refused."""
    from tokwatch.prompts.given_text import given_text

    given = given_text(file)
    if given.note and "\ufffd" in given.text:
        line = given.text.count("\n", 0, given.text.index("\ufffd")) + 1
        told = f"{given.name} is no UTF-8 text: line {line:,} holds bytes that are no character."
        raise TokwatchError(told, "Save it as UTF-8 and try again.")
    if given.note:
        print(f"tokwatch: {given.note}", file=sys.stderr)
    return given.text


def _press(text: str, order: Order, config: Config) -> Press:
    from tokwatch.prompts.compressing import Press

    press = Press(text, order, config, _known(config) if order.model else {})
    if order.limits is not None and not press.is_chat:
        told = "Strategies and summaries are for chats, and this is plain text."
        if press.prompt.note:
            told = f"Strategies and summaries are for chats, and this {press.prompt.note}."
        raise TokwatchError(told, "Give the messages as JSON.")
    return press


def _known(config: Config) -> Calibrations:
    """Return what the store knows of counts; nothing where there is no store."""
    from tokwatch.store.read.calibrations import read_calibrations
    from tokwatch.store.store import open_existing
    from tokwatch.store.view import open_view
    from tokwatch.tokens.estimate import of_prompts

    database = open_existing(config.store.url, config.data)
    if database is None:
        return {}
    try:
        view = open_view(database, config.general.workspace, config.general.user or None)
        return of_prompts(read_calibrations(view))
    finally:
        database.close()
