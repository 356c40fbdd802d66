"""The feed's page, from a store with events, agents, facts, turns and flights."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tests.store.made_detail import write
from tokwatch.analysis.feed import What
from tokwatch.model.detail import Detail, Flight, Turn
from tokwatch.model.snapshot import Span
from tokwatch.pages import feed as page_module
from tokwatch.pages.feed import FeedAsk, FeedPage
from tokwatch.store.connect import Database

MARCH_MS = 1_772_323_200_000
MINUTE_MS = 60_000
NOW_MS = MARCH_MS + 60 * MINUTE_MS
PATH = "/logs/a.jsonl"
MADE = [
    Made(NOW_MS - 30 * MINUTE_MS),
    Made(NOW_MS - 20 * MINUTE_MS, agent="a1", computed_nano=3),
    Made(NOW_MS - 10 * MINUTE_MS, agent="a1", computed_nano=4, cache_read=40_000),
    Made(NOW_MS - 8 * MINUTE_MS, window=200_000, input=100_000),
]
AGENTS = [("claude-code", "s1", "a1", "Explore", "")]


def told(page: FeedPage) -> list[tuple[str, str]]:
    """Return what each line tells, and of which agent."""
    return [(str(line.what), line.kind) for line in page.lines]


def test_requests_and_the_agents_that_made_them(database: Database) -> None:
    view = build(database, MADE, agents=AGENTS)
    page = FeedAsk().answer(sight_of(view, NOW_MS))
    assert told(page) == [
        ("request", "main"),
        ("quiet", "Explore"),
        ("request", "Explore"),
        ("request", "Explore"),
        ("started", "Explore"),
        ("request", "main"),
        ("started", "main"),
    ]
    assert page.lines[1].usage.auto_nano == 7
    assert page.lines[0].context is not None
    assert page.lines[0].context.basis == "logged"
    assert page.lines[0].context.share == pytest.approx(100_900 / 200_000)
    assert FeedAsk().answer(sight_of(view, NOW_MS)) == page


def test_the_detail_pass_tells_who_finished_and_what_is_in_flight(database: Database) -> None:
    view = build(database, MADE, agents=AGENTS)
    turn = Turn(0, "a1", NOW_MS - 20 * MINUTE_MS, NOW_MS, 2, 1, interrupted=False, finished=True)
    flights = (
        Flight(5, NOW_MS - 4_000, "", "claude-opus-4-5"),
        Flight(6, NOW_MS - 2 * page_module.FLIGHT_MS, "", "forgotten"),
    )
    write(database, PATH, Detail(turns=(turn,), flights=flights))
    page = FeedAsk().answer(sight_of(view, NOW_MS))
    assert told(page)[0] == ("in flight", "main")
    assert [line.model.name for line in page.lines if line.what is What.FLIGHT] == [
        "claude-opus-4-5"
    ]
    assert ("finished", "Explore") in told(page)
    past = replace(sight_of(view, NOW_MS), now_ms=NOW_MS + 1)
    assert "in flight" not in {what for what, _ in told(FeedAsk().answer(past))}


def test_what_logs_tell_beside_tokens_is_with_its_request(database: Database) -> None:
    view = build(database, MADE, agents=AGENTS)
    database.execute(
        "INSERT INTO request_fact (workspace, key, log, name, value)"
        " VALUES (1, 4, 1, 'tokens_saved', 900)"
    )
    first = FeedAsk().answer(sight_of(view, NOW_MS)).lines[0]
    assert (first.key, first.helped.saved_tokens) == ("4", 900)


def test_only_the_newest_are_listed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MOST", 2)
    page = FeedAsk().answer(sight_of(build(database, MADE, agents=AGENTS), NOW_MS, Span.ALL))
    requests = [line for line in page.lines if line.what is What.REQUEST]
    assert [line.key for line in requests] == ["4", "3"]
    assert "started" not in {what for what, _ in told(page)}


def test_an_empty_range_has_no_lines(database: Database) -> None:
    view = build(database, [Made(MARCH_MS)])
    assert FeedAsk().answer(sight_of(view, NOW_MS + 9 * 86_400_000, Span.HOUR)).lines == ()
