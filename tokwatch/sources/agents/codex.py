"""Codex CLI: where its rollouts lie."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "codex"


class Codex(Kept):
    """Reads `rollout-*.jsonl` in the sessions and archived sessions of each Codex folder."""

    name = NAME
    title = "Codex CLI"
    version = 2
    detail_version = 3
    conversations = Conversations(
        parts="system, memory, user, assistant, thinking, tool call, tool result, image, "
        "summary, attachment",
        requests="each",
        events="turns, compactions, failures, delegations",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, reasoning, tier, window",
        derived="usage of an aborted call, inside the next growth of the total",
        unknown="runs with `--ephemeral`, answers cut in mid-stream",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of live and archived rollouts."""
        homes = where.variable_paths("CODEX_HOME") or (where.home / ".codex",)
        relatives = (where.home / ".trae" / "cli",)
        roots = [
            Root(home / folder)
            for home in (*homes, *relatives)
            for folder in ("sessions", "archived_sessions")
        ]
        roots += [
            Root(home / ".codex" / folder, polled=True)
            for home in where.windows_homes
            for folder in ("sessions", "archived_sessions")
        ]
        return tuple(roots)

    def wants(self, path: str) -> bool:
        """Take every rollout."""
        return path.endswith(".jsonl")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read usage and what links the thread to others."""
        from tokwatch.sources.agents.codex_rollout import Rollout

        return Rollout(cursor).read(log.lines)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests are made of."""
        from tokwatch.sources.agents.codex_detail import read_detail

        return read_detail(log.path, log.lines, state)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a thread."""
        return f"codex resume {quote(session)}"

    def title_of(self, path: Path, session: str) -> str:
        """Return the first words of the thread's first prompt."""
        from tokwatch.sources.agents.codex_titles import title_of

        return title_of(path)
