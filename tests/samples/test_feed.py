"""The feed on the real logs: its lines equal stored rows, and the records in the logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pages.sights import sight_of
from tests.samples.plain import Plain, moment, plain_rows, within
from tokwatch.analysis.feed import FeedLine, What
from tokwatch.model.card import RateCard
from tokwatch.model.snapshot import Span
from tokwatch.model.usage import Usage
from tokwatch.pages.feed import MOST, FeedAsk
from tokwatch.prices.resolve import resolve
from tokwatch.store.connect import Database
from tokwatch.store.view import View

MOMENTS = (
    *("2026-07-31T00:00:00", "2026-07-14T07:59:59", "2026-06-18T07:44:00"),
    *("2026-03-31T00:00:00", "2026-02-06T18:00:00", "2025-12-31T00:00:00"),
)
READ_OUT = ("claude-code", "codex")
Tokens = tuple[int, int, int, int, int]


@pytest.fixture(scope="module")
def rows(samples: Database) -> list[Plain]:
    """Return all stored requests."""
    return plain_rows(samples)


def figures(usage: Usage) -> tuple[int, ...]:
    """Return what a line shows of a usage."""
    tokens = (usage.input, usage.cache_read, usage.cache_write, usage.output)
    return (usage.requests, *tokens, usage.cost_nano(), usage.missing())


def plain_figures(rows: list[Plain]) -> tuple[int, ...]:
    """Return the same figures as plain sums."""
    columns = zip(
        *((o.requests, o.fresh, o.cached, o.written, o.answered, o.nano, o.uncosted) for o in rows),
        strict=True,
    )
    return tuple(map(sum, columns))


def test_lines_are_the_stored_requests_and_agents(view: View, rows: list[Plain]) -> None:
    requests = agents = 0
    for text in MOMENTS:
        at_ms = moment(text)
        page = FeedAsk().answer(sight_of(view, at_ms, Span.ALL))
        shown = within(rows, 0, at_ms + 1)
        newest = sorted(shown, key=lambda one: (-one.at_ms, -one.key))[:MOST]
        of_requests = [line for line in page.lines if line.what is What.REQUEST]
        assert {line.key for line in of_requests} == {str(one.key) for one in newest}
        assert len(of_requests) == len(newest)
        assert [line.at_ms for line in page.lines] == sorted(
            (line.at_ms for line in page.lines), reverse=True
        )
        by_key = {str(one.key): one for one in newest}
        for line in of_requests:
            one = by_key[line.key]
            assert figures(line.usage) == plain_figures([one])
            assert (line.at_ms, line.scope[:3]) == (one.at_ms, (one.source, one.session, one.agent))
            assert (line.scope.project, tuple(line.model)) == (
                *(one.project, (one.provider, one.model, one.tier)),
            )
            requests += 1
        for line in page.lines:
            if line.what in (What.REQUEST, What.FLIGHT):
                continue
            named = line.scope[:3]
            mine = [one for one in rows if (one.source, one.session, one.agent) == named]
            assert figures(line.usage) == plain_figures(within(mine, 0, at_ms + 1))
            times = [one.at_ms for one in within(mine, 0, at_ms + 1)]
            assert line.at_ms == (times[0] if line.what is What.STARTED else times[-1])
            agents += 1
    assert requests > 1_000
    assert agents > 40


def record_at(path: str, offset: int) -> dict[str, Any]:
    """Return the record at a place in a log."""
    with Path(path).open("rb") as log:
        log.seek(offset)
        record = json.loads(log.readline())
    assert isinstance(record, dict)
    return record


def copies(samples: Database) -> dict[int, list[tuple[str, int]]]:
    """Return the places of requests that several transcripts hold."""
    found: dict[int, list[tuple[str, int]]] = {}
    for key, path, offset in samples.rows(
        "SELECT c.key, l.path, c.offset_bytes FROM copy c JOIN log l ON l.id = c.log"
        " WHERE l.source IN ('claude-code', 'codex')"
    ):
        found.setdefault(key, []).append((path, offset))
    return found


def logged_tokens(source: str, record: dict[str, Any]) -> list[Tokens]:
    """Return input, reads, writes for 5 minutes and 1 hour, and output, of what a record tells.

    A request of Claude Code may have run several times, each billed on its own.
    """
    if source == "codex":
        told = ((record.get("payload") or {}).get("info") or {}).get("last_token_usage")
        if not told:
            return []
        read = told["cached_input_tokens"]
        return [(told["input_tokens"] - read, read, 0, 0, told["output_tokens"])]
    usage = (record.get("message") or {}).get("usage")
    if not usage:
        return []
    runs = usage.get("iterations") or []
    return [claude_tokens(run) for run in (runs if len(runs) > 1 else [usage])]


def claude_tokens(told: dict[str, Any]) -> Tokens:
    """Return the tokens of one run of a request."""
    write = told.get("cache_creation_input_tokens", 0)
    long = (told.get("cache_creation") or {}).get("ephemeral_1h_input_tokens", 0)
    read = told.get("cache_read_input_tokens", 0)
    return told["input_tokens"], read, write - long, long, told["output_tokens"]


def price(card: RateCard, tokens: Tokens, searches: int) -> int:
    """Return what a request costs by a card, in whole nano-dollars."""
    rates = (card.input, card.cache_read, card.cache_write_5m, card.cache_write_1h, card.output)
    millionths = sum(count * rate for count, rate in zip(tokens, rates, strict=True))
    return (millionths + 500_000) // 1_000_000 + searches * card.web_search


def test_tokens_and_cost_of_lines_are_those_of_the_records(view: View, samples: Database) -> None:
    others = copies(samples)
    seen = dict.fromkeys(READ_OUT, 0)
    for text in MOMENTS:
        page = FeedAsk().answer(sight_of(view, moment(text), Span.ALL))
        by_record: dict[object, list[FeedLine]] = {}
        for line in page.lines:
            if line.event is not None and line.scope.source in READ_OUT:
                by_record.setdefault((line.event.path, line.event.offset), []).append(line)
        for lines in list(by_record.values())[:-1]:  # the oldest one may be cut
            source, event = lines[0].scope.source, lines[0].event
            assert event is not None
            told = logged_tokens(source, record_at(event.path, event.offset))
            if not told:
                continue
            if len(told) == 1:  # what was answered only grows: the longest of all copies counts
                places = others.get(event.key, [])
                runs = [run for at in places for run in logged_tokens(source, record_at(*at))]
                told = [(*told[0][:4], max(run[4] for run in [*told, *runs]))]
            shown = [tokens_of(line.usage) for line in lines]
            assert sorted(shown) == sorted(told)
            for line, tokens in zip(lines, shown, strict=True):
                check_cost(line, tokens)
            seen[source] += len(lines)
    assert min(seen.values()) > 300, seen


def tokens_of(usage: Usage) -> Tokens:
    """Return the tokens of a line."""
    write = (usage.cache_write_5m, usage.cache_write_1h)
    return (usage.input, usage.cache_read, *write, usage.output)


def check_cost(line: FeedLine, tokens: Tokens) -> None:
    """Hold the cost of a line against the card of its model, date and size."""
    cards = [
        card
        for card in resolve(*line.model).cards
        if card.since_ms <= line.at_ms < card.until_ms
        and card.above_tokens < sum(tokens[:4]) <= card.upto_tokens
    ]
    costs = [price(card, tokens, line.usage.web_searches) for card in cards]
    assert (costs or [0]) == [line.usage.cost_nano()]
    assert line.usage.uncosted_tokens == (0 if cards else sum(tokens))
