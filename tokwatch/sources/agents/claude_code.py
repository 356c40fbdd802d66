"""Claude Code: where its transcripts lie."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.agents.claude_roots import claude_roots, is_transcript
from tokwatch.sources.source import Conversations, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "claude-code"


class ClaudeCode:
    """Reads `projects/**/*.jsonl` below each Claude folder."""

    name = NAME
    title = "Claude Code"
    version = 2
    detail_version = 3
    conversations = Conversations(
        parts="system, memory, user, assistant, thinking, tool call, tool result, image, "
        "summary, attachment",
        requests="each",
        events="turns, compactions, failures, delegations, requests in flight",
    )
    knowledge = Knowledge(
        exact="input, cache reads, cache writes of 5 minutes and of 1 hour, web searches, tier,"
        " fast mode, region; output but where a response has no stop reason or was cut",
        derived="hidden calls: the session's own totals less what its transcript shows",
        unknown="window; before 2.1.328 reasoning, and calls in no transcript",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the `projects` folders of every place where Claude Code keeps them."""
        return claude_roots(where)

    def wants(self, path: str) -> bool:
        """Take transcripts and sub-agents' transcripts."""
        return is_transcript(path)

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read usage, the session's own totals and the agent's kind."""
        from tokwatch.sources.agents.claude_transcript import Transcript

        return Transcript(log.root, cursor).read(log.lines)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests are made of."""
        from tokwatch.sources.agents.claude_detail import read_detail

        return read_detail(log.path, log.lines, state)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"claude --resume {quote(session)}"

    def retention(self, where: Surroundings) -> str:
        """Return after how many days Claude Code deletes transcripts, and how to change it."""
        from tokwatch.sources.agents.claude_retention import claude_retention

        return claude_retention(where)

    def asks_large(self, path: str, model: str) -> bool:
        """Tell whether the settings beside a transcript ask for its model's large window."""
        from tokwatch.sources.agents.claude_settings import asks_large

        return asks_large(path, model)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's title: the tool's own, else its first words."""
        from tokwatch.sources.agents.claude_titles import title_of

        return title_of(path)
