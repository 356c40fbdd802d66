"""Reconciliation on the screen: totals, gaps with their reasons, what to do, files, states."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.costs_pages import LISTED
from tests.ui.gap_pages import (
    DAY,
    NO_ENDPOINT,
    NOT_HERE,
    OPUS,
    PAGE,
    READING,
    SILENT,
)
from tests.ui.literal import BUSY, NOW
from tests.ui.source_pages import PAGE as SOURCES
from tests.ui.source_pages import SHOWN
from tokwatch.model.facets import Facet, Pick
from tokwatch.model.reconciliation import Reason, Why
from tokwatch.model.snapshot import Page, Span
from tokwatch.pages.costs import CostsAsk
from tokwatch.pages.reconciliation import ReconcileAsk, ReconcilePage
from tokwatch.pages.sources import SourcesAsk
from tokwatch.ui import gap_words as words
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.endpoint_form import EndpointForm
from tokwatch.ui.screens.reconcile import ReconcileScreen, end_of, open_reconciliation
from tokwatch.ui.screens.sources import SourcesScreen
from tokwatch.ui.widgets.gap_facts import GapFacts
from tokwatch.ui.widgets.gap_list import GapList, is_open
from tokwatch.ui.widgets.last_line import LastLine

SIZE = (120, 36)


async def opened(pilot: Pilot[int], page: ReconcilePage = PAGE) -> TokwatchApp:
    """Go to the screen of this page."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages |= {ReconcileAsk: page, SourcesAsk: SOURCES, CostsAsk: LISTED}
    await settle(pilot)
    for key in ("9", "v"):
        await pilot.press(key)
        await settle(pilot)
    assert isinstance(app.screen, ReconcileScreen)
    return app


@pytest.mark.anyio
async def test_both_sides_stand_beside_each_other_with_the_gap_and_its_reason(
    make_app: MakeApp,
) -> None:
    async with make_app(SHOWN).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        shown = text_of(app).splitlines()
        for parts in (
            ("org usage", "810,000", "818,500", "+8,500"),
            ("org cost", "$6.8340", "$6.6000", "-$0.2340"),
            ("proxy litellm", "200,000", "705,000", "+505,000"),
            ("600,000 tokens of 1 model are told by no report",),
            ("gaps · 5 to look at · 1 of 7 agree exactly",),
            ("11-18", "opus-4-5", "org usage", "190,000", "190,000", "0", "agrees exactly"),
            ("11-17", "all models", "org cost", "$5.0640", "$5.3100", "+$0.2460", "another key"),
        ):
            assert any(all(part in line for part in parts) for line in shown), parts
        await pilot.press(*["down"] * 4)
        await settle(pilot)
        beneath = app.screen.query_one("#gap-facts", GapFacts).plain
        await pilot.press("enter")
        await settle(pilot)
        panel = app.screen.query_one("#gap-panel", GapFacts).plain
        await pilot.press("escape", "escape")
        await settle(pilot)
        assert isinstance(app.screen, SourcesScreen)

    for plain in (beneath, panel):
        told = " ".join(plain.replace("│", " ").split())
        assert "why · 2025-11-17 · claude-opus-4-5 · org usage" in told
        assert "another key: 7,100 tokens in 4 requests by ci" in told
        for part in ("output 40,000 45,100 +5,100", "its keys: laptop 600,000, ci 7,100"):
            assert part in told, part


@pytest.mark.anyio
async def test_the_requests_of_a_day_open_and_all_of_it_is_written_to_files(
    make_app: MakeApp,
) -> None:
    async with make_app(SHOWN).run_test(size=SIZE) as pilot:
        app = await opened(pilot)
        await pilot.press("e")
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ReconcileScreen)
        for name, _, run in screen.commands():
            assert name == "Export as JSON"
            run()
        await settle(pilot)
        await pilot.press(*["down"] * 4, "l")
        await settle(pilot)
        asked = feed_of(app).asked[-1]
        span = feed_of(app).shown[-1]
        folder = app.config.data / "exports"

        said = [notice.message for notice in app._notifications]

    assert "The UTC day 2025-11-17; n goes back to now." in said
    assert isinstance(asked, CostsAsk)
    assert (asked.picks, asked.lists_requests) == ((Pick(Facet.MODEL, OPUS),), True)
    assert span == (Span.DAY, datetime(2025, 11, 17, 23, 59, 59, 999_000, UTC))
    (table,), (document,) = list(folder.glob("*.csv")), list(folder.glob("*.json"))
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    assert [row["gap_tokens"] for row in rows][:2] == ["1400", "7100"]
    found = json.loads(document.read_text("utf-8"))
    assert (found["since"], found["until"], len(found["rows"])) == ("2025-11-17", "2025-11-18", 7)


@pytest.mark.anyio
async def test_what_is_not_there_is_said_with_what_to_do(make_app: MakeApp) -> None:
    async with make_app(SHOWN).run_test(size=SIZE) as pilot:
        app = await opened(pilot, NO_ENDPOINT)
        table = app.screen.query_one(GapList)
        ask = feed_of(app).asked[-1]
        assert ask is not None
        said = [table.plain]
        assert "requests" not in app.screen.query_one(LastLine).plain
        for page in (SILENT, NOT_HERE, READING):
            feed_of(app).pages[ReconcileAsk] = page
            feed_of(app).publish(replace(BUSY, page=Page(ask, page)))
            await settle(pilot)
            said.append(table.plain)
        asked_on = len(feed_of(app).asked)
        await pilot.press("N")
        await settle(pilot)
        assert isinstance(app.screen, EndpointForm)

    for plain, told in zip(
        said,
        (
            "no endpoint is configured: N adds a gateway or a provider",
            "no endpoint has told of use yet: escape, and see how each does",
            "no report tells of these days; } widens the range, [ goes back",
            "2 of 30 days read",
        ),
        strict=True,
    ):
        assert told in plain
    assert asked_on > 2  # a part asks for the rest


@pytest.mark.anyio
async def test_the_palette_finds_it_from_any_screen(make_app: MakeApp) -> None:
    from tokwatch.ui.palette import Commands

    async with make_app(SHOWN).run_test(size=(60, 30)) as pilot:
        app = pilot.app
        assert isinstance(app, TokwatchApp)
        feed_of(app).pages[ReconcileAsk] = PAGE
        await settle(pilot)
        names = {name: run for name, _, run in Commands(app.screen).commands()}
        names["Reconcile logs with reports"]()
        await settle(pilot)
        assert isinstance(app.screen, ReconcileScreen)
        await open_reconciliation(app)
        await settle(pilot)
        assert len(app.screen_stack) == 2
        assert "-$0.4800" in app.screen.query_one(GapList).plain  # dollars where no tokens are told
        meant = " ".join(app.screen.query_one(GapList).meaning(BUSY))
    assert "as the polling stored them" in meant


def test_a_day_that_goes_on_has_no_end_yet() -> None:
    assert end_of(DAY + 1, NOW) is None
    assert end_of(DAY, NOW) == datetime(2025, 11, 17, 23, 59, 59, 999_000, UTC)


def test_every_reason_has_its_words_and_says_what_to_do() -> None:
    pair = PAGE.found.rows[0].pair
    for why in Why:
        told = words.words(Reason(why, tokens=1_500, number=3, names=("a", "b"), day=DAY), pair)
        assert told
        assert words.STEPS[why]
    assert words.words(Reason(Why.KEY, tokens=-90, names=("home",)), pair) == (
        "another key: 90 tokens by home, a key that it does not name"
    )
    assert words.words(Reason(Why.USER, tokens=90, names=("ben",)), pair) == (
        "another user: 90 tokens by ben"
    )
    assert words.words(Reason(Why.UNPRICED, tokens=90, names=("report",)), pair) == (
        "the report knows no price for 90 tokens"
    )


def test_numbers_are_rounded_rather_than_cut() -> None:
    assert words.narrow_tokens(1_335_200, 10, is_gap=True) == "+1,335,200"
    assert words.narrow_tokens(1_335_200, 8, is_gap=True) == "+1.3M"
    assert words.narrow_tokens(-1_335_200, 8, is_gap=True) == "-1.3M"
    assert words.narrow_tokens(None, 8) == "n/a"
    assert words.narrow_money(1_234_567_800_000, 8, is_gap=True) == "+$1,235"
    assert words.narrow_money(-1_234_567_800_000, 9, is_gap=True) == "-$1,235"


def test_gaps_that_miss_no_use_want_no_look() -> None:
    assert [is_open(row) for row in PAGE.found.rows] == [True, True, False, True, False, True, True]
