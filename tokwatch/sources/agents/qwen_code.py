"""Qwen Code: finds its transcripts; the rules Q1-Q4 of docs/sources.md are in qwen_records.py."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "qwen-code"


class QwenCode(Kept):
    """Reads `projects/<project>/chats/*.jsonl`, and sub-agents' transcripts beside them."""

    name = NAME
    title = "Qwen Code"
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="memory, user, assistant, thinking, tool call, tool result, image, summary, "
        "attachment",
        requests="each",
        events="turns, compactions, failures, delegations",
    )
    knowledge = Knowledge(
        exact="input, cache reads, output, reasoning, window, duration of main requests",
        unknown="cache writes (inside input), compressions, titles and suggestions; sub-agents"
        " before they had transcripts, and until 0.23 their answers without text",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of projects."""
        named = (
            where.variable_paths("QWEN_DATA_DIR")
            or where.variable_paths("QWEN_RUNTIME_DIR")
            or where.variable_paths("QWEN_HOME")
        )
        own = named or (where.home / ".qwen",)
        windows = (Root(home / ".qwen" / "projects", polled=True) for home in where.windows_homes)
        return (*(Root(_projects(folder)) for folder in own), *windows)

    def wants(self, path: str) -> bool:
        """Take every transcript; a stream that is being written is none."""
        return path.endswith(".jsonl")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage of each answer."""
        from tokwatch.sources.agents.qwen_records import Transcript

        return Transcript(log, cursor).read()

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a transcript are made of."""
        from tokwatch.sources.agents.qwen_detail import read_detail

        return read_detail(log, state)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title, or the first words of its first prompt."""
        from tokwatch.sources.agents.qwen_titles import title_of

        return title_of(path)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"qwen --resume {quote(session)}"


def _projects(folder: Path) -> Path:
    """Return the `projects` folder of a data folder; an override may name it directly."""
    return folder if folder.name == "projects" else folder / "projects"
