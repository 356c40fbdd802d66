"""Costs on the screen: what its keys ask for, the trail, the heat map, the files."""

from __future__ import annotations

import csv
import json

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.costs_pages import COSTS, LISTED, NARROWED, NOTHING, OPUS, SHOP, table_of
from tests.ui.literal import BUSY
from tokwatch.model.facets import UNTOLD_TOOL, Facet, Pick, Unit
from tokwatch.model.snapshot import Page
from tokwatch.pages.costs import CostsAsk, CostsPage
from tokwatch.pages.request import RequestAsk
from tokwatch.pages.what_if import WhatIfAsk
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.facet_words import INTO
from tokwatch.ui.screens.costs import CostsScreen
from tokwatch.ui.screens.faceted import FACETS
from tokwatch.ui.screens.request import RequestPanel
from tokwatch.ui.screens.what_if import WhatIfScreen
from tokwatch.ui.widgets.costs_heat import SHADES, CostHeat, shade_of
from tokwatch.ui.widgets.costs_requests import SliceRequests
from tokwatch.ui.widgets.costs_table import CostLines
from tokwatch.ui.widgets.painted import Pane

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


def of(pilot: Pilot[int]) -> TokwatchApp:
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    return app


async def open_costs(pilot: Pilot[int], page: CostsPage = COSTS) -> str:
    """Go to the costs and return what they show."""
    feed_of(of(pilot)).pages[CostsAsk] = page
    await settle(pilot)
    await pilot.press("3")
    await settle(pilot)
    return text_of(of(pilot))


async def tell(pilot: Pilot[int], page: CostsPage) -> str:
    """Publish another answer and return what the screen shows then."""
    feed_of(of(pilot)).publish(replace(BUSY, page=Page(asked(pilot), page)))
    await settle(pilot)
    return text_of(of(pilot))


def asked(pilot: Pilot[int]) -> CostsAsk:
    """Return the last question."""
    ask = feed_of(of(pilot)).asked[-1]
    assert isinstance(ask, CostsAsk)
    return ask


async def test_it_opens_on_projects_and_models_against_the_range_before(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        shown = await open_costs(pilot)
        assert asked(pilot) == CostsAsk()
        for told in (
            *("costs · by project and model", "4h · 10:02–14:02 vs 06:02–10:02"),
            *("checkout-svc", "$14.02", "▲ +242%", "docs", "▼ gone", "infra-tf", "▲ new"),
            *("≥$6.62", "~$4.90", "unpriced", "(none)"),
        ):
            assert told in shown, told


async def test_the_tiles_tell_sum_pace_and_endings(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        shown = await open_costs(pilot)
        for told in (
            *("≥~$25.54+?", "$11.40/h 5 min", "$8.10/h 60 min", "$14.20/h active"),
            *("codex 41% used, resets 17:02", "block $23 → ≈$41 $28–$55 by 17:02"),
            *("day   $41 → ≈$67 $58–$79", "month $804 → ≈$1,210 $1,020–$1,404"),
        ):
            assert told in shown, told


async def test_a_day_without_use_has_cost_nothing_yet(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, day="2025-11-15", is_today=False))
    async with app.run_test(size=SIZE) as pilot:
        shown = await open_costs(pilot)
    assert "day   $0.00 nothing used yet" in shown


async def test_pruned_requests_of_a_slice_are_told(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        listed = sum(event.usage.requests for event in LISTED.events or ())
        missing = LISTED.table.amount.requests - listed
        await pilot.press("l")
        await settle(pilot)
        shown = await tell(pilot, LISTED)
    assert missing > 0
    assert f"{missing:,} requests pruned: only sums of older ones are kept" in shown


async def test_keys_choose_rows_columns_and_unit(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        await pilot.press("b")
        assert (asked(pilot).rows, asked(pilot).columns) == (Facet.MODEL, Facet.PROJECT)
        await pilot.press("b")
        assert asked(pilot).rows is Facet.SESSION
        await pilot.press("c")
        assert (asked(pilot).rows, asked(pilot).columns) == (Facet.SESSION, Facet.MODEL)
        await pilot.press("C", "C")
        assert asked(pilot).columns is None
        await pilot.press("C")
        assert asked(pilot).columns is FACETS[-1]
        await pilot.press("B", "B", "B")
        assert asked(pilot).rows is FACETS[-1]
        await pilot.press("v")
        assert asked(pilot).unit is Unit.TOKENS
        await pilot.press("v", "v")
        assert asked(pilot).unit is Unit.COST


async def test_every_facet_can_be_reached_and_no_two_alike_stand_side_by_side(
    make_app: MakeApp,
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        seen = set()
        for _ in FACETS:
            await pilot.press("b")
            seen.add(asked(pilot).rows)
            assert asked(pilot).rows is not asked(pilot).columns
        assert seen == set(FACETS)


async def test_x_swaps_rows_and_columns(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        await pilot.press("x")
        assert (asked(pilot).rows, asked(pilot).columns) == (Facet.MODEL, Facet.PROJECT)


async def test_enter_narrows_step_by_step_to_the_requests_and_escape_comes_back(
    make_app: MakeApp,
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        await pilot.press("enter")
        first = asked(pilot)
        assert first.picks == (Pick(Facet.PROJECT, SHOP),)
        assert (first.rows, first.columns, first.lists_requests) == (
            *(Facet.MODEL, Facet.KIND, False),
        )
        shown = await tell(pilot, NARROWED)
        assert f"costs {INTO} model opus-4-5 {INTO} project checkout-svc" in shown

        await tell(pilot, table_of(Facet.MODEL, OPUS))
        await pilot.press("enter")
        second = asked(pilot)
        assert second.picks == (*first.picks, Pick(Facet.MODEL, OPUS))
        assert (second.rows, second.lists_requests) == (Facet.SESSION, False)

        await tell(pilot, table_of(Facet.SESSION, "s1"))
        await pilot.press("enter")
        third = asked(pilot)
        assert third.lists_requests
        assert third.picks[-1] == Pick(Facet.SESSION, "s1")
        shown = await tell(pilot, LISTED)
        assert "requests · 180" in shown
        assert isinstance(of(pilot).screen.focused, SliceRequests)

        await pilot.press("escape", "escape")
        assert asked(pilot) == first
        await pilot.press("escape")
        assert asked(pilot) == CostsAsk()
        await pilot.press("escape")
        await settle(pilot)
        assert of(pilot).current_mode == "overview"
        assert feed_of(of(pilot)).asked[-1] is None


async def test_a_request_of_the_list_opens(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot, LISTED)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert isinstance(of(pilot).screen, RequestPanel)
        assert feed_of(of(pilot)).asked[-1] == RequestAsk(2)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(feed_of(of(pilot)).asked[-1], CostsAsk)


async def test_l_lists_the_requests_and_goes_back(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        await pilot.press("l")
        assert asked(pilot).lists_requests
        await tell(pilot, LISTED)
        assert not of(pilot).screen.query_one(CostLines).display
        await pilot.press("l")
        assert not asked(pilot).lists_requests
        await tell(pilot, COSTS)
        assert isinstance(of(pilot).screen.focused, CostLines)


async def test_the_heat_map_tells_and_narrows(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        heat = of(pilot).screen.query_one(CostHeat)
        heat.focus()
        await pilot.press("down", "right")
        await settle(pilot)
        cell = COSTS.heat.cells[1][10]
        assert cell.nano
        assert f"Tue 10:00 · ${cell.nano / 1e9:.2f}" in heat.plain
        assert "of all" in heat.plain
        await pilot.press("enter")
        await settle(pilot)
        assert asked(pilot).picks == (Pick(Facet.WEEKDAY, 1), Pick(Facet.HOUR, 10))
        assert isinstance(of(pilot).screen.focused, CostLines)


async def test_the_heat_maps_cursor_stays_on_it_and_a_click_moves_it(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        heat = of(pilot).screen.query_one(CostHeat)
        heat.focus()
        await pilot.press("up", "up", *(["left"] * 10))
        assert (heat.line, heat.hour) == (0, 23)
        await pilot.click(CostHeat, offset=(2 + 4 + 4 * 13, 4))
        assert (heat.line, heat.hour) == (2, 13)


@pytest.mark.parametrize(
    ("value", "shade"), [(0, 0), (1, 1), (25, 1), (26, 2), (51, 3), (99, 4), (100, 4)]
)
def test_what_is_not_nothing_is_never_blank(value: int, shade: int) -> None:
    assert shade_of(value, 100) == SHADES[shade]


async def test_an_empty_range_says_why_and_what_to_do(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        shown = await open_costs(pilot, NOTHING)
        assert "nothing in this range; } widens it, [ goes back" in shown
        assert "none is running" in shown
        await pilot.press("enter")
        assert asked(pilot) == CostsAsk()


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (table_of(Facet.DAY, 20_410), "Tue 18 Nov"),
        (table_of(Facet.HOUR, 7), "07:00"),
        (table_of(Facet.WEEKDAY, 6), "Sunday"),
        (table_of(Facet.TOOL, UNTOLD_TOOL), "(not told)"),
        (table_of(Facet.TOOL, ""), "(no tool)"),
        (table_of(Facet.AGENT, ""), "main"),
        (table_of(Facet.USER, ""), "(none)"),
        (table_of(Facet.SESSION, "7f3a1111-0000-4000-8000-0000000004c1"), "7f3a·4c1"),
        (table_of(Facet.MODEL, OPUS, unit=Unit.TOKENS), "957k"),
        (table_of(Facet.MODEL, OPUS, unit=Unit.REQUESTS), "10"),
        (table_of(Facet.MODEL, "[red]x[/red]"), "[red]x[/red]"),
    ],
)
async def test_values_are_told_as_their_users_call_them(
    make_app: MakeApp, page: CostsPage, told: str
) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot, page)
        table = of(pilot).screen.query_one(CostLines)
        assert told in table.plain.splitlines()[2]


async def test_columns_that_do_not_fit_are_one(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(80, 24)) as pilot:
        await open_costs(pilot)
        table = of(pilot).screen.query_one(CostLines)
        names = [column.name for column in table.columns()]
        assert names[5:] == ["opus-4-5", "other"]
        (shop,) = [row for row in table.rows if row.value == SHOP]
        other = table.columns()[-1]
        assert other.order is not None
        assert other.order(shop) == shop.amount.nano - shop.cells[0].nano


async def test_every_pane_says_what_it_means(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        for pane in of(pilot).screen.query(Pane).exclude("FirstLine").results(Pane):
            if pane.focusable:
                assert pane.HELP, pane
                assert all(pane.meaning(BUSY)), pane
        told = " ".join(of(pilot).screen.query_one("#endings", Pane).meaning(BUSY))
        assert "codex: 12:02–17:02 ($4.90 in 70 requests) is by the reset time" in told
        assert "is by the algorithm" in told


async def test_a_zoomed_tile_also_says_what_it_means(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        await pilot.click("#burn-rates")
        await settle(pilot)
        assert "Idle minutes count as nothing" in " ".join(text_of(of(pilot)).split())


@pytest.mark.parametrize("kind", ["csv", "json"])
async def test_the_table_is_written_exactly(make_app: MakeApp, kind: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        screen = app.screen
        assert isinstance(screen, CostsScreen)
        screen.action_export(kind)
        await settle(pilot)
    (file,) = (app.config.data / "exports").iterdir()
    assert file.name == f"costs-20251118-140231.{kind}"
    text = file.read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines())) if kind == "csv" else json.loads(text)
    lines = [row for row in rows if row["model"] in (None, "")]
    assert len(lines) == len(COSTS.table.lines)
    assert sum(round(float(row["cost_usd"]) * 100) for row in lines) == 2554
    (opus,) = [row for row in rows if row["model"] == OPUS]
    assert (opus["project"], float(opus["cost_usd"])) == (SHOP, 13.9)
    (shop,) = [row for row in lines if row["project"] == SHOP]
    assert float(shop["cost_before_usd"]) == 4.1


async def test_the_requests_are_written_with_their_places(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_costs(pilot, LISTED)
        await pilot.press("e")
        await settle(pilot)
    (file,) = (app.config.data / "exports").iterdir()
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert file.name.startswith("requests-")
    assert len(rows) == 30
    assert (rows[0]["offset"], rows[0]["model"], rows[0]["output_tokens"]) == ("100", OPUS, "512")


async def test_what_cannot_be_written_is_told(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        app.config.data.mkdir(parents=True, exist_ok=True)
        (app.config.data / "exports").write_text("a file in the way")
        await pilot.press("e")
        await settle(pilot)
        assert any("Nothing was written" in note.message for note in app._notifications)


async def test_the_palette_finds_facets(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        screen = of(pilot).screen
        assert isinstance(screen, CostsScreen)
        found = {name: run for name, _, run in screen.commands()}
        assert {"Rows by branch", "Columns by tool", "Export as JSON"} <= set(found)
        found["Rows by branch"]()
        found["Columns by tool"]()
        assert (asked(pilot).rows, asked(pilot).columns) == (Facet.BRANCH, Facet.TOOL)
        found["Columns by branch"]()
        assert asked(pilot).columns is None


async def test_w_asks_what_the_slice_would_have_cost(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_costs(pilot)
        await pilot.press("enter", "W")
        await settle(pilot)
        assert isinstance(of(pilot).screen, WhatIfScreen)
        assert feed_of(of(pilot)).asked[-1] == WhatIfAsk((Pick(Facet.PROJECT, SHOP),))
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(of(pilot).screen, CostsScreen)
        assert asked(pilot).picks == (Pick(Facet.PROJECT, SHOP),)
