"""The settings file takes effect while the screen runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.conftest import MakeApp, settle, text_of
from tokwatch.ui.widgets.notices import Alerts

pytestmark = pytest.mark.anyio

CLASHING = """[mapping.codex]
files = ["~/logs/*.jsonl"]
time = "ts"
[mapping.codex.fields]
model = "model"
input = "input"
"""


async def test_a_changed_file_takes_effect(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        app.look_at_files()
        (tmp_path / "config.toml").write_text(
            '[plan]\nsubscription = true\n[ui]\ntheme = "high-contrast"\n[keys]\npause = "f5"'
        )
        app.look_at_files()
        await pilot.pause()
        await pilot.press("f5")
        assert app.paused
        assert app.theme == "high-contrast"
        assert "API-equivalent" in text_of(app)


async def test_a_wrong_file_is_told_and_the_old_settings_hold(
    make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app(config='[ui]\ntheme = "tokwatch-light"')
    async with app.run_test(size=(120, 36)) as pilot:
        app.look_at_files()
        (tmp_path / "config.toml").write_text('[ui]\nthme = "terminal"')
        app.look_at_files()
        await pilot.pause()
        assert app.theme == "tokwatch-light"
        (notice,) = app._notifications
        assert "thme" in notice.message
        assert "config.toml" in notice.message
        assert notice.severity == "error"
        assert "thme" in app.screen.query_one(Alerts).plain
        assert "alerts · 2" in app.screen.query_one(Alerts).plain
        (tmp_path / "config.toml").write_text('[ui]\ntheme = "terminal"')
        app.look_at_files()
        await pilot.pause()
        assert "thme" not in app.screen.query_one(Alerts).plain


@pytest.mark.parametrize("wrong", ['[sources]\nonly = ["claud-code"]', CLASHING])
async def test_settings_of_sources_that_cannot_be_are_left_out(
    make_app: MakeApp, tmp_path: Path, wrong: str
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        app.look_at_files()
        before = app.config
        (tmp_path / "config.toml").write_text(wrong)
        app.look_at_files()
        await pilot.pause()
        assert app.config is before
        assert app.settings_error


async def test_the_beat_looks_at_the_files(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        for _ in range(2):
            app.tick()
        (tmp_path / "config.toml").write_text("[plan]\nsubscription = true")
        for _ in range(2):
            app.tick()
        await pilot.pause()
        assert app.equivalent


async def test_titles_can_be_switched_off_while_running(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(titles={"7f3a": "Fix the flaky test"})
    async with app.run_test(size=(160, 36)) as pilot:
        await settle(pilot)
        assert "Fix the flaky test" in text_of(app)
        (tmp_path / "config.toml").write_text("[ui]\ntitles = false")
        app.look_at_files()
        await pilot.press("j")
        await pilot.pause()
        assert "Fix the flaky test" not in text_of(app)
