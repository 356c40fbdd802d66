"""Long answers where short ones would do: whole files written again, talk beside calls. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.suggesting.money import nano, summed
from tokwatch.analysis.suggesting.words import scope_of, short, subject_of, tokens
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.caching import Chain
from tokwatch.model.detail import Block, Part
from tokwatch.model.suggestion import Claim, Finding, Grade
from tokwatch.model.suggestion_facts import Facts
from tokwatch.words import counted

REWRITE: Final = "whole-files"
TALK: Final = "long-answers"
WRITERS: Final = frozenset(("write", "write_file", "create_file", "writefile", "create"))
AS_EDIT: Final = 0.3
"""What is left of a file that is changed in place of being written again."""
TALKED: Final = 200
"""Tokens of text beside a call that say what it is for."""


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the projects with files written again, and those with much talk beside calls."""
    rewrites: dict[str, list[tuple[int, Claim]]] = {}
    talks: dict[str, list[tuple[int, Claim]]] = {}
    for session, blocks in facts.blocks.items():
        about = subject_of(facts, session)
        rewrites.setdefault(about, []).extend(
            _claimed(facts, _written_again(session, blocks, settings.answer_tokens))
        )
        talks.setdefault(about, []).extend(_claimed(facts, _talk(blocks)))
    for about, found in rewrites.items():
        if found:
            yield _rewrite(facts, about, found)
    for about, found in talks.items():
        if found:
            yield _talking(facts, about, found)


def _written_again(
    session: tuple[str, str], blocks: tuple[Block, ...], least: int
) -> Iterator[tuple[int, int]]:
    """Yield (request, tokens too many) of whole files that had been written or read before."""
    known: set[tuple[Chain, int]] = set()
    for block in blocks:
        if block.part is not Part.TOOL_CALL or not block.subject:
            continue
        name = Chain(*session, block.agent), block.subject
        if block.tool.lower() in WRITERS and block.tokens >= least and name in known:
            yield block.request, int(block.tokens * (1 - AS_EDIT))
        known.add(name)


def _talk(blocks: tuple[Block, ...]) -> Iterator[tuple[int, int]]:
    """Yield (request, tokens too many) of texts that stand beside a call."""
    calling = {block.request for block in blocks if block.part is Part.TOOL_CALL}
    said: dict[int, int] = {}
    for block in blocks:
        if block.part is Part.ASSISTANT and block.request in calling:
            said[block.request] = said.get(block.request, 0) + block.tokens
    for request, size in said.items():
        if size > TALKED:
            yield request, size - TALKED


def _claimed(facts: Facts, found: Iterator[tuple[int, int]]) -> Iterator[tuple[int, Claim]]:
    for key, size in found:
        one = facts.by_key.get(key)
        if one is not None and one.cached.is_priced:
            yield size, Claim(key, 0, nano(min(size, one.output), one.output_rate))


def _rewrite(facts: Facts, about: str, found: list[tuple[int, Claim]]) -> Finding:
    size = sum(too_many for too_many, _ in found)
    return Finding(
        REWRITE,
        about,
        f"{short(about)}: whole files are written again where an edit would do",
        summed(claim for _, claim in found),
        scope_of(facts, about),
        ("Tell the agent, in its memory file, to edit files it knows and not to write them anew.",),
        confidence=Grade.MEDIUM,
        cause="answers",
        evidence=f"{counted(len(found), 'file')} written again, about {tokens(size)} tokens too "
        "many",
    )


def _talking(facts: Facts, about: str, found: list[tuple[int, Claim]]) -> Finding:
    size = sum(too_many for too_many, _ in found)
    return Finding(
        TALK,
        about,
        f"{short(about)}: answers beside tool calls are long",
        summed(claim for _, claim in found),
        scope_of(facts, about),
        ("Ask, in the memory file, for a sentence before a call and a summary at the end.",),
        confidence=Grade.MEDIUM,
        cause="talk",
        evidence=f"{counted(len(found), 'request')} with more than {TALKED} tokens beside a call, "
        f"{tokens(size)} too many",
    )
