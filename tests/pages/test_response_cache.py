"""The page of response caches, from a store with known conversations."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store import made_detail
from tests.store.build import Made, build
from tokwatch.config.sections import ResponseCache
from tokwatch.model.detail import Block, Detail, Part
from tokwatch.model.repeats import KeyKind
from tokwatch.model.snapshot import Span
from tokwatch.pages import response_cache as page_module
from tokwatch.pages.response_cache import ResponseAsk, ResponsePage, sizes_of
from tokwatch.pages.sight import Sight
from tokwatch.store.connect import Database
from tokwatch.store.read.every import View, session_detail

NOON_MS = 1_772_366_400_000
MINUTE_MS = 60_000


def talk(number: int, content: int, at_ms: int) -> Detail:
    """Return a question and its answer, which belongs to the event of this number."""
    ask = made_detail.block(0, at_ms, part=Part.USER, tool="", digest=content)
    said = made_detail.block(1, at_ms, part=Part.ASSISTANT, tool="", digest=9, request=number)
    return Detail(blocks=(ask, said))


def store(database: Database, *contents: int, gap_ms: int = MINUTE_MS) -> View:
    """Return a store of one session for each content, a minute after the other."""
    begin_ms = NOON_MS - len(contents) * gap_ms
    made = [
        Made(begin_ms + place * gap_ms, session=f"s{place}", path=f"/{place}.jsonl")
        for place in range(len(contents))
    ]
    view = build(database, made)
    for place, content in enumerate(contents):
        detail = talk(place + 1, content, made[place].at_ms)
        made_detail.write(database, f"/{place}.jsonl", detail)
    return view


def whole(ask: ResponseAsk, sight: Sight) -> ResponsePage:
    """Return the page once all of it is there."""
    for _ in range(100):
        page = ask.answer(sight)
        if page.is_whole:
            return page
    raise AssertionError("the page never became whole")


def hits(page: ResponsePage) -> dict[KeyKind, int]:
    return {one.kind: one.large.hits for one in page.simulations}


def test_a_request_that_repeats_would_have_been_answered(database: Database) -> None:
    page = whole(ResponseAsk(), sight_of(store(database, 5, 6, 5, 5), NOON_MS, Span.HOURS))
    assert (page.requests, page.known) == (4, 4)
    assert hits(page) == dict.fromkeys(KeyKind, 2)
    for one in page.simulations:
        assert (one.large.same, one.large.saved_nano) == (2, 20_000_000)
        assert one.small.hits == one.lasting.hits == 2
        assert [items for items, _ in one.sizes] == [10, 30, 100, 300, 1_000, 3_000, 10_000]


def test_answers_expire_and_sizes_are_as_configured(database: Database) -> None:
    view = store(database, 5, 6, 5, gap_ms=40 * MINUTE_MS)
    sight = sight_of(view, NOON_MS, Span.HOURS)
    assert hits(whole(ResponseAsk(), sight))[KeyKind.WHOLE] == 0

    limits = ResponseCache(small_items=1, large_items=2, max_mb=1, ttl_seconds=6_000)
    config = replace_limits(sight, limits)
    page = whole(ResponseAsk(), config)
    [whole_request, *_] = page.simulations
    assert (whole_request.small.hits, whole_request.large.hits) == (0, 1)
    assert page.limits == limits
    assert sizes_of(limits) == [1, 2, 10, 30, 100, 300, 1_000, 3_000, 10_000]


def replace_limits(sight: Sight, limits: ResponseCache) -> Sight:
    from msgspec import structs

    return replace(sight, config=structs.replace(sight.config, response_cache=limits))


def test_requests_whose_content_is_not_known_are_not_simulated(database: Database) -> None:
    view = store(database, 5, 5)
    database.execute("DELETE FROM block WHERE strand = 1")
    page = whole(ResponseAsk(), sight_of(view, NOON_MS, Span.HOURS))
    assert (page.requests, page.known) == (2, 1)
    assert hits(page) == dict.fromkeys(KeyKind, 0)


def test_only_what_is_shown_is_simulated(database: Database) -> None:
    view = store(database, 5, 5, 5, gap_ms=40 * MINUTE_MS)
    page = whole(ResponseAsk(), sight_of(view, NOON_MS, Span.HOUR))
    assert (page.requests, page.known) == (1, 1)


def test_much_is_read_piece_by_piece_and_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    reading = session_detail

    def counting(view: View, source: str, session: str) -> object:
        read.append(session)
        return reading(view, source, session)

    monkeypatch.setattr(page_module, "session_detail", counting)
    monkeypatch.setattr(page_module, "MOST_BLOCKS", 3)
    ask, sight = ResponseAsk(), sight_of(store(database, *range(6)), NOON_MS, Span.HOURS)
    ask.answer(sight)
    assert read == ["s5", "s4"]
    whole(ask, sight)
    assert sorted(read) == [f"s{number}" for number in range(6)]
    whole(ask, sight)
    assert len(read) == 6


def test_a_long_session_that_goes_on_is_read_again_after_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = store(database, 5, 6)
    ask, sight = ResponseAsk(), sight_of(view, NOON_MS, Span.HOURS)
    assert hits(whole(ask, sight))[KeyKind.NEWEST] == 0
    more: tuple[Block, ...] = (
        *talk(1, 6, NOON_MS).blocks,
        made_detail.block(2, NOON_MS, part=Part.USER, tool="", digest=8),
    )
    made_detail.write(database, "/0.jsonl", Detail(blocks=more))
    monkeypatch.setattr(page_module, "FEW", 1)
    assert hits(whole(ask, sight))[KeyKind.NEWEST] == 0, "within ten seconds it is as it was"
    later = replace(sight, now_ms=NOON_MS + 11_000, at_ms=NOON_MS + 11_000)
    assert hits(whole(ask, later))[KeyKind.NEWEST] == 1


def test_near_duplicates_would_have_found_each_others_answers(database: Database) -> None:
    view = store(database, 5, 6, 7)
    for strand, sketch in ((1, 0b1111), (2, 0b1110), (3, 2**40 - 1)):
        database.execute(
            "UPDATE block SET sketch = ? WHERE strand = ? AND number = 0", (sketch, strand)
        )
    page = whole(ResponseAsk(), sight_of(view, NOON_MS, Span.HOURS))
    assert hits(page) == dict.fromkeys(KeyKind, 0)
    assert [one.near.hits for one in page.simulations] == [1, 1, 1]


def test_a_temperature_that_a_log_tells_is_part_of_the_key(database: Database) -> None:
    view = store(database, 5, 5, 5)
    database.execute(
        "INSERT INTO request_fact (workspace, key, log, name, value) VALUES "
        "(1, 1, 1, 'temperature', 0), (1, 2, 2, 'temperature', 700)"
    )
    page = whole(ResponseAsk(), sight_of(view, NOON_MS, Span.HOURS))
    assert hits(page) == {KeyKind.WHOLE: 0, KeyKind.RECENT: 2, KeyKind.NEWEST: 0}
    assert (page.known, page.tempered) == (3, 2)


def test_gateways_that_tell_of_a_cache_are_listed(database: Database) -> None:
    view = build(
        database,
        [Made(NOON_MS - number * MINUTE_MS, path="/g.jsonl") for number in range(3)],
        logs=[{"path": "/g.jsonl", "source": "litellm"}],
    )
    database.execute(
        "INSERT INTO request_fact (workspace, key, log, name, value) VALUES "
        "(1, 1, 1, 'response_cache_hit', 1), (1, 1, 1, 'response_cache_nano', 7)"
    )
    [gateway] = whole(ResponseAsk(), sight_of(view, NOON_MS, Span.HOURS)).gateways
    assert (gateway.source, gateway.requests, gateway.hits, gateway.saved_nano) == (
        *("litellm", 3, 1, 7),
    )
    database.execute("UPDATE request_fact SET value = 0 WHERE name = 'response_cache_hit'")
    assert whole(ResponseAsk(), sight_of(view, NOON_MS, Span.HOURS)).gateways == ()
