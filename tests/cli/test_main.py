"""The command line as a whole: options, exit codes, what goes to stdout and what to stderr."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tokwatch import __version__, cli
from tokwatch.errors import ConfigError, TokwatchError

CANARY = "a sentence of somebody's prompt"


class Spoken(ModuleType):
    """A command's module that does what the test says."""

    def __init__(self, act: Callable[[argparse.Namespace], int]) -> None:
        super().__init__("spoken")
        self.run = act

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take one option, so that a test can see it arrive."""
        parser.add_argument("--loud", action="store_true")


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace], int]], None]:
    """Return a function that puts an action behind the command `say`."""
    monkeypatch.setattr(cli, "COMMANDS", (cli.Command("say", "say something", "spoken"),))

    def install(act: Callable[[argparse.Namespace], int]) -> None:
        monkeypatch.setitem(sys.modules, "spoken", Spoken(act))

    return install


Say = Callable[[Callable[[argparse.Namespace], int]], None]


def raiser(error: BaseException) -> Callable[[argparse.Namespace], int]:
    """Return an action that raises."""

    def act(_: argparse.Namespace) -> int:
        raise error

    return act


def exit_code(*arguments: str) -> int:
    """Return the code with which argparse ends the program."""
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("--version") == 0
    assert capsys.readouterr().out == f"tokwatch {__version__}\n"


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code("--help") == 0

    shown = capsys.readouterr().out
    for command in cli.COMMANDS:
        assert command.name in shown
        assert command.help.split()[0] in shown


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_every_command_has_its_own_help(
    command: cli.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(command.name, "--help") == 0
    assert f"tokwatch {command.name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--nonsense"], ["--vers"], ["config", "--js"], ["--config"]]
)
def test_wrong_usage_ends_with_2_and_is_told_on_stderr(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(*arguments) == 2

    shown = capsys.readouterr()
    assert shown.out == ""
    assert "usage: tokwatch" in shown.err


def test_a_command_gets_all_options_and_gives_the_exit_code(say: Say) -> None:
    seen = []

    def act(args: argparse.Namespace) -> int:
        seen.append((args.config, args.data, args.profile, args.loud))
        return 7

    say(act)

    assert cli.main(["--config", "c", "--data", "d", "--profile", "p", "say", "--loud"]) == 7
    assert seen == [("c", "d", "p", True)]


@pytest.mark.parametrize(
    ("error", "code"),
    [(TokwatchError("no luck", "try later"), 1), (ConfigError("no luck", "try later"), 2)],
)
def test_an_error_is_told_with_its_hint(
    say: Say, capsys: pytest.CaptureFixture[str], error: TokwatchError, code: int
) -> None:
    say(raiser(error))

    assert cli.main(["say"]) == code
    assert capsys.readouterr() == ("", "tokwatch: no luck\ntry later\n")


def test_an_error_without_a_hint_is_one_line(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    say(raiser(TokwatchError("no luck")))

    cli.main(["say"])

    assert capsys.readouterr().err == "tokwatch: no luck\n"


def test_an_interrupt_ends_quietly_with_130(say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    say(raiser(KeyboardInterrupt()))

    assert cli.main(["say"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_bug_says_where_it_is_but_quotes_nothing(
    say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    say(raiser(ValueError(CANARY)))

    assert cli.main(["say"]) == 1

    told = capsys.readouterr().err
    assert "unexpected ValueError" in told
    assert f"{__file__}:" in told
    assert CANARY not in told


def test_a_reader_that_leaves_early_is_no_error(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "tokwatch", "config"],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def shown_with(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Put a stand-in in the place of the screen; return the configs that it is given."""
    configs: list[object] = []

    def run(config: object) -> int:
        configs.append(config)
        return 0

    app = ModuleType("tokwatch.ui.app")
    monkeypatch.setitem(sys.modules, "tokwatch.ui.app", app)
    monkeypatch.setattr(app, "run", run, raising=False)
    return configs


def test_without_a_command_there_is_the_screen(shown_with: list[object], tmp_path: Path) -> None:
    from tokwatch.config import load

    assert cli.main(["--data", str(tmp_path)]) == 0
    assert shown_with == [load(data=tmp_path)]


def test_the_screen_does_not_start_with_a_wrong_setting(
    shown_with: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKWATCH_BURN__MINUTES", "0")

    assert cli.main([]) == 2
    assert shown_with == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completions_know_commands_and_their_options(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--print-completion", shell]) == 0

    shown = capsys.readouterr().out
    assert "config" in shown
    assert "check" in shown


def ended(home: Path, command: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    """Run a command by the shell, which can close streams."""
    return subprocess.run(
        ["sh", "-c", f"{sys.executable} -m tokwatch --data {home} {command}"],
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_disk_below_the_output_is_told_in_a_line(home: Path) -> None:
    with open("/dev/full", "w") as stdout:
        done = ended(home, "config", stdout=stdout)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("tokwatch: cannot write: ")


def test_streams_that_are_closed_are_empty(home: Path) -> None:
    assert ended(home, "count <&-").stdout == "0 tokens (o200k)\n"
    assert (done := ended(home, "config --json >&-")).returncode == 0, done.stderr


COMPLETING = """
source <(python -m tokwatch --print-completion bash)
completed=$(complete -p tokwatch | sed 's/.*-F \\([^ ]*\\).*/\\1/')
while read -r line; do
    read -ra COMP_WORDS <<< "$line"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
    $completed tokwatch "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    echo "${COMPREPLY[*]}"
done
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_commands_actions_options_choices_and_files(tmp_path: Path) -> None:
    (tmp_path / "laptop.jsonl").touch()
    asked = {
        "tokwatch rec": "reconcile",
        "tokwatch report dail": "daily",
        "tokwatch --data x alerts sn": "snooze",
        "tokwatch report daily --ti": "--timezone",
        "tokwatch report daily --mode c": "calculate",
        "tokwatch import lap": "laptop.jsonl",
    }
    folder = str(Path(sys.executable).parent)
    done = subprocess.run(
        ["bash", "--norc", "-c", COMPLETING],
        input="".join(f"{line}\n" for line in asked),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PATH": f"{folder}:{os.environ['PATH']}",
        },
        check=False,
    )

    assert done.stdout.splitlines() == list(asked.values()), done.stderr


def test_completions_for_an_unknown_shell_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--print-completion", "command.com"]) == 2
    assert "Known: bash" in capsys.readouterr().err


def test_names_that_are_no_text_are_printed_escaped(
    say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def act(_: argparse.Namespace) -> int:
        print("lone \udcff")
        return 0

    say(act)
    file = tmp_path / "out"
    with file.open("w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        assert cli.main(["say"]) == 0

    assert file.read_text() == "lone \\udcff\n"
