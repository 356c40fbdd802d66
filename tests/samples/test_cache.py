"""The cache page on the real logs against docs/cache.md, computed once more, plainly."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.samples.conftest import NOW
from tokwatch.model.caching import CacheSum
from tokwatch.model.snapshot import Span
from tokwatch.pages.cache import CacheAsk, CachePage
from tokwatch.pages.sight import Sight
from tokwatch.store.connect import Database
from tokwatch.store.view import View

MINUTE: Final = 60_000
DAY: Final = 86_400_000
NOW_MS: Final = int(NOW.timestamp() * 1000)
LOST: Final = {"model switched", "idle", "prefix changed", "provider's miss"}
AMOUNTS: Final = ("saved", "written", "premium", "lost", "long", "short")

EVENTS: Final = (
    "SELECT e.key, e.instant_ms, e.first_ms, p.source, s.session, s.agent, p.project, m.name,"
    " m.id, e.requests, e.grade, e.input, e.cache_read, e.cache_write_5m, e.cache_write_1h,"
    " e.output, e.web_searches, e.computed_nano FROM event e JOIN scope s ON s.id = e.scope"
    " JOIN place p ON p.id = s.place JOIN model m ON m.id = e.model WHERE e.grade < 2"
    " ORDER BY e.instant_ms, e.key"
)


class Rates(NamedTuple):
    """Nano-dollars for one token."""

    fresh: Fraction
    read: Fraction
    short: Fraction
    long: Fraction


class Request(NamedTuple):
    """One row of the store."""

    key: int
    at_ms: int
    first_ms: int
    source: str
    session: str
    agent: str
    project: str
    model: str
    is_single: bool
    fresh: int
    read: int
    short: int
    long: int
    rates: Rates | None

    @property
    def prompt(self) -> int:
        return self.fresh + self.read + self.short + self.long


class Held(NamedTuple):
    """What a request left in the cache, by the words of docs/cache.md."""

    tokens: int
    ttl_ms: int
    is_written: bool


NOTHING: Final = Held(0, 0, is_written=False)


class Broken(NamedTuple):
    """A line of the table of breaks."""

    cause: str
    missed: int
    idle_ms: int
    nano: int | None


class Judged(NamedTuple):
    """A request, the one that it is set against, and the break that shows."""

    request: Request
    before: Request | None
    held: Held
    broken: Broken | None


def rounded(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def requests(database: Database) -> list[Request]:
    """Return all requests with what a token of each cost, which must explain its whole cost."""
    cards = database.rows(
        "SELECT model, since_ms, until_ms, above_tokens, upto_tokens, input, cache_read,"
        " cache_write_5m, cache_write_1h, output, web_search FROM card"
    )
    found = []
    for row in database.rows(EVENTS):
        at_ms, (model, many, grade), (searches, cost) = row[1], row[8:11], row[16:]
        counts = [count or 0 for count in row[11:16]]
        size = 0 if grade < 0 else sum(counts[:4]) // max(1, many)
        fitting = [
            card
            for card in cards
            if card[0] == model and card[1] <= at_ms < card[2] and card[3] < size <= card[4]
        ]
        assert len(fitting) == (cost is not None), row
        rates = None
        for card in fitting:
            each = [Fraction(price, 1000) for price in card[5:10]]
            exact = sum(n * price for n, price in zip(counts, each, strict=True))
            assert abs(exact + searches * card[10] - cost) < 1, row
            rates = Rates(*each[:4])
        assert row[12] is not None, "every one of these logs tells of reads"
        is_single = many == 1 and grade >= 0
        found.append(Request._make((*row[:8], is_single, *counts[:4], rates)))
    return found


def held_after(own: list[Request]) -> Held:
    """Return what the last of an agent's requests left; those of its own model in a row count."""
    last, recent = own[-1], list[Request]()
    for request in reversed(own):
        if request.model != last.model or len(recent) == 8:
            break
        recent.append(request)
    wrote = next((one for one in recent if one.short or one.long), None)
    if wrote is not None:
        ttl_ms = 5 * MINUTE if wrote.short else 60 * MINUTE
        return Held(last.read + last.short + last.long, ttl_ms, is_written=True)
    return Held(last.prompt if any(one.read for one in recent) else 0, 5 * MINUTE, is_written=False)


def lost(request: Request, missed: int) -> int | None:
    """Return what tokens sent again cost above reading them: an hour's, five minutes', input."""
    if request.rates is None:
        return None
    amount, of = Fraction(0), request.rates
    for tokens, price in ((request.long, of.long), (request.short, of.short), (missed, of.fresh)):
        taken = min(tokens, missed)
        amount, missed = amount + taken * (price - of.read), missed - taken
    return rounded(amount)


Agent = tuple[str, str, str]
Compaction = tuple[Agent, int]


def is_aside(request: Request, before: Request) -> bool:
    """Tell whether a small question went to another model, in a pause of an hour at most."""
    is_small = request.prompt * 2 < before.prompt
    pause_ms = request.first_ms - before.first_ms
    return request.model != before.model and is_small and pause_ms <= 60 * MINUTE


def broken_of(
    request: Request, before: Request, held: Held, compactions: list[Compaction]
) -> Broken | None:
    """Return the break that a request shows, with the first cause that fits."""
    there = min(held.tokens, request.prompt)
    missed = there - request.read
    if missed < 1024 or Fraction(request.read, there) >= Fraction(9, 10):
        return None
    idle_ms = max(0, request.first_ms - before.first_ms)
    agent = (request.source, request.session, request.agent)
    told = [at_ms for whose, at_ms in compactions if whose == agent]
    fits = {
        "compaction": any(before.first_ms < at_ms <= request.at_ms for at_ms in told)
        or request.prompt * 2 < before.prompt,
        "model switched": request.model != before.model,
        "idle": idle_ms > held.ttl_ms,
        "prefix changed": held.is_written,
        "provider's miss": True,
    }
    cause = next(cause for cause, is_so in fits.items() if is_so)
    return Broken(cause, missed, idle_ms, lost(request, missed))


def judged(every: list[Request], compactions: list[Compaction]) -> list[Judged]:
    """Set each request against the one before it of the same agent."""
    own: dict[Agent, list[Request]] = defaultdict(list)
    asides: dict[Agent, int] = defaultdict(int)
    found = []
    for request in every:
        agent = (request.source, request.session, request.agent)
        before = own[agent][-1] if own[agent] else None
        held = NOTHING if before is None else held_after(own[agent])
        broken, counts = None, request.is_single and request.prompt > 0
        if not counts:
            pass
        elif before is None:
            touched = request.read or request.short or request.long
            broken = Broken("first request", 0, 0, 0) if touched else None
        elif is_aside(request, before) and asides[agent] < 2:
            asides[agent], counts = asides[agent] + 1, False
        else:
            broken = broken_of(request, before, held, compactions)
        found.append(Judged(request, before, held, broken))
        if counts:
            own[agent].append(request)
            asides[agent] = 0
    return found


def lifetimes(one: Judged) -> tuple[int, int]:
    """Return what the request would have cost more, all writes for an hour, or five minutes."""
    request, before, held, broken = one
    of = request.rates
    assert of is not None
    saved, kept = Fraction(0), request.short
    is_short = held.is_written and held.ttl_ms == 5 * MINUTE
    if broken and broken.cause == "idle" and is_short and broken.idle_ms <= 60 * MINUTE:
        saved = Fraction(lost(request, broken.missed) or 0)
        kept -= max(0, min(request.short, broken.missed - request.long))
    longer = rounded(kept * (of.long - of.short) - saved)
    shorter = request.long * (of.short - of.long)
    if before and request.is_single and held.is_written and held.ttl_ms == 60 * MINUTE:
        pause = request.first_ms - before.first_ms
        if before.model == request.model and 5 * MINUTE < pause <= 60 * MINUTE:
            shorter += min(request.read, held.tokens) * (of.short - of.read)
    return longer, rounded(Fraction(shorter))


def summed(some: list[Judged]) -> CacheSum:
    """Return the figures of some requests, counted one by one."""
    found: dict[str, int] = defaultdict(int)
    for one in some:
        request, broken = one.request, one.broken
        for name, number in (
            *(("told", request.is_single), ("hits", request.is_single and request.read > 0)),
            *(("input", request.fresh), ("read", request.read)),
            *(("write_5m", request.short), ("write_1h", request.long)),
        ):
            found[name] += number
        if broken and broken.cause in LOST:
            found["breaks"] += 1
            found["rewritten"] += broken.missed
            found["lost_nano"] += broken.nano or 0
        if request.rates is None:
            found["unpriced"] += request.read + request.short + request.long
            continue
        of, written = request.rates, request.short * request.rates.short
        written += request.long * of.long
        found["saved_nano"] += rounded(request.read * (of.fresh - of.read))
        found["written_nano"] += rounded(written)
        found["premium_nano"] += rounded(written - (request.short + request.long) * of.fresh)
        longer, shorter = lifetimes(one)
        found["long_nano"] += longer
        found["short_nano"] += shorter
    return CacheSum(**found)


def whole(sight: Sight) -> CachePage:
    ask = CacheAsk()
    while not (page := ask.answer(sight)).is_whole:
        pass
    return page


@pytest.fixture(scope="module")
def story(samples: Database) -> list[Judged]:
    """Return all requests of the store, judged by the plain rules."""
    told = samples.rows(
        "SELECT g.source, CASE WHEN k.session = '' THEN g.session ELSE k.session END, k.agent,"
        " c.instant_ms FROM compaction c JOIN strand k ON k.id = c.strand"
        " JOIN log g ON g.id = k.log"
    )
    return judged(requests(samples), [((row[0], row[1], row[2]), row[3]) for row in told])


MOMENTS: Final = [
    (Span.ALL, NOW_MS),
    (Span.MONTH, 1_771_800_000_000),  # 2026-02-22
    (Span.WEEK, 1_784_015_657_020),  # a minute after a request that wrote for an hour
    (Span.DAY, 1_771_340_800_000),
    (Span.HOURS, 1_782_160_000_000),
]


@pytest.mark.parametrize(("span", "at_ms"), MOMENTS)
def test_the_page_is_what_the_documented_rules_give(
    view: View, story: list[Judged], span: Span, at_ms: int
) -> None:
    sight = replace(sight_of(view, at_ms, span), now_ms=NOW_MS + 1)
    page = whole(sight)

    since_ms = sight.range.start_ms // (15 * MINUTE) * (15 * MINUTE)
    mine = [one for one in story if since_ms <= one.request.at_ms <= at_ms]
    assert page.requests == page.read == len(mine) > 0
    assert page.total == summed(mine)
    prompt = sum(one.request.prompt for one in mine)
    assert page.total.token_rate == sum(one.request.read for one in mine) / prompt
    singles = [one.request for one in mine if one.request.is_single]
    assert page.total.request_rate == sum(one.read > 0 for one in singles) / len(singles)

    by_session, by_model = defaultdict(list), defaultdict(list)
    for one in mine:
        by_session[one.request.source, one.request.session].append(one)
        by_model[one.request.model].append(one)
    assert {tuple(one.name): (one.project, one.sum) for one in page.sessions} == {
        name: (some[-1].request.project, summed(some)) for name, some in by_session.items()
    }
    assert {one.model: one.sum for one in page.models} == {
        name: summed(some) for name, some in by_model.items()
    }
    ranks = [(one.sum.lost_nano, one.sum.saved_nano) for one in page.sessions]
    assert ranks == sorted(ranks, reverse=True)

    step_ms = page.course.step_ms
    for number, there in enumerate(page.course.sums):
        start_ms = page.course.start_ms + number * step_ms
        here = [one for one in mine if start_ms <= one.request.at_ms < start_ms + step_ms]
        assert there == (summed(here) if here else None), number


@pytest.mark.parametrize(("span", "at_ms"), MOMENTS)
def test_every_break_has_the_documented_cause(
    view: View, story: list[Judged], span: Span, at_ms: int
) -> None:
    sight = replace(sight_of(view, at_ms, span), now_ms=NOW_MS + 1)
    page = whole(sight)
    since_ms = sight.range.start_ms // (15 * MINUTE) * (15 * MINUTE)
    broken = {
        one.request.key: one.broken
        for one in story
        if one.broken and since_ms <= one.request.at_ms <= at_ms
    }
    assert len(broken) < 500, "the page lists all of them"
    assert {
        one.key: Broken(one.cause.value, one.rewritten, one.idle_ms, one.lost_nano)
        for one in page.breaks
    } == broken
    assert {cause.value: tuple(one) for cause, one in page.causes.items()} == {
        cause: (
            len(some),
            sum(one.missed for one in some),
            sum(one.nano or 0 for one in some),
            sum(one.nano is None for one in some),
        )
        for cause in {one.cause for one in broken.values()}
        for some in ([one for one in broken.values() if one.cause == cause],)
    }


def test_what_is_still_warm_is_what_the_last_requests_left(view: View, story: list[Judged]) -> None:
    _, at_ms = MOMENTS[2]
    page = whole(replace(sight_of(view, at_ms, Span.WEEK), now_ms=NOW_MS + 1))
    asked = [one for one in story if one.request.at_ms <= at_ms and one.request.is_single]
    own: dict[Agent, list[Request]] = defaultdict(list)
    for request in (one.request for one in asked):
        own[request.source, request.session, request.agent].append(request)
    expected = {}
    for agent, some in own.items():
        held, last = held_after(some), some[-1]
        if held.tokens and 0 <= at_ms - last.first_ms < held.ttl_ms:
            again = last.rates and (last.rates.fresh if not held.is_written else last.rates.long)
            if held.is_written and held.ttl_ms == 5 * MINUTE:
                again = last.rates and last.rates.short
            nano = (
                rounded(held.tokens * (again - last.rates.read)) if again and last.rates else None
            )
            expected[agent] = (last.first_ms, held.tokens, held.ttl_ms, nano)
    assert expected
    assert {
        tuple(one.chain): (
            *(one.warm.first_ms, one.warm.cached, one.warm.ttl_ms, one.warm.at_stake_nano),
        )
        for one in page.warm
    } == expected
