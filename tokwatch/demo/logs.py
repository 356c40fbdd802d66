"""What the simulated sessions wrote so far: whole logs, each in its tool's own format."""

from __future__ import annotations

from msgspec import Struct

from tokwatch.demo.formats import FORMATS
from tokwatch.demo.world import Course


class Log(Struct, frozen=True):
    """A whole log, and what lies beside it."""

    path: str
    data: bytes
    at_ms: int
    """When its last line was written."""
    beside: dict[str, bytes]


def log_of(course: Course) -> Log:
    """Return the log of everything that an agent did so far."""
    agent = course.agent
    form = FORMATS[agent.desk.tool]
    writes = [form.opening(agent)]
    for request in course.requests:
        writes += form.answer(agent, request)
    return Log(form.path_of(agent), b"".join(writes), agent.last_ms, form.beside(agent))
