"""Themes: the shipped ones can be read by everyone, a user's own cannot break the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from tests.ui.conftest import MakeApp, text_of
from tokwatch.errors import TokwatchError
from tokwatch.ui.inks import VARIABLES
from tokwatch.ui.theme import ThemeShelf, read_theme

SHIPPED = ("colour-blind", "high-contrast", "terminal", "tokwatch-dark", "tokwatch-light")
WRITTEN = ("text-success", "text-warning", "text-error", "text-accent", "text-primary")


def colours(repository: Path, name: str) -> dict[str, str]:
    """Return every variable of a shipped theme."""
    theme = read_theme(repository / "themes" / f"{name}.toml")
    return {**VARIABLES, **theme.to_color_system().generate(), **theme.variables}


def contrast(text: str, ground: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: Color) -> float:
        parts = (part / 255 for part in colour.rgb)
        linear = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(Color.parse(text)), luminance(Color.parse(ground))))[::-1]
    return (high + 0.05) / (low + 0.05)


def test_five_themes_are_shipped(repository: Path) -> None:
    assert tuple(sorted(file.stem for file in (repository / "themes").iterdir())) == SHIPPED


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "terminal"])
@pytest.mark.parametrize("ground", ["background", "surface", "panel"])
def test_every_text_can_be_read(repository: Path, name: str, ground: str) -> None:
    values = colours(repository, name)
    written = (*WRITTEN, "foreground", "foreground-muted")
    poor = {text: contrast(values[text], values[ground]) for text in written}
    assert {text: ratio for text, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "terminal"])
def test_the_chart_stands_out_and_its_series_differ(repository: Path, name: str) -> None:
    values = colours(repository, name)
    series = [values[f"chart-{number}"] for number in range(1, 6)]
    assert len(set(series)) == 5
    assert all(contrast(colour, values["background"]) >= 3 for colour in series)


def test_the_colour_blind_theme_is_okabe_and_itos(repository: Path) -> None:
    values = colours(repository, "colour-blind")
    okabe_ito = {"#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442"}
    assert {values[f"chart-{number}"] for number in range(1, 6)} == okabe_ito


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('primary = "#12345"', "primary = '#12345' is not a colour"),
        ('primary = "blue"\nbackgruond = "red"', "unknown key backgruond"),
        ("dark = true", "primary"),
        ('primary = "blue"\ndark = "yes"', "dark"),
        ('primary = "blue"\n[variables]\nchart-1 = "bleu"', "variables.chart-1 = 'bleu'"),
        ('primary = "blue"\n[variables]\ntext-warning = "x"', "variables.text-warning"),
        ("primary = ", "Invalid value"),
    ],
)
def test_a_wrong_theme_names_file_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(TokwatchError) as caught:
        read_theme(file)
    assert str(file) in caught.value.message
    assert complaint in caught.value.message


def test_a_misspelt_key_is_answered_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('primary = "blue"\nbackgruond = "red"')
    with pytest.raises(TokwatchError) as caught:
        read_theme(file)
    assert caught.value.hint == "Did you mean background?"


def test_only_changed_files_are_read_again(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('primary = "blue"')
    shelf = ThemeShelf([tmp_path])
    assert [theme.name for theme in shelf.changed()[0]] == ["mine"]
    assert shelf.changed() == ([], [])
    file.write_text('primary = "no colour"')
    assert [str(file) in error.message for error in shelf.changed()[1]] == [True]
    assert shelf.changed() == ([], [])


def test_the_users_theme_stands_before_a_shipped_one_of_its_name(tmp_path: Path) -> None:
    for folder, colour in (("shipped", "red"), ("own", "blue")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.toml").write_text(f'primary = "{colour}"')
    shelf = ThemeShelf([tmp_path / "shipped", tmp_path / "own"])
    theme = shelf.find("x")
    assert theme is not None
    assert theme.primary == "blue"
    assert shelf.find("y") is None


@pytest.mark.anyio
async def test_a_users_theme_is_taken_while_running(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(config='[ui]\ntheme = "mine"')
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "mine.toml").write_text('primary = "#112233"\nbackground = "#000001"')
    app = make_app(config='[ui]\ntheme = "mine"')
    async with app.run_test() as pilot:
        assert app.theme == "mine"
        assert app.theme_variables["background"] == "#000001"
        (folder / "mine.toml").write_text('primary = "#112233"\nbackground = "#020304"')
        app.look_at_files()
        await pilot.pause()
        assert app.theme_variables["background"] == "#020304"
        (folder / "bad.toml").write_text('primary = "nothing"')
        app.look_at_files()
        await pilot.pause()
        (notice,) = app._notifications
        assert "bad.toml: primary = 'nothing' is not a colour" in notice.message
        assert app.theme == "mine"


@pytest.mark.anyio
async def test_an_unknown_theme_is_told_and_replaced(make_app: MakeApp) -> None:
    app = make_app(config='[ui]\ntheme = "nonesuch"')
    async with app.run_test() as pilot:
        app.look_at_files()
        await pilot.pause()
        assert app.theme == "tokwatch-dark"
        (notice,) = app._notifications
        assert "no theme 'nonesuch'" in notice.message


@pytest.mark.anyio
async def test_another_theme_repaints_everything(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        dark = app.export_screenshot()
        await pilot.press("t")
        await pilot.pause()
        assert app.theme == "tokwatch-light"
        light = app.export_screenshot()
        assert "#0e1217" in dark
        assert "#0e1217" not in light
        assert "$41.27" in text_of(app)


@pytest.mark.anyio
async def test_no_color_tells_by_glyph_and_weight(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app()
    async with app.run_test(size=(120, 36)):
        strips = app.screen._compositor.render_strips()
        cursor = next(seg for strip in strips for seg in strip if "checkout-svc" in seg.text)
        assert cursor.style is not None
        assert cursor.style.reverse
        shown = text_of(app)
        assert "!!  93%" in shown
        assert "! near limit" in shown
        assert all(texture in shown for texture in "█▓▒░")
