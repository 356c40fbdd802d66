"""Requests and conversations for tests of analysers, hand-made; an hour has no end of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.analysis.cached import INPUT, LONG, READ, SHORT, START_MS, sent
from tokwatch.config.suggesting import Suggestions
from tokwatch.model.detail import Block, Part
from tokwatch.model.suggestion_facts import Facts, Sent

SETTINGS = Suggestions()
OUTPUT = 25_000_000
DAY_S = 86_400
SHOP = ("claude-code", "s1")


def cost(one: Sent) -> int:
    """Return what a request costs by its rates, in nano-dollars."""
    told = one.cached
    prompt = (
        told.input * told.input_rate
        + (told.cache_read or 0) * told.read_rate
        + told.cache_write_5m * told.write_5m_rate
        + told.cache_write_1h * told.write_1h_rate
    )
    return (prompt + one.output * one.output_rate) // 1000


def request(number: int, after_s: float = 0, **told: object) -> Sent:
    """Return a request so many seconds after the start; fields of the cached one by their names."""
    own = {name: told.pop(name) for name in list(told) if name in Sent._fields}
    plain = Sent(sent(number, after_s, **told), "main", "anthropic", "standard", 300, 0, OUTPUT, 0)
    plain = plain._replace(**own)  # type: ignore[arg-type]  # of the fields' own types
    return plain if "nano" in own else plain._replace(nano=cost(plain))


def block(number: int, part: Part, tokens: int, after_s: float = 0, **told: object) -> Block:
    """Return a piece of a conversation."""
    plain = Block(
        *(number, START_MS + round(after_s * 1000), "", part, "", tokens * 4, tokens),
        *(number + 1_000, 0, 0, False, 0, number * 100),
    )
    return plain._replace(**told)  # type: ignore[arg-type]  # of the fields' own types


def facts(
    requests: Iterable[Sent],
    blocks: Iterable[Block] = (),
    talks: Mapping[tuple[str, str], tuple[Block, ...]] | None = None,
    **told: object,
) -> Facts:
    """Return the facts of ten days, the blocks all of one session unless told."""
    found = tuple(sorted(requests, key=lambda one: (one.cached.instant_ms, one.key)))
    own = {"blocks": talks or {SHOP: tuple(blocks)}} | told
    until_ms = START_MS + 10 * DAY_S * 1000
    return Facts(START_MS, until_ms, found, **own)  # type: ignore[arg-type]  # as above


__all__ = ["DAY_S", "INPUT", "LONG", "OUTPUT", "READ", "SETTINGS", "SHOP", "SHORT", "START_MS"]
__all__ += ["block", "cost", "facts", "request"]
