"""What requests and parts of their prompts cost, at the rates they were priced at. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from tokwatch.model.caching import Chain
from tokwatch.model.card import RateCard, card_at
from tokwatch.model.suggestion import Claim
from tokwatch.model.suggestion_facts import Facts, Sent

MILLION: Final = 1_000_000


def nano(tokens: int, rate: int) -> int:
    """Return tokens times a rate a thousand, in nano-dollars, rounded half up."""
    return (tokens * rate + 500) // 1000


def prompt_nano(one: Sent) -> int:
    """Return what a request's prompt costs by its rates."""
    told = one.cached
    return (
        told.input * told.input_rate
        + (told.cache_read or 0) * told.read_rate
        + told.cache_write_5m * told.write_5m_rate
        + told.cache_write_1h * told.write_1h_rate
        + 500
    ) // 1000


def whole(one: Sent) -> Claim:
    """Return all that a request cost, in its two parts."""
    prompt, output = prompt_nano(one), nano(one.output, one.output_rate)
    priced = prompt + output
    if not priced:
        return Claim(one.key, 0)
    share = one.nano * prompt // priced
    return Claim(one.key, share, one.nano - share)


def new_rate(one: Sent) -> int:
    """Return what a token costs that a request sends for the first time."""
    told = one.cached
    if told.cache_write_5m or told.cache_write_1h:
        is_long = told.cache_write_1h > told.cache_write_5m
        return told.write_1h_rate if is_long else told.write_5m_rate
    return told.input_rate


def again_rate(one: Sent) -> int:
    """Return what a token costs that a request sends once more: a read where most was read."""
    is_read = (one.cached.cache_read or 0) * 2 >= one.prompt
    return one.cached.read_rate if is_read else new_rate(one)


def carried(facts: Facts, chain: Chain, at_ms: int, tokens: int) -> list[Claim]:
    """Return what some tokens cost from when they entered a context until they left it."""
    own = facts.chains.get(chain, ())
    first = bisect_left(own, at_ms, key=lambda one: one.cached.first_ms)
    cuts = facts.cuts.get(chain, [])
    cut = bisect_right(cuts, at_ms)
    last = len(own)
    if cut < len(cuts):
        last = bisect_left(own, cuts[cut], key=lambda one: one.cached.instant_ms)
    claims = []
    for number, one in enumerate(own[first:last]):
        if one.cached.is_priced and one.cached.requests == 1:
            fresh = max(0, one.prompt - (one.cached.cache_read or 0))
            new = 0 if number else min(tokens, fresh)
            cost = nano(new, new_rate(one)) + nano(tokens - new, again_rate(one))
            claims.append(Claim(one.key, min(cost, prompt_nano(one))))
    return claims


def summed(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return one claim for each request, the dearest first."""
    prompts: dict[int, int] = {}
    outputs: dict[int, int] = {}
    for claim in claims:
        prompts[claim.key] = prompts.get(claim.key, 0) + claim.prompt_nano
        outputs[claim.key] = outputs.get(claim.key, 0) + claim.output_nano
    found = [Claim(key, prompts[key], outputs[key]) for key in prompts]
    return tuple(sorted((one for one in found if one.nano > 0), key=lambda one: -one.nano))


def shared_out(amount: int, weights: Sequence[tuple[int, int]]) -> list[Claim]:
    """Return an amount claimed of requests (key, weight) by their weights, to the nano-dollar."""
    total = sum(weight for _, weight in weights)
    claims, given, seen = [], 0, 0
    for key, weight in weights:
        seen += weight
        upto = amount * seen // total if total else 0
        claims.append(Claim(key, upto - given))
        given = upto
    return claims


def repriced(one: Sent, cards: Sequence[RateCard]) -> Claim | None:
    """Return what a request would cost by other cards, its tokens as they were counted."""
    told = one.cached
    card = card_at(cards, told.instant_ms, one.prompt)
    if card is None:
        return None
    prompt = (
        told.input * card.input
        + (told.cache_read or 0) * card.cache_read
        + told.cache_write_5m * card.cache_write_5m
        + told.cache_write_1h * card.cache_write_1h
    )
    half = MILLION // 2
    return Claim(one.key, (prompt + half) // MILLION, (one.output * card.output + half) // MILLION)


def saved(one: Sent, cards: Sequence[RateCard]) -> Claim | None:
    """Return what other cards would save of a request; None where they have no price for it."""
    other = repriced(one, cards)
    if other is None:
        return None
    now = whole(one)
    return Claim(
        one.key,
        max(0, now.prompt_nano - other.prompt_nano),
        max(0, now.output_nano - other.output_nano),
    )
