"""Several machines in one store: by files of what their logs told, or by folders of their logs."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct, field, structs

from tokwatch.config import Config
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.ingest.ingest import day_of, open_ingest, pricing
from tokwatch.machines.event_file import EventFile, lines_of
from tokwatch.model.measure import Measure
from tokwatch.model.usage import Slice
from tokwatch.sources.source import Surroundings
from tokwatch.sources.text import safe_name
from tokwatch.store.connect import Database
from tokwatch.store.measures import add_measures
from tokwatch.store.read.figures import Figures, figures
from tokwatch.store.read.usage import usage
from tokwatch.store.retelling import MOST_SIGHTINGS, Retelling, Taken
from tokwatch.store.store import open_existing, workspace_id, writing
from tokwatch.store.tellings import Telling, Tellings
from tokwatch.store.view import open_view
from tokwatch.store.write import Writer
from tokwatch.zones import find_zone

PLATFORMS: Final = ("linux", "darwin", "win32")
"""Whose folders are looked into in a copied home."""

MOST_MEASURES: Final = 1_000
ALL: Final = Slice()


def label_of(config: Config, asked: str = "") -> str:
    """Return the label of this machine: asked for, configured, or the host's name."""
    label = safe_name(asked or config.general.machine or platform.node())
    if not label:
        raise ConfigError("This machine has no label.", "Give it one: --machine LABEL")
    return label


class Exported(Struct):
    """How much was written."""

    logs: int = 0
    records: int = 0
    """What each log tells of a request; several logs may tell of one."""
    requests: int | None = None
    """What the records come to; None where a range chose the logs, which are written whole."""


def export_events(
    config: Config, part: Slice, machine: str, now_ms: int, out: BinaryIO
) -> Exported:
    """Write what the logs told, of this machine and of those that were imported."""
    done = Exported()

    def counted(tellings: Iterator[Telling]) -> Iterator[Telling]:
        for telling in tellings:
            done.logs += 1
            done.records += len(telling.reading.sightings)
            yield telling

    database = open_existing(config.store.url, config.data)
    if database is None:
        out.writelines(lines_of((), (), machine, now_ms))
        return done
    try:
        workspace = workspace_id(database, config.general.workspace) or 0
        with database.snapshot():
            tellings = Tellings(database, workspace)
            if part == Slice(sources=part.sources):
                done.requests = _requests(database, config.general.workspace, part)
            tracked = () if part != Slice() else tellings.tracked()
            out.writelines(lines_of(counted(tellings.all(part)), tracked, machine, now_ms))
    finally:
        database.close()
    return done


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of another one only when all of it is written."""
    try:
        number, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    except OSError as error:
        raise TokwatchError(f"cannot write {path}: {error.strerror or error}", "") from error
    try:
        with os.fdopen(number, "wb") as file:
            yield file
        os.replace(name, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise TokwatchError(f"cannot write {path}: {error.strerror or error}", "") from error
        raise


class Imported(Struct, frozen=True):
    """What became of one event file."""

    taken: Taken = field(default_factory=Taken)
    added: int = 0
    """Requests that the store did not have."""
    events: int = 0
    """What those requests, and what is none, were added as."""
    changed: int = 0
    """Events that count as something else than before."""
    measures: int = 0
    bad_lines: int = 0
    left_out: tuple[str, ...] = ()
    """File, line and reason of each log that was not taken."""


class EventImport:
    """Takes event files into one store, one after the other."""

    def __init__(self, config: Config, database: Database, workspace: int) -> None:
        """Prepare; the caller holds the store for writing."""
        self._config = config
        self._database = database
        self._workspace = workspace
        self._writers: dict[str, Writer] = {}
        open_ingest(config, database)  # lets the days follow the configured zone

    def take(self, stream: BinaryIO, name: str) -> Imported:
        """Take every whole log of a file; one of another kind or a newer format is an error."""
        file = EventFile(stream, name)
        retelling = Retelling(self._database, self._workspace, self._writer)
        told = _Told(self._database, self._workspace)
        measures: list[Measure] = []
        observed = 0
        for part in file.parts():
            if isinstance(part, Telling):
                told.look_at(part)
                retelling.take(part)
            else:
                measures.append(part)
            if told.is_full:
                retelling.flush()
                told.look_again()
            if len(measures) == MOST_MEASURES:
                observed += add_measures(self._database, self._workspace, measures)
                measures = []
        retelling.flush()
        told.look_again()
        observed += add_measures(self._database, self._workspace, measures)
        return Imported(
            *(retelling.taken, told.added, told.events, told.changed),
            *(observed, file.bad_lines, tuple(file.left_out)),
        )

    def _writer(self, machine: str) -> Writer:
        if machine not in self._writers:
            self._writers[machine] = Writer(
                self._database,
                self._workspace,
                machine=machine,
                pricing=pricing(self._config),
                day_of=day_of(find_zone(self._config.general.timezone)[1]),
            )
        return self._writers[machine]


class _Told(Struct):
    """Compares what told requests count as with what they counted as before they were told."""

    database: Database
    workspace: int
    added: int = 0
    events: int = 0
    changed: int = 0
    _keys: set[int] = field(default_factory=set)
    _before: dict[int, Figures] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether so many requests were looked at that it is time to write them."""
        return len(self._keys) >= MOST_SIGHTINGS

    def look_at(self, telling: Telling) -> None:
        """Note what the requests of a log count as before it is written."""
        keys = {one.key for one in telling.reading.sightings} - self._keys
        self._keys |= keys
        self._before |= figures(self.database, self.workspace, tuple(keys))

    def look_again(self) -> None:
        """Count what is another now that all is written."""
        after = figures(self.database, self.workspace, tuple(self._keys))
        before = self._before
        new = after.keys() - before.keys()
        self.added += sum(after[key].requests for key in new)
        self.events += len(new)
        self.changed += sum(before.get(key, now) != now for key, now in after.items())
        self._keys, self._before = set(), {}


Begun = Callable[[int], Callable[[int], None]]


class FolderRead(Struct):
    """What was read of a folder of logs."""

    logs: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    """Logs with something new in them."""
    added: int = 0
    """Requests that the store counts more than before."""
    errors: dict[str, str] = field(default_factory=dict)


def import_folder(
    config: Config,
    folder: Path,
    machine: str,
    only: tuple[str, ...] = (),
    told: Callable[[int], None] | None = None,
    begun: Begun | None = None,
) -> FolderRead:
    """Read the logs of another machine's home that was copied to a folder; only what is new.

    `told` learns whom a long wait for the store is for, `begun` how many bytes there are, and what
    it returns how many are done.
    """
    label = safe_name(machine)
    if not label or label == config.general.machine:
        raise ConfigError(
            f"--machine {machine!r} is {'this machine' if label else 'no label'}.",
            "Give the machine that the folder was copied from a label of its own.",
        )
    if not folder.is_dir():
        raise TokwatchError(f"{folder} is no folder", "It must be a copy of the machine's home.")
    theirs = structs.replace(
        config,
        general=structs.replace(config.general, machine=label),
        sources=structs.replace(config.sources, paths={}),
    )
    done = FolderRead()
    url, data, workspace = config.store.url, config.data, config.general.workspace
    with writing(url, data, workspace, told) as (database, _):
        before = _requests(database, workspace)
        for where in homes(folder.absolute()):
            _read_home(theirs, database, where, only, done, begun)
        done.added = _requests(database, workspace) - before
    return done


def _requests(database: Database, workspace: str, part: Slice = ALL) -> int:
    """Return how many requests a store counts."""
    return sum(cell.usage.requests for cell in usage(open_view(database, workspace), part))


def homes(folder: Path) -> Iterator[Surroundings]:
    """Yield a copied home as each platform would have it."""
    roaming, local = folder / "AppData" / "Roaming", folder / "AppData" / "Local"
    windows = {"APPDATA": str(roaming), "LOCALAPPDATA": str(local), "USERPROFILE": str(folder)}
    for name in PLATFORMS:
        yield Surroundings(folder, windows if name == "win32" else {}, name)


def _read_home(
    config: Config,
    database: Database,
    where: Surroundings,
    only: tuple[str, ...],
    done: FolderRead,
    begun: Begun | None,
) -> None:
    ingest = open_ingest(config, database, only, where)
    for _ in ingest.reprice():
        pass
    found = ingest.walk()
    # A list of projects, or a mapping, may name folders of that machine that are also one's own.
    folder = str(where.home) + os.sep
    done.logs.update(log.found.path for log in found.logs if log.found.path.startswith(folder))
    pending = [log for log in found.pending if log.found.path.startswith(folder)]
    done.new.update(log.found.path for log in pending)
    size = sum(log.found.size for log in pending)
    for _ in ingest.read(pending, None if begun is None or not size else begun(size)):
        pass
    done.errors |= found.errors | ingest.read_errors
