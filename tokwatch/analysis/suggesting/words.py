"""Names and amounts as titles of suggestions write them. Pure."""

from __future__ import annotations

from tokwatch.model.suggestion_facts import Facts, Sent, SessionKey
from tokwatch.words import counted


def subject_of(facts: Facts, session: SessionKey) -> str:
    """Return what a session's findings are about: its project, else its source."""
    project = facts.projects.get(session, "")
    return f"project {project}" if project else f"source {session[0]}"


def subject(one: Sent) -> str:
    """Return what a request's findings are about."""
    project = one.cached.project
    return f"project {project}" if project else f"source {one.cached.source}"


def scope_of(facts: Facts, subject: str) -> frozenset[int]:
    """Return the requests of a subject."""
    kind, _, name = subject.partition(" ")
    return facts.of_scope(**{kind: name})


def short(subject: str) -> str:
    """Return a subject's own name: the last part of a path."""
    kind, _, name = subject.partition(" ")
    if kind != "project":
        return name
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or name


def tokens(number: float) -> str:
    """Return a number of tokens in few characters."""
    if number < 1_000:
        return f"{number:.0f}"
    if number < 1_000_000:
        return f"{number / 1_000:.3g}k"
    return f"{number / 1_000_000:.3g}M"


def times(number: int) -> str:
    """Return how often."""
    return counted(number, "time")
