"""`i` opens what a number rests on: its sums, its doubts, and each request with its place."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui import session_pages
from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY, NOW, ROWS, FakeFeed
from tokwatch.analysis.audit import Audit, Disagreement, Duplicates, SourceAudit
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.errors import TokwatchError
from tokwatch.model.event import Grade, ModelName, Scope
from tokwatch.model.evidence import BothCosts, Evidence, Focus, LogsOf, Number, Place, Shown
from tokwatch.model.snapshot import Span
from tokwatch.model.units import NANO
from tokwatch.model.usage import Slice, Usage
from tokwatch.pages.session import SessionAsk
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.overview import Overview
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.explanation import Explanation
from tokwatch.ui.widgets.notices import Suggestions
from tokwatch.ui.widgets.session_tiles import SessionCost
from tokwatch.ui.widgets.spend import SpendOverTime
from tokwatch.ui.widgets.tiles import BurnRate, CacheHits, DayForecast, Today

pytestmark = pytest.mark.anyio
SIZE = (120, 36)
NOON_MS = epoch_ms(NOW)
LOG = "/home/ana/.claude/projects/shop/7f3a.jsonl"


def event(number: int, **changes: object) -> Evidence:
    """Return a request, a second before the one numbered before it."""
    place = Place("", LOG, number * 100, Grade.RECORD)
    names = (Scope("claude-code", "7f3a-0000"), ModelName("anthropic", "claude-opus-4-5"))
    counts = (1, 412, 155_000, 902, 0, 388, 12)
    made = Evidence._make(
        (number, NOON_MS - number * 1000, *names, *counts, None, NANO // 10, True, place, ())
    )
    return made._replace(**changes)  # type: ignore[arg-type]


EVENTS = (
    event(1, is_final=False),
    event(2, others=(Place("laptop", "/logs/fork.jsonl", 7, Grade.ECHO),)),
    event(3, computed_nano=None, input=None, cache_write_5m=None, cache_write_1h=None),
    *(event(number) for number in range(4, 60)),
)
USAGE = Usage(
    requests=59, input=9_000, output=800, auto_nano=6 * NANO, lower_bound=1, unpriced_tokens=9
)
AUDIT = Audit(
    Focus(Slice(NOON_MS - 3_600_000, NOON_MS)),
    (
        SourceAudit(
            source="claude-code",
            usage=USAGE,
            sessions=4,
            logs=LogsOf("claude-code", ("", "laptop"), 12, 900, 5, 0, 3, 0, 0, 0, 0, ""),
            duplicates=Duplicates(5, 2, 1, 0, 0),
            unpriced=(("deepinfra/mixtral", 9),),
            costs=BothCosts("claude-code", 7, 2 * NANO, 3 * NANO),
            hidden=Usage(auto_nano=NANO),
        ),
    ),
    (Disagreement(NOON_MS, "s", "m", ("a", "b"), ("output",)),),
    EVENTS,
)


def app_with(make_app: MakeApp, audit: Audit | None = AUDIT) -> TokwatchApp:
    """Return an application whose feed gives this explanation."""
    app = make_app()
    feed_of(app).explanation = audit
    return app


async def opened(pilot: Pilot[int], *keys: str) -> str:
    """Press keys and return what is then shown."""
    await pilot.press(*keys)
    await settle(pilot)
    assert isinstance(pilot.app, TokwatchApp)
    return text_of(pilot.app)


@pytest.mark.parametrize(
    ("pane", "number"),
    [
        (Today, Number.DAY),
        (CacheHits, Number.DAY),
        (DayForecast, Number.DAY),
        (BurnRate, Number.BURN),
        (SpendOverTime, Number.RANGE),
    ],
)
async def test_i_asks_for_the_number_that_the_pane_shows(
    make_app: MakeApp, pane: type[Today], number: Number
) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        app.screen.query_one(pane).focus()
        await opened(pilot, "i")

    assert feed_of(app).explained == [Shown(number, NOON_MS, Span.HOURS, "2025-11-18", 5)]


async def test_i_on_a_session_asks_for_its_line_alone(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        shown = await opened(pilot, "j", "j", "i")
        [asked] = feed_of(app).explained
        row = app.screen.query_one(Explanation)._row

    assert row is not None
    assert (asked.number, asked.session, asked.agent) == (Number.AGENT, row.session, row.agent)
    assert asked.agent == "Explore"
    assert "session Explore · where this comes from" in shown


async def test_i_on_a_sessions_tile_explains_its_figures(make_app: MakeApp) -> None:
    app = app_with(make_app)
    feed_of(app).pages[SessionAsk] = session_pages.page()
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "enter")
        assert isinstance(app.screen, SessionScreen)
        app.screen.query_one(SessionCost).focus()
        shown = await opened(pilot, "i")
        assert "59 requests · 4 sessions" in shown
        assert feed_of(app).explained[0].session == ROWS[0].session
        await pilot.press("i")
        assert isinstance(app.screen, SessionScreen)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_the_sums_and_doubts_of_exactly_this_number_are_told(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        app.screen.query_one(Today).focus()
        shown = await opened(pilot, "i")

    for told in (
        "today · where this comes from",
        "59 requests · 4 sessions · 9,800 tokens · ≥$6.00",
        "from 18 Nov 13:02:31 to 18 Nov 14:02:31 (UTC)",
        "Claude Code: 59 requests in 12 logs · machine laptop",
        "merged 5 repeated lines, 2 copies in",
        "3 bad lines",
        "58 exact · ≥ 1 lower bound · ~ 0 derived",
        "+? without a price: deepinfra/mixtral (9 tokens)",
        "7 requests have both costs: logged $2.00, computed $3.00",
        "not in it: $1.00 of hidden calls, derived",
        "1 request is told differently by several sources",
        "Requests · 59",
    ):
        assert told in shown


async def test_requests_are_listed_with_their_places(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        shown = await opened(pilot, "i", "j", "j", "j")

    assert "opus-4-5" in shown
    assert "≥$0.1000" in shown
    assert "7f3a.jsonl:100" in shown
    assert "7f3a.jsonl:200 +1" in shown
    assert "unpriced" in shown


async def test_enter_shows_all_of_a_request_and_folds_it(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        shown = await opened(pilot, "i", "j", "enter")
        for told in (
            "claude-code · session 7f3a-0000",
            "input 412 · read 155,000 · written 5m 902 · 1h 0 · output 388 · reasoning 12",
            "computed $0.100000 (counts) · final · its own record",
            f"{LOG}:200",
            "also laptop:/logs/fork.jsonl:7 · echo in another transcript",
        ):
            assert told in shown
        assert "also laptop" not in await opened(pilot, "enter")
        unfinished = await opened(pilot, "k", "enter")
        assert "not finished: a lower bound" in unfinished


async def test_the_list_scrolls_by_keys_and_back_to_the_definition(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        first = await opened(pilot, "i")
        last = await opened(pilot, "end")
        assert "7f3a.jsonl:5900" in last
        assert "exact" not in last
        assert await opened(pilot, "home", "home") == first
        assert await opened(pilot, "pagedown") != first
        await opened(pilot, "G", "g")
        assert await opened(pilot, *["k"] * 30) == first


async def test_the_mouse_selects_opens_and_scrolls(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        await opened(pilot, "i")
        pane = app.screen.query_one(Explanation)
        line = pane._requests.index(1) - pane._excerpt.top + 1
        await pilot.click(pane, offset=(10, line))
        assert pane._index == 1
        await pilot.click(pane, offset=(10, line), times=2)
        await settle(pilot)
        assert "also laptop:/logs/fork.jsonl:7" in text_of(app)
        pane.on_mouse_scroll_down()
        assert pane._excerpt.top > 0
        for _ in range(99):
            pane.on_mouse_scroll_up()
        assert pane._excerpt.top == 0
        await pilot.click(pane, offset=(10, 0))
        assert pane._index == 1


async def test_what_is_listed_in_part_says_so(make_app: MakeApp) -> None:
    usage = replace(USAGE, requests=9_000)
    source = replace(AUDIT.sources[0], usage=usage, unpriced=(), costs=None, hidden=None)
    app = app_with(make_app, replace(AUDIT, sources=(source,), disagreements=()))
    async with app.run_test(size=SIZE) as pilot:
        shown = await opened(pilot, "i")

    assert "Requests · the newest 59 of 9,000" in shown
    assert "every model has a price" in shown


async def test_a_number_without_single_requests_says_so(make_app: MakeApp) -> None:
    app = app_with(make_app, replace(AUDIT, events=()))
    async with app.run_test(size=SIZE) as pilot:
        assert "none is stored singly" in await opened(pilot, "i")
        await pilot.press("j", "enter")
        assert isinstance(app.screen, Overview), "enter closes a panel that has nothing to open"


async def test_panes_without_a_number_tell_of_the_whole_picture(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        app.screen.query_one(Suggestions).focus()
        shown = await opened(pilot, "i")

    assert "The best suggestions of screen 6" in shown
    assert "Claude Code: 4,210 requests" in shown
    assert feed_of(app).explained == []


async def test_a_store_that_cannot_be_read_is_told(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_with(make_app)

    def fail(*_: object) -> None:
        raise TokwatchError("the store is locked", "")

    monkeypatch.setattr(FakeFeed, "explain", fail)
    async with app.run_test(size=SIZE) as pilot:
        shown = await opened(pilot, "i")

    assert "the store is locked" in shown
    assert "4,210 requests" in shown


async def test_an_explanation_stands_still_while_the_picture_goes_on(make_app: MakeApp) -> None:
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        before = await opened(pilot, "i")
        feed_of(app).publish(replace(BUSY, zone="Asia/Tokyo"))
        await settle(pilot)
        shown = [line[6:-6] for line in text_of(app).splitlines()[6:30]]
        assert shown == [line[6:-6] for line in before.splitlines()[6:30]]
