"""Pictures of the screen; look at one before accepting it (`pytest --snapshot-update`)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.ui.conftest import MakeApp, settle
from tests.ui.literal import BUSY, FIRST_RUN, row, source
from tokwatch.model.snapshot import Progress, Snapshot, SourceMode

Compare = Callable[..., bool]
"""As pytest-textual-snapshot's snap_compare."""

TITLES = {"7f3a": "Fix the flaky checkout test", "b01e": "Overview: tiles and table"}
LONG = replace(
    BUSY,
    sessions=(
        row("a", "a" * 90, "a-project-with-a-name-that-never-ends" * 3, "a-model-" * 12, 123456.78,
            share=1.0, rate=9999.99),
        row("b", "日本語のセッション名前", "проект-кириллицей", "模型-大型", 0.01, share=0.005),
    ),
)  # fmt: skip
MARKUP = replace(
    BUSY,
    sessions=(row("[/]", "[/]", "[red]not red[/red]", "[@click=app.quit]x[/]", 1.0),),
    unpriced_models=("[bold]",),
)
BROKEN = replace(
    BUSY,
    error="OperationalError: database is locked",
    sources=(
        source("claude-code", "Claude Code", SourceMode.ERROR, error="permission denied"),
        source("codex", "Codex CLI", SourceMode.POLLING, bad_lines=3),
    ),
)


def keys(*names: str) -> Callable[[Pilot[int]], object]:
    """Return what presses these keys once the screen stands still."""

    async def press(pilot: Pilot[int]) -> None:
        await settle(pilot)
        await pilot.press(*names)
        await settle(pilot)

    return press


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        pytest.param((120, 36), BUSY, id="120x36"),
        pytest.param((80, 24), BUSY, id="80x24"),
        pytest.param((50, 20), BUSY, id="narrow"),
        pytest.param((100, 15), BUSY, id="short"),
        pytest.param((180, 50), BUSY, id="wide"),
        pytest.param((120, 36), LONG, id="long-names"),
        pytest.param((120, 36), MARKUP, id="markup-in-names"),
        pytest.param((120, 36), BROKEN, id="broken"),
        pytest.param((80, 24), FIRST_RUN, id="first-run"),
        pytest.param((120, 36), replace(BUSY, progress=Progress(62, 100, 9)), id="reading-history"),
    ],
)
def test_overview(
    make_app: MakeApp, snap_compare: Compare, size: tuple[int, int], shown: Snapshot
) -> None:
    app = make_app(shown, titles=TITLES)
    assert snap_compare(app, terminal_size=size, run_before=keys())


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("p",), id="paused"),
        pytest.param(("i",), id="where-from"),
        pytest.param(("/", *"state:live"), id="filter"),
        pytest.param(("tab", "tab", "tab", "+"), id="zoomed-tile"),
        pytest.param(("?",), id="help"),
    ],
)
def test_after_keys(make_app: MakeApp, snap_compare: Compare, names: tuple[str, ...]) -> None:
    app = make_app(titles=TITLES)
    assert snap_compare(app, terminal_size=(120, 36), run_before=keys(*names))


def test_help_in_a_narrow_window(make_app: MakeApp, snap_compare: Compare) -> None:
    assert snap_compare(make_app(), terminal_size=(60, 30), run_before=keys("?"))


def test_before_the_first_snapshot(make_app: MakeApp, snap_compare: Compare) -> None:
    app = make_app()
    app.feed.waiting.clear()  # type: ignore[attr-defined]  # the feed is a FakeFeed
    assert snap_compare(app, terminal_size=(80, 24), run_before=keys())


@pytest.mark.parametrize("theme", ["tokwatch-light", "high-contrast", "colour-blind", "terminal"])
def test_theme(make_app: MakeApp, snap_compare: Compare, theme: str) -> None:
    app = make_app(config=f'[ui]\ntheme = "{theme}"', titles=TITLES)
    assert snap_compare(app, terminal_size=(120, 36), run_before=keys())


def test_no_color(
    make_app: MakeApp, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(make_app(titles=TITLES), terminal_size=(120, 36), run_before=keys())
