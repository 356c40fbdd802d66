"""The command line: options before the command, one module for each command, exit codes."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from tokwatch import __version__
from tokwatch.errors import ConfigError, TokwatchError


class Command(NamedTuple):
    """A command; its module is imported when it is called or asked for its own help.

    The module has `add_arguments(parser)` and `run(args) -> int`.
    """

    name: str
    help: str
    module: str


COMMANDS: Final = (
    Command("report", "print usage by day, session, model and more", "tokwatch.cli.report"),
    Command("check", "say by the exit code whether budgets hold", "tokwatch.cli.check"),
    Command("statusline", "print one line for a status bar", "tokwatch.cli.statusline"),
    Command("status", "say in plain sentences how things stand", "tokwatch.cli.status"),
    Command("triage", "say what made a stretch of time cost more", "tokwatch.cli.triage"),
    Command("demo", "show the screen on simulated sessions", "tokwatch.cli.demo"),
    Command("sources", "print which logs are read and what was found", "tokwatch.cli.sources"),
    Command("endpoints", "print how gateways are polled, or poll them", "tokwatch.cli.endpoints"),
    Command("reconcile", "set logs beside what providers tell", "tokwatch.cli.reconcile"),
    Command("doctor", "check everything and say what to do", "tokwatch.cli.doctor"),
    Command("alerts", "list what rules found, acknowledge and snooze", "tokwatch.cli.alerts"),
    Command("suggestions", "list what would save money, and answer it", "tokwatch.cli.suggestions"),
    Command("audit", "say where the numbers come from", "tokwatch.cli.audit"),
    Command("quality", "print speed, failures and costs per request", "tokwatch.cli.quality"),
    Command("what-if", "print what requests would have cost otherwise", "tokwatch.cli.what_if"),
    Command("count", "count the tokens of a text, here and offline", "tokwatch.cli.count"),
    Command("compress", "shorten a prompt, from standard input", "tokwatch.cli.compress"),
    Command("templates", "keep prompts to use again", "tokwatch.cli.templates"),
    Command("calibrate", "measure token counts on your own logs", "tokwatch.cli.calibrate"),
    Command("export", "write what the logs told to a file", "tokwatch.cli.export"),
    Command("import", "take what another machine's logs told", "tokwatch.cli.import_logs"),
    Command("track", "record a measure of your own", "tokwatch.cli.track"),
    Command("measures", "print what was measured beside tokens", "tokwatch.cli.measures"),
    Command("rebuild", "make all sums anew and say what differed", "tokwatch.cli.rebuild"),
    Command("prune", "delete requests that are older than you keep", "tokwatch.cli.prune"),
    Command("backup", "copy the store while it is in use", "tokwatch.cli.backup"),
    Command("config", "print every setting and where it comes from", "tokwatch.cli.config"),
)


class CommandParser(argparse.ArgumentParser):
    """The parser of one command, filled by the command's module at the first need."""

    def __init__(self, *, module: str, **options: Any) -> None:  # argparse's own, passed on
        super().__init__(**options)
        self.module = module
        self.is_filled = False

    def fill(self) -> None:
        """Ask the command's module for its arguments."""
        if not self.is_filled:
            self.is_filled = True
            import_module(self.module).add_arguments(self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # as argparse's
        """Fill the parser, then parse."""
        self.fill()
        return super().parse_known_args(args, namespace)


def build_parser(*, is_filled: bool = False) -> argparse.ArgumentParser:
    """Return the parser of the whole command line, the commands' own filled or still empty."""
    parser = argparse.ArgumentParser(
        prog="tokwatch",
        description="See what your coding agents spend, while they work. "
        "Without a command: the screen.",
        allow_abbrev=False,
    )
    option = parser.add_argument
    option("--version", action="version", version=f"tokwatch {__version__}")
    option("--config", metavar="FILE", help="read this file in place of your own config.toml")
    option("--data", metavar="FOLDER", help="write everything below this folder")
    option("--profile", metavar="NAME", help="use the settings of [profile.NAME]")
    option("--print-completion", metavar="SHELL", help="print completions for bash, zsh or tcsh")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=CommandParser)
    for command in COMMANDS:
        command_parser = commands.add_parser(
            command.name, help=command.help, module=command.module, allow_abbrev=False
        )
        if is_filled:
            command_parser.fill()
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except ConfigError as error:
        return _tell(error, 2)
    except TokwatchError as error:
        return _tell(error, 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader left; what is still buffered must not raise again when Python closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _tell(as_bug(error), 1)
    return code


def _dispatch(arguments: Sequence[str] | None) -> int:
    try:
        args = build_parser().parse_args(arguments)
    except SystemExit as left:
        given = sys.argv[1:] if arguments is None else arguments
        if left.code and "check" in given and "--hook" in given:
            print("{}")  # a typo of ours must not hold up anyone's work
            return 0
        raise
    if args.print_completion:
        return _print_completion(args.print_completion)
    for command in COMMANDS:
        if command.name == args.command:
            code: int = import_module(command.module).run(args)
            return code
    return _show_screen(args)


def _show_screen(args: argparse.Namespace) -> int:
    import gc

    gc.disable()  # until the first frame: a tenth of the time to it went into collecting nothing
    try:
        from tokwatch.config import load
        from tokwatch.ingest.chosen import chosen_sources
        from tokwatch.ui.app import run

        config = load(args.config, args.data, args.profile)
        chosen_sources(config)
        code: int = run(config)
    finally:
        gc.enable()
    return code


def _print_completion(shell: str) -> int:
    import shtab

    if shell not in shtab.SUPPORTED_SHELLS:
        known = ", ".join(shtab.SUPPORTED_SHELLS)
        raise ConfigError(f"There are no completions for {shell!r}.", f"Known: {known}.")
    print(shtab.complete(build_parser(is_filled=True), shell))
    return 0


def _tell(error: TokwatchError, code: int) -> int:
    print(f"tokwatch: {error.message}", file=sys.stderr)
    if error.hint:
        print(error.hint, file=sys.stderr)
    return code


def as_bug(error: Exception) -> TokwatchError:
    """Return an error that says where this one arose, without its text, which may quote a log."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    trail = "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return TokwatchError(
        f"unexpected {type(error).__name__} at\n{trail}",
        f"This is a bug in tokwatch {__version__}; the lines above say where.",
    )
