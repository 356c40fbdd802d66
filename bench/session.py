"""`python -m bench session`: a session's contents and truncation, from made requests and blocks."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from bench.measured import median_ms
from tokwatch.analysis.carried import carried
from tokwatch.analysis.composition import composition
from tokwatch.analysis.simulated import conversation, simulations
from tokwatch.analysis.timeline import course
from tokwatch.analysis.truncation import Limits, Message, Strategy, history, truncated
from tokwatch.model.caching import CachedRequest, Chain
from tokwatch.model.detail import Block, Part
from tokwatch.model.session import SessionRequest
from tokwatch.model.usage import CostMode

CHAIN: Final = Chain("claude-code", "made", "")
LIMITS: Final = Limits(50, 50_000, 0.9, 2_000)
RATES: Final = (5_000_000, 500_000, 6_250_000, 10_000_000)
GROWTH: Final = 700
CUT_AT: Final = 165_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the size of the session, and how often each step is timed."""
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)


def run(args: argparse.Namespace) -> int:
    """Time each step and print the median."""
    requests, blocks = _session(args.requests)
    of = course(requests)
    made = composition(of, blocks)
    talk = conversation(of, made)
    messages = [
        Message(90 + number % 50, number == 0, (number // 2,)) for number in range(args.messages)
    ]

    def plans() -> object:
        prepared = history(messages)
        return [truncated(prepared, len(messages), LIMITS, strategy) for strategy in Strategy]

    steps: dict[str, Callable[[], object]] = {
        f"context over time, {len(requests):,} requests": lambda: course(requests),
        f"composition, {len(blocks):,} blocks": lambda: composition(of, blocks),
        "carried cost": lambda: carried(of, made, CHAIN, CostMode.AUTO),
        "messages": lambda: conversation(of, made),
        "truncation of every request": lambda: simulations(talk, LIMITS, CostMode.AUTO),
        f"truncation once, {len(messages):,} messages": plans,
    }
    for name, step in steps.items():
        print(f"{median_ms(step, args.rounds):8.1f} ms  {name}")
    return 0


def _session(count: int) -> tuple[list[SessionRequest], list[Block]]:
    """Return requests whose context grows and is cut, with a call and a result for each."""
    requests: list[SessionRequest] = []
    blocks: list[Block] = []
    prompt, before = 18_000, 0
    for number in range(1, count + 1):
        if prompt > CUT_AT:
            prompt, before = 22_000, 18_000
        requests.append(_request(number, prompt, before))
        for part, tokens, answered in (
            (Part.ASSISTANT, 20, number),
            (Part.TOOL_CALL, 40, number),
            (Part.TOOL_RESULT, GROWTH, 0),
        ):
            blocks.append(
                Block(
                    *(len(blocks), number * 1000, "", part, "Read", tokens * 4, tokens),
                    *(number, 0, number, False, answered, number * 1000),
                )
            )
        prompt, before = prompt + 150 + GROWTH, prompt
    return requests, blocks


def _request(number: int, prompt: int, read: int) -> SessionRequest:
    told = (number, number * 60_000, number * 60_000, *CHAIN, "/code", "opus", 1, 0)
    cached = CachedRequest(*told, 10, read, prompt - read - 10, 0, 1, *RATES)
    priced = (10 * RATES[0] + read * RATES[1] + (prompt - read - 10) * RATES[2]) // 1000
    return SessionRequest(
        *(cached, "anthropic", "standard", "main", 150, 25_000_000, 0, 0, 1),
        *(priced, None, 200_000, "/log", number),
    )
