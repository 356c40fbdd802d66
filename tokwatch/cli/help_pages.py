"""What `--help` says below a command's options: examples, exit codes, files, where to read on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

WIDTH: Final = 80
Exits = dict[int, str]


class Page(NamedTuple):
    """The end of a command's help."""

    examples: tuple[tuple[str, str], ...]
    """What is typed behind `tokwatch`, and what it is good for."""
    see: str
    """Its page below docs/."""
    exits: Exits = {}  # noqa: RUF012  # never changed
    """Exit codes that mean something of their own."""


EXITS: Final[Exits] = {
    0: "done, even where there was nothing to print",
    1: "it could not be done",
    2: "an option or the configuration is wrong",
    130: "interrupted",
}
"""What the codes of every command mean that says nothing else."""

PAGES: Final = {
    "report": Page(
        (
            ("report daily --since 2026-11-01", "each day of November"),
            ("report session --project shop --json", "the sessions of a project, for a script"),
            ("report summary --html > month.html", "the last 30 days as a page to mail"),
        ),
        "reports",
    ),
    "check": Page(
        (
            ("check", "whether all budgets hold"),
            ("check --afford 50000 --model claude-opus-4-8", "whether so many tokens fit"),
            ("check --hook", "in the settings of an agent: stop it over a budget"),
        ),
        "check",
        {
            0: "within limits; with --hook always",
            1: "over a budget, too little left, or an alert is open",
            2: "it could not be told, or an option or the configuration is wrong",
        },
    ),
    "statusline": Page(
        (
            ("statusline", "the line of [statusline] format"),
            ("statusline --format '{today}|{budget_left}'", "one of your own"),
        ),
        "statusline",
    ),
    "status": Page((("status", "the overview in sentences"), ("status --json", "")), "status"),
    "triage": Page(
        (
            ("triage", "why the newest spike cost so much"),
            ("triage --from 13:20 --to 14:00 --against yesterday", ""),
            ("triage --from 2h --md", "for the page of an incident"),
        ),
        "triage",
    ),
    "demo": Page((("demo", "look around before there are logs"),), "demo"),
    "sources": Page(
        (
            ("sources", "what is read, and where it was looked for"),
            ("sources test codex rollout.jsonl", "what a source makes of a file"),
        ),
        "sources",
        {1: "with test: nothing in the file was understood"},
    ),
    "endpoints": Page(
        (
            ("endpoints", "how each gateway does"),
            ("endpoints test proxy", "ask one once, keep nothing"),
            ("endpoints poll", "ask what is due, from cron"),
            ("endpoints forget proxy", "drop the figures of one taken back"),
        ),
        "gateways",
        {1: "a part of an endpoint failed"},
    ),
    "reconcile": Page(
        (("reconcile --since 2026-11-01", ""), ("reconcile --csv > gaps.csv", "")),
        "reconciliation",
    ),
    "doctor": Page(
        (("doctor", ""), ("doctor --json", "")), "doctor", {1: "something is wrong; it says what"}
    ),
    "alerts": Page(
        (
            ("alerts --now", "read the logs, judge the rules, list what is open"),
            ("alerts snooze 7 --minutes 60", ""),
            ("alerts test", "whether webhook and command work"),
        ),
        "alerts",
        {1: "there is no such alert; with test: a road failed"},
    ),
    "suggestions": Page(
        (
            ("suggestions", "look, and list the best first"),
            ("suggestions accept 3", "follow one: what it promised is watched"),
        ),
        "suggestions",
    ),
    "audit": Page(
        (
            ("audit", "what was read, merged and left out"),
            ("audit --session 5f0c2b1e", "every request with file and offset"),
        ),
        "audit",
    ),
    "quality": Page(
        (
            ("quality --since 7d --by agent", ""),
            ("quality --before-after 2026-11-18T13:20", "what a change did"),
        ),
        "quality",
    ),
    "what-if": Page(
        (
            ("what-if --since 2026-11-01", "the same work under every model"),
            ("what-if --of 'claude-opus*' --model claude-sonnet-5", ""),
        ),
        "what-if",
        {1: "a model that was asked for has no known price"},
    ),
    "count": Page(
        (
            ("count --model claude-opus-4-8 prompt.md", ""),
            ("count --models prompt.md", "which models it fits, with prices"),
        ),
        "tokens",
        {
            0: "below [context] warning; with --models: a model fits",
            1: "below [context] critical, or it cannot be read; none fits",
            2: "above that, or an option or the configuration is wrong",
        },
    ),
    "compress": Page(
        (
            ("compress --budget 2000 < prompt.md > shorter.md", ""),
            ("compress --reduce 40 --explain prompt.md", "and say what each stage did"),
            ("compress --strategy auto --max-messages 30 chat.json", ""),
        ),
        "compress-command",
        {
            0: "the target is met, or there was none",
            1: "the target is missed, a model failed, or the input is no text",
        },
    ),
    "templates": Page(
        (
            ("templates save review prompt.md --compress", ""),
            ("templates use review --context 40000", "the wording that fits"),
            ("templates export folder", ""),
        ),
        "templates",
    ),
    "calibrate": Page((("calibrate", ""),), "calibration", {1: "there are too few answers yet"}),
    "export": Page(
        (
            ("export --events laptop.jsonl", "for `tokwatch import` elsewhere"),
            ("export --events - | ssh desk tokwatch import -", ""),
        ),
        "machines",
    ),
    "import": Page(
        (
            ("import laptop.jsonl", "in any order, as often as you like"),
            ("import --path /mnt/home --machine laptop", "a copy of another home"),
        ),
        "machines",
        {1: "something had to be left out; stderr names file and line"},
    ),
    "track": Page(
        (("track coverage 81.5 --unit % --tag branch=main", ""),),
        "mapping",
    ),
    "measures": Page(
        (("measures", ""), ("measures coverage --every 1d", "")),
        "mapping",
        {1: "there is no measure of this name"},
    ),
    "rebuild": Page(
        (("rebuild", ""), ("rebuild --logs --all", "read every log again")),
        "store",
    ),
    "prune": Page((("prune --dry-run", "say what would go"), ("prune", "")), "store"),
    "backup": Page((("backup tokwatch-copy.db", ""),), "store"),
    "config": Page(
        (("config", "every setting and where it comes from"), ("config --check", "")),
        "commands",
    ),
    "help": Page((("help report", "as `tokwatch report --help`"),), "commands"),
}

FILES: Final = (
    ("config.toml", "your settings; `tokwatch config` says where (--config, TOKWATCH_CONFIG)"),
    ("data folder", "the store and all else that is written (--data, TOKWATCH_DATA)"),
    ("TOKWATCH_PROFILE", "as --profile: the settings of [profile.NAME]"),
    ("TOKWATCH_SECTION__KEY", "a setting, such as TOKWATCH_UI__THEME"),
    ("NO_COLOR", "no colours on the screen"),
    ("HOME, XDG_...", "and the tools' own, such as CLAUDE_CONFIG_DIR, CODEX_HOME: where logs lie"),
)


def exits_of(command: str) -> Exits:
    """Return what the exit codes of a command mean."""
    return dict(sorted((EXITS | PAGES[command].exits).items()))


def ending(command: str) -> str:
    """Return what stands below the options of a command."""
    page = PAGES[command]
    codes = ((str(code), told) for code, told in exits_of(command).items())
    lines = [
        *("", "examples:", *_examples(page.examples)),
        *("", "exit codes:", *_rows(codes, 5)),
        *("", "see also:", f"  docs/{page.see}.md; `tokwatch --help` for files and environment"),
    ]
    return "\n".join(lines) + "\n"


def whole_ending() -> str:
    """Return what stands below the options of `tokwatch` itself."""
    codes = ((str(code), told) for code, told in EXITS.items())
    lines = [
        *("", "files and environment:", *_rows(FILES, 24)),
        *("", "exit codes:", *_rows(codes, 5)),
        *(
            "",
            "see also:",
            "  `tokwatch COMMAND --help`, `tokwatch help COMMAND`; docs/commands.md",
        ),
    ]
    return "\n".join(lines) + "\n"


def _examples(examples: Iterable[tuple[str, str]]) -> Iterator[str]:
    for typed, told in examples:
        line = f"  tokwatch {typed}"
        rest = f"  # {told}" if told else ""
        if len(line) + len(rest) > WIDTH:
            yield f"  # {told}"
            rest = ""
        yield line + rest


def _rows(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Yield two columns, the second wrapped."""
    for name, told in rows:
        first, *others = textwrap.wrap(told, WIDTH - width - 2)
        yield f"  {name:<{width - 1}} {first}"
        yield from (" " * (width + 2) + line for line in others)
