"""Every key of the overview does what the help says."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from textual.widgets import Markdown

from tests.ui.conftest import MakeApp, enter_text, feed_of, settle, text_of
from tests.ui.literal import BUSY, source
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.overview import Overview
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.sessions import Sessions
from tokwatch.ui.widgets.tiles import DayForecast, Today

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


def sessions_of(app: TokwatchApp) -> Sessions:
    """Return the table."""
    assert isinstance(app.screen_stack[0], Overview)
    return app.screen_stack[0].sessions


def told(app: TokwatchApp) -> list[str]:
    """Return what toasts say."""
    return [notification.message for notification in app._notifications]


@pytest.mark.parametrize("key", ["j", "down"])
async def test_down_moves_the_cursor(make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(key, key)
        assert sessions_of(app).row == BUSY.sessions[2]


async def test_up_home_and_end_move_the_cursor(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        assert sessions_of(app).viewport.index == len(BUSY.sessions) - 1
        await pilot.press("k", "up")
        assert sessions_of(app).viewport.index == len(BUSY.sessions) - 3
        await pilot.press("home")
        assert sessions_of(app).viewport.index == 0


async def test_pages_move_by_what_is_visible(make_app: MakeApp) -> None:
    rows = tuple(replace(BUSY.sessions[0], key=f"k{n}", cost_nano=-n) for n in range(100))
    app = make_app(replace(BUSY, sessions=rows))
    async with app.run_test(size=SIZE) as pilot:
        table = sessions_of(app)
        await pilot.press("pagedown")
        assert table.viewport.index == table.viewport.height
        await pilot.press("pageup")
        assert table.viewport.index == 0


async def test_space_and_arrows_fold_the_sub_agents(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        table = sessions_of(app)
        await pilot.press("j", "space")
        assert "+2" in text_of(app)
        assert len(table.listed) == len(BUSY.sessions) - 2
        await pilot.press("right")
        assert len(table.listed) == len(BUSY.sessions)
        await pilot.press("j", "left")
        assert table.row == BUSY.sessions[1]
        await pilot.press("left")
        assert len(table.listed) == len(BUSY.sessions) - 2


async def test_s_sorts_by_the_next_column_and_shift_turns_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("s", "s")
        assert sessions_of(app).view.sort == "context"
        await pilot.press("S")
        assert sessions_of(app).listed[0].row.context is None
        await pilot.press("s", "s", "s", "s")
        assert sessions_of(app).view.sort == "cost"


async def test_a_filter_is_typed_kept_and_dropped(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("/", *"infra-tf")
        assert [each.row.key for each in sessions_of(app).listed] == ["5512"]
        await pilot.press("enter")
        assert app.focused is sessions_of(app)
        assert "/infra-tf" in text_of(app)
        await settle(pilot)
        assert "s sort" in text_of(app).splitlines()[-1]
        await pilot.press("escape")
        assert len(sessions_of(app).listed) == len(BUSY.sessions)


async def test_escape_while_typing_drops_the_filter(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("/", *"zzz")
        assert "no session matches" in text_of(app)
        await pilot.press("escape")
        assert sessions_of(app).view.filter == ""
        assert app.focused is sessions_of(app)


async def test_letters_in_a_filter_are_not_commands(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("/", *"qpt12?")
        assert sessions_of(app).view.filter == "qpt12?"
        assert not app.paused


async def test_exclamation_mark_lists_only_problems(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("!")
        assert [each.row.key for each in sessions_of(app).listed] == ["7f3a", "c2d9", "aa42"]
        await pilot.press("escape")
        assert len(sessions_of(app).listed) == len(BUSY.sessions)


async def test_enter_opens_a_session_and_escape_comes_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        assert isinstance(app.screen, SessionScreen)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_y_copies_the_resume_command(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("y")
        assert app.clipboard == "claude --resume 7f3a"
        await pilot.press("j", "j", "enter", "y")
        assert app.clipboard.startswith("b01e/a9-0000")


async def test_what_is_copied_is_one_line(make_app: MakeApp) -> None:
    row = replace(BUSY.sessions[0], resume="claude --resume x\nrm -rf ~")
    app = make_app(replace(BUSY, sessions=(row,)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("y")
        assert app.clipboard == "claude --resume x rm -rf ~"


async def test_y_on_a_tile_copies_what_it_shows(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        app.screen.query_one(Today).focus()
        await pilot.press("y")
        assert "$41.27" in app.clipboard


async def test_e_writes_the_listed_sessions(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("!", "e")
        await settle(pilot)
        (file,) = (app.config.data / "exports").iterdir()
        assert len(file.read_text().splitlines()) == 4
        assert str(file) in told(app)[-1]


async def test_an_export_that_fails_says_so(make_app: MakeApp) -> None:
    app = make_app()
    app.config.data.mkdir(parents=True)
    (app.config.data / "exports").write_text("in the way")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("e")
        await settle(pilot)
        assert told(app)[-1].startswith("Nothing was written")


async def test_the_palette_exports_json(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(":")
        await enter_text(pilot, "export as json")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        (file,) = (app.config.data / "exports").iterdir()
        assert len(json.loads(file.read_text())) == len(BUSY.sessions)


async def test_i_says_where_the_numbers_come_from(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("i")
        assert isinstance(app.screen, Panel)
        shown = text_of(app)
        for fact in ("Claude Code: 4,210 requests", "1.2% of the shown", "deepinfra/mixtral"):
            assert fact in shown
        await pilot.press("i")
        assert isinstance(app.screen, Overview)


async def test_every_pane_can_explain_itself(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, unpriced_models=(), follower_of=4711))
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(8):
            await pilot.press("tab", "i")
            assert "where this comes from" in text_of(app)
            assert "every model in use has a price" in text_of(app)
            assert "4711" in text_of(app)
            await pilot.press("escape")


async def test_plus_zooms_the_focused_pane(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        forecast = app.screen.query_one(DayForecast)
        forecast.focus()
        await pilot.press("+")
        assert forecast.size == (120, 34)
        assert "A block is five hours" in text_of(app)
        await pilot.press("+")
        assert app.screen.maximized is None
        await pilot.press("enter", "escape")
        assert app.screen.maximized is None


async def test_p_freezes_the_picture(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("p")
        first = source("claude-code", "Claude Code", events=4_224)
        spend = replace(BUSY.spend, cost_nano=50_000_000_000)
        feed_of(app).publish(replace(BUSY, sources=(first, BUSY.sources[1]), spend=spend))
        await pilot.pause()
        assert "paused, 14 new" in text_of(app)
        assert "$41.27" in text_of(app)
        await pilot.press("p")
        assert "$50.00" in text_of(app)
        assert "paused" not in text_of(app)


async def test_question_mark_explains_the_pane_and_goes_again(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("?")
        await pilot.pause()
        (help_text,) = app.screen.query("HelpPanel Markdown").results(Markdown)
        assert "its sub-agents beneath it" in help_text.source
        await pilot.press("escape")
        assert not app.screen.query("HelpPanel")
        await pilot.press("?", "?")
        assert not app.screen.query("HelpPanel")


async def test_escape_alone_never_quits(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "escape")
        assert app.is_running
        assert feed_of(app).stopped is False


@pytest.mark.parametrize("first", [(), ("enter",), ("i",)])
async def test_q_quits_everywhere_and_stops_the_feed(
    make_app: MakeApp, first: tuple[str, ...]
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*first, "q")
        await pilot.pause()
    assert feed_of(app).stopped


async def test_t_takes_the_next_theme(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        names = []
        for _ in range(6):
            names.append(app.theme)
            await pilot.press("t")
        assert len(set(names)) == 5
        assert names[0] == names[5] == "tokwatch-dark"


async def test_tab_goes_round_all_panes(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        seen = []
        for _ in range(8):
            await pilot.press("tab")
            assert app.focused is not None
            seen.append(app.focused.id)
        expected = {"today", "burn", "cache", "forecast", "spend", "sessions", "alerts"}
        assert set(seen) == expected | {"suggestions"}


async def test_keys_before_the_first_snapshot_do_no_harm(make_app: MakeApp) -> None:
    app = make_app()
    feed_of(app).waiting.clear()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "enter", "space", "s", "[", "r", "n", "{", "y", "i", "p", "!")
        assert "reading …" in text_of(app)
        waiting: Snapshot | None = app.snapshot
        assert waiting is None
