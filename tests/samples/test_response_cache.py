"""Response caches simulated on the real logs, against plain keys and a cache that is a list."""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.samples.conftest import NOW
from tokwatch.model.repeats import KeyKind, Outcome
from tokwatch.model.snapshot import Span
from tokwatch.pages.response_cache import ResponseAsk, ResponsePage
from tokwatch.pages.sight import Sight
from tokwatch.store.connect import Database
from tokwatch.store.view import View

NOW_MS: Final = int(NOW.timestamp() * 1000)
HOUR_MS: Final = 3_600_000
MEGABYTES: Final = 100_000_000
SAID: Final = ("assistant", "thinking", "tool call")
SESSION: Final = "CASE WHEN k.session = '' THEN g.session ELSE k.session END"

Key = tuple[object, ...]


class Block(NamedTuple):
    """A piece of a conversation, as its hashes."""

    number: int
    part: str
    tool: str
    chars: int
    tokens: int
    digest: int
    request: int
    offset: int
    sketch: int


class Likeness(NamedTuple):
    """The newest message's longest text, and all else that is in each key."""

    sketch: int
    chars: int
    rest: dict[KeyKind, Key]


class Request(NamedTuple):
    """A request, its keys written out, and what was answered."""

    at_ms: int
    event: int
    keys: dict[KeyKind, Key]
    answer: tuple[tuple[str, int], ...]
    chars: int
    nano: int
    tokens: int
    likeness: Likeness | None


def keys_of(
    system: Key, context: list[Block], model: str
) -> tuple[dict[KeyKind, Key], Likeness | None]:
    """Return what docs/cache.md lets two requests share, for a context; no log tells heat here."""
    spoken = tuple((block.part in SAID, block.digest) for block in context)
    messages: list[list[Block]] = []
    for block in context:
        if not messages or (messages[-1][0].part in SAID) != (block.part in SAID):
            messages.append([])
        messages[-1].append(block)
    last = tuple((m[0].part in SAID, tuple(b.digest for b in m)) for m in messages[-3:])
    asked = [digests for is_said, digests in last if not is_said]
    newest = asked[-1] if asked else ()
    keys: dict[KeyKind, Key] = {
        KeyKind.WHOLE: (system, spoken, model),
        KeyKind.RECENT: (system, last),
        KeyKind.NEWEST: (newest, model),
    }
    longest = max(messages[-1], key=lambda block: block.chars) if messages else None
    if longest is None or not longest.sketch:
        return keys, None
    beside = tuple(block.digest for block in messages[-1] if block is not longest)
    rest: dict[KeyKind, Key] = {
        KeyKind.WHOLE: (system, spoken[: -len(messages[-1])], beside, model),
        KeyKind.RECENT: (system, last[:-1], beside),
        KeyKind.NEWEST: (beside, model),
    }
    return keys, Likeness(longest.sketch, longest.chars, rest)


def requests(database: Database, since_ms: int, at_ms: int) -> list[Request]:
    """Return the requests of a range whose content is known, the oldest first."""
    events = {
        row[0]: row
        for row in database.rows(
            "SELECT e.key, e.instant_ms, p.source, s.session, m.name, s.agent, coalesce(e.input, 0)"
            " + coalesce(e.cache_read, 0) + coalesce(e.cache_write_5m, 0)"
            " + coalesce(e.cache_write_1h, 0) + coalesce(e.output, 0),"
            " coalesce(e.logged_nano, e.computed_nano, 0) FROM event e"
            " JOIN scope s ON s.id = e.scope JOIN place p ON p.id = s.place"
            " JOIN model m ON m.id = e.model WHERE e.grade < 2"
        )
    }
    cuts: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    for strand, offset, kept in database.rows(
        "SELECT strand, offset_bytes, keeps_from FROM compaction ORDER BY strand, offset_bytes"
    ):
        cuts[strand].append((offset, kept))
    found: dict[int, Request] = {}
    for strand, source, session, agent in database.rows(
        f"SELECT k.id, g.source, {SESSION}, k.agent FROM strand k JOIN log g ON g.id = k.log"
    ):
        blocks = [
            Block(*row)
            for row in database.rows(
                "SELECT number, part, tool, chars, tokens, digest, request, offset_bytes, sketch"
                " FROM block WHERE strand = ? ORDER BY number",
                (strand,),
            )
        ]
        for key in dict.fromkeys(block.request for block in blocks if block.request):
            event = events.get(key)
            if event is None or event[2:4] != (source, session):
                continue
            is_copy = key in found and event[5] != agent
            if is_copy or not since_ms <= event[1] <= at_ms:
                continue
            first = next(place for place, b in enumerate(blocks) if b.request == key)
            system, context = context_of(blocks[:first], blocks[first].offset, cuts[strand])
            keys, like = keys_of(system, context, event[4])
            said = [b for b in blocks if b.request == key and b.part != "thinking"]
            answer = tuple((block.part, block.digest) for block in said)
            chars = sum(block.chars for block in said)
            found[key] = Request(event[1], key, keys, answer, chars, event[7], event[6], like)
    return sorted(found.values(), key=lambda one: (one.at_ms, one.event))


def context_of(
    before: list[Block], offset: int, cuts: list[tuple[int, int | None]]
) -> tuple[Key, list[Block]]:
    """Return the system prompt's parts and what else stands before an answer."""
    system = {block.tool: block for block in before if block.part == "system"}
    parts = tuple(sorted((tool, b.digest) for tool, b in system.items() if b.tokens))
    context = [block for block in before if block.part != "system"]
    for cut, kept in cuts:
        if cut <= offset:
            first = kept if kept is not None else 1 << 62
            context = [b for b in context if b.offset >= cut or b.number >= first]
    return parts, context


def near(kind: KeyKind, every: list[Request]) -> list[Key]:
    """Return the keys where the first that is like another, which is like none, lends its own."""
    leaders: list[tuple[Likeness, Key]] = []
    known: dict[Key, Key] = {}
    for request in every:
        own, like = request.keys[kind], request.likeness
        if own in known:
            continue
        known[own] = own
        if like is None:
            continue
        for other, key in leaders:
            short, long = sorted((like.chars, other.chars))
            bits = bin(like.sketch ^ other.sketch).count("1")
            if other.rest[kind] == like.rest[kind] and bits <= 6 and short * 100 >= long * 95:
                known[own] = key
                break
        else:
            leaders.append((like, own))
    return [known[request.keys[kind]] for request in every]


def cached(
    every: list[Request], keys: list[Key], items: int, ttl_ms: int | None = HOUR_MS
) -> Outcome:
    """Return what a cache does that is a list: the answer that was used last stands last."""
    stored: list[tuple[int, int, object]] = []
    counts: dict[str, int] = defaultdict(int)
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    for request, key in zip(every, (numbers[key] for key in keys), strict=True):
        there = [one for one in stored if one[0] == key]
        if there and ttl_ms is not None and request.at_ms - there[0][1] >= ttl_ms:
            stored.remove(there[0])
            there = []
            counts["expired"] += 1
        if there:
            stored.remove(there[0])
            stored.append(there[0])
            counts["hits"] += 1
            counts["same"] += there[0][2] == request.answer
            counts["saved_nano"] += request.nano
            counts["saved_tokens"] += request.tokens
            continue
        stored.append((key, request.at_ms, request.answer))
        if len(stored) > items:
            stored.pop(0)
            counts["evicted_items"] += 1
    return Outcome(requests=len(every), **counts)


def whole(sight: Sight) -> ResponsePage:
    ask = ResponseAsk()
    while not (page := ask.answer(sight)).is_whole:
        pass
    return page


@pytest.mark.parametrize(("span", "at_ms"), [(Span.ALL, NOW_MS), (Span.MONTH, 1_771_800_000_000)])
def test_simulations_are_those_of_a_plain_list(
    view: View, samples: Database, span: Span, at_ms: int
) -> None:
    sight = replace(sight_of(view, at_ms, span), now_ms=NOW_MS + 1)
    page, since_ms = whole(sight), sight.slice.since_ms
    every = requests(samples, since_ms, at_ms)
    in_range = "SELECT count(*) FROM event WHERE grade < 2 AND instant_ms BETWEEN ? AND ?"
    assert page.requests == samples.value(in_range, (since_ms, at_ms))
    assert (page.known, page.tempered, page.gateways) == (len(every), 0, ())
    assert len(every) > 500
    assert sum(one.chars for one in every) < MEGABYTES, "no cache here is too large"
    assert (page.limits.small_items, page.limits.large_items) == (100, 1_000)
    assert [one.kind for one in page.simulations] == list(KeyKind)
    for one in page.simulations:
        keys = [request.keys[one.kind] for request in every]
        for items in (10, 100, 1_000):
            assert dict(one.sizes)[items] == cached(every, keys, items), (one.kind, items)
        assert [items for items, _ in one.sizes] == [10, 30, 100, 300, 1_000, 3_000, 10_000]
        assert (one.small, one.large) == (dict(one.sizes)[100], dict(one.sizes)[1_000])
        assert one.lasting == cached(every, keys, 1_000, None), one.kind
        assert one.near == cached(every, near(one.kind, every), 1_000), one.kind
    assert any(one.large.hits for one in page.simulations)
