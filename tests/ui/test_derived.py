"""What is derived from a tool's running totals has its own mark, wherever costs are shown."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, feed_of, settle, text_of
from tests.ui.literal import BUSY
from tests.ui.session_pages import page
from tokwatch.pages.session import SessionAsk
from tokwatch.ui.export import as_text
from tokwatch.ui.sessions_export import record

pytestmark = pytest.mark.anyio

FIRST = replace(BUSY.sessions[0], usage=replace(BUSY.sessions[0].usage, derived=3))
DERIVED = replace(BUSY, sessions=(FIRST, *BUSY.sessions[1:]), derived_share=0.25)


async def pressed(make_app: MakeApp, *names: str) -> str:
    """Return the screen after some keys."""
    app = make_app(DERIVED)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press(*names)
        await pilot.pause()
        return text_of(app)


async def test_the_list_marks_a_derived_cost(make_app: MakeApp) -> None:
    assert "~$14.02" in await pressed(make_app)


async def test_a_session_says_how_many_requests_are_derived(make_app: MakeApp) -> None:
    shown = page()
    assert shown.row is not None
    row = replace(shown.row, usage=replace(shown.row.usage, derived=3))
    app = make_app(DERIVED)
    feed_of(app).pages[SessionAsk] = replace(shown, row=row)
    async with app.run_test(size=(120, 46)) as pilot:
        await settle(pilot)
        await pilot.press("enter", "V")
        await settle(pilot)
        assert "of them lower bounds, 3 derived" in text_of(app)


async def test_how_sure_the_figures_are_names_the_share(make_app: MakeApp) -> None:
    assert "~ derived: 25.0% of the shown requests" in await pressed(make_app, "i")


def test_the_export_counts_derived_requests() -> None:
    records = [record(row) for row in DERIVED.sessions[:2]]
    heading, first, second = as_text(records, "csv").splitlines()
    place = heading.split(",").index("derived_requests")
    assert [row.split(",")[place] for row in (first, second)] == ["3", "0"]
