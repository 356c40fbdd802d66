"""The health of sources and store on the screen: what fails first, and what is known of each."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import FIRST_RUN, NOW, source
from tests.ui.source_pages import HEALTH, PAGE, SHOWN
from tests.ui.test_pictures import Compare, keys
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.doctor.checked import Checked
from tokwatch.model.alert import Delivery, DeliveryState
from tokwatch.model.evidence import Number, Shown
from tokwatch.model.snapshot import Snapshot, SourceMode
from tokwatch.model.worker import WorkerState
from tokwatch.pages.sources import SourcesAsk, SourcesPage
from tokwatch.tokens.calibrated import Calibration, Kind
from tokwatch.ui import source_words as words
from tokwatch.ui.app import TokwatchApp
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.screens.sources import SourcesScreen
from tokwatch.ui.widgets.source_facts import SourceFacts
from tokwatch.ui.widgets.source_list import SourceList

SIZE = (120, 36)


async def open_sources(pilot: Pilot[int], shown: SourcesPage | None = PAGE) -> SourcesScreen:
    """Go to the screen of this page."""
    app = pilot.app
    assert isinstance(app, TokwatchApp)
    if shown is not None:
        feed_of(app).pages[SourcesAsk] = shown
    await settle(pilot)
    await pilot.press("9")
    await settle(pilot)
    assert isinstance(app.screen, SourcesScreen)
    return app.screen


@pytest.mark.anyio
async def test_what_fails_stands_first_then_what_is_used(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_sources(pilot)
        names = [row.status.name for row in screen.query_one(SourceList).rows]
        text = text_of(app)

    assert names == ["opencode", "claude-code", "codex", "crush", "gemini-cli"]
    assert "sources · 3 of 5 here · 1 failing" in text
    assert "/mnt/team/opencode.db: Permission denied" in text


@pytest.mark.anyio
async def test_the_chosen_source_is_told_in_full(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_sources(pilot)
        facts = screen.query_one(SourceFacts)
        assert "Permission denied" in facts.plain
        assert "within 30 s" in " ".join(facts.plain.replace("│", " ").split())
        assert "R tries it again now" in " ".join(facts.plain.replace("│", " ").split())
        await pilot.press("down")
        await settle(pilot)
        told = " ".join(facts.plain.replace("│", " ").split())

    assert "141 files here, 152 ever read" in told
    assert "3 lines that are no records · 1 line too long to be read · 2 records of an" in told
    assert "fields of one such record: kind,payload,seq,type" in told
    place = "14:02 in /home/ana/.claude/projects/-home-ana-shop/7f3a1111.jsonl"
    assert place.replace(" ", "") in told.replace(" ", "")  # a path may go on in the next line


@pytest.mark.anyio
async def test_a_source_without_logs_that_an_endpoint_tells_of_is_there(make_app: MakeApp) -> None:
    feed = source("feed", "Feed", SourceMode.ENDPOINT, events=12)
    shown = replace(SHOWN, sources=(replace(feed, roots=(), endpoints=("edge",)),))
    app = make_app(shown)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_sources(pilot)
        table, facts = screen.query_one(SourceList).plain, screen.query_one(SourceFacts).plain

    assert "sources · 1 of 1 here" in table
    assert re.search(r"endpoint Feed .* 12 .* endpoint edge", table)
    assert "no logs here; an endpoint tells its requests" in " ".join(facts.split())
    assert re.search(r"endpoint +edge", facts)
    assert "[sources.paths]" not in facts


@pytest.mark.anyio
async def test_enter_opens_the_audit_of_the_source(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_sources(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Panel)

    (shown,) = feed_of(app).explained
    assert (shown.number, shown.source) == (Number.SOURCE, "claude-code")
    assert shown == Shown(Number.SOURCE, epoch_ms(NOW), source="claude-code")


@pytest.mark.anyio
async def test_a_source_that_was_never_read_has_no_audit_and_says_so(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_sources(pilot)
        await pilot.press("end", "enter")
        await settle(pilot)
        (notice,) = app._notifications
        assert "Gemini CLI: no log of it was read yet" in notice.message
    assert feed_of(app).explained == []


@pytest.mark.anyio
async def test_a_failing_source_is_tried_again_at_once(make_app: MakeApp) -> None:
    app = make_app(SHOWN)
    async with app.run_test(size=SIZE) as pilot:
        await open_sources(pilot)
        await pilot.press("R")
        await settle(pilot)
        (notice,) = app._notifications
        assert notice.message == "Looking again at OpenCode …"
    assert feed_of(app).retried == 1


@pytest.mark.anyio
async def test_a_follower_says_who_could_try_again(make_app: MakeApp) -> None:
    app = make_app(replace(SHOWN, follower_of=5120))
    async with app.run_test(size=SIZE) as pilot:
        await open_sources(pilot)
        await pilot.press("R")
        await settle(pilot)
        (notice,) = app._notifications
        assert "Process 5120 reads the logs" in notice.message
    assert feed_of(app).retried == 0


@pytest.mark.anyio
async def test_on_an_empty_store_the_places_are_told_all_the_same(make_app: MakeApp) -> None:
    app = make_app(FIRST_RUN)
    async with app.run_test(size=SIZE) as pilot:
        await open_sources(pilot, None)
        text = text_of(app)

    assert "~/.codex/sessions" in text
    assert "there is no store yet" in text


def test_the_last_check_is_told_with_its_problems() -> None:
    good = words.checked_words(HEALTH, NOW)
    bad = words.checked_words(
        replace(HEALTH, checked=Checked(epoch_ms(NOW - timedelta(hours=1)),
                                        ("store: 5 sums of day differ",), ("a file",))),
        NOW,
    )  # fmt: skip
    never = words.checked_words(replace(HEALTH, checked=None), NOW)

    assert good == [("2d ago: nothing was wrong", False), ("every sum equals its events", False)]
    assert bad[0] == ("1h ago: 1 problem", True)
    assert bad[-1] == ("store: 5 sums of day differ", True)
    assert never == [("never checked here: run tokwatch doctor", False)]


def test_an_old_price_list_wants_a_look() -> None:
    assert words.price_words(HEALTH) == ("fetched yesterday", False)
    assert words.price_words(replace(HEALTH, prices_days=91)) == ("fetched 91 days ago", True)
    assert words.price_words(replace(HEALTH, prices_days=None)) == ("as installed", False)
    off = words.price_words(replace(HEALTH, prices_update=False))
    assert off == ("fetched yesterday; updates are off ([prices] update)", False)


def test_how_alerts_were_told_last_is_told_with_what_failed() -> None:
    sent = Delivery(1, 7, "command", DeliveryState.SENT, 1, epoch_ms(NOW - timedelta(hours=2)))
    failed = Delivery(
        *(2, 7, "webhook", DeliveryState.FAILED, 6, epoch_ms(NOW - timedelta(minutes=3))),
        "answered with status 500",
    )
    health = replace(HEALTH, deliveries=(failed, sent))

    off = [("on the screen only: [notify] names no road", False)]
    assert words.delivery_words(HEALTH, NOW) == off
    silent = replace(HEALTH, deliveries=(sent,), roads=("webhook", "command"))
    assert words.delivery_words(silent, NOW)[1] == (
        *("webhook: nothing told for 7 days; T on Alerts tries it", False),
    )
    assert words.delivery_words(health, NOW) == [
        (
            "webhook failed 3m ago, 6 tries: answered with status 500; given up, the next alert "
            "goes by it again",
            True,
        ),
        ("command sent 2h ago, 1 try", False),
    ]


def test_models_whose_counts_are_far_off_are_named_first() -> None:
    good = Calibration(
        *("claude-opus-5", Kind.PROMPT, "cl100k_base", 1.5, 70.0, 65, 1, 5),
        *(0.09, 0.18, 0.48, 1_000),
    )
    found = (good, good._replace(model="a", error=0.12), good._replace(model="b", error=0.234))

    assert words.calibration_words(HEALTH) == []
    assert words.calibration_words(replace(HEALTH, calibrations=found)) == [
        ("! b: off by 23% on 65 measurements", True),
        ("2 models off by 9% to 12%", False),
    ]


def test_processes_are_told_apart() -> None:
    assert words.process_words(HEALTH, NOW) == [
        "4711 reads the logs · 3h · this one",
        "5120 follows the store · 4m",
    ]
    unknown = replace(HEALTH, processes=(), reader=99)
    assert words.process_words(unknown, NOW) == ["99 reads the logs"]
    assert words.process_words(replace(unknown, reader=0), NOW) == ["none"]


@pytest.mark.parametrize(
    ("size", "shown", "page", "pressed"),
    [
        pytest.param((120, 36), SHOWN, PAGE, (), id="120x36"),
        pytest.param((80, 24), SHOWN, PAGE, ("down",), id="80x24"),
        pytest.param((60, 30), SHOWN, PAGE, ("down",), id="60x30"),
        pytest.param((120, 36), FIRST_RUN, None, (), id="first-run"),
    ],
)
def test_picture(
    make_app: MakeApp,
    snap_compare: Compare,
    size: tuple[int, int],
    shown: Snapshot,
    page: SourcesPage | None,
    pressed: tuple[str, ...],
) -> None:
    app = make_app(shown)
    if page is not None:
        feed_of(app).pages[SourcesAsk] = page
    assert snap_compare(app, terminal_size=size, run_before=keys("9", *pressed))


def test_workers_tell_what_fails_then_when_each_did_its_work_then_who_waits() -> None:
    at_ms = epoch_ms(NOW)
    workers = (
        WorkerState("pictures", at_ms - 20_000),
        WorkerState("pages", at_ms - 90_000, "DatabaseError"),
        WorkerState("ingest", told="another process does it"),
        WorkerState("alerts", error="OSError"),
        WorkerState("details", at_ms),
        WorkerState("calibration"),
    )

    assert words.worker_words(workers, NOW) == [
        ("! pages: DatabaseError; last success 1m ago", True),
        ("! alerts: OSError; no success yet", True),
        ("last done: pictures 20s, details 0s ago", False),
        ("ingest: another process does it", False),
        ("calibration: nothing to do yet", False),
    ]
