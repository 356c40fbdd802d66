"""better-ccflare: the database of its requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokwatch.sources.source import Knowledge, Root, Surroundings, Untitled

if TYPE_CHECKING:
    from tokwatch.model.reading import Cursor, Reading
    from tokwatch.sources.log_file import LogFile

NAME: Final = "ccflare"
PRODUCT: Final = "better-ccflare"
"""Also the name of its folder and its files."""


class Ccflare(Untitled):
    """Reads `better-ccflare.db`."""

    name = NAME
    title = PRODUCT
    version = 2
    knowledge = Knowledge(
        exact="input, cache reads and writes, output, duration, attempts; where it keeps payloads,"
        " the response's id and how long cache writes live",
        derived="cost: its own estimate",
        unknown="reasoning; without payloads the response's id, so that its requests count beside"
        " those of the agent's transcript, and the session",
    )

    def roots(self, where: Surroundings) -> tuple[Root, ...]:
        """Return its configuration folder, or the database that the environment names."""
        named = where.variables.get("BETTER_CCFLARE_DB_PATH", "").strip()
        if named:
            return (Root(where.expand(named), shallow=True),)
        return (Root(_folder(where), shallow=True),)

    def wants(self, path: str) -> bool:
        """Take the database, and none of its backups."""
        return path.endswith("ccflare.db")

    def read(self, log: LogFile, cursor: Cursor) -> Reading:
        """Read each row as a witness of one request."""
        from tokwatch.sources.gateways.ccflare_rows import read_rows

        return read_rows(log, cursor)

    def retention(self, where: Surroundings) -> str:
        """Return after what time better-ccflare deletes requests, and how to change it."""
        from tokwatch.sources.gateways.ccflare_rows import retention

        return retention(_folder(where))


def _folder(where: Surroundings) -> Path:
    """Return the configuration folder on this platform."""
    if where.platform == "win32":
        local = where.variables.get("LOCALAPPDATA") or where.variables.get("APPDATA")
        return (Path(local) if local else where.home / "AppData" / "Local") / PRODUCT
    config = where.variables.get("XDG_CONFIG_HOME")
    return (Path(config) if config else where.home / ".config") / PRODUCT
