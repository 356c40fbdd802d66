"""How the columns of the table share its width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.ui.conftest import MakeApp, settle
from tests.ui.literal import BUSY
from tokwatch.ui.widgets.session_columns import ANY_NAMES, Naming, columns_for, naming
from tokwatch.ui.widgets.sessions import Sessions

SHORT = Naming(7, 8)


def widths(width: int, names: Naming = ANY_NAMES) -> dict[str, int]:
    """Return the columns by name."""
    return {column.name: cells for column, cells in columns_for(width, names)}


@given(st.integers(30, 300), st.integers(0, 60), st.integers(0, 60))
def test_columns_never_exceed_the_table(width: int, project: int, model: int) -> None:
    found = widths(width, Naming(project, model))
    assert sum(found.values()) + len(found) - 1 <= width
    assert "session" in found
    assert "cost" in found


def test_the_columns_of_the_drawings_are_there() -> None:
    first = ["session", "project", "model", "context", "cost", "$/h", "cache"]
    assert list(widths(75)) == [*first, "state"]
    assert list(widths(115)) == [*first, "trend 30m", "state"]
    assert widths(75)["context"] == widths(115)["context"] == 13


def test_titles_take_what_short_names_leave() -> None:
    assert widths(115)["session"] >= 26
    assert widths(115, SHORT)["session"] >= 35
    assert widths(115, SHORT)["project"] == 7


def test_wide_screens_give_the_rest_to_titles() -> None:
    assert widths(195)["session"] >= 56
    assert widths(280)["session"] >= 100


def test_a_column_is_as_wide_as_the_longest_name_of_all_rows() -> None:
    assert naming(BUSY.sessions) == Naming(12, 17)
    assert naming(()) == Naming(0, 0)


@pytest.mark.anyio
async def test_a_filter_moves_no_column(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        table = app.screen.query_one(Sessions)
        before = table.plain.splitlines()[1]
        table.view = replace(table.view, filter="infra")
        await pilot.pause()
        assert table.plain.splitlines()[1] == before


@pytest.mark.anyio
async def test_a_wide_screen_shows_a_long_title_whole(make_app: MakeApp) -> None:
    title = "Retry payments without charging anybody twice"
    app = make_app(titles={"7f3a": title})
    async with app.run_test(size=(200, 60)) as pilot:
        await settle(pilot)
        assert f"7f3a·4c1  {title} " in app.screen.query_one(Sessions).plain
