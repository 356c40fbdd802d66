"""Writes the setting that goes with a suggestion, and takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokwatch.errors import TokwatchError
from tokwatch.model.suggestion import Suggestion

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp

DEMO_WRITES: Final = "The demo writes into no file of yours."


def write_setting(app: TokwatchApp, one: Suggestion | None) -> None:
    """Write a suggestion's setting into the user's config.toml, and say what was done."""
    from tokwatch.analysis.suggesting.acting import setting_of
    from tokwatch.config.edit import set_values

    setting = None if one is None else setting_of(one)
    if setting is None:
        app.notify("No setting of tokwatch goes with it; c copies the step.", markup=False)
        return
    if app.demo:
        app.notify(DEMO_WRITES, markup=False)
        return
    try:
        set_values(app.config, setting.path, dict(setting.values))
    except TokwatchError as error:
        app.notify(error.message, severity="error", markup=False)
        return
    app.notify(f"Written to config.toml: {setting.words}. U takes it back.", markup=False)
    app.look_at_files()


def undo_setting(app: TokwatchApp) -> None:
    """Put config.toml back as it was before the last change."""
    from tokwatch.config.edit import undo

    if app.demo:
        app.notify(DEMO_WRITES, markup=False)
        return
    try:
        is_done = undo(app.config)
    except TokwatchError as error:
        app.notify(error.message, severity="error", markup=False)
        return
    back = "config.toml is as it was before the last change; U again takes that back."
    told = back if is_done else "Nothing was changed from here."
    app.notify(told, markup=False)
    app.look_at_files()
