"""Pausing the picture."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from tests.ui.literal import BUSY, NOW, source
from tests.ui.session_pages import page
from tokwatch.model.detail import DetailReading
from tokwatch.model.snapshot import Page, Snapshot, Span
from tokwatch.pages.session import SessionAsk
from tokwatch.ui.picture import Picture

PAGE = replace(page(), is_whole=True)

LATER: Snapshot = replace(
    BUSY, version=2, sources=(source("claude-code", "Claude Code", events=4_224), BUSY.sources[1])
)


def paused() -> Picture:
    """Return a picture that was paused on the first snapshot."""
    picture = Picture()
    picture.take(BUSY)
    picture.toggle()
    return picture


def test_a_paused_picture_stands_still_and_counts() -> None:
    picture = paused()
    picture.take(LATER)
    assert picture.shown is BUSY
    assert picture.new_events == 14


def test_requests_count_where_a_source_does_not_tell() -> None:
    picture = paused()
    usage = replace(BUSY.spend.usage, requests=BUSY.spend.usage.requests + 3)
    picture.take(replace(BUSY, spend=replace(BUSY.spend, usage=usage)))
    assert picture.new_events == 3


def test_going_on_shows_the_newest() -> None:
    picture = paused()
    picture.take(LATER)
    picture.toggle()
    assert (picture.shown, picture.new_events) == (LATER, 0)


def test_moving_in_time_works_while_paused() -> None:
    picture = paused()
    moved = replace(LATER, until=NOW - timedelta(hours=1))
    picture.take(moved)
    assert picture.shown is moved
    longer = replace(moved, span=Span.DAY)
    picture.take(longer)
    assert picture.shown is longer
    assert picture.paused


def test_what_is_only_being_read_goes_on_while_paused() -> None:
    picture, ask = paused(), SessionAsk("claude-code", "7f3a")
    begun = replace(PAGE, is_whole=False, inside=None)
    reading = replace(PAGE, reading=DetailReading("claude-code", "7f3a", 5, 10))
    later = replace(PAGE, at_ms=PAGE.at_ms + 60_000)
    for content in (begun, reading, PAGE, later):
        picture.take(replace(LATER, page=Page(ask, content)))
    assert picture.shown is not None
    assert picture.shown.page == Page(ask, PAGE), "whole, and still then"
    assert picture.shown.page.content is PAGE
    assert picture.shown.sources is LATER.sources


def test_the_first_snapshot_is_shown_even_when_paused() -> None:
    picture = Picture()
    picture.toggle()
    picture.take(BUSY)
    assert picture.shown is BUSY
