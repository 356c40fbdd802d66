"""pi and the forks that kept its sessions: Oh My Pi and Prime Agent; finds their logs.

What the logs say is in `pi_records.py`, which OpenClaw shares.
"""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

_EXACT: Final = "input, cache reads and writes, output, reasoning where the provider tells it, cost"
_UNKNOWN: Final = "window; runs without a session; requests of tools and extensions that log none"
_OMP_FOLDER: Final = ".omp"


class _Sessions(Kept):
    """What the logs of pi and its forks have in common."""

    name: str
    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="user, assistant, thinking, tool call, tool result, image, summary, attachment",
        requests="each",
        events="turns, compactions, failures",
    )
    command: str
    """Resumes a session when its id follows."""
    tool_usage = False
    """True where a tool's own requests stand only in its result, not in a log of their own."""

    def wants(self, path: str) -> bool:
        """Take every session, sub-agents' included."""
        return path.endswith(".jsonl")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the usage that the entries of a session carry."""
        from tokwatch.sources.agents.pi_records import read_session

        return read_session(self.name, log, cursor, tool_usage=self.tool_usage)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of a session are made of."""
        from tokwatch.sources.agents.pi_detail import read_detail

        return read_detail(self.name, log, state)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's name, else its first words."""
        from tokwatch.sources.agents.pi_titles import title_of

        return title_of(path)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"{self.command} {quote(session)}"


class Pi(_Sessions):
    """Reads `sessions/**/*.jsonl` of pi's agent folder."""

    name = "pi"
    title = "pi"
    command = "pi --session"
    tool_usage = True
    knowledge = Knowledge(
        exact=_EXACT + "; compactions, branch summaries and cache warming",
        derived="requests that a tool made itself, summed in its result",
        unknown=_UNKNOWN,
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions: overrides replace the one at home."""
        named = (*_paths(where, "PI_CODING_AGENT_SESSION_DIR"), *_paths(where, "PI_AGENT_DIR"))
        named += tuple(folder / "sessions" for folder in _agent_folders(where, omp=False))
        own = named or (where.home / ".pi" / "agent" / "sessions",)
        return (*(Root(folder) for folder in own), *_windows(where, ".pi", "agent", "sessions"))


class OhMyPi(_Sessions):
    """Reads `sessions/**/*.jsonl` of Oh My Pi's agent folder and of its profiles'."""

    name = "omp"
    title = "Oh My Pi"
    command = "omp --resume"
    knowledge = Knowledge(
        exact=_EXACT + ", cache writes of 1 hour, web searches, durations; sub-agents, advisors",
        derived="tier: the one that was asked for",
        unknown=_UNKNOWN,
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions: overrides replace the one at home."""
        config = where.home / (where.variables.get("PI_CONFIG_DIR") or _OMP_FOLDER)
        agents = _agent_folders(where, omp=True) or (config / "agent",)
        folders = [folder / "sessions" for folder in agents]
        folders += [folder / "agent" / "sessions" for folder in _folders_in(config / "profiles")]
        folders.append(where.data_home() / "omp" / "sessions")
        windows = _windows(where, _OMP_FOLDER, "agent", "sessions")
        return (*(Root(folder) for folder in folders), *windows)


class PrimeAgent(_Sessions):
    """Reads Prime Agent's sessions, and those of sub-agents among their artifacts."""

    name = "prime-agent"
    title = "Prime Agent"
    command = "prime-agent --resume"
    knowledge = Knowledge(exact=_EXACT + "; sub-agents", unknown=_UNKNOWN)

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of sessions and of their artifacts: overrides replace the default."""
        named = (
            *_paths(where, "PRIME_AGENT_SESSION_DIR"),
            *_paths(where, "PRIME_AGENT_CODING_AGENT_SESSION_DIR"),
            *(path / "sessions" for path in _paths(where, "PRIME_AGENT_CODING_AGENT_DIR")),
        )
        own = named or (where.home / ".prime" / "agent" / "sessions",)
        windows = _windows(where, ".prime", "agent", "sessions")
        folders = (*(Root(folder) for folder in own), *windows)
        artifacts = (Root(root.path.parent / "session-artifacts", root.polled) for root in folders)
        return (*folders, *artifacts)

    def wants(self, path: str) -> bool:
        """Take every session, but not the list of sub-agents among a session's artifacts."""
        return path.endswith(".jsonl") and not path.endswith("rlm-subagents.jsonl")


def _paths(where: Surroundings, variable: str) -> tuple[Path, ...]:
    return where.variable_paths(variable)


def _agent_folders(where: Surroundings, *, omp: bool) -> tuple[Path, ...]:
    """Return what PI_CODING_AGENT_DIR names for this tool: pi and Oh My Pi share the variable."""
    folders = where.variable_paths("PI_CODING_AGENT_DIR")
    return tuple(folder for folder in folders if (_OMP_FOLDER in folder.parts) == omp)


def _folders_in(folder: Path) -> tuple[Path, ...]:
    try:
        return tuple(sorted(path for path in folder.iterdir() if path.is_dir()))
    except OSError:
        return ()


def _windows(where: Surroundings, *parts: str) -> tuple[Root, ...]:
    return tuple(Root(home.joinpath(*parts), polled=True) for home in where.windows_homes)
