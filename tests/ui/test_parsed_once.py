"""Style sheets: parsed once for a theme, each screen's own when it is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.css.stylesheet import Stylesheet

from tests.ui.conftest import MakeApp, settle
from tokwatch.ui.app import TokwatchApp

pytestmark = pytest.mark.anyio
SIZE = (100, 30)


def sheets_of(app: TokwatchApp) -> set[str]:
    """Return the names of the files that rules were taken from."""
    return {Path(path).name for path, variable in app.stylesheet.source if not variable}


async def test_a_screen_brings_its_sheet_and_no_other_is_parsed_again(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Stylesheet] = []
    make = Stylesheet.__init__

    def noted(sheet: Stylesheet, *, variables: dict[str, str] | None = None) -> None:
        made.append(sheet)
        make(sheet, variables=variables)

    app = make_app()
    monkeypatch.setattr(Stylesheet, "__init__", noted)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert sheets_of(app) == {"tokwatch.tcss"}
        await pilot.press("3")
        await settle(pilot)
        assert sheets_of(app) == {"tokwatch.tcss", "costs.tcss"}
        ground = app.screen.styles.background
        assert made == [], "another sheet parses all that this one has parsed"
        app.theme = "textual-light"
        await settle(pilot)
        assert app.screen.styles.background != ground
