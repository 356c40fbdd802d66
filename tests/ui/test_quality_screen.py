"""Performance and quality on the screen: opened, read, narrowed, and split at an instant."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.alert_pages import SHOWN
from tests.ui.conftest import MakeApp, enter_text, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tests.ui.quality_pages import DIVISION, MARK_MS, SICK, TOLD, page
from tokwatch.analysis.quality import By, Narrow
from tokwatch.model.performance import Told
from tokwatch.model.snapshot import Page
from tokwatch.pages.quality import QualityAsk, QualityPage, page_of
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.quality import QualityPanel, QualityScreen
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.banner import Banner
from tokwatch.ui.widgets.painted import Pane
from tokwatch.ui.widgets.quality_course import QualityCourse
from tokwatch.ui.widgets.quality_errors import QualityErrors
from tokwatch.ui.widgets.quality_groups import QualityGroups
from tokwatch.ui.widgets.quality_histogram import QualityHistogram
from tokwatch.ui.widgets.quality_measures import QualityMeasures
from tokwatch.ui.widgets.quality_outcomes import QualityOutcomes

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


async def open_quality(pilot: Pilot[int], shown: QualityPage) -> QualityScreen:
    """Go to the screen of this page."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages[QualityAsk] = shown
    await settle(pilot)
    await pilot.press("f")
    await settle(pilot)
    assert isinstance(app.screen, QualityScreen)
    return app.screen


async def show(pilot: Pilot[int], shown: QualityPage) -> None:
    """Publish another page."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).publish(replace(BUSY, page=Page(QualityAsk(), shown)))
    await settle(pilot)


def line(text: str, name: str) -> str:
    """Return the line of the screen that names a row."""
    return next(line for line in text.splitlines() if f"{name} " in line)


async def test_it_shows_measures_outcomes_errors_and_groups(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_quality(pilot, page())
        text = text_of(app)
        feed_of(app).publish(replace(SHOWN, page=Page(QualityAsk(), page()), version=2))
        await settle(pilot)
        assert screen.query_one(Banner).display
        assert screen.query_one("#quality").max_scroll_y == 0, "it fits under the banner too"

    assert "[f Qual" in text
    assert "240 requests" in text
    assert "2 of 3 sessions read" in text
    assert "100%" in line(text, "latency ~")
    assert "94.5%" in line(text, "success rate")
    assert "overloaded" in text
    assert "opus-4-5" in text


@pytest.mark.parametrize("size", [(80, 24), (60, 24)])
async def test_it_opens_at_its_top_however_small_the_terminal(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await open_quality(pilot, page())
        assert "outcomes" in "".join(text_of(app).splitlines()[:4])


async def test_a_pane_that_is_not_focused_follows_nothing(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_quality(pilot, page())
        course = screen.query_one(QualityCourse)
        histogram = screen.query_one(QualityHistogram)
        assert course.subject.name == "latency"
        await pilot.press("down", "down")
        await settle(pilot)
        assert course.subject.name == histogram.subject.name == "speed"
        screen.query_one(QualityErrors).focus()
        await settle(pilot)
        assert course.subject.name == "speed"
        screen.query_one(QualityOutcomes).focus()
        await settle(pilot)
        assert (course.subject.name, course.subject.is_ratio) == ("success rate", True)
        assert "Claude" in histogram.plain or "claude-code" in histogram.plain


async def test_enter_tells_all_of_a_measure_and_leads_to_a_session(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_quality(pilot, page())
        await pilot.press("enter")
        await settle(pilot)
        text = text_of(app)
        assert isinstance(app.screen, QualityPanel)
        assert "From a request to the end of its answer" in text
        assert "Told by, of 240 requests" in text
        assert "derived (~)" in text
        await pilot.press("end")
        await settle(pilot)
        assert SICK[:8] in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, SessionScreen)


async def test_enter_on_a_share_shows_its_definition_and_the_errors(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_quality(pilot, page())
        screen.query_one(QualityOutcomes).focus()
        await pilot.press("enter")
        await settle(pilot)
        text = text_of(app)
        assert "Answers ÷ (answers + failed attempts)" in text
        assert "Errors by kind" in text
        await pilot.press("escape")
        screen.query_one(QualityErrors).focus()
        await pilot.press("enter")
        await settle(pilot)
        assert "It happened 9 times." in text_of(app)
        assert "HTTP 529" in text_of(app)


async def test_groups_are_chosen_and_narrow_everything(make_app: MakeApp) -> None:
    app = make_app()
    feed = feed_of(app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_quality(pilot, page())
        screen.query_one(QualityGroups).focus()
        await pilot.press("right")
        await settle(pilot)
        assert feed.asked[-1] == QualityAsk(By.AGENT)
        await show(pilot, page(By.AGENT))
        assert "by agent · 2" in text_of(app)
        await pilot.press("down", "enter")
        await settle(pilot)
        narrowed = (Narrow(By.AGENT, "Explore"),)
        assert feed.asked[-1] == QualityAsk(By.AGENT, narrowed)
        await show(pilot, page(By.AGENT, narrowed))
        assert "only agent Explore" in text_of(app)
        await pilot.press("escape")
        assert feed.asked[-1] == QualityAsk(By.AGENT)
        await pilot.press("escape")
        await settle(pilot)
        assert app.current_mode == "overview"


async def test_an_instant_is_marked_and_unmarked(make_app: MakeApp) -> None:
    app = make_app()
    feed = feed_of(app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_quality(pilot, page())
        await pilot.press("space")
        await settle(pilot)
        assert feed.asked[-1] == QualityAsk()
        (notice,) = app._notifications
        assert "Choose an instant" in notice.message

        course = screen.query_one(QualityCourse)
        course.focus()
        await pilot.press(*["left"] * (len(DIVISION.starts) - 40))
        await settle(pilot)
        assert course.cursor_ms == MARK_MS
        assert "◆ 12:42" in text_of(app)
        await pilot.press("space")
        assert feed.asked[-1] == QualityAsk(mark_ms=MARK_MS)
        await show(pilot, page(mark_ms=MARK_MS))
        text = text_of(app)
        assert "p50 before" in text
        assert "┃ 12:42" in text
        assert "▲" in line(text, "latency ~")
        await pilot.press("space")
        assert feed.asked[-1] == QualityAsk()


async def test_before_and_after_are_what_the_sides_hold(make_app: MakeApp) -> None:
    app = make_app()
    shown = page(mark_ms=MARK_MS)
    assert shown.before is not None
    assert shown.after is not None
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_quality(pilot, shown)
        cells = line(screen.query_one(QualityMeasures).plain, "output").split()

    before, after = (
        next(one for one in side.measures if one.definition.name == "output").spread
        for side in (shown.before, shown.after)
    )
    assert before is not None
    assert after is not None
    assert cells[3:5] == [str(before.p50), str(after.p50)]
    assert (f"{before.count}", f"{after.count}") == (cells[-3], cells[-2])


async def test_it_is_found_by_name(make_app: MakeApp) -> None:
    app = make_app()
    feed_of(app).pages[QualityAsk] = page()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press(":")
        await enter_text(pilot, "go to quality")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, QualityScreen)


async def test_without_requests_it_says_why_and_what_to_do(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_quality(pilot, page_of(Told(), DIVISION))
        text = text_of(app)

    assert "nothing was sent in this range" in text
    assert "no log here tells of errors" in text
    assert "n/a" in text


async def test_what_is_left_out_is_told(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_quality(pilot, page_of(replace(TOLD, left_out=1_234), DIVISION))
        assert "the 1,234 before them left out" in text_of(app)


async def test_each_pane_explains_itself(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_quality(pilot, page())
        for pane in (QualityMeasures, QualityOutcomes, QualityErrors, QualityGroups, QualityCourse):
            one = screen.query_one(pane)
            assert isinstance(one, Pane)
            assert one.HELP
            assert all(one.meaning(BUSY))
