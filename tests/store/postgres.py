"""A PostgreSQL server of the tests' own: unprivileged, in a scratch folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tokwatch.store.store import open_store

OPTIONS: Final = (
    *("-c listen_addresses=''", "-p 5432", "-F"),
    *("-c full_page_writes=off", "-c synchronous_commit=off", "-c autovacuum=off"),
    *("-c shared_buffers=16MB", "-c max_connections=20"),
)
_numbers = count(1)


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, from PATH or where Debian puts them."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    folders = (file.parent for file in Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return max(folders, key=lambda folder: float(folder.parent.name), default=None)


class Server:
    """A running server, which makes a database for each test."""

    def __init__(self, folder: Path) -> None:
        """Know the folder of its socket."""
        self._folder = folder
        self._new = ""

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://tokwatch@/{database}?host={self._folder}&port=5432"

    def make(self) -> str:
        """Make an empty database and return its address."""
        return self._copy("template0")

    def make_new_store(self) -> str:
        """Make a store without events, a sixth of the work of making its tables."""
        if not self._new:
            url = self._copy("template0")
            open_store(url, self._folder).close()
            self._new = _name(url)
        return self._copy(self._new)

    def _copy(self, template: str) -> str:
        name = f"test_{next(_numbers)}"
        self._tell(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        self._tell(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def _tell(self, command: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(command)


def _name(url: str) -> str:
    """Return the name of a database."""
    return str(conninfo_to_dict(url)["dbname"])


@contextmanager
def running(where: Path) -> Iterator[Server]:
    """Start a server with the programs of a folder, and stop it at the end."""
    # PostgreSQL refuses to run as root, and nobody may not enter pytest's own folder.
    account = pwd.getpwnam("nobody") if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="tokwatch-pg-"))

    def run(program: str, *arguments: str) -> None:
        with (folder / "log").open("ab") as log:
            subprocess.run(
                [str(where / program), "-D", str(folder / "cluster"), *arguments],
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
            )

    try:
        if account:
            shutil.chown(folder, account.pw_uid, account.pw_gid)
        run("initdb", "-Utokwatch", "-Atrust", "-EUTF8", "--locale=C", "--no-sync")
        options = " ".join((f"-k '{folder}'", *OPTIONS))
        run("pg_ctl", "-w", "-l", str(folder / "server.log"), "-o", options, "start")
        try:
            yield Server(folder)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
