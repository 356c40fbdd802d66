"""Which session a sub-agent's own session belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tokwatch.sources.text import safe_name


class Place(NamedTuple):
    """A session as its events name it."""

    session: str
    agent: str
    """The sub-agent's own session; empty for a main session."""


def place_of(session: str, parents: Mapping[str, str]) -> Place:
    """Return where the events of a session belong: its oldest ancestor, with itself as agent."""
    root, seen = session, {session}
    while (parent := parents.get(root, "")) and parent not in seen:
        root = parent
        seen.add(root)
    return Place(safe_name(root), "" if root == session else safe_name(session))
