"""OpenCode and the tools made from it: where their databases and older message files lie."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Conversations, Kept, Knowledge, Root, Surroundings

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

_MESSAGES: Final = Path("storage") / "message"
_IN_MEMORY: Final = ":memory:"


class OpenCode(Kept):
    """Reads `opencode.db`, the databases of other channels, and message files of before 1.2."""

    version = 1
    detail_version = 1
    conversations = Conversations(
        parts="system, user, assistant, thinking, tool call, tool result, image, summary, "
        "attachment",
        requests="each",
        events="turns, compactions, failures, delegations",
    )
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, reasoning",
        unknown="titles and compactions of version 2, window; requests of deleted sessions "
        "that were never read",
    )

    def __init__(
        self, name: str = "opencode", title: str = "OpenCode", program: str = "opencode"
    ) -> None:
        """Prepare to read a tool whose folder, database and program have this name."""
        self.name = name
        self.title = title
        self._program = program
        self._database = rf"[/\\]{program}(-[^/\\]*)?\.db$"

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return the folders of the databases, and those of the message files."""
        folders = self._folders(where)
        own = Path(where.variables.get(f"{self._program.upper()}_DB") or _IN_MEMORY)
        named = [] if str(own) == _IN_MEMORY else [Root(folders[0] / own, shallow=True)]
        windows = [home / ".local" / "share" / self._program for home in where.windows_homes]
        return (
            *named,
            *(Root(folder / _MESSAGES) for folder in folders),
            *(Root(folder, shallow=True) for folder in folders),
            *(Root(folder / _MESSAGES, polled=True) for folder in windows),
            *(Root(folder, polled=True, shallow=True) for folder in windows),
        )

    def _folders(self, where: Surroundings) -> tuple[Path, ...]:
        """Return the folders of the tool's data, the most usual first."""
        program = self._program
        if named := where.variable_paths(f"{program.upper()}_DATA_DIR"):
            return named
        if homes := where.variable_paths(f"{program.upper()}_HOME"):
            return tuple(home / "data" for home in homes)
        folders = [where.data_home() / program]
        if where.platform == "darwin":
            folders.append(where.home / "Library" / "Application Support" / program)
        for variable in ("LOCALAPPDATA", "APPDATA") if where.platform == "win32" else ():
            folders += [path / program for path in where.variable_paths(variable, "\n")]
        return tuple(dict.fromkeys(folders))

    def wants(self, path: str) -> bool:
        """Take every channel's database and each message's file."""
        if path.endswith(".json"):
            folder = path.replace("\\", "/")
            return "/storage/message/" in folder
        return path.endswith(".db") and re.search(self._database, path) is not None

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read the messages that are new or were not finished."""
        if log.path.suffix == ".json":
            from tokwatch.sources.agents.opencode_files import read_file

            return read_file(self.name, log, cursor)
        from tokwatch.sources.agents.opencode_tables import read_tables

        return read_tables(self.name, log, cursor)

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read what the requests of sessions are made of."""
        if log.path.suffix == ".json":
            from tokwatch.sources.agents.opencode_file_detail import read_file

            return read_file(self.name, log)
        from tokwatch.sources.agents.opencode_detail import read_detail

        return read_detail(self.name, log, state)

    def record_at(self, path: Path, offset: int) -> object:
        """Return the message that an offset names, with its parts; None where there is none."""
        if path.suffix == ".json":
            from tokwatch.sources.agents.opencode_file_detail import file_record

            return file_record(path, offset)
        from tokwatch.sources.agents.opencode_detail import record_at

        return record_at(path, offset)

    def title_of(self, path: Path, session: str) -> str:
        """Return the session's own title, or the first words of its first prompt."""
        from tokwatch.sources.agents.opencode_titles import title_of

        return title_of(path, session)

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"{self._program} --session {quote(session)}"


class KiloCli(OpenCode):
    """Kilo CLI, made from OpenCode."""

    def __init__(self) -> None:
        """Prepare to read `kilo.db`."""
        super().__init__("kilo-cli", "Kilo CLI", "kilo")


class MimoCode(OpenCode):
    """MiMo Code, made from OpenCode."""

    def __init__(self) -> None:
        """Prepare to read `mimocode.db`."""
        super().__init__("mimo-code", "MiMo Code", "mimocode")

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session."""
        return f"mimo --session {quote(session)}"


class ICodeMate(OpenCode):
    """ICodeMate, made from OpenCode."""

    def __init__(self) -> None:
        """Prepare to read `icodemate.db`."""
        super().__init__("icodemate", "ICodeMate", "icodemate")
