"""`tokwatch report summary` and `detailed`: the same figures in every form, exact by hand."""

from __future__ import annotations

import csv
import re
import time
from typing import Any

import pytest

from tests.cli.reports import DAY_MS, MARCH_MS, World
from tests.store.build import Made
from tokwatch.model.units import NANO


def plain(at_ms: int, dollars: int, **fields: Any) -> Made:  # whatever a request has
    """Return a request without caches."""
    counts = {"cache_read": 0, "cache_write_5m": 0, "cache_write_1h": 0, "reasoning": 0}
    return Made(at_ms, computed_nano=dollars * NANO, **(counts | fields))


@pytest.fixture
def month(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a store of four days of use and one long before them, seen on the last day."""
    now_ms = MARCH_MS + 5 * DAY_MS
    monkeypatch.setattr(time, "time_ns", lambda: now_ms * 1_000_000)
    world.holds(
        [
            plain(MARCH_MS - 60 * DAY_MS, 90),
            plain(MARCH_MS + 2 * DAY_MS, 1, input=100, output=0),
            plain(MARCH_MS + 4 * DAY_MS, 2, input=100, output=0, model="<b>bold</b>"),
            plain(MARCH_MS + 5 * DAY_MS, 3, input=0, cache_read=300, output=500, final=0),
        ]
    )
    return world


def test_a_summary_covers_the_last_thirty_days(month: World) -> None:
    found = month.report("summary", "--json", "--timezone", "UTC").json

    assert (found["since"], found["until"]) == ("2026-02-27", "2026-03-28")
    assert (found["requests"], found["totalTokens"], found["totalCost"]) == (3, 1_000, 6.0)
    assert found["costPerRequest"] == 2.0
    assert found["lowerBoundRequests"] == 1
    assert found["cacheHitRate"] == 300 / 500
    assert found["daily"] == {
        "days": 4,
        "activeDays": 3,
        "averageCost": 1.5,
        "earlierAverageCost": 0.5,
        "laterAverageCost": 2.5,
        "change": 4.0,
    }
    top = {one["by"]: (one["name"], one["cost"], one["share"]) for one in found["topConsumers"]}
    assert top["model"] == ("claude-opus-4-5", 4.0, 4 / 6)
    assert found["realisedUsdMonth"] == 0
    assert month.report("summary", "--json", "--since", "2026-01-01").json["requests"] == 4


def test_a_detailed_report_has_what_the_summary_rests_on(month: World) -> None:
    found = month.report("detailed", "--json", "--timezone", "UTC").json

    assert [(one["date"], one["totalCost"]) for one in found["days"]] == [
        ("2026-03-25", 1.0),
        ("2026-03-27", 2.0),
        ("2026-03-28", 3.0),
    ]
    (agent,) = found["agents"]
    assert (agent["optimisedTokens"], agent["tokensPerRequest"]) == (300, 1_000 / 3)
    assert [one["totalCost"] for one in found["models"]] == [4.0, 2.0]
    assert [(one["technique"], one["tokens"]) for one in found["techniques"]] == [
        ("prompt cache", 300)
    ]


def test_every_form_tells_the_same(month: World) -> None:
    text = month.report("detailed").out
    mark = month.report("detailed", "--md").out
    rows = list(csv.DictReader(month.report("detailed", "--csv").out.splitlines()))

    for told in (text, mark):
        assert "≥$6.00" in told
        assert "a day of the later half costs 400% more" in told
        assert "2026-03-27" in told
    assert {"section": "", "name": "", "measure": "totalCost", "value": "6.0"} in rows
    assert {
        "section": "days",
        "name": "2026-03-27",
        "measure": "totalCost",
        "value": "2.0",
    } in rows


@pytest.mark.parametrize(
    "kind", ["detailed", "model", "session", "block", "compression", "savings"]
)
def test_a_page_needs_nothing_else_and_obeys_no_name(month: World, kind: str) -> None:
    page = month.report(kind, "--html").out

    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert "<b>bold" not in page
    assert not re.search(r"(src|href)=|@import|url\(|<script", page)
    if kind in ("detailed", "model"):
        assert "&lt;b&gt;bold&lt;/b&gt;" in page
        assert 'class="name bar"' in page


def test_an_empty_range_says_where_the_newest_request_before_it_is(world: World) -> None:
    world.holds([plain(MARCH_MS, 1), plain(MARCH_MS + DAY_MS, 2, model="other")])
    zone = ("--timezone", "UTC")

    for kind in ("summary", "detailed"):
        empty = world.report(kind, *zone)
        assert "is of 2026-03-24: --since 2026-02-23 --until 2026-03-24 shows it" in empty.err
    one = world.report("summary", "--json", "--model", "claude-*", *zone)
    assert one.json["newestBefore"] == "2026-03-23"
    shown = ("--since", "2026-02-22", "--until", "2026-03-23")
    full = world.report("summary", "--json", *zone, *shown)
    assert (full.json["requests"], full.json["newestBefore"], full.err) == (1, None, "")
    assert world.report("summary", "--until", "2026-03-01", *zone).err == ""


def test_an_empty_store_is_no_error(world: World) -> None:
    for kind in ("summary", "detailed", "user", "tool", "suggestions"):
        assert world.report(kind).code == 0
        assert world.report(kind, "--html").code == 0
    assert world.report("summary", "--json").json["requests"] == 0
    assert "looks for them" in world.report("summary").out


def test_users_and_tools_have_rows(world: World) -> None:
    world.holds([Made(MARCH_MS, user="ana"), Made(MARCH_MS + 1, user="ben", output=9)])

    users = world.report("user", "--json").json["users"]
    (tool,) = world.report("tool", "--json").json["tools"]

    assert {one["user"]: one["requests"] for one in users} == {"ana": 1, "ben": 1}
    assert (tool["tool"], tool["requests"]) == ("(not told)", 2)
