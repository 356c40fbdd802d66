"""GitHub Copilot CLI: where its session store, its sessions' events and its traces lie."""

from __future__ import annotations

from pathlib import Path, PurePath
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "copilot-cli"
STORE: Final = "session-store.db"
_EVENTS: Final = "events.jsonl"
_SESSIONS: Final = "session-state"
_TRACES: Final = "otel"


class CopilotCli(Kept):
    """Reads `session-store.db`, each session's `events.jsonl`, and traces where they are kept."""

    name = NAME
    title = "Copilot CLI"
    version = 2
    detail_version = 1
    conversations = Conversations(
        parts="system, user, assistant, thinking, tool call, tool result, image, summary, "
        "attachment",
        requests="each that the session store tells",
        events="turns, compactions, failures, delegations",
    )
    knowledge = Knowledge(
        exact="all classes of each request in the session store, or in traces",
        derived="before the store (1.0.7x): the growth of the totals at a session's end, less "
        "what the store and traces have",
        unknown="input of sessions without a store that ended without totals: output alone, as "
        "a lower bound",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions and traces, and that of the store."""
        named = where.variable_paths("COPILOT_OTEL_FILE_EXPORTER_PATH", "\n")
        homes = where.variable_paths("COPILOT_HOME", "\n") or (where.home / ".copilot",)
        folders = [
            *((home, False) for home in homes),
            *((home / ".copilot", True) for home in where.windows_homes),
        ]
        return (
            *(
                Root(home / name, polled)
                for home, polled in folders
                for name in (_SESSIONS, _TRACES)
            ),
            *(Root(home, polled, shallow=True) for home, polled in folders),
            *(Root(path, shallow=True) for path in named),
        )

    def wants(self, path: str) -> bool:
        """Take the store, each session's events and every trace."""
        place = PurePath(path)
        if place.name == _EVENTS:
            return place.parent.parent.name == _SESSIONS
        return place.name == STORE or (path.endswith(".jsonl") and place.parent.name == _TRACES)

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the requests that are new, or what a session's events tell where there are none."""
        if log.path.suffix == ".db":
            from tokwatch.sources.agents.copilot_store import read_store

            return read_store(log, cursor)
        if log.path.name == _EVENTS:
            from tokwatch.sources.agents.copilot_events import Events

            return Events(log, cursor).read()
        from tokwatch.sources.agents.copilot_traces import Traces

        return Traces(log, cursor).read()

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a session are made of; only its events tell that."""
        from tokwatch.model.detail import Detail
        from tokwatch.sources.agents.copilot_detail import read_detail

        if log.path.name != _EVENTS:
            return Detail()

        return read_detail(log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the request of the store that an offset names; None where there is none."""
        from tokwatch.sources.agents.copilot_store import row_at

        return row_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own name, or the first words of its first prompt."""
        from tokwatch.sources.agents.copilot_titles import title_of

        return title_of(path, session)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"copilot --resume {quote(session)}"
