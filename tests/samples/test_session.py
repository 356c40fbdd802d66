"""The session page against the rows of the store and the lines of the logs."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from pathlib import Path
from typing import Any

from tests.samples.plain_session import (
    CLAUDE,
    CODEX,
    Plain,
    Samples,
    cliffs_of,
    compactions_of,
    compared,
    points_of,
    records_of,
)
from tokwatch.model.caching import Chain
from tokwatch.model.usage import CostMode
from tokwatch.store.connect import Database
from tokwatch.store.view import View

_WINDOWS = {
    "claude-3-5-haiku-20241022": 200_000,
    "claude-fable-5": 1_000_000,
    "claude-haiku-4-5-20251001": 200_000,
    "claude-opus-4-1-20250805": 200_000,
    "claude-opus-4-5-20251101": 200_000,
    "claude-opus-4-6": 1_000_000,
    "claude-opus-4-7": 1_000_000,
    "claude-opus-4-8": 1_000_000,
    "claude-sonnet-4-20250514": 200_000,
    "claude-sonnet-4-5-20250929": 200_000,
    "claude-sonnet-4-6": 1_000_000,
    "claude-sonnet-5": 1_000_000,
    "gemini-2.5-flash": 1_048_576,
    "gpt-5.3-codex": 400_000,
    "minimax-m2.7": 204_800,
}
"""As the table of models has them; 200,000 where it knows nothing."""


def test_every_request_is_its_row(samples: Database, view: View) -> None:
    found = compared(samples, view)
    assert len(found.pages) > 150
    assert {chain.source for chain in found.pages} >= {"claude-code", "codex", "opencode"}
    for chain, page in found.pages.items():
        plain = found.requests[chain]
        points = points_of(plain)
        told = compactions_of(samples, chain)
        cliffs = cliffs_of(points, told)
        before = dict(zip([one.key for one in points[1:]], points, strict=False))
        assert page.row is not None
        assert page.row.cost_nano == sum(one.cost or 0 for one in plain)
        assert [line.number for line in page.lines] == list(range(1, len(plain) + 1))
        for line, one in zip(page.lines, plain, strict=True):
            request = line.request
            cached = request.cached
            assert (request.key, request.instant_ms) == (one.key, one.instant_ms)
            classes = (one.input or 0, one.read, one.write_5m or 0, one.write_1h or 0)
            assert cached[10:14] == classes
            assert (request.prompt, request.output) == (one.prompt, one.output or 0)
            assert request.cost_nano(CostMode.AUTO) == one.cost
            last = before.get(one.key)
            assert line.grew == (one.prompt - last.prompt if last else None)
            assert (line.cliff is not None) == (one.key in {points[n].key for n in cliffs})
        course = page.course
        assert [point.key for point in course.points] == [one.key for one in points]
        sizes = [(n, points[n - 1].prompt, points[n].prompt) for n in cliffs]
        assert [(c.place, c.before, c.after) for c in course.cliffs] == sizes
        assert course.peak == max((one.prompt for one in points), default=0)


def test_prices_are_those_that_were_paid(samples: Database, view: View) -> None:
    found = compared(samples, view)
    priced = 0
    for chain, page in found.pages.items():
        for line, one in zip(page.lines, found.requests[chain], strict=True):
            assert bool(line.request.cached.is_priced) == bool(one.rates)
            if one.rates and one.computed is not None and not line.request.web_searches:
                answer = (one.output or 0) * one.rates["output"] / 1000 * float(one.scale)
                whole = float(one.read_nano + one.fresh_nano) + answer
                assert abs(whole - (one.cost or 0)) <= 1 + len(one.rates)
                priced += 1
    assert priced > 1_500


def test_windows_growth_and_turns_left(samples: Database, view: View) -> None:
    found = compared(samples, view)
    bases: Counter[str] = Counter()
    for chain, page in found.pages.items():
        plain = found.requests[chain]
        assert page.row is not None
        context = page.row.context
        last = plain[-1]
        if last.requests != 1 or last.grade < 0:
            assert context is None
            continue
        assert context is not None
        largest = max(one.prompt for one in plain if one.model == last.model)
        window, basis = _window(last, largest)
        bases[basis] += 1
        assert (context.tokens, context.window, context.basis) == (last.prompt, window, basis)
        assert context.share == last.prompt / window
        level = "critical" if context.share >= 0.85 else "warning"
        assert context.level == (level if context.share >= 0.75 else "ok")
        points = points_of(plain)
        told = compactions_of(samples, chain)
        room = _usable(points, told, window) - last.prompt
        tokens, steps = _growth(samples, chain, points, told)
        assert page.usable is not None
        assert page.usable.tokens - context.tokens == room
        assert (page.growth.tokens, page.growth.steps) == (tokens, steps)
        left = None if tokens <= 0 else max(room, 0) * steps // tokens
        assert page.growth.left(room) == left
    assert min(bases[name] for name in ("logged", "inferred", "table")) >= 1


def _window(last: Plain, largest: int) -> tuple[int, str]:
    if last.window:
        return last.window, "logged"
    if last.model.endswith("[1m]"):
        return 1_000_000, "configured"
    known = _WINDOWS.get(last.model, 200_000)
    if largest > max(known, 200_000):
        return max(1_000_000, largest), "inferred"
    return known, "table"


def _usable(points: list[Plain], told: list[tuple[int, str, int | None]], window: int) -> int:
    """Return up to where the tool lets the context grow: where it last compacted by itself."""
    seen = 0
    for number in cliffs_of(points, told):
        before, after = points[number - 1], points[number]
        for at_ms, cause, size in told:
            if before.instant_ms < at_ms <= after.instant_ms and cause == "auto":
                seen = max(before.prompt, size or 0)
    return seen if 0 < seen <= window else window * 4 // 5


def _growth(
    samples: Database,
    chain: Chain,
    points: list[Plain],
    told: list[tuple[int, str, int | None]],
) -> tuple[int, int]:
    """Return what the last five turns, or twenty requests, added, and how many they are."""
    if not points:
        return 0, 0
    present = points[max([0, *cliffs_of(points, told)]) :]
    rows = samples.rows(
        "SELECT t.begin_ms FROM turn t JOIN strand k ON k.id = t.strand JOIN log g ON g.id = k.log"
        " WHERE g.source = ? AND CASE WHEN k.session = '' THEN g.session ELSE k.session END = ?"
        " AND k.agent = ?",
        tuple(chain),
    )
    begins = sorted({row[0] for row in rows})
    by_turn: dict[int, int] = {}
    for one in present:
        turn = bisect_right(begins, one.first_ms)
        if turn:
            by_turn[turn] = one.prompt
    ends = list(by_turn.values())[-6:]
    if len(ends) < 2:
        ends = [one.prompt for one in present][-21:]
    return ends[-1] - ends[0], len(ends) - 1


def test_the_tree_adds_up(samples: Database, view: View) -> None:
    found = compared(samples, view)
    delegated = _delegations(samples)
    parents = 0
    for chain, page in found.pages.items():
        members = {lane.chain for lane in page.lanes if lane.is_known}
        assert chain in members
        costs = {one: sum(r.cost or 0 for r in found.requests[one]) for one in members}
        assert page.whole.auto_nano == sum(costs.values())
        assert page.whole.requests == sum(
            one.requests for member in members for one in found.requests[member]
        )
        siblings = {one for one in found.requests if one[:2] == chain[:2]}
        assert siblings <= members
        for number, lane in enumerate(page.lanes):
            if not lane.is_known:
                continue
            beneath = [lane.chain]
            for later in page.lanes[number + 1 :]:
                if later.depth <= lane.depth:
                    break
                beneath += [later.chain] if later.is_known else []
            assert lane.usage.auto_nano == costs[lane.chain]
            assert lane.whole.auto_nano == sum(costs[one] for one in beneath)
            requests = found.requests[lane.chain]
            call = delegated.get((lane.chain.session, lane.chain.agent))
            begin = min(one.first_ms for one in requests)
            assert lane.end_ms == requests[-1].instant_ms
            assert lane.begin_ms == (min(begin, call[0]) if call else begin)
            if lane.chain.agent:
                assert lane.back_tokens == (call[1] or None if call else None)
                has_main = lane.chain._replace(agent="") in found.requests
                assert lane.depth == (1 if has_main else 0)
            parents += len(beneath) > 1
    assert parents >= 10


def _delegations(samples: Database) -> dict[tuple[str, str], tuple[int, int]]:
    """Return when each sub-agent was called and the tokens that came back, by its session."""
    rows = samples.rows(
        "SELECT CASE WHEN k.session = '' THEN g.session ELSE k.session END, d.child, d.instant_ms,"
        " d.tokens FROM delegation d JOIN strand k ON k.id = d.strand JOIN log g ON g.id = k.log"
        " WHERE d.child <> '' AND d.child <> k.agent"
    )
    return {(session, child): (at_ms, tokens) for session, child, at_ms, tokens in rows}


def test_requests_are_those_of_the_lines(samples: Database, view: View, samples_home: Path) -> None:
    found = compared(samples, view)
    for session in CLAUDE:
        told = _claude_usage(samples_home, session)
        assert _classes(found, Chain("claude-code", session, "")) == told
    for session in CODEX:
        told = _codex_usage(samples_home, session)
        assert _classes(found, Chain("codex", session, "")) == told


def _classes(found: Samples, chain: Chain) -> list[tuple[int, int, int, int]]:
    """Return input, reads, writes and output of each request on the page."""
    requests = [line.request for line in found.pages[chain].lines]
    return sorted(
        (
            one.cached.input,
            one.cached.cache_read or 0,
            one.cached.cache_write_5m + one.cached.cache_write_1h,
            one.output,
        )
        for one in requests
    )


def _claude_usage(home: Path, session: str) -> list[tuple[int, int, int, int]]:
    last: dict[str, dict[str, Any]] = {}
    for _, record in records_of(home, session):
        message = record.get("message") or {}
        if record.get("type") == "assistant" and message.get("model") != "<synthetic>":
            last[message["id"]] = message["usage"]
    return sorted(
        (
            usage["input_tokens"],
            usage.get("cache_read_input_tokens") or 0,
            usage.get("cache_creation_input_tokens") or 0,
            usage["output_tokens"],
        )
        for usage in last.values()
    )


def _codex_usage(home: Path, session: str) -> list[tuple[int, int, int, int]]:
    told, total = [], None
    for _, record in records_of(home, session):
        payload = record.get("payload") or {}
        info = payload.get("info") if payload.get("type") == "token_count" else None
        if info and info["total_token_usage"] != total:
            total, usage = info["total_token_usage"], info["last_token_usage"]
            cached = usage["cached_input_tokens"]
            told.append((usage["input_tokens"] - cached, cached, 0, usage["output_tokens"]))
    return sorted(told)
