"""Triage on the screen: where it opens, its keys, and what they ask for."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tests.ui.triage_pages import (
    ANOMALY,
    CALM,
    HAPPENED,
    NARROWED,
    NOTHING,
    OLDER,
    SHOWN,
    SICK,
    SPIKE,
)
from tokwatch.analysis.baseline import Against, Stretch
from tokwatch.model.snapshot import Page
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Dimension
from tokwatch.pages.session import SessionAsk
from tokwatch.pages.triage import TriageAsk, TriagePage, stretch_of_anomaly
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.painted import Pane
from tokwatch.ui.widgets.triage_changes import TriageChanges
from tokwatch.ui.widgets.triage_chart import TriageChart
from tokwatch.ui.widgets.triage_events import Anomalies, TriageEvents

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


def of(pilot: Pilot[int]) -> TokwatchApp:
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    return app


async def open_triage(pilot: Pilot[int], page: TriagePage = SPIKE, key: str = "5") -> str:
    """Go to the triage and return what it shows."""
    feed_of(of(pilot)).pages[TriageAsk] = page
    await settle(pilot)
    await pilot.press(key)
    await settle(pilot)
    return text_of(of(pilot))


def asked(pilot: Pilot[int]) -> TriageAsk:
    """Return the last question."""
    ask = feed_of(of(pilot)).asked[-1]
    assert isinstance(ask, TriageAsk)
    return ask


def told(pilot: Pilot[int]) -> list[str]:
    return [notice.message for notice in of(pilot)._notifications]


async def test_it_shows_what_happened_and_why(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        text = await open_triage(pilot)

        for words in (
            "A Tue 18 Nov 13:15–13:45 (anomaly)",
            "B 11:45–13:15, the time before, scaled",
            "A cost $15.60, expected $3.05 (+$12.55, 5.1×).",
            "session   7f3a·4c1",
            "cache mix",
            "cache miss",
            "Tue 18 Nov 13:15",
        ):
            assert words in text
        assert asked(pilot) == TriageAsk()


async def test_enter_on_the_overviews_chart_goes_there(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        feed_of(of(pilot)).pages[TriageAsk] = SPIKE
        await settle(pilot)
        of(pilot).screen.query_one("#spend").focus()
        await pilot.press("enter")
        await settle(pilot)
        assert of(pilot).current_mode == "triage"


async def test_enter_narrows_and_escape_widens_then_leaves(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_triage(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        trail = ((Dimension.PROJECT, "/home/ana/checkout-svc"),)
        assert asked(pilot) == TriageAsk(SHOWN, None, trail)

        feed_of(of(pilot)).publish(replace(BUSY, version=9, page=Page(asked(pilot), NARROWED)))
        await settle(pilot)
        assert "only project checkout-svc" in text_of(of(pilot))
        await pilot.press("escape")
        assert asked(pilot) == TriageAsk(SHOWN)
        await pilot.press("escape")
        await settle(pilot)
        assert of(pilot).current_mode == "overview"
        await pilot.press("5")
        await settle(pilot)
        assert asked(pilot) == TriageAsk()


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("[", Stretch(SHOWN.since_ms - QUARTER_MS, SHOWN.until_ms - QUARTER_MS)),
        ("]", Stretch(SHOWN.since_ms + QUARTER_MS, SHOWN.until_ms + QUARTER_MS)),
        ("{", Stretch(SHOWN.since_ms + QUARTER_MS, SHOWN.until_ms)),
        ("}", Stretch(SHOWN.since_ms - 2 * QUARTER_MS, SHOWN.until_ms)),
        ("<", stretch_of_anomaly(OLDER)),
    ],
)
async def test_keys_move_a(make_app: MakeApp, key: str, shown: Stretch) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_triage(pilot)
        await pilot.press(key)
        assert asked(pilot) == TriageAsk(shown)
        await pilot.press("n")
        assert asked(pilot) == TriageAsk()


async def test_keys_that_are_faster_than_the_feed_all_count(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_triage(pilot)
        await pilot.press("[", "[", "b")
        assert asked(pilot) == TriageAsk(
            Stretch(SHOWN.since_ms - 2 * QUARTER_MS, SHOWN.until_ms - 2 * QUARTER_MS),
            Against.YESTERDAY,
        )


async def test_b_takes_the_next_baseline(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_triage(pilot)
        seen = []
        for _ in range(4):
            await pilot.press("b")
            seen.append(asked(pilot).against)
        assert seen == [Against.YESTERDAY, Against.WEEK, Against.BEFORE, Against.YESTERDAY]


async def test_there_is_no_anomaly_after_the_newest(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE, notifications=True) as pilot:
        await open_triage(pilot)
        await pilot.press(">")
        assert told(pilot) == ["No later anomaly is known."]


async def test_an_anomaly_is_opened(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_triage(pilot)
        of(pilot).screen.query_one(Anomalies).focus()
        await pilot.press("down", "enter")
        await settle(pilot)
        assert asked(pilot) == TriageAsk(stretch_of_anomaly(OLDER))
        assert ANOMALY in of(pilot).screen.query_one(Anomalies).rows


async def test_all_values_of_a_dimension_are_listed(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_triage(pilot)
        table = of(pilot).screen.query_one(TriageChanges)
        leading = [one.dimension for one in table.rows]
        await pilot.press("right")
        assert [one.value for one in table.rows] == [SICK, "b01e2222-0000-4000-8000-0000000009d2"]
        assert "by session · 2" in text_of(of(pilot))
        await pilot.press("left", "left")
        assert {one.dimension for one in table.rows} == {leading[-1]}
        await pilot.press("right")
        assert [one.dimension for one in table.rows] == leading


async def test_m_copies_markdown(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_triage(pilot)
        await pilot.press("m")
        await settle(pilot)
        assert app.clipboard.startswith("# Cost triage, Tue 18 Nov 13:15–13:45 (UTC)")
        assert told(pilot) == ["Copied: the triage as Markdown"]


async def test_e_writes_csv(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_triage(pilot)
        await pilot.press("e")
        await settle(pilot)
        (file,) = (app.config.data / "exports").iterdir()
        assert file.name == "triage-20251118-140231.csv"
        assert file.read_text("utf-8").startswith("dimension,value,requests")
        assert told(pilot) == [f"The triage was written to {file}"]


async def open_event(pilot: Pilot[int], place: int) -> None:
    """Open an event of A."""
    await open_triage(pilot)
    of(pilot).screen.query_one(TriageEvents).focus()
    await pilot.press(*["down"] * place, "enter")
    await settle(pilot)


async def test_an_event_opens_its_session_at_its_request(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_event(pilot, 0)
        screen = of(pilot).screen
        assert isinstance(screen, SessionScreen)
        assert screen.ask == SessionAsk("claude-code", SICK, "")
        assert screen.cursor == HAPPENED[0].key
        await pilot.press(">")
        await settle(pilot)
        assert feed_of(of(pilot)).asked[-1] == SessionAsk("claude-code", CALM, "")
        await pilot.press("escape")
        await settle(pilot)
        assert of(pilot).current_mode == "triage"
        assert asked(pilot) == TriageAsk()


async def test_an_event_of_no_session_leads_nowhere(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE, notifications=True) as pilot:
        await open_event(pilot, len(HAPPENED) - 1)
        assert of(pilot).current_mode == "triage"
        assert told(pilot) == ["A price change is of no one session."]


async def test_while_paused_a_new_question_is_answered(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("p")
        assert "A cost $15.60" in await open_triage(pilot)


async def test_panes_explain_themselves(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        await open_triage(pilot)
        shown = of(pilot).snapshot
        assert shown is not None
        panes = list(of(pilot).screen.query_one("#triage").query(Pane))
        assert len(panes) == 6
        for pane in panes:
            assert (pane.HELP or "").strip().startswith("#")
            assert pane.meaning(shown)


async def test_nothing_used_says_what_to_do(make_app: MakeApp) -> None:
    async with make_app().run_test(size=SIZE) as pilot:
        text = await open_triage(pilot, NOTHING)
        assert "nothing was spent around here; [ goes back, } widens A" in text
        assert "nothing was used in A or B" in text
        assert "too little use to tell yet" in text
        assert "10 hours with use on 3 days" in text
        await pilot.press("<")
        assert asked(pilot) == TriageAsk()


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 24), (50, 20), (180, 50), (30, 10)])
async def test_it_fits_every_size(make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app().run_test(size=size) as pilot:
        await open_triage(pilot)
        chart = of(pilot).screen.query_one(TriageChart)
        assert chart.size.width == size[0]
        await pilot.press("tab", "tab", "tab")
        await settle(pilot)
        assert pilot.app.screen.focused is not None
