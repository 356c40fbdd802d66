"""The first line says where one is, how live it is and what time it is, in any width."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp
from tests.ui.literal import BUSY, NOW, source
from tests.ui.test_endpoint_list import PROXY
from tokwatch.model.gateway import Gateway
from tokwatch.model.snapshot import Snapshot, SourceMode
from tokwatch.ui.inks import inks_of
from tokwatch.ui.silence import silent_since
from tokwatch.ui.widgets.first_line import FirstLine

pytestmark = pytest.mark.anyio
LONG_AGO = NOW - timedelta(days=3)


async def first_line(
    make_app: MakeApp, shown: Snapshot, width: int = 120, *, demo: bool = False, moved: bool = True
) -> str:
    """Return the first line on one snapshot."""
    app = make_app(shown)
    app.demo = demo
    async with app.run_test(size=(width, 36)) as pilot:
        app.moved = moved
        await pilot.pause()
        return app.screen.query_one(FirstLine).plain


@pytest.mark.parametrize(
    ("modes", "words"),
    [
        ((SourceMode.LIVE, SourceMode.POLLING), "● live · 2 sources"),
        ((SourceMode.POLLING,), "◐ polling · 1 source"),
        ((SourceMode.ENDPOINT, SourceMode.ABSENT), "◐ polling · 1 source"),
        ((SourceMode.LIVE, SourceMode.ERROR), "x 1 failing"),
        ((SourceMode.ABSENT,), "○ waiting"),
    ],
)
async def test_it_tells_how_sources_do(
    make_app: MakeApp, modes: tuple[SourceMode, ...], words: str
) -> None:
    sources = tuple(source(f"s{n}", f"S{n}", mode) for n, mode in enumerate(modes))
    assert words in await first_line(make_app, replace(BUSY, sources=sources))


async def test_endpoints_alone_are_polled(make_app: MakeApp) -> None:
    shown = replace(
        BUSY, sources=(source("s", "S", SourceMode.ABSENT),), gateways=(Gateway(PROXY),)
    )
    assert "◐ polling" in await first_line(make_app, shown)


async def test_a_follower_says_whom_it_follows(make_app: MakeApp) -> None:
    following = replace(BUSY, follower_of=4711)
    assert "◌ follows process 4711" in await first_line(make_app, following)
    assert "2 Sess 3 Cost" in await first_line(make_app, following, demo=True)
    assert "◌ follows 4711" in await first_line(make_app, following, demo=True)


@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("until", [None, NOW - timedelta(hours=3)])
async def test_screens_keep_their_names_at_120_columns(
    make_app: MakeApp, demo: bool, until: datetime | None
) -> None:
    line = await first_line(make_app, replace(BUSY, until=until), demo=demo)
    assert "[1 Over] 2 Sess 3 Cost" in line
    assert line.endswith("14:02")


async def test_another_day_fits_beside_the_names(make_app: MakeApp) -> None:
    line = await first_line(make_app, replace(BUSY, until=LONG_AGO))
    assert "2 Sess" in line
    assert "◂ Sat 15 Nov 14:02" in line


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (200, "[1 Overview] 2 Sessions 3 Costs"),
        (80, "[1 Overview] 2 3 4 5 6 7 8 9 0"),
        (60, "[1 Overview]"),
        (37, "[1 Overview]"),
    ],
)
async def test_names_shrink_with_the_room(make_app: MakeApp, width: int, words: str) -> None:
    line = await first_line(make_app, BUSY, width)
    assert words in line
    assert line.endswith("● live · 14:02") or "sources · 14:02" in line


async def test_the_name_goes_before_the_ways_to_other_screens(make_app: MakeApp) -> None:
    line = await first_line(make_app, BUSY, 54, demo=True)
    assert line == " demo [1 Over] 2 3 4 5 6 7 8 9 0       ● live · 14:02"


async def test_a_past_that_nobody_asked_for_is_the_last_use(make_app: MakeApp) -> None:
    past = replace(BUSY, until=LONG_AGO)
    assert "◂ until Sat 15 Nov" in await first_line(make_app, past, 160)
    assert "◂ last use Sat 15 Nov" in await first_line(make_app, past, 160, moved=False)


async def test_paused_in_the_past_says_both(make_app: MakeApp) -> None:
    app = make_app(replace(BUSY, until=NOW - timedelta(hours=2)))
    async with app.run_test(size=(160, 36)) as pilot:
        await pilot.press("p")
        assert "‖ paused ◂ 12:02" in app.screen.query_one(FirstLine).plain


async def test_long_silence_is_told_and_dims_the_state(make_app: MakeApp) -> None:
    quiet = tuple(replace(each, last_event=NOW - timedelta(minutes=125)) for each in BUSY.sources)
    app = make_app(replace(BUSY, sources=quiet, sessions=()))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        line = app.screen.query_one(FirstLine)
        assert "● live · quiet 2h" in line.plain
        inks = inks_of(app)
        (drawn,) = line.draw(line.size, inks)
        assert dict(drawn)["●"] == inks.muted


async def test_no_silence_is_told_while_logs_are_written_or_in_the_past(make_app: MakeApp) -> None:
    quiet = tuple(replace(each, last_event=LONG_AGO) for each in BUSY.sources)
    assert "quiet" not in await first_line(make_app, BUSY)
    past = replace(BUSY, sources=quiet, sessions=(), until=LONG_AGO)
    assert "quiet" not in await first_line(make_app, past)


def test_silence_begins_with_the_last_request_of_a_session_not_with_its_quarter_of_an_hour() -> (
    None
):
    quarter = tuple(replace(each, last_event=NOW - timedelta(minutes=27)) for each in BUSY.sources)
    last = BUSY.sessions[0]
    late = replace(last, last=NOW - timedelta(minutes=18))
    assert silent_since(replace(BUSY, sources=quarter, sessions=(late,)), NOW) == late.last
    soon = replace(last, last=NOW - timedelta(minutes=14))
    assert silent_since(replace(BUSY, sources=quarter, sessions=(soon,)), NOW) is None
