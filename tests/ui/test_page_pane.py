"""What page panes draw anew, and what they leave: hidden ones, and pages that are the same."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.app import ComposeResult

import tokwatch.ui.widgets as widgets
from tests.ui.conftest import MakeApp, feed_of, settle
from tests.ui.literal import BUSY
from tests.ui.session_pages import app_with, opened, page
from tokwatch.analysis.timeline import RequestLine
from tokwatch.model.detail import DetailReading
from tokwatch.model.snapshot import Page, Snapshot
from tokwatch.ui.screens.overview import Overview
from tokwatch.ui.screens.session import SessionScreen
from tokwatch.ui.widgets.page_pane import READ
from tokwatch.ui.widgets.painted import Painted
from tokwatch.ui.widgets.session_requests import SessionRequests

SIZE = (120, 36)
MODULES = sorted(Path(widgets.__file__).parent.glob("*.py"))


def _reads(tree: ast.Module) -> set[str]:
    """Return the fields of pictures that a module reads."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = node.value
            name = of.id if isinstance(of, ast.Name) else getattr(of, "attr", "")
            if name == "snapshot":
                found.add(node.attr)
    return found & set(Snapshot.__struct_fields__)


def _has_page_panes(tree: ast.Module) -> bool:
    bases = {
        getattr(getattr(base, "value", base), "id", "")
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    return bool(bases & {"PagePane", "Table", "Scrolled"})


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_what_page_panes_read_of_a_picture_makes_them_draw(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    if _has_page_panes(tree) and module.stem != "page_pane":
        assert _reads(tree) <= set(READ)


@pytest.mark.anyio
async def test_only_what_is_seen_and_new_is_drawn(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    paint = Painted._paint

    def counted(pane: Painted) -> Any:  # as the method returns
        drawn.append(pane.id or type(pane).__name__)
        return paint(pane)

    monkeypatch.setattr(Painted, "_paint", counted)
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        content = page()

        async def published(**changes: Any) -> list[str]:  # fields of a picture
            drawn.clear()
            shown = replace(BUSY, page=Page(screen.ask, content), **changes)
            feed_of(app).publish(shown)
            await settle(pilot)
            return list(drawn)

        first = await published(version=7)
        assert "session-requests" in first
        assert not {"sessions", "spend", "carried-blocks", "session-agents"} & set(first)
        again = await published(version=8, sessions_live=3)
        assert not {"session-requests", "session-timeline", "session-composition"} & set(again)
        told: list[RequestLine] = []
        key_of = SessionRequests.key_of

        def noted(table: SessionRequests, row: RequestLine) -> str:
            told.append(row)
            return key_of(table, row)

        monkeypatch.setattr(SessionRequests, "key_of", noted)
        content = replace(content, reading=DetailReading(*content.chain[:2], 1, 2))
        reading = await published(version=9)
        assert "session-requests" in reading
        assert len(told) < len(content.lines), "the same requests are not listed anew"
        moved = await published(version=10, zone="Asia/Tokyo")
        assert "session-requests" in moved

        await pilot.press("v")
        await settle(pilot)
        assert "session-agents" in drawn, "what was hidden is drawn when it is shown"

        drawn.clear()
        spend = replace(BUSY.spend, cost_nano=77_000_000_000)
        feed_of(app).publish(replace(BUSY, version=11, spend=spend))
        await settle(pilot)
        assert "today" not in drawn
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, Overview)
        assert "$77.00" in app.screen.query_one("#today", Painted).plain
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "$77.00" in shown


@pytest.mark.anyio
async def test_panes_beneath_a_panel_move_on(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        overview = app.screen
        await pilot.press("i")
        await settle(pilot)
        assert app.screen is not overview
        spend = replace(BUSY.spend, cost_nano=77_000_000_000)
        feed_of(app).publish(replace(BUSY, version=10, spend=spend))
        await settle(pilot)
        today = overview.query_one("#today", Painted)
        assert today._drawn, "it stays drawn"
        assert "$77.00" in "\n".join(strip.text for strip in today._strips)


@pytest.mark.anyio
async def test_a_screen_has_the_classes_of_its_size_and_view_before_it_is_laid_out(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[frozenset[str]] = []
    panes = SessionScreen.panes

    def noted(screen: SessionScreen) -> ComposeResult:
        found.append(screen.classes)
        return panes(screen)

    monkeypatch.setattr(SessionScreen, "panes", noted)
    app = app_with(make_app)
    async with app.run_test(size=SIZE) as pilot:
        screen = await opened(pilot)
        assert found[0] == screen.classes
        assert {"-wide", "-tall", "-requests"} <= found[0]
