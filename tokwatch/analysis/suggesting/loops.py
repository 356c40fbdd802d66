"""Calls that were made again and again, and tools that failed again and again. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.analysis.suggesting.money import summed, whole
from tokwatch.analysis.suggesting.words import scope_of, short, subject_of
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.detail import Block, Part
from tokwatch.model.suggestion import Claim, Finding, Grade, Klass
from tokwatch.model.suggestion_facts import Facts
from tokwatch.words import counted

LOOP: Final = "tool-loop"
RETRY: Final = "failing-tool"


def find(facts: Facts, settings: Suggestions) -> Iterator[Finding]:
    """Yield the projects in which an agent went round in circles."""
    loops: dict[str, list[list[Block]]] = {}
    failed: dict[str, list[list[Block]]] = {}
    for session, blocks in facts.blocks.items():
        about = subject_of(facts, session)
        agents: dict[str, list[Block]] = {}
        for block in blocks:
            agents.setdefault(block.agent, []).append(block)
        for own in agents.values():
            loops.setdefault(about, []).extend(_same(own, settings.loop_calls))
            failed.setdefault(about, []).extend(_failures(own, settings.loop_calls))
    for about, runs in loops.items():
        yield from _finding(facts, about, runs, LOOP)
    for about, runs in failed.items():
        yield from _finding(facts, about, runs, RETRY)


def _same(own: list[Block], least: int) -> Iterator[list[Block]]:
    """Yield runs of equal calls with nothing else between them, one to a request."""
    run: list[Block] = []
    for block in own:
        if block.part is Part.USER:
            run = []
        if block.part is not Part.TOOL_CALL:
            continue
        if run and (block.digest != run[-1].digest or block.tool != run[-1].tool):
            if len(run) > least:
                yield run
            run = []
        if not run or block.request != run[-1].request:
            run.append(block)
    if len(run) > least:
        yield run


def _failures(own: list[Block], least: int) -> Iterator[list[Block]]:
    """Yield the calls of runs in which one tool failed each time."""
    calls = {block.call: block for block in own if block.part is Part.TOOL_CALL and block.call}
    run: list[Block] = []
    for block in own:
        if block.part is not Part.TOOL_RESULT:
            continue
        goes_on = block.is_error and (not run or run[-1].tool == block.tool)
        if not goes_on:
            if len(run) > least:
                yield run
            run = []
        call = calls.get(block.call)
        if block.is_error and call is not None and call.request:
            run.append(call)
    if len(run) > least:
        yield run


def _finding(facts: Facts, about: str, runs: list[list[Block]], kind: str) -> Iterator[Finding]:
    claims: list[Claim] = []
    for run in runs:
        # The first two tries are nobody's fault.
        keys = {call.request for call in run[2:]} - {call.request for call in run[:2]}
        claims += [whole(facts.by_key[key]) for key in keys if key in facts.by_key]
    if not claims:
        return
    longest = max(runs, key=len)
    tool = longest[-1].tool
    is_loop = kind == LOOP
    did = "makes the same call over and over" if is_loop else "tries again what keeps failing"
    yield Finding(
        kind,
        about,
        f"an agent of {short(about)} {did}: {tool}, {len(longest)} times",
        summed({claim.key: claim for claim in claims}.values()),
        scope_of(facts, about),
        (
            "Stop the session at its third try; say what is missing.",
            "Write the way that works into the memory file."
            if not is_loop
            else "Let it wait with one command (a loop with sleep) in place of asking again.",
        ),
        confidence=Grade.HIGH if is_loop else Grade.MEDIUM,
        klass=Klass.FIX,
        cause="loop",
        evidence=f"{counted(len(runs), 'run')} of more than two",
    )
