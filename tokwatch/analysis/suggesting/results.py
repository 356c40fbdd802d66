"""Tool results that are heavy, read again, or longer than a shell's output need be. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from tokwatch.analysis.suggesting.money import carried, summed
from tokwatch.analysis.suggesting.words import scope_of, short, subject_of, times, tokens
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Block, Part, server_of
from tokwatch.model.suggestion import Claim, Finding, Grade
from tokwatch.model.suggestion_facts import Facts, SessionKey
from tokwatch.words import counted

HEAVY: Final = "heavy-results"
SHELL: Final = "shell-cap"
AGAIN: Final = "read-again"
SHELLS: Final = frozenset(
    ("bash", "shell", "exec_command", "shell_command", "write_stdin", "run_shell_command",
     "local_shell", "powershell", "execute", "terminal", "run_command", "bashoutput")
)  # fmt: skip
LEAST_AGAIN: Final = 300
"""Tokens of a result that is worth not to be read again."""
CAPS: Final = {
    "claude-code": 'BASH_MAX_OUTPUT_LENGTH={chars}  # in "env" of ~/.claude/settings.json',
    "codex": "tool_output_token_limit = {tokens}  # in ~/.codex/config.toml",
}


class _Pile(Struct):
    """Results of one sort."""

    claims: list[Claim] = field(default_factory=list)
    results: int = 0
    tokens: int = 0
    largest: int = 0
    source: str = ""

    def add(self, source: str, size: int, claims: list[Claim]) -> None:
        self.claims += claims
        self.results += 1
        self.tokens += size
        self.largest = max(self.largest, size)
        self.source = source


def is_shell(tool: str) -> bool:
    """Tell whether a tool runs commands."""
    return tool.lower() in SHELLS


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield each project's heavy results by tool, and its shells' long outputs."""
    piles: dict[tuple[str, str], _Pile] = {}
    for session, blocks in facts.blocks.items():
        about = subject_of(facts, session)
        for block in blocks:
            if block.part is not Part.TOOL_RESULT:
                continue
            is_long = is_shell(block.tool)
            most = settings.shell_tokens if is_long else settings.result_tokens
            if block.tokens > most:
                name = "a shell" if is_long else server_of(block.tool) or block.tool
                claims = carried(
                    facts, _chain(session, block), block.instant_ms, block.tokens - most
                )
                piles.setdefault((about, name), _Pile()).add(session[0], block.tokens, claims)
    for (about, name), pile in piles.items():
        if name == "a shell":
            yield _shell(facts, about, pile, settings)
        else:
            yield _heavy(facts, about, name, pile, settings)


def _heavy(facts: Facts, about: str, tool: str, pile: _Pile, settings: Suggestions) -> Finding:
    most = tokens(settings.result_tokens)
    return Finding(
        HEAVY,
        f"{about} · {tool}",
        f"results of {tool} in {short(about)} are heavy: up to {tokens(pile.largest)} tokens",
        summed(pile.claims),
        scope_of(facts, about),
        (
            f"Ask for parts: a range of lines, a filter, fewer rows; {most} tokens do mostly.",
            "Let a sub-agent read what is long and return what matters.",
        ),
        confidence=Grade.MEDIUM,
        risk=Grade.LOW,
        cause=f"results {tool}",
        evidence=f"{counted(pile.results, 'result')} above {most}, {tokens(pile.tokens)} tokens "
        "in all, sent again with each request after",
    )


def _shell(facts: Facts, about: str, pile: _Pile, settings: Suggestions) -> Finding:
    most = settings.shell_tokens
    cap = CAPS.get(pile.source, "").format(chars=most * 4, tokens=most)
    return Finding(
        SHELL,
        f"{about} · shell",
        f"{short(about)}: cap what commands print at {tokens(most)} tokens",
        summed(pile.claims),
        scope_of(facts, about),
        (
            cap or "Set the tool's limit for the output of commands.",
            "Let commands be quiet: -q, | tail -50, a log file that is searched after.",
        ),
        confidence=Grade.HIGH,
        risk=Grade.LOW,
        cause="results shell",
        evidence=f"{counted(pile.results, 'output')} above it, up to {tokens(pile.largest)} tokens",
        copies=cap.partition("  #")[0],
    )


def find_again(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the projects in which the same was read again while it was still in the context."""
    piles: dict[str, _Pile] = {}
    for session, blocks in facts.blocks.items():
        about = subject_of(facts, session)
        held: dict[Chain, dict[tuple[int, int], int]] = {}
        for block in blocks:
            if block.part is not Part.TOOL_RESULT or not block.subject or is_shell(block.tool):
                continue
            if block.tokens < LEAST_AGAIN or block.is_error:
                continue
            chain = _chain(session, block)
            known = held.setdefault(chain, {})
            name = block.subject, block.digest
            if name in known and not _was_cut(facts, chain, known[name], block.instant_ms):
                claims = carried(facts, chain, block.instant_ms, block.tokens)
                piles.setdefault(about, _Pile()).add(session[0], block.tokens, claims)
            known[name] = block.instant_ms
    for about, pile in piles.items():
        yield Finding(
            AGAIN,
            about,
            f"{short(about)}: the same files are read again, unchanged",
            summed(pile.claims),
            scope_of(facts, about),
            (
                "Tell the agent, in its memory file, to rely on what it has read already.",
                "Name the lines that are meant, so that it need not look for them.",
            ),
            confidence=Grade.HIGH,
            cause="read again",
            evidence=f"read again {times(pile.results)}, {tokens(pile.tokens)} tokens that were "
            "in the context already",
        )


def _chain(session: SessionKey, block: Block) -> Chain:
    return Chain(*session, block.agent)


def _was_cut(facts: Facts, chain: Chain, since_ms: int, until_ms: int) -> bool:
    return any(since_ms < cut <= until_ms for cut in facts.cuts.get(chain, ()))
