"""What a log format must offer: one file of this package for each, and one line in the registry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeGuard

from msgspec import Struct

if TYPE_CHECKING:
    from tokwatch.model.detail import Detail
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile


class Surroundings(Struct, frozen=True):
    """What decides where tools keep their logs: home, environment and platform."""

    home: Path
    variables: Mapping[str, str]
    platform: str
    """As `sys.platform`."""
    windows_homes: tuple[Path, ...] = ()
    """Under WSL, the homes of the Windows side."""

    def variable_paths(self, name: str, separator: str = ",") -> tuple[Path, ...]:
        """Return the paths that an environment variable lists, `~` expanded."""
        parts = (part.strip() for part in self.variables.get(name, "").split(separator))
        return tuple(self.expand(part) for part in parts if part)

    def data_home(self) -> Path:
        """Return the folder of the user's application data by the XDG rules."""
        return Path(self.variables.get("XDG_DATA_HOME") or self.home / ".local" / "share")

    def expand(self, text: str) -> Path:
        """Return a path with a leading `~` replaced by this home."""
        if text == "~" or text.startswith(("~/", "~\\")):
            return self.home / text[2:]
        return Path(text)


class Root(Struct, frozen=True):
    """A folder in which a source's logs may lie."""

    path: Path
    polled: bool = False
    """True on file systems that send no change notices."""
    shallow: bool = False
    """True where only the folder's own files are looked at, not those below; or of one file."""


class Knowledge(Struct, frozen=True):
    """How far a source's numbers can be trusted, in the words of its documentation."""

    exact: str
    derived: str = ""
    """What is computed from running totals or estimated."""
    unknown: str = ""
    """What the logs do not tell."""


class Conversations(Struct, frozen=True):
    """What a source's logs tell of what was said, in the words of docs/detail.md."""

    parts: str
    """Sorts of blocks."""
    requests: str
    """Which requests' blocks are told: whose prompts can be taken apart."""
    events: str
    """What happened beside."""


class Source(Protocol):
    """One log format: where its logs lie and how to read them."""

    name: str
    title: str
    version: int
    """Raised when the parser would find something else in the same bytes."""
    knowledge: Knowledge

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return every folder to look into, whether it exists or not, the most usual first."""
        ...

    def wants(self, path: str) -> bool:
        """Tell whether a file below a root is a log of this source."""
        ...

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read what is new and return what it tells; the cursor's position is the caller's.

        A log that is one document or a database is told whole each time: the store counts each
        request once. A database's reader may keep a mark in the cursor's state and read from it.
        """
        ...

    def title_of(self, path: Path, session: str) -> str:
        """Return the tool's own title of a session in this log, or its first words, or ""."""
        ...

    def resume_command(self, session: str) -> str:
        """Return the command that resumes a session, or ""."""
        ...

    def retention(self, where: Surroundings) -> str:
        """Return what the tool does with its old logs, in words; "" where it keeps them."""
        ...


class Kept:
    """A source whose tool deletes no logs by itself."""

    def retention(self, where: Surroundings) -> str:
        """Return "": they are kept."""
        return ""


class Untitled:
    """A source whose logs tell of requests alone: no session has a title, or can be resumed."""

    def title_of(self, path: Path, session: str) -> str:
        """Return "": there is none."""
        return ""

    def resume_command(self, session: str) -> str:
        """Return "": there is none."""
        return ""


class Detailed(Source, Protocol):
    """A source whose logs tell what a session's requests are made of."""

    detail_version: int
    """Raised when the parser would find another detail in the same bytes."""
    conversations: Conversations

    def read_detail(self, log: LogFile, state: bytes) -> Detail:
        """Read the detail behind the last read, whose state this is; empty for the first one.

        Records in other pieces, or the same pieces again, end in the same detail. A log that is
        one document is told whole each time.
        """
        ...


def is_detailed(source: Source) -> TypeGuard[Detailed]:
    """Tell whether a source offers the detail of its logs."""
    return hasattr(source, "read_detail")


class Configured(Source, Protocol):
    """A source whose tool's settings, not its logs, tell how large a window it asks for."""

    def asks_large(self, path: str, model: str) -> bool:
        """Tell whether the tool's settings of now ask for the large window for a log's model."""
        ...


def is_configured(source: Source) -> TypeGuard[Configured]:
    """Tell whether a source knows what its tool's settings ask for."""
    return hasattr(source, "asks_large")


class Shown(Source, Protocol):
    """A source whose logs are no lines, and whose records can be shown all the same."""

    def record_at(self, path: Path, offset: int) -> object:
        """Return the record that an event's or a block's offset names; None where there is none.

        Raises OSError where the log cannot be read.
        """
        ...


def can_show(source: Source) -> TypeGuard[Shown]:
    """Tell whether a source shows the records of logs that are no lines."""
    return hasattr(source, "record_at")
