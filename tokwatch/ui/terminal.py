"""What the terminal around the screen can do: its title, its clipboard."""

from __future__ import annotations

import sys
from typing import Any, Final

from textual.app import App

from tokwatch.model.snapshot import SessionRow
from tokwatch.ui.format import clean

SAVE_TITLE: Final = "\x1b[22;2t"
RESTORE_TITLE: Final = "\x1b[23;2t"


class TerminalTitle:
    """The terminal's window title: an ambient display that costs bytes only when it changes."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._shown = ""

    def show(self, title: str) -> None:
        """Set the title; control characters are left out."""
        title = "".join(letter for letter in title if letter.isprintable())
        if title == self._shown:
            return
        first = SAVE_TITLE if not self._shown else ""
        self._shown = title
        self._write(f"{first}\x1b]2;{title}\x07")

    def restore(self) -> None:
        """Give the terminal its own title back."""
        if self._shown:
            self._write(RESTORE_TITLE)

    def _write(self, text: str) -> None:
        driver = self._app._driver
        if driver is not None and not self._app.is_headless and not self._app.is_web:
            driver.write(text)


def copy(app: App[Any], text: str) -> None:
    """Put text on the clipboard: by the terminal, and on macOS by the system's own command."""
    app.copy_to_clipboard(text)
    if sys.platform == "darwin":
        import subprocess

        subprocess.run(["pbcopy"], input=text.encode(), check=False)


def copy_session(app: App[Any], row: SessionRow, *, simulated: bool) -> str:
    """Copy what resumes a session, in one line; return what to tell the user."""
    if simulated:
        return "This session is simulated: there is nothing to resume."
    text = clean(row.resume or row.session)
    copy(app, text)
    return f"Copied: {text}"
