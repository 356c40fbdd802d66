"""Logs that are documents or databases, of any length, by tool: requests that all differ."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.sources.agents import (
    amp_logs,
    cline_logs,
    copilot_logs,
    crush_logs,
    droid_logs,
    gemini_logs,
    goose_logs,
    hermes_logs,
    opencode_logs,
    pi_logs,
    vibe_logs,
    zcode_logs,
    zed_logs,
)
from tests.sources.agents.databases import Tool, insert, made, writing
from tests.sources.gateways import ccflare_logs
from tests.sources.logs_of_lines import SECOND_MS, TALK, Build, counts, pi_lines
from tests.sources.road import Fields

A_SESSION: Final = 40
"""Requests of one document."""


def sessions(requests: int) -> Iterator[tuple[int, range]]:
    """Yield the turns of each session."""
    for number, first in enumerate(range(1, requests + 1, A_SESSION), 1):
        yield number, range(first, min(first + A_SESSION, requests + 1))


def gemini(home: Path, requests: int) -> None:
    """Make older chats of Gemini CLI."""
    for number, turns in sessions(requests):
        messages: list[Fields] = []
        for turn in turns:
            told = gemini_logs.tokens(10_000 + turn, turn, 9_000)
            messages += [gemini_logs.prompt(TALK), gemini_logs.message(turn, told)]
        path = gemini_logs.document(home, *messages, session=f"session-{number}")
        path.rename(path.with_name(f"session-{number}.json"))


def droid(home: Path, requests: int) -> None:
    """Make settings of sessions of Droid, each of which is one request."""
    for turn in range(1, requests + 1):
        fresh, read, written, output = counts(turn)
        told = droid_logs.settings((fresh, read, written, output, 5))
        droid_logs.save(home, told, f"session-{turn}")


def vibe(home: Path, requests: int) -> None:
    """Make sessions of Mistral Vibe, each of which is one request."""
    for turn in range(1, requests + 1):
        fresh, read, _, output = counts(turn)
        told = vibe_logs.stats(fresh + read, output, read)
        prompt = {"role": "system", "content": TALK}
        meta = vibe_logs.meta(told, f"session-{turn}", system_prompt=prompt)
        vibe_logs.save(home, meta, f"session_{turn}")


def amp(home: Path, requests: int) -> None:
    """Make threads of Amp."""
    for number, turns in sessions(requests):
        messages: list[Fields] = []
        for turn in turns:
            fresh, read, written, output = counts(turn)
            messages += [
                amp_logs.asked(2 * turn, text=TALK),
                amp_logs.answered(2 * turn + 1, amp_logs.used(fresh, output, read, written)),
            ]
        amp_logs.amp_log(home, amp_logs.thread(*messages, id=f"T-{number}"), f"T-{number}")


def task(source: str) -> Build:
    """Return what makes tasks of Cline or a relative."""

    def build(home: Path, requests: int) -> None:
        for number, turns in sessions(requests):
            messages: list[Fields] = []
            for turn in turns:
                at = cline_logs.AT_MS + turn * SECOND_MS
                fresh, read, written, output = counts(turn)
                whole = fresh if source == "cline" else fresh + read + written
                told = cline_logs.info(whole, output, written, read)
                messages += [cline_logs.say("text", at, TALK), cline_logs.request(at, told)]
            cline_logs.task_log(home, messages, source, f"{number}")

    return build


def cline_cli(home: Path, requests: int) -> None:
    """Make sessions of Cline's own."""
    for number, turns in sessions(requests):
        messages: list[Fields] = []
        for turn in turns:
            fresh, read, written, output = counts(turn)
            told = cline_logs.metrics(fresh + read + written, output, read, written)
            messages += [
                {"role": "user", "content": [{"type": "text", "text": TALK}]},
                cline_logs.spoken(f"{number:08}{turn:013}", metrics=told),
            ]
        cline_logs.session_log(home, *messages, session=f"session-{number}")


def opencode_files(home: Path, requests: int) -> None:
    """Make the older files of OpenCode, one for each message."""
    opencode_logs.session_file(home)
    for turn in range(1, requests + 1):
        fresh, read, written, output = counts(turn)
        used = opencode_logs.Used(fresh, output, 0, read, written)
        told = opencode_logs.answer(used, opencode_logs.AT_MS + turn * SECOND_MS)
        opencode_logs.message_file(home, f"m{turn}", told)


def openclaw_rows(home: Path, requests: int) -> None:
    """Make the database of an agent of OpenClaw."""
    tables = pi_logs.openclaw_database(home)
    tables.execute("BEGIN")
    pi_logs.append(tables, *pi_lines(requests, "d"))
    tables.execute("COMMIT")
    tables.close()


def ccflare(home: Path, requests: int) -> None:
    """Make better-ccflare's database, payloads included."""
    with writing(ccflare_logs.database(home)) as tables:
        for turn in range(1, requests + 1):
            ccflare_logs.add_row(tables, turn, output_tokens=turn)
            ccflare_logs.add_payload(tables, turn)


def rows(tool: Tool, path: Callable[[Path], Path] | None = None, turns: int = A_SESSION) -> Build:
    """Return what makes a tool's database, of sessions with so many turns each."""

    def build(home: Path, requests: int) -> None:
        with writing(made((path or tool.path)(home), tool.schema)) as tables:
            for turn in range(requests):
                number, place = divmod(turn, turns)
                tool.spend(tables, place + 1, f"session-{number}")

    return build


def spend_second(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add an answer of OpenCode's version 2 with some talk before it."""
    opencode_logs.second_spend(tables, turn, name)
    data = {"text": TALK, "time": {"created": opencode_logs.AT_MS}}
    opencode_logs.second_message(tables, f"asked-{name}-{turn}", data, name, "user")


def spend_first(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add an answer of OpenCode's version 1 with some talk beside it."""
    opencode_logs.spend(tables, turn, name)
    insert(
        tables,
        "part",
        **{"id": f"talk-{name}-{turn}", "message_id": f"{name}-{turn}", "session_id": name},
        **{"time_created": 1, "time_updated": 1, "data": f'{{"text": "{TALK}"}}'},
    )


FIRST: Final = opencode_logs.TOOL._replace(spend=spend_first)
SECOND: Final = opencode_logs.SECOND_TOOL._replace(spend=spend_second)


def made_from_opencode(program: str) -> Build:
    """Return what makes the database of a tool made from OpenCode."""
    return rows(FIRST, lambda home: home / ".local" / "share" / program / f"{program}.db")


DOCUMENTS: Final[dict[str, Build]] = {
    "gemini-cli/document": gemini,
    "opencode/files": opencode_files,
    "droid": droid,
    "vibe": vibe,
    "amp": amp,
    "cline": task("cline"),
    "roo-code": task("roo-code"),
    "kilo-code": task("kilo-code"),
    "cline-cli": cline_cli,
}
ROWS: Final[dict[str, Build]] = {
    "opencode": made_from_opencode("opencode"),
    "opencode/second": rows(SECOND),
    "kilo-cli": made_from_opencode("kilo"),
    "mimo-code": made_from_opencode("mimocode"),
    "icodemate": made_from_opencode("icodemate"),
    "copilot-cli": rows(copilot_logs.TOOL),
    "openclaw/rows": openclaw_rows,
    "goose": rows(goose_logs.TOOL),
    "goose/totals": rows(goose_logs.TOTALS_TOOL, turns=1),
    "crush": rows(crush_logs.TOOL, turns=1),
    "zed": rows(zed_logs.TOOL, turns=8),
    "hermes": rows(hermes_logs.TOOL, turns=1),
    "hermes/totals": rows(hermes_logs.TOTALS_TOOL, turns=1),
    "zcode": rows(zcode_logs.TOOL),
    "ccflare": ccflare,
}
