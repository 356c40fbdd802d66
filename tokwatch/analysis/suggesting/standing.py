"""What every prompt carries: tools nobody calls, large memory files, long texts. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.suggesting.money import carried, summed
from tokwatch.analysis.suggesting.words import scope_of, short, subject_of, times, tokens
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Block, Part, digest_of, server_of
from tokwatch.model.suggestion import Claim, Finding, Grade, Klass
from tokwatch.model.suggestion_facts import Facts, SessionKey
from tokwatch.words import counted

UNUSED: Final = "unused-tools"
MEMORY: Final = "large-memory"
TEMPLATE: Final = "long-template"
LISTINGS: Final = {
    "skill_listing": ("skills", ("Skill",)),
    "agent_listing_delta": ("sub-agents", ("Task", "Agent")),
    "mcp_instructions_delta": ("MCP servers", ("mcp__",)),
    "deferred_tools_delta": ("deferred tools", ("ToolSearch", "mcp__")),
}
"""What Claude Code lists in a conversation, and the tools that use what is listed."""
LEAST_SESSIONS: Final = 3
LEAST_COPIES: Final = 5
SHORTER: Final = 0.25
"""Part of a template that compressing takes away; what the workbench's plain stages reach."""


def find_unused(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the tools that are described in every prompt of a project, and never called."""
    called: dict[str, set[str]] = {}
    held: dict[tuple[str, str], list[tuple[SessionKey, Block]]] = {}
    for session, blocks in facts.blocks.items():
        about = subject_of(facts, session)
        for block in blocks:
            if block.part is Part.TOOL_CALL:
                called.setdefault(about, set()).add(block.tool)
            elif (name := _described(block)) and block.tokens:
                held.setdefault((about, name), []).append((session, block))
    for (about, name), found in held.items():
        sessions = {session for session, _ in found}
        uses = LISTINGS[name][1] if name in LISTINGS else (name,)
        calls = called.get(about, set())
        if len(sessions) < LEAST_SESSIONS or not calls:
            continue
        if not any(_is_use(tool, uses) for tool in calls):
            yield _unused(facts, about, name, found, len(sessions))


def _described(block: Block) -> str:
    """Return what a block describes: a listing, an MCP server, a tool; empty for anything else."""
    if block.part is Part.SYSTEM and block.tool:
        server = server_of(block.tool)
        return f"mcp__{server}__" if server else block.tool
    is_listing = block.part is Part.ATTACHMENT and block.tool in LISTINGS
    return block.tool if is_listing else ""


def _is_use(tool: str, uses: tuple[str, ...]) -> bool:
    return any(tool == use or (use.endswith("__") and tool.startswith(use)) for use in uses)


def _unused(
    facts: Facts, about: str, name: str, found: list[tuple[SessionKey, Block]], sessions: int
) -> Finding:
    if name in LISTINGS:
        words, leave = LISTINGS[name][0], "Remove those that you do not need"
    elif name.startswith("mcp__"):
        server = name.split("__")[1]
        words, leave = f"MCP server {server}", f"Switch {server} off for this project"
    else:
        words, leave = f"tool {name}", "Switch it off for this project"
    size = sum(block.tokens for _, block in found) // sessions
    return Finding(
        UNUSED,
        f"{about} · {words}",
        f"{words} in {short(about)}: described in every prompt, never used",
        summed(_all_carried(facts, found)),
        scope_of(facts, about),
        (f"{leave}; it can come back when it is needed.",),
        confidence=Grade.HIGH if sessions >= 2 * LEAST_SESSIONS else Grade.MEDIUM,
        klass=Klass.FIX,
        cause=f"described {name}",
        evidence=f"0 calls in {counted(sessions, 'session')}; about {tokens(size)} tokens each",
    )


def _all_carried(facts: Facts, found: list[tuple[SessionKey, Block]]) -> Iterator[Claim]:
    for session, block in found:
        yield from carried(facts, Chain(*session, block.agent), block.instant_ms, block.tokens)


def find_memory(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the projects whose memory files are larger than they should be."""
    claims: dict[str, list[Claim]] = {}
    sizes: dict[str, list[int]] = {}
    for session, blocks in facts.blocks.items():
        about = subject_of(facts, session)
        agents: dict[str, dict[int, Block]] = {}
        for block in blocks:
            if block.part is Part.MEMORY:
                agents.setdefault(block.agent, {})[block.digest] = block
        for agent, own in agents.items():
            size = sum(block.tokens for block in own.values())
            if size > settings.memory_tokens:
                at_ms = min(block.instant_ms for block in own.values())
                over = size - settings.memory_tokens
                claims.setdefault(about, []).extend(
                    carried(facts, Chain(*session, agent), at_ms, over)
                )
                sizes.setdefault(about, []).append(size)
    for about, found in claims.items():
        yield Finding(
            MEMORY,
            about,
            f"memory files of {short(about)} take {tokens(max(sizes[about]))} tokens of every "
            "prompt",
            summed(found),
            scope_of(facts, about),
            (
                f"Keep below {tokens(settings.memory_tokens)} tokens what every prompt carries.",
                "Move what is needed at times into files that the memory file names.",
            ),
            confidence=Grade.HIGH,
            risk=Grade.MEDIUM,
            cause="memory",
            evidence=f"{counted(len(sizes[about]), 'agent')} began with more",
        )


def find_templates(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the long texts of one's own that are sent again and again."""
    copies: dict[int, list[tuple[SessionKey, Block]]] = {}
    for session, blocks in facts.blocks.items():
        for block in blocks:
            if block.part is Part.USER and block.tokens >= settings.template_tokens:
                copies.setdefault(block.digest, []).append((session, block))
    for digest, found in copies.items():
        if len(found) < LEAST_COPIES:
            continue
        size = found[0][1].tokens
        claims = [
            claim
            for session, block in found
            for claim in carried(
                facts,
                Chain(*session, block.agent),
                block.instant_ms,
                int(block.tokens * SHORTER),
            )
        ]
        sessions = {session for session, _ in found}
        about = subject_of(facts, found[0][0])
        yield Finding(
            TEMPLATE,
            f"text {digest_of(digest)}",
            f"shorten a text of {tokens(size)} tokens that was sent {times(len(found))}",
            summed(claims),
            frozenset(one.key for one in facts.sent if one.session in sessions),
            (
                "Compress it in the workbench (w), keep what it asks for, try it once.",
                "Or put it into a file, and name that.",
            ),
            confidence=Grade.MEDIUM,
            risk=Grade.MEDIUM,
            cause="text",
            evidence=f"the same text in {counted(len(sessions), 'session')}, first in "
            f"{short(about)}",
        )
