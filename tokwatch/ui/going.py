"""Going from a line of one screen to the session that it is about."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.app import App


def go_to_session(app: App[Any], source: str, session: str, agent: str = "") -> None:
    """Show the sessions with the cursor on an agent, else on its session."""
    app.switch_mode("sessions")
    app.call_later(partial(_find, app, source, session, agent))


def _find(app: App[Any], source: str, session: str, agent: str) -> None:
    from tokwatch.ui.screens.sessions import SessionsScreen

    screen = app.screen
    if not isinstance(screen, SessionsScreen):
        return
    for one in dict.fromkeys((agent, "")):
        key = "\0".join((source, session, one))
        screen.find(key)
        if screen.sessions.row is not None and screen.sessions.row.key == key:
            return
    screen.notify("The shown range does not list that session; } widens it.", markup=False)
