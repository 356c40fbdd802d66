"""The command line: options before the command, one module for each command, exit codes."""

from __future__ import annotations

import argparse
import atexit
import errno
import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple

from tokwatch import __version__
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.uncollected import uncollected


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
    Command("help", "print the help of a command", "tokwatch.cli.help"),
)
GROUPS: Final = {
    "what was used": ("report", "status", "statusline", "check", "triage", "quality", "what-if"),
    "what to do": ("alerts", "suggestions"),
    "what is read": ("sources", "endpoints", "doctor", "audit", "reconcile"),
    "prompts": ("count", "compress", "templates", "calibrate"),
    "measures of your own": ("track", "measures"),
    "the store": ("export", "import", "rebuild", "prune", "backup"),
    "tokwatch itself": ("demo", "config", "help"),
}
"""The commands as the help lists them."""
OPTION_GROUPS: Final = {
    "what counts": (
        *("since", "until", "timezone", "day", "from", "to", "against", "before-after"),
        *("session", "source", "project", "model", "agent", "of", "tag", "mode"),
    ),
    "what is printed": ("json", "csv", "md", "html", "explain"),
}


class CommandParser(argparse.ArgumentParser):
    """The parser of one command, made at the first need: making all takes longer than a report's
    sums; it is filled by the command's module.
    """

    def __init__(self, *, module: str, **options: Any) -> None:  # argparse's own, passed on
        self.module = module
        self._options = options
        self.is_filled = False

    def fill(self) -> None:
        """Become a parser, and ask the command's module for its arguments."""
        if not self.is_filled:
            self.is_filled = True
            super().__init__(**self._options)
            import_module(self.module).add_arguments(self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # as argparse's
        """Fill the parser, then parse."""
        self.fill()
        return super().parse_known_args(args, namespace)

    def format_help(self) -> str:
        """Return the help with its options in groups, and what a page of a manual has more."""
        from tokwatch.cli.help_pages import ending

        _group_options(self)
        return super().format_help() + ending(self.prog.split()[-1])


class WholeParser(argparse.ArgumentParser):
    """The parser of the whole command line; its help lists the commands in groups."""

    def format_help(self) -> str:
        """Return the help."""
        from tokwatch.cli.help_pages import whole_ending

        told = {command.name: command.help for command in COMMANDS}
        lines = []
        for group, names in GROUPS.items():
            listed = (f"  {name:<12} {told[name]}" for name in names if name in told)
            lines += ["", f"{group}:", *listed]
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        formatter.start_section("options")
        formatter.add_arguments([one for one in self._actions if one.option_strings])
        formatter.end_section()
        return "\n".join([formatter.format_help().rstrip(), *lines, whole_ending()])


def _group_options(parser: argparse.ArgumentParser) -> None:
    """Move options of a command below headings that say what they are about."""
    plain = parser._optionals
    for title, names in OPTION_GROUPS.items():
        meant = [one for one in plain._group_actions if one.option_strings[-1][2:] in names]
        if 1 < len(meant) < len(plain._group_actions):
            group = parser.add_argument_group(title)
            group._group_actions += meant
            for one in meant:
                plain._group_actions.remove(one)


def build_parser(*, is_filled: bool = False) -> argparse.ArgumentParser:
    """Return the parser of the whole command line, the commands' own filled or still empty."""
    parser = WholeParser(
        prog="tokwatch",
        description="See what your coding agents spend, while they work. "
        "Without a command: the screen; q leaves it, ? explains it.",
        allow_abbrev=False,
    )
    option = parser.add_argument
    option("--version", action="version", version=f"tokwatch {__version__}")
    option("--config", metavar="FILE", help="read this file in place of your own config.toml")
    option("--data", metavar="FOLDER", help="write everything below this folder")
    option("--profile", metavar="NAME", help="use the settings of [profile.NAME]")
    option("--print-completion", metavar="SHELL", help="print completions: bash, zsh, tcsh, fish")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=CommandParser)
    for command in COMMANDS:
        command_parser = commands.add_parser(
            command.name,
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
            module=command.module,
            allow_abbrev=False,
        )
        if is_filled:
            command_parser.fill()
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    _open_what_is_closed()
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
        _write_no_more()  # the reader left
        return 0
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            return _tell(as_bug(error), 1)
        _write_no_more()
        return _tell(TokwatchError(f"cannot write: {error.strerror}"), 1)
    except Exception as error:
        return _tell(as_bug(error), 1)
    return code


_CANNOT_WRITE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


def _open_what_is_closed() -> None:
    """Let a stream that was closed before the start read as empty, and swallow what is written."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  # until the end
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def _write_no_more() -> None:
    """Throw away what is still buffered: it must not raise again when Python closes stdout."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: Sequence[str] | None) -> int:
    atexit.register(gc.freeze)  # at its end Python would look through all there is for cycles
    try:
        with uncollected():  # what is imported stays
            args = build_parser().parse_args(arguments)
            names = {command.name: command.module for command in COMMANDS}
            module = import_module(names[args.command]) if args.command else None
    except SystemExit as left:
        given = sys.argv[1:] if arguments is None else arguments
        if left.code and "check" in given and "--hook" in given:
            print("{}")  # a typo of ours must not hold up anyone's work
            return 0
        raise
    if args.print_completion:
        return _print_completion(args.print_completion)
    if module is None:
        return _show_screen(args)
    code: int = module.run(args)
    return code


def _show_screen(args: argparse.Namespace) -> int:
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
    parser = build_parser(is_filled=True)
    _say_what_is_a_path(parser, {"FILE": shtab.FILE, "FOLDER": shtab.DIRECTORY})
    print(shtab.complete(parser, shell))
    return 0


def _say_what_is_a_path(parser: argparse.ArgumentParser, kinds: dict[str, Any]) -> None:
    """Let files be completed where an argument is one."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _say_what_is_a_path(inner, kinds)
        elif action.metavar in kinds:
            action.complete = kinds[str(action.metavar)]  # type: ignore[attr-defined]  # shtab's


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
