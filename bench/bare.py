"""The smallest Textual application that shows an amount: what the first frame is set against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    """One line of text."""

    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012 -- typed by App

    def compose(self) -> ComposeResult:
        """Yield the line."""
        yield Static("$0.00")


if __name__ == "__main__":
    Bare().run()
