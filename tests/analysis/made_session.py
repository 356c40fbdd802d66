"""Requests and blocks of one agent, and a slow way to say what they come to."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.model.caching import CachedRequest, Chain
from tokwatch.model.detail import Block, Compaction, Part, Turn
from tokwatch.model.session import SessionRequest

NOON_MS = 1_763_467_200_000
MINUTE_MS = 60_000
MAIN = Chain("claude-code", "7f3a", "")
INPUT, READ, WRITE_5M, WRITE_1H, OUTPUT = 5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000
"""Nano-dollars a thousand tokens."""


def request(
    number: int,
    fresh: int = 1_000,
    read: int | None = 0,
    written: int = 0,
    output: int = 100,
    *,
    at_ms: int | None = None,
    chain: Chain = MAIN,
    model: str = "opus",
    is_priced: bool = True,
    logged_nano: int | None = None,
    **told: object,
) -> SessionRequest:
    """Return a request, by default a minute after the one numbered before it."""
    at_ms = NOON_MS + number * MINUTE_MS if at_ms is None else at_ms
    rates = (INPUT, READ, WRITE_5M, WRITE_1H) if is_priced else (0, 0, 0, 0)
    cached = CachedRequest(
        key=number,
        instant_ms=at_ms,
        first_ms=at_ms,
        **chain._asdict(),
        project="/code/shop",
        model=model,
        requests=1,
        is_derived=0,
        input=fresh,
        cache_read=read,
        cache_write_5m=written,
        cache_write_1h=0,
        is_priced=int(is_priced),
        input_rate=rates[0],
        read_rate=rates[1],
        write_5m_rate=rates[2],
        write_1h_rate=rates[3],
    )
    thousandths = fresh * INPUT + (read or 0) * READ + written * WRITE_5M + output * OUTPUT
    return SessionRequest(
        cached,
        provider="anthropic",
        tier="standard",
        branch="main",
        output=output,
        output_rate=OUTPUT if is_priced else 0,
        reasoning=0,
        web_searches=0,
        is_final=1,
        computed_nano=(thousandths + 500) // 1000 if is_priced else None,
        logged_nano=logged_nano,
        window=None,
        path="/logs/7f3a.jsonl",
        offset=number * 1000,
    )._replace(**told)  # type: ignore[arg-type]  # of the fields' own types


def prompts(*sizes: int) -> list[SessionRequest]:
    """Return requests whose prompts are so large, numbered from 1, each reading the one before."""
    made, before = [], 0
    for number, size in enumerate(sizes, 1):
        read = min(before, size)
        made.append(request(number, size - read, read))
        before = size
    return made


def block(
    number: int,
    part: Part,
    tokens: int,
    answer_of: int = 0,
    *,
    tool: str = "",
    call: int = 0,
    offset: int | None = None,
    agent: str = "",
) -> Block:
    """Return a block; `answer_of` is the key of the request whose answer it belongs to."""
    return Block(
        *(number, NOON_MS + number * 1000, agent, part, tool, tokens * 4, tokens),
        *(number + 7, 0, call, False, answer_of, number * 10 if offset is None else offset),
    )


def compaction(
    before_number: int, *, offset: int, keeps_from: int | None = None, trigger: str = "auto",
    before: int | None = None,
) -> Compaction:  # fmt: skip
    """Return a compaction right before a request."""
    at_ms = NOON_MS + before_number * MINUTE_MS - 1
    return Compaction(at_ms, "", before, None, trigger, offset, keeps_from)


def turn(number: int, first: int, last: int) -> Turn:
    """Return a turn from one request to another."""
    begin, end = NOON_MS + first * MINUTE_MS - 1, NOON_MS + last * MINUTE_MS
    return Turn(number, "", begin, end, last - first + 1, 0, interrupted=False, finished=True)


def conversation(sizes: Sequence[int]) -> list[Block]:
    """Return a user's message, then a call and a result for each request but the last."""
    blocks = [block(0, Part.USER, 10)]
    for number in range(1, len(sizes)):
        blocks.append(block(len(blocks), Part.TOOL_CALL, 20, number, tool="Read", call=number))
        blocks.append(block(len(blocks), Part.TOOL_RESULT, sizes[number], tool="Read", call=number))
    blocks.append(block(len(blocks), Part.ASSISTANT, 30, len(sizes)))
    return blocks
