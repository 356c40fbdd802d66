"""What the panes show when there is nothing, too little, something wrong, or a lot."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui import session_pages
from tests.ui.alert_pages import BURN, DROP, FULL
from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY, FIRST_RUN, NOW, QUIET, FakeFeed, source
from tokwatch.config import Config
from tokwatch.errors import TokwatchError
from tokwatch.model.snapshot import CacheRate, Progress, RootStatus, Snapshot, SourceMode, Span
from tokwatch.pages.session import SessionAsk
from tokwatch.ui.widgets.notices import Alerts
from tokwatch.ui.widgets.sessions import Sessions
from tokwatch.ui.widgets.welcome import Welcome

pytestmark = pytest.mark.anyio
SIZE = (120, 36)


async def shown(make_app: MakeApp, snapshot: Snapshot, size: tuple[int, int] = SIZE) -> str:
    """Return the screen on one snapshot."""
    app = make_app(snapshot)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return text_of(app)


async def test_the_first_page_lists_every_root_and_what_can_be_done(make_app: MakeApp) -> None:
    text = await shown(make_app, FIRST_RUN, (80, 24))
    assert "No usage records yet" in text
    for path in ("~/.claude/projects", "~/.config/claude/projects", "~/.codex/sessions"):
        assert path in text
    assert text.count("not found") == 2
    assert "found, 0 records" in text
    assert "d try the demo" in text
    assert "Nothing leaves this machine" in text
    assert "filter" not in text


async def test_a_root_that_cannot_be_read_says_why(make_app: MakeApp) -> None:
    why = "SQLite: file is not a database: sessions.db and 2 more"
    broken = replace(FIRST_RUN.sources[0], roots=(RootStatus("~/x", True, why),))

    lines = (await shown(make_app, replace(FIRST_RUN, sources=(broken,)))).splitlines()

    [place] = [number for number, line in enumerate(lines) if "~/x" in line]
    assert "cannot be read" in lines[place]
    assert why in lines[place + 1]
    assert not any("found, 0 records" in line for line in lines)


async def test_what_keeps_everything_from_being_read_stands_on_the_first_page(
    make_app: MakeApp,
) -> None:
    why = "cannot write to the data folder /srv/t: Permission denied"
    text = await shown(make_app, replace(FIRST_RUN, sources=(), error=why))
    assert f"x {why}" in text
    assert "tokwatch doctor says what to do" in text
    assert "x failing" in text.splitlines()[0]
    assert "no source is switched on" not in text


async def test_lines_that_nobody_understood_are_no_silence(make_app: MakeApp) -> None:
    codex = replace(FIRST_RUN.sources[1], bad_lines=7)
    text = await shown(make_app, replace(FIRST_RUN, sources=(codex,)))
    assert "found, 7 bad lines" in text


async def test_ones_own_folder_is_a_tilde(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    monkeypatch.setenv("USERPROFILE", "/home/ana")
    roots = (RootStatus("/home/ana/.claude/projects", False), RootStatus("/home/anabel", False))
    mine = replace(FIRST_RUN, sources=(replace(FIRST_RUN.sources[0], roots=roots),))
    text = await shown(make_app, mine, (60, 20))
    assert "~/.claude/projects" in text
    assert "/home/anabel" in text


async def test_many_roots_are_cut_and_counted(make_app: MakeApp) -> None:
    roots = tuple(RootStatus(f"~/{n}", False) for n in range(40))
    many = replace(FIRST_RUN, sources=(replace(FIRST_RUN.sources[0], roots=roots),))
    text = await shown(make_app, many, (80, 24))
    assert "and 32 more" in text
    assert "Nothing leaves this machine" in text


async def test_no_source_switched_on_is_said(make_app: MakeApp) -> None:
    assert "no source is switched on" in await shown(make_app, replace(FIRST_RUN, sources=()))


async def test_the_first_page_gives_way_to_the_overview(make_app: MakeApp) -> None:
    app = make_app(FIRST_RUN)
    async with app.run_test(size=SIZE) as pilot:
        assert isinstance(app.focused, Welcome)
        feed_of(app).publish(BUSY)
        await pilot.pause()
        assert isinstance(app.focused, Sessions)
        assert "$41.27" in text_of(app)


async def test_d_on_the_first_page_shows_the_demo(make_app: MakeApp) -> None:
    demo = FakeFeed(BUSY)

    def make_demo(config: Config) -> FakeFeed:
        return demo

    app = make_app(FIRST_RUN, make_demo=make_demo)
    own = feed_of(app)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("d")
        await pilot.pause()
        assert own.stopped
        assert feed_of(app) is demo
        assert "tokwatch demo" in text_of(app)
        assert "$41.27" in text_of(app)
        await app.run_action("demo")
        assert not demo.stopped


async def test_a_demo_that_cannot_be_made_says_why(make_app: MakeApp) -> None:
    def refuse(config: Config) -> FakeFeed:
        raise TokwatchError("the demo's folder is a link", "Move it away.")

    app = make_app(FIRST_RUN, make_demo=refuse)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("d")
        await pilot.pause()
        (notice,) = app._notifications
        assert notice.message == "the demo's folder is a link\nMove it away."
        assert not feed_of(app).stopped
        assert "demo" not in text_of(app).splitlines()[0]


async def test_history_fills_in_behind_a_bar(make_app: MakeApp) -> None:
    reading = replace(BUSY, progress=Progress(620_000_000, 1_000_000_000, 1_203))
    app = make_app(reading)
    async with app.run_test(size=SIZE) as pilot:
        text = text_of(app)
        assert "reading history" in text
        assert "62% of 1.0 GB · 1,203 files left" in text
        feed_of(app).publish(BUSY)
        await pilot.pause()
        assert "reading history" not in text_of(app)


async def test_an_empty_store_that_is_being_filled_does_not_say_empty(make_app: MakeApp) -> None:
    reading = replace(FIRST_RUN, progress=Progress(0, 0, 3))
    text = await shown(make_app, reading)
    assert "No usage records" not in text
    assert "3 files left" in text


async def test_a_quiet_day_has_no_invented_figures(make_app: MakeApp) -> None:
    text = await shown(make_app, replace(QUIET, chart=replace(BUSY.chart, series=())))
    assert "$0.00" in text
    assert "no cache data" in text
    assert "too little to tell" in text
    assert "nothing was spent in this range" in text


async def test_a_range_without_sessions_says_what_to_do(make_app: MakeApp) -> None:
    text = await shown(make_app, replace(BUSY, sessions=()))
    assert "no session in this range" in text


async def test_a_long_error_is_readable_when_zoomed(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, error="word " * 60 + "end"))
    async with app.run_test(size=SIZE) as pilot:
        assert "end" not in app.screen.query_one(Alerts).plain
        app.screen.query_one(Alerts).focus()
        await pilot.press("+")
        await pilot.pause()
        assert "end" in app.screen.query_one(Alerts).plain


async def test_what_is_wrong_stands_under_alerts(make_app: MakeApp) -> None:
    bad = source("codex", "Codex CLI", SourceMode.ERROR, error="no permission", bad_lines=3)
    text = await shown(make_app, replace(BUSY, sources=(bad,), error="disk is full"), (120, 50))
    assert "x disk is full" in text
    assert "x Codex CLI: no permission" in text


async def test_an_alert_uses_the_only_line_there_is(make_app: MakeApp) -> None:
    path = "/a/long/path/without/any/space/in/it: not a directory"
    bad = source("codex", "Codex CLI", SourceMode.ERROR, error=path)
    text = await shown(make_app, replace(BUSY, sources=(bad,)), (80, 24))
    assert "x Codex CLI: /a/long/path/without/any/space…" in text


async def test_the_number_of_alerts_stands_above_them(make_app: MakeApp) -> None:
    text = await shown(make_app, replace(BUSY, error="disk is full"), (80, 24))
    assert "alerts · 2" in text


async def test_bad_lines_are_counted_under_alerts(make_app: MakeApp) -> None:
    bad = source("codex", "Codex CLI", bad_lines=3)
    assert "! Codex CLI: 3 bad lines" in await shown(make_app, replace(BUSY, sources=(bad,)))


async def test_what_rules_found_stands_below_what_is_wrong(make_app: MakeApp) -> None:
    text = await shown(make_app, replace(BUSY, error="disk is full", alerts=(FULL, DROP, BURN)))
    assert "alerts · 4" in text  # with the model without a price; what was seen to is left out
    assert "x disk is full" in text
    assert "x 13:34  burn rate $38.10 (above $25.00)" in text


async def test_nothing_wrong_is_said_too(make_app: MakeApp) -> None:
    text = await shown(make_app, replace(BUSY, unpriced_models=()))
    assert "sources and prices: fine" in text
    assert "nothing found" in text


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (120, 36)])
async def test_what_is_not_built_yet_is_said_in_whole_words(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    text = await shown(make_app, replace(BUSY, unpriced_models=()), size)
    assert "…" not in "".join(text.splitlines()[-4:])


async def test_subscription_money_is_an_equivalent(make_app: MakeApp) -> None:
    app = make_app(config="[plan]\nsubscription = true")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert text_of(app).count("API-equivalent") >= 2


@pytest.mark.parametrize(
    "size", [(80, 24), (60, 24), (52, 20), (50, 15), (120, 15), (20, 5), (3, 2)]
)
async def test_every_size_shows_something_and_breaks_nothing(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    text = await shown(make_app, BUSY, size)
    lines = text.splitlines()
    assert [len(line) for line in lines] == [size[0]] * size[1]
    if size[0] >= 50:
        assert "$41.27" in text
        assert "$14.02" in text


@pytest.mark.parametrize("size", [(58, 30), (120, 15)])
async def test_small_screens_keep_tiles_and_table_only(
    make_app: MakeApp, size: tuple[int, int]
) -> None:
    text = await shown(make_app, BUSY, size)
    assert "spend per" not in text
    assert "alerts" not in text.replace("Alerts", "")
    assert "7f3a·4c1" in text


async def test_markup_and_escapes_in_names_are_only_text(make_app: MakeApp) -> None:
    row = replace(
        BUSY.sessions[0], label="[/]", project="[red]\x1b[2J", model="[@click=quit]x\u202e"
    )
    nasty = replace(BUSY, sessions=(row,), unpriced_models=("[/b]",), error="[/] \x07")
    app = make_app(nasty, titles={row.key: "[/]\x1b]0;x\x07"})
    feed_of(app).pages[SessionAsk] = replace(session_pages.page(), row=row)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "[red] [2J" in text_of(app)
        await pilot.press("enter")
        await settle(pilot)
        text = text_of(app)
        assert "[/]" in text
        assert "\x1b" not in text
        assert "\u202e" not in text
        await pilot.press("escape", "i", "escape", ":", *"session")
        await settle(pilot)
        assert "[/]" in text_of(app)


async def test_the_window_title_tells_the_cost(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    written: list[str] = []
    monkeypatch.setattr(app._terminal_title, "_write", written.append)
    async with app.run_test(size=SIZE) as pilot:
        feed_of(app).publish(replace(BUSY, version=2))
        await pilot.pause()
        assert written == ["\x1b[22;2t\x1b]2;tokwatch $41.27\x07"]
    assert written[-1] == "\x1b[23;2t"


async def test_unknown_cache_rates_draw_gaps(make_app: MakeApp) -> None:
    text = await shown(make_app, replace(BUSY, cache=CacheRate(0.5, 7.0, (None, 0.5))))
    assert "50%  ▲ 7 pts / 1h" in text


async def test_the_range_is_marked_among_the_others(make_app: MakeApp) -> None:
    assert "1h 4h 24h [7d] 30d all" in await shown(make_app, replace(BUSY, span=Span.WEEK))
    assert BUSY.now == NOW
