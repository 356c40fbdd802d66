"""OpenClaw: finds its agents' transcripts, as files before 2026.7.2 and as databases since.

Its entries are pi's, so `pi_records.py` reads them; the databases are read in `openclaw_tables.py`.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "openclaw"
DATABASE: Final = "openclaw-agent.sqlite"
_FOLDERS: Final = (".openclaw", ".clawdbot", ".moltbot", ".moldbot")
_OVERRIDES: Final = ("OPENCLAW_STATE_DIR", "CLAWDBOT_STATE_DIR", "OPENCLAW_DIR")
_ARCHIVES: Final = (".jsonl.reset.", ".jsonl.deleted.")


class OpenClaw:
    """Reads the transcripts of every agent, those that were reset or deleted included."""

    name = NAME
    title = "OpenClaw"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, summary, attachment",
        requests="each",
        events="turns, compactions, failures",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, reasoning where the provider tells it, cost",
        unknown="window; turns of command-line agents, which their own logs tell; compactions",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of agents: overrides replace the ones at home."""
        named = [path for name in _OVERRIDES for path in where.variable_paths(name)]
        own = named or [*(where.home / name for name in _FOLDERS), *_profiles(where.home)]
        windows = [Root(home / _FOLDERS[0] / "agents", polled=True) for home in where.windows_homes]
        return (*(Root(folder / "agents") for folder in own), *windows)

    def wants(self, path: str) -> bool:
        """Take transcripts and agents' databases, but not the records of what runtimes did."""
        name = os.path.basename(path)
        if name == DATABASE:
            return True
        if PurePath(path).parent.name != "sessions":
            return False
        archived = any(mark in name for mark in _ARCHIVES) and not name.endswith(".zst")
        return archived or (name.endswith(".jsonl") and not name.endswith(".trajectory.jsonl"))

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage that a transcript's entries carry."""
        if log.path.name == DATABASE:
            from tokwatch.sources.agents.openclaw_tables import read_tables

            return read_tables(NAME, log, cursor)
        from tokwatch.sources.agents.pi_records import read_session

        return read_session(NAME, log, cursor, tool_usage=False)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of sessions are made of."""
        if log.path.name == DATABASE:
            from tokwatch.sources.agents.openclaw_detail import read_tables

            return read_tables(NAME, log, state)
        from tokwatch.sources.agents.pi_detail import read_detail

        return read_detail(NAME, log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the entry of a database that an offset names; None where there is none."""
        from tokwatch.sources.agents.openclaw_detail import row_at

        return row_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the first words of a session."""
        if path.name == DATABASE:
            from tokwatch.sources.agents.openclaw_tables import title_of

            return title_of(path, session)
        from tokwatch.sources.agents import pi_titles

        return pi_titles.title_of(path)

    def resume_command(self, session: str) -> str:
        """Return "": the gateway goes on with sessions, not the user."""
        return ""

    def retention(self, where: Surroundings) -> str:
        """Return what OpenClaw does with sessions that nobody has used for long."""
        return (
            "OpenClaw deletes old sessions after 30 days"
            " unless session.maintenance.pruneAfter in openclaw.json says otherwise"
        )


def _profiles(home: Path) -> tuple[Path, ...]:
    """Return the homes of further profiles, such as `~/.openclaw-work`."""
    try:
        return tuple(sorted(path for path in home.glob(".openclaw-*") if path.is_dir()))
    except OSError:
        return ()
