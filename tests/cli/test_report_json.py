"""The JSON of reports: ccusage's names and shapes, so that scripts carry over."""

from __future__ import annotations

import time

import pytest
from msgspec.structs import replace

from tests.cli.reports import DAY_MS, HOUR_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.model.reading import LedgerLine

SUMS = {
    *("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"),
    *("totalTokens", "totalCost"),
}
OURS = {
    *("cacheCreation5mTokens", "cacheCreation1hTokens", "reasoningTokens", "requests"),
    *("unpricedTokens", "lowerBoundRequests", "derivedRequests"),
}
BREAKDOWN = (SUMS - {"totalTokens", "totalCost"}) | {"modelName", "cost"}
ROW = SUMS | {"modelsUsed", "modelBreakdowns"}
MADE = [
    Made(MARCH_MS, model="opus", final=0),
    Made(MARCH_MS + HOUR_MS, model="haiku", computed_nano=1_000_000, output=9, grade=-1),
    Made(MARCH_MS + DAY_MS, model="opus", session="s2"),
]


@pytest.mark.parametrize(
    ("kind", "rows", "name", "first"),
    [
        ("daily", "daily", "date", "2026-03-23"),
        ("weekly", "weekly", "week", "2026-03-23"),
        ("monthly", "monthly", "month", "2026-03"),
        ("session", "sessions", "sessionId", "s1"),
        ("model", "models", "modelName", "opus"),
        ("project", "projects", "project", "/code/shop"),
        ("agent", "agents", "agent", "main"),
        ("provider", "providers", "provider", "anthropic"),
        ("source", "sources", "source", "claude-code"),
    ],
)
def test_rows_have_the_keys_that_scripts_know(
    world: World, kind: str, rows: str, name: str, first: str
) -> None:
    world.holds(MADE)
    found = world.report(kind, "--json").json
    assert set(found) == {rows, "totals"}
    assert set(found["totals"]) == SUMS | OURS
    row = found[rows][0]
    assert row[name] == first
    extra = {"projectPath", "source", "firstActivity", "lastActivity"}
    assert set(row) == ROW | OURS | {name} | (extra if kind == "session" else set())
    assert set(row["modelBreakdowns"][0]) == BREAKDOWN | OURS


def test_a_row_holds_the_sums(world: World) -> None:
    world.holds(MADE)
    row = world.report("daily", "--json").json["daily"][0]
    breakdowns = row.pop("modelBreakdowns")
    assert row == {
        "date": "2026-03-23",
        "inputTokens": 200,
        "outputTokens": 59,
        "cacheCreationTokens": 200,
        "cacheReadTokens": 1_600,
        "cacheCreation5mTokens": 120,
        "cacheCreation1hTokens": 80,
        "reasoningTokens": 20,
        "requests": 2,
        "unpricedTokens": 0,
        "lowerBoundRequests": 1,
        "derivedRequests": 1,
        "totalTokens": 2_059,
        "totalCost": 0.011,
        "modelsUsed": ["opus", "haiku"],
    }
    assert [(one["modelName"], one["cost"], one["outputTokens"]) for one in breakdowns] == [
        ("opus", 0.01, 50),
        ("haiku", 0.001, 9),
    ]


def test_sessions_come_dearest_first_and_say_where_and_when(world: World) -> None:
    world.holds(MADE)
    first, second = world.report("session", "--json").json["sessions"]
    assert (first["sessionId"], second["sessionId"]) == ("s1", "s2")
    assert (first["projectPath"], first["source"]) == ("/code/shop", "claude-code")
    assert first["firstActivity"] == "2026-03-23T00:00:00.000Z"
    assert first["lastActivity"] == "2026-03-23T01:00:00.000Z"


def test_sums_of_days_months_and_sessions_agree(world: World) -> None:
    world.holds(replace(MADE[0], at_ms=MARCH_MS + n * HOUR_MS * 31, session=f"{n % 7}")
                for n in range(60))  # fmt: skip
    totals = [
        world.report(kind, "--json").json["totals"]
        for kind in ("daily", "weekly", "monthly", "session", "project", "agent")
    ]
    assert all(one == totals[0] for one in totals)
    part = ("--since", "2026-04-02", "--until", "2026-04-20", "--timezone", "Asia/Kathmandu")
    parts = [
        world.report(kind, "--json", *part).json["totals"] for kind in ("daily", "session", "model")
    ]
    assert 0 < parts[0]["requests"] < 60
    assert all(one == parts[0] for one in parts)


def test_a_model_without_a_price_is_marked_and_not_free(world: World) -> None:
    world.holds([Made(MARCH_MS, model="new", computed_nano=None), Made(MARCH_MS)])
    found = world.report("daily", "--json").json
    known, new = found["daily"][0]["modelBreakdowns"]
    assert (new["modelName"], new["missingPricing"], new["unpricedTokens"]) == ("new", True, 1_050)
    assert "missingPricing" not in known
    assert found["totals"]["unpricedModels"] == ["new"]
    assert found["totals"]["unpricedTokens"] == 1_050


def test_unknown_counts_print_zero(world: World) -> None:
    world.holds([Made(MARCH_MS, cache_read=None, cache_write_5m=None, reasoning=None)])
    totals = world.report("daily", "--json").json["totals"]
    assert (totals["cacheReadTokens"], totals["reasoningTokens"]) == (0, 0)


def test_money_has_no_rounding_of_sums(world: World) -> None:
    world.holds(Made(MARCH_MS + number, computed_nano=100_000_001) for number in range(7))
    assert world.report("daily", "--json").json["totals"]["totalCost"] == 0.700000007


def test_a_finished_block_and_a_gap_have_ccusages_shape(world: World) -> None:
    world.holds(
        [
            Made(MARCH_MS + 1_500, model="opus", final=0),
            Made(MARCH_MS + HOUR_MS, model="haiku", computed_nano=1_000_000),
            Made(MARCH_MS + DAY_MS),
        ]
    )
    first, gap, last = world.report("block", "--json").json["blocks"]
    assert first == {
        "id": "2026-03-23T00:00:00.000Z",
        "startTime": "2026-03-23T00:00:00.000Z",
        "endTime": "2026-03-23T05:00:00.000Z",
        "actualEndTime": "2026-03-23T01:00:00.000Z",
        "isActive": False,
        "isGap": False,
        "entries": 2,
        "tokenCounts": {
            "inputTokens": 200,
            "outputTokens": 100,
            "cacheCreationInputTokens": 200,
            "cacheReadInputTokens": 1_600,
        },
        "totalTokens": 2_100,
        "costUSD": 0.011,
        "unpricedTokens": 0,
        "lowerBoundRequests": 1,
        "models": ["opus", "haiku"],
        "burnRate": None,
        "projection": None,
    }
    assert (gap["id"], gap["isGap"], gap["entries"], gap["actualEndTime"]) == (
        "gap-2026-03-23T06:00:00.000Z",
        True,
        0,
        None,
    )
    assert gap["endTime"] == last["startTime"] == "2026-03-24T00:00:00.000Z"


def test_the_running_block_has_a_rate_and_a_projection(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ms = MARCH_MS + 2 * HOUR_MS
    monkeypatch.setattr(time, "time_ns", lambda: now_ms * 1_000_000)
    world.holds([Made(MARCH_MS), Made(MARCH_MS + HOUR_MS)])
    (block,) = world.report("block", "--json").json["blocks"]
    assert block["isActive"]
    assert block["burnRate"] == {
        "tokensPerMinute": 35.0,
        "tokensPerMinuteForIndicator": 5.0,
        "costPerHour": 0.02,
    }
    assert block["projection"] == {
        "totalTokens": 2_100 + 35 * 180,
        "totalCost": 0.08,
        "remainingMinutes": 180,
    }
    assert "active" in world.report("block").out


def test_blocks_are_cut_by_all_requests_and_picked_by_their_begin(world: World) -> None:
    world.holds(Made(MARCH_MS - HOUR_MS + number * HOUR_MS) for number in range(12))
    starts = [
        row["startTime"][:16]
        for row in world.report("block", "--json", "--since", "2026-03-23").json["blocks"]
    ]
    # The block from 23:00 of the day before holds the first hours of the day.
    assert starts == ["2026-03-23T05:00"]


def test_the_length_of_a_block_is_a_setting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKWATCH_BLOCKS__HOURS", "1")
    world.holds(Made(MARCH_MS + number * HOUR_MS // 2 + 1) for number in range(3))
    assert len(world.report("block", "--json").json["blocks"]) == 2


class TestHiddenCalls:
    """Calls that no transcript shows stand beside the sums, never in them."""

    LINE = LedgerLine("s1", "opus", MARCH_MS, 100, 800, 60, 40, 57, 10, 0, 0)

    def hold(self, world: World) -> None:
        """Make a store in which a session has seven hidden tokens."""
        world.holds(
            [Made(MARCH_MS, model="opus"), Made(MARCH_MS + DAY_MS, session="s2")],
            [("/logs/a.jsonl", self.LINE)],
        )

    def test_they_are_named_apart(self, world: World) -> None:
        self.hold(world)
        found = world.report("daily", "--json").json
        assert found["totals"]["outputTokens"] == 100
        assert (found["hidden"]["sessions"], found["hidden"]["outputTokens"]) == (1, 7)
        assert "7 tokens in 1 session" in world.report("daily").out

    def test_a_session_carries_its_own(self, world: World) -> None:
        self.hold(world)
        rows = world.report("session", "--json").json["sessions"]
        assert {row["sessionId"]: "hidden" in row for row in rows} == {"s1": True, "s2": False}

    def test_only_sessions_that_lie_in_the_range_count(self, world: World) -> None:
        self.hold(world)
        inside = world.report("daily", "--json", "--until", "2026-03-23").json
        outside = world.report("daily", "--json", "--since", "2026-03-24").json
        assert inside["hidden"]["outputTokens"] == 7
        assert "hidden" not in outside

    def test_filters_hold_for_them_too(self, world: World) -> None:
        self.hold(world)
        for option in (("--model", "claude-opus-4-5"), ("--source", "codex")):
            assert "hidden" not in world.report("daily", "--json", *option).json
        assert "hidden" in world.report("daily", "--json", "--project", "shop").json
