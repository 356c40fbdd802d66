"""Logs of lines of any length, by tool: each request after two kilobytes of talk, all different."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.sources import claude_lines, codex_lines
from tests.sources.agents import (
    copilot_logs,
    gemini_logs,
    grok_logs,
    kimi_logs,
    pi_logs,
    qwen_logs,
)
from tests.sources.gateways import headroom_logs, litellm_logs, toklog_logs
from tests.sources.road import CANARY, spelt, write

Build = Callable[[Path, int], object]
"""Makes the log of so many requests in a home."""
TALK: Final = f"{CANARY} " * 44
SECOND_MS: Final = 1_000


def counts(turn: int) -> tuple[int, int, int, int]:
    """Return what a turn used: input that was not cached, from the cache, to it, and output."""
    return 100 + turn % 97, 9_000 + 31 * turn, 300 + turn % 89, 40 + turn % 211


def alternating(
    requests: int, talk: Callable[[int], bytes], answer: Callable[[int], bytes]
) -> Iterator[bytes]:
    """Yield a line of talk before each request's."""
    for turn in range(1, requests + 1):
        yield talk(turn)
        yield answer(turn)


def claude(home: Path, requests: int) -> None:
    """Make a transcript of Claude Code."""
    lines = alternating(
        requests,
        lambda turn: claude_lines.prompt(TALK),
        lambda turn: claude_lines.answer(
            f"msg_{turn:020}", counts=claude_lines.usage(*counts(turn))
        ),
    )
    write(home / ".claude" / "projects" / "p" / "s1.jsonl", *lines)


def codex(home: Path, requests: int) -> None:
    """Make a thread of Codex."""
    lines = alternating(
        requests,
        lambda turn: codex_lines.item(TALK),
        lambda turn: codex_lines.totals((900 * turn, 700 * turn, 30 * turn, 5 * turn)),
    )
    path = home / ".codex" / "sessions" / "rollout-1.jsonl"
    write(path, codex_lines.meta(), codex_lines.turn(), *lines)


def gemini(home: Path, requests: int) -> None:
    """Make a chat of Gemini CLI."""
    lines = alternating(
        requests,
        lambda turn: spelt(gemini_logs.prompt(TALK, name=f"u{turn}")),
        lambda turn: gemini_logs.answer(turn, gemini_logs.tokens(10_000 + turn, turn, 9_000)),
    )
    gemini_logs.chat(home, gemini_logs.header(), *lines)


def qwen(home: Path, requests: int) -> None:
    """Make a transcript of Qwen Code."""
    lines = alternating(
        requests,
        lambda turn: qwen_logs.prompt(TALK, f"u{turn}"),
        lambda turn: qwen_logs.answer(f"q{turn}", qwen_logs.inside((9_000 + turn, turn, 800, 0))),
    )
    qwen_logs.transcript(home, *lines)


def kimi(home: Path, requests: int) -> None:
    """Make a session of Kimi CLI."""
    lines = alternating(
        requests,
        lambda turn: kimi_logs.prompt(TALK),
        lambda turn: kimi_logs.status(f"m{turn}", counts(turn)),
    )
    kimi_logs.cli_log(home, kimi_logs.header(), *lines)


def kimi_code(home: Path, requests: int) -> None:
    """Make a session of Kimi Code."""
    lines = alternating(
        requests,
        lambda turn: kimi_logs.asked(TALK),
        lambda turn: kimi_logs.used(counts(turn), kimi_logs.AT_MS + turn * SECOND_MS),
    )
    kimi_logs.code_log(home, kimi_logs.created(), *lines)


def grok(home: Path, requests: int) -> None:
    """Make a session of Grok Build."""
    lines = alternating(
        requests,
        lambda turn: grok_logs.update("user_message_chunk", content={"text": TALK}),
        lambda turn: grok_logs.turn(f"p{turn}", grok_logs.row(9_000 + turn, turn, 8_000)),
    )
    grok_logs.log(home, *lines)


def pi_lines(requests: int, family: str) -> Iterator[bytes]:
    """Yield the lines of a session of pi or a relative; the family is part of the ids."""
    yield pi_logs.header()
    yield from alternating(
        requests,
        lambda turn: pi_logs.prompt(TALK),
        lambda turn: spelt(pi_logs.answer(f"msg_{family}{turn:016}", pi_logs.usage(*counts(turn)))),
    )


def pi(*folders: str, family: str) -> Build:
    """Return what makes a session of pi or a relative in a folder of the home."""
    return lambda home, requests: write(
        home.joinpath(*folders, pi_logs.name_of(pi_logs.SESSION)), *pi_lines(requests, family)
    )


def copilot_events(home: Path, requests: int) -> None:
    """Make a session's events of Copilot CLI: messages that tell their output."""
    lines = alternating(
        requests,
        lambda turn: copilot_logs.event("user.message", turn * 10, content=TALK),
        lambda turn: copilot_logs.said(turn * 10 + 9, turn % 900 + 1),
    )
    copilot_logs.events(home, copilot_logs.started(), *lines)


def copilot_traces(home: Path, requests: int) -> None:
    """Make a file of traces of Copilot CLI."""
    spans = (
        copilot_logs.span(f"a{turn}", turn, copilot_logs.Used(900 + turn, turn, 800), links=[TALK])
        for turn in range(1, requests + 1)
    )
    copilot_logs.traces(home, *spans)


def litellm(home: Path, requests: int) -> None:
    """Make LiteLLM's log."""
    messages = [{"role": "user", "content": TALK}]
    litellm_logs.log(
        home,
        *(
            litellm_logs.line(
                None,
                litellm_logs.usage(completion_tokens=turn),
                id=f"msg_litellm{turn:012}",
                messages=messages,
            )
            for turn in range(1, requests + 1)
        ),
    )


def headroom(home: Path, requests: int) -> None:
    """Make headroom's log."""
    messages = [{"content": TALK}]
    headroom_logs.log(
        home,
        *(
            headroom_logs.line(turn, output_tokens=turn, request_messages=messages)
            for turn in range(1, requests + 1)
        ),
    )


def toklog(home: Path, requests: int) -> None:
    """Make toklog's log."""
    names = (f"msg_toklog{turn:012}" for turn in range(1, requests + 1))
    toklog_logs.log(
        home,
        *(
            toklog_logs.line(request_id=name, response_id=name, user_message_preview=TALK)
            for name in names
        ),
    )


LINES: Final[dict[str, Build]] = {
    "claude-code": claude,
    "codex": codex,
    "gemini-cli": gemini,
    "qwen-code": qwen,
    "copilot-cli/events": copilot_events,
    "copilot-cli/traces": copilot_traces,
    "kimi": kimi,
    "kimi-code": kimi_code,
    "grok": grok,
    "pi": pi(".pi", "agent", "sessions", "--shop--", family="p"),
    "omp": pi(".omp", "agent", "sessions", "-shop", family="o"),
    "prime-agent": pi(".prime", "agent", "sessions", family="r"),
    "openclaw": pi(".openclaw", "agents", "main", "sessions", family="c"),
    "litellm": litellm,
    "headroom": headroom,
    "toklog": toklog,
}
