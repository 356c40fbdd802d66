"""Alerts on the screen: what wants a look stands first, enter lands on the message."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.alert_pages import ALL, BURN, DROP, FULL, PAGE, SHOWN, SNOOZED
from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY, FIRST_RUN, NOW
from tests.ui.test_pictures import Compare, keys
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.model.alert import Alert
from tokwatch.model.snapshot import Progress, Snapshot
from tokwatch.pages.alerts import AlertsAsk, AlertsPage
from tokwatch.ui import alarms
from tokwatch.ui.alert_state import ranked, state_words, wanting
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.alerts import AlertsScreen
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.alert_facts import AlertFacts
from tokwatch.ui.widgets.alert_list import AlertList
from tokwatch.ui.widgets.alert_rules import AlertRules
from tokwatch.ui.widgets.banner import Banner
from tokwatch.ui.widgets.notices import Alerts
from tokwatch.ui.widgets.suggestions_list import SuggestionsList

SIZE = (120, 36)


async def open_alerts(pilot: Pilot[int], page: AlertsPage = PAGE) -> AlertsScreen:
    """Go to the screen of this page."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    feed_of(app).pages[AlertsAsk] = page
    await settle(pilot)
    await pilot.press("6")
    await settle(pilot)
    assert isinstance(app.screen, AlertsScreen)
    return app.screen


def test_what_wants_a_look_stands_first_and_history_last() -> None:
    assert [one.id for one in ranked(reversed(ALL), epoch_ms(NOW))] == [4, 3, 2, 5, 1]
    assert wanting(ALL, epoch_ms(NOW)) == [BURN, DROP]


def test_states_are_told_in_words() -> None:
    told = [state_words(one, NOW) for one in ALL]

    assert told == ["open 28m", "open 41m", "acknowledged", "snoozed 30m", "closed · 2h"]


@pytest.mark.anyio
async def test_the_list_the_chosen_alert_and_how_it_was_told(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_alerts(pilot)
        text = text_of(app)
        assert [one.id for one in screen.query_one(AlertList).rows] == [4, 3, 2, 5, 1]
        assert "6 Alerts (2)" in text
        assert "alerts · 2 open" in text
        told = " ".join(screen.query_one(AlertFacts).plain.replace("│", " ").split())
        assert "burn_times_usual > 5 and burn_over_scatter > 1.7 for 10 min" in told
        assert "worst $41.00" in told
        assert "failed, 6 tries: answered with status 500" in told
        await pilot.press("down")
        await settle(pilot)
        assert "cache-drop" in screen.query_one(AlertFacts).plain


@pytest.mark.anyio
async def test_rules_that_hold_stand_first_then_own_ones_and_zoom_shows_all(
    make_app: MakeApp,
) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_alerts(pilot)
        pane = screen.query_one(AlertRules)
        _, first, last, _ = pane.plain.splitlines()
        told = "! cache-drop > 30 points   ! context-full > 85%   ! burn > $25.00 for 10m"
        assert first.startswith(f"│ {told}   ! latency > 120 s")
        assert last.startswith("│ mine cost usd per hour > $4.00 of shop   budget-50 ≥ 50%")
        assert last.rstrip("│ ").endswith("+ all")
        screen.set_focus(pane)
        await pilot.press("+")
        await settle(pilot)
        assert all(one.name in pane.plain for one in PAGE.watched)


@pytest.mark.anyio
async def test_the_only_line_of_the_overview_is_for_what_matters_most(make_app: MakeApp) -> None:
    app = make_app(replace(SHOWN, unpriced_models=("secret-1",)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        pane = app.screen.query_one(Alerts)
        assert "alerts · 3" in pane.plain
        assert "x 13:34  burn rate $38.10 (above $25.00)" in pane.plain


@pytest.mark.anyio
async def test_in_a_low_window_the_half_with_the_focus_has_the_room(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_alerts(pilot)
        assert screen.query_one(AlertList).size.height >= 1 + len(ALL)
        assert screen.query_one(AlertFacts).display
        screen.set_focus(screen.query_one(SuggestionsList))
        await settle(pilot)
        assert not screen.query_one(AlertFacts).size.height


@pytest.mark.anyio
async def test_enter_lands_on_the_message_that_caused_it(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_alerts(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        opened = app.screen
        assert isinstance(opened, SessionScreen)
        assert (opened.asked.source, opened.asked.session, opened.asked.agent) == (
            *("claude-code", "7f3a-0000", "a1"),
        )
        assert opened.cursor == 81


@pytest.mark.anyio
async def test_what_rests_on_no_request_leads_to_its_screen_or_says_so(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_alerts(pilot)
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        (notice,) = app._notifications
        assert notice.message == "Nothing to open: it rests on no single request."
        await pilot.press("end", "enter")
        await settle(pilot)
        assert app.current_mode == "budgets"


@pytest.mark.anyio
async def test_keys_keep_the_chosen_alert_quiet(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_alerts(pilot)
        await pilot.press("a")
        await settle(pilot)
        await pilot.press("down", "z")
        await settle(pilot)
        assert feed_of(app).done == [("acknowledge", 4), ("snooze", 3)]
        await pilot.press("end", "a")
        await settle(pilot)
        (notice,) = app._notifications
        assert notice.message == "It is over already."


@pytest.mark.anyio
async def test_without_alerts_it_says_what_is_watched(make_app: MakeApp) -> None:
    app = make_app(BUSY)
    async with app.run_test(size=SIZE) as pilot:
        await open_alerts(pilot, replace(PAGE, alerts=(), deliveries=()))
        text = text_of(app)
        banner = app.screen.query_one(Banner)

    assert "nothing to report: 29 rules are watched" in text
    assert "6 Alerts]" in text
    assert not banner.display


@pytest.mark.anyio
async def test_the_test_says_that_nothing_is_switched_on(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_alerts(pilot)
        await pilot.press("T")
        await settle(pilot)
        told = [one.message for one in app._notifications]

    assert told == ["This is a test.", "[notify] switches on nothing beyond the screen."]


@pytest.mark.anyio
async def test_the_banner_names_what_is_critical_until_somebody_has_seen_it(
    make_app: MakeApp,
) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        banner = app.screen.query_one(Banner)
        assert "burn rate $38.10 (above $25.00) · 6 shows it" in banner.plain
        await pilot.press("6")
        assert not app.screen.query_one(Banner).display, "the list says it"
        await pilot.press("1")
        seen = replace(BURN, acknowledged_ms=1)
        feed_of(app).publish(replace(SHOWN, alerts=(seen, DROP), version=2))
        await settle(pilot)
        assert not banner.display


async def published(app: TokwatchApp, pilot: Pilot[int], *alerts: Alert) -> None:
    """Publish a picture with these alerts."""
    version = (app.snapshot.version if app.snapshot else 0) + 1
    feed_of(app).publish(replace(BUSY, alerts=alerts, version=version))
    await settle(pilot)


@pytest.mark.anyio
async def test_a_new_alert_is_told_once_and_the_first_picture_is_no_news(
    make_app: MakeApp,
) -> None:
    app = make_app(replace(BUSY, is_hasty=True))  # without alerts: it did not wait for them
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await published(app, pilot, DROP)
        await published(app, pilot, BURN, DROP)
        await published(app, pilot, BURN, DROP)
        told = [(one.message, one.severity) for one in app._notifications]

    assert told == [(BURN.title, "error")]


@pytest.mark.anyio
async def test_many_at_once_do_not_cover_the_screen(make_app: MakeApp) -> None:
    app = make_app(BUSY)
    many = [replace(DROP, id=number, rule=f"r{number}") for number in range(10, 19)]
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await published(app, pilot, *many, BURN)
        told = [one.message for one in app._notifications]

    assert told == [f"{BURN.title}\nand 9 other alerts; 6 lists them"]


@pytest.mark.anyio
async def test_what_comes_while_history_is_read_is_told_in_one_note_afterwards(
    make_app: MakeApp,
) -> None:
    reading = replace(BUSY, progress=Progress(1, 10, 1))
    app = make_app(reading)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for alerts in ((DROP,), (DROP, BURN)):
            feed_of(app).publish(replace(reading, alerts=alerts))
            await settle(pilot)
        before = len(app._notifications)
        await published(app, pilot, DROP, BURN)
        told = [one.message for one in app._notifications]

    assert before == 0
    assert told == [f"{BURN.title}\nand 1 other alert; 6 lists them"]


@pytest.mark.anyio
async def test_what_opens_while_a_note_is_shown_waits_until_that_is_gone(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(BUSY)
    monkeypatch.setattr(app, "NOTIFICATION_TIMEOUT", 0.3)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await published(app, pilot, BURN)
        await published(app, pilot, BURN, DROP)
        at_first = [one.message for one in app._notifications]
        for _ in range(200):
            await pilot.pause(0.02)
            told = [one.message for one in app._notifications]
            if told not in (at_first, []):
                break

    assert at_first == [BURN.title]
    assert told == [DROP.title]


@pytest.mark.anyio
async def test_one_that_wakes_up_is_told_again(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, alerts=(SNOOZED,)))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await published(app, pilot, replace(SNOOZED, snoozed_until_ms=None))
        assert [one.message for one in app._notifications] == [SNOOZED.title]


@pytest.mark.anyio
async def test_toasts_can_be_switched_off(make_app: MakeApp) -> None:
    app = make_app(BUSY, config="[notify]\ntoast = false\nbanner = false\n")
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await published(app, pilot, BURN)
        assert len(app._notifications) == 0
        assert not app.screen.query_one(Banner).display


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("hours", "rings"), [("", 1), ('quiet_from = "13:00"\nquiet_until = "15:00"\n', 0)]
)
async def test_the_bell_rings_but_not_in_quiet_hours(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, hours: str, rings: int
) -> None:
    app = make_app(BUSY, config=f"[notify]\nbell = true\n{hours}")
    rung: list[int] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append(1))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await published(app, pilot, BURN)

    assert len(rung) == rings


def test_the_title_tells_how_many_want_a_look(make_app: MakeApp) -> None:
    app = make_app(SHOWN)

    assert alarms.title_of(app, SHOWN) == "(2) tokwatch $41.27"
    assert alarms.title_of(app, BUSY) == "tokwatch $41.27"
    off = make_app(SHOWN, config="[notify]\ntitle = false\n")
    assert alarms.title_of(off, SHOWN) == "tokwatch $41.27"


def test_a_terminal_is_asked_to_notify_the_desktop() -> None:
    plain = alarms.desktop_sequence("a\x1b]0;evil\x07;b", in_tmux=False)

    assert plain == "\x1b]9;a]0;evil;b\x1b\\\x1b]777;notify;tokwatch;a]0,evil,b\x1b\\"


def test_tmux_passes_it_on() -> None:
    told = alarms.desktop_sequence("hi", in_tmux=True)

    assert told.startswith("\x1bPtmux;\x1b\x1b]9;hi\x1b\x1b\\\x1b\\")


def test_the_desktop_is_notified_through_the_terminal_only(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(BUSY)
    written: list[str] = []
    monkeypatch.setattr(app, "_driver", SimpleNamespace(write=written.append, is_headless=False))
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setattr(type(app), "is_headless", property(lambda self: False))
    monkeypatch.setattr(type(app), "is_web", property(lambda self: False))

    alarms.send_desktop(app, ["burn"])

    assert written == ["\x1b]9;burn\x1b\\\x1b]777;notify;tokwatch;burn\x1b\\"]


@pytest.mark.parametrize(
    ("size", "shown", "page", "pressed"),
    [
        pytest.param((120, 36), SHOWN, PAGE, (), id="120x36"),
        pytest.param((80, 24), SHOWN, PAGE, ("down",), id="80x24"),
        pytest.param((60, 30), SHOWN, PAGE, ("down",), id="60x30"),
    ],
)
def test_picture(
    make_app: MakeApp,
    snap_compare: Compare,
    size: tuple[int, int],
    shown: Snapshot,
    page: AlertsPage,
    pressed: tuple[str, ...],
) -> None:
    app = make_app(shown)
    feed_of(app).pages[AlertsAsk] = page
    assert snap_compare(app, terminal_size=size, run_before=keys("6", *pressed))


def test_picture_of_an_overview_with_alerts(make_app: MakeApp, snap_compare: Compare) -> None:
    app = make_app(replace(SHOWN, alerts=(BURN, DROP, FULL)))

    assert snap_compare(app, terminal_size=SIZE)


@pytest.mark.anyio
async def test_on_an_empty_store_alerts_are_listed_and_no_key_of_nothing_is_named(
    make_app: MakeApp,
) -> None:
    app = make_app(replace(FIRST_RUN, alerts=(DROP,)))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("P")
        assert app.replay is None
        await pilot.press("6")
        await settle(pilot)
        text, keys = text_of(app), text_of(app).splitlines()[-1]
        assert "cache hit rate fell by 53 points" in text
        assert "alerts are off" not in text
        assert "a acknowledge" in keys
        await pilot.press("tab", "tab")
        await settle(pilot)
        keys = text_of(app).splitlines()[-1]
        assert not {"open", "accept", "dismiss", "acknowledge"} & set(keys.split())
        await pilot.press("3")
        await settle(pilot)
        assert "no requests yet: 1 shows where tokwatch looks for them" in text_of(app)
