"""Takes what another store's logs told: whole logs, each the newest time it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.reading import AgentNote, Reading
from tokwatch.store.connect import Database
from tokwatch.store.tellings import Telling, Tellings, imported, told_of
from tokwatch.store.view import IMPORTED, among, pieces
from tokwatch.store.write import Writer, salt_of

MOST_SIGHTINGS: Final = 10_000
MOST_LOGS: Final = 200
"""How much is written in one transaction; a log is never split."""


WriterOf = Callable[[str], Writer]
"""Returns the writer of a machine."""


class Taken(Struct, frozen=True):
    """What became of the logs that were told, and how many requests that changed."""

    new: int = 0
    grown: int = 0
    """Told anew since they were taken last."""
    known: int = 0
    """Taken before as they are told now."""
    older: int = 0
    """Told again as they were before they were taken last: only what was missing is taken."""
    read_here: int = 0
    """Read by this store itself, which knows better."""
    outdated: int = 0
    """Read by an older parser than what was taken before."""
    added: int = 0
    changed: int = 0

    @property
    def logs(self) -> int:
        """All logs that were told."""
        return self.new + self.grown + self.known + self.older + self.read_here + self.outdated

    def __add__(self, other: Taken) -> Taken:
        """Return the sums, field by field."""
        return Taken(
            *(getattr(self, name) + getattr(other, name) for name in Taken.__struct_fields__)
        )


class Retelling:
    """Writes tellings into one workspace, each log within one transaction."""

    def __init__(self, database: Database, workspace: int, writer_of: WriterOf) -> None:
        """Prepare to write logs of any machine."""
        self._database = database
        self._workspace = workspace
        self._writer_of = writer_of
        self._tellings = Tellings(database, workspace)
        self._salt = salt_of(workspace)
        self._machine = ""
        self._readings: dict[str, Reading] = {}
        self._told_again: list[tuple[bytes, int]] = []
        self.taken = Taken()

    def take(self, telling: Telling) -> None:
        """Take one log; it is written now or with the next ones."""
        if telling.machine != self._machine or telling.reading.cursor.path in self._readings:
            self.flush()
        self._machine = telling.machine
        reading = self._decided(telling)
        if reading is None:
            return
        self._readings[reading.cursor.path] = reading
        sightings = sum(len(one.sightings) for one in self._readings.values())
        if sightings >= MOST_SIGHTINGS or len(self._readings) >= MOST_LOGS:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        if self._readings:
            written = self._writer_of(self._machine).add(list(self._readings.values()))
            self.taken += Taken(added=written.added, changed=written.changed)
            self._readings = {}
        if self._told_again:
            with self._database.transaction():
                self._database.executemany(
                    "UPDATE log SET state = ? WHERE id = ?", self._told_again
                )
            self._told_again = []

    def _decided(self, telling: Telling) -> Reading | None:
        """Return what is to be written of a log, and count what it is beside what is stored."""
        found = telling.reading
        told_ms, digest = telling.told_ms or 0, digest_of(found)
        cursor = imported(found.cursor, told_ms, digest)
        before = self._tellings.of(telling.machine, cursor.path)
        if before is None:
            return self._count(Taken(new=1), replace(self._noted(found), cursor=cursor))
        log, stored = before
        if stored.cursor.inode != IMPORTED:
            return self._count(Taken(read_here=1), self._missing(log, stored, found))
        if found.cursor.version < stored.cursor.version:
            return self._count(Taken(outdated=1), None)
        newest = told_of(stored.cursor)
        if found.cursor.version > stored.cursor.version:
            return self._count(Taken(grown=1), replace(self._noted(found), cursor=cursor))
        if digest == newest[1]:
            if told_ms > newest[0]:
                self._told_again.append((cursor.state, log))
            return self._count(Taken(known=1), None)
        if (told_ms, digest) < newest:
            return self._count(Taken(older=1), self._missing(log, stored, found))
        return self._count(Taken(grown=1), replace(self._noted(found), cursor=cursor))

    def _count(self, kind: Taken, reading: Reading | None) -> Reading | None:
        self.taken += kind
        return reading

    def _missing(self, log: int, stored: Reading, found: Reading) -> Reading | None:
        """Return what the stored log lacks of what was found in it, as a part of the stored one."""
        if stored.cursor.version != found.cursor.version:
            return None
        held = self._held_keys(log, [one.key for one in found.sightings])
        sightings = tuple(one for one in found.sightings if one.key not in held)
        keys = {one.key for one in sightings}
        facts = tuple(fact for fact in found.facts if fact.key in keys)
        stretches = tuple(one for one in found.stretches if one.key in keys)
        if not sightings:
            return None
        return replace(stored, sightings=sightings, facts=facts, stretches=stretches)

    def _held_keys(self, log: int, keys: Sequence[int]) -> set[int]:
        """Return the keys of those requests that are stored as this log's."""
        held: set[int] = set()
        for part in pieces([key ^ self._salt for key in keys]):
            for table in ("event", "copy"):
                rows = self._database.rows(
                    f"SELECT key FROM {table} WHERE log = ? AND {among('key', part)}", (log, *part)
                )
                held.update(key ^ self._salt for (key,) in rows)
        return held

    def _noted(self, found: Reading) -> Reading:
        """Return a reading whose notes lack nothing that is known of the same agents."""
        source = found.cursor.source
        notes = tuple(self._with_known(source, note) for note in found.notes)
        return replace(found, notes=notes)

    def _with_known(self, source: str, note: AgentNote) -> AgentNote:
        rows = self._database.rows(
            "SELECT kind, parent FROM agent WHERE workspace = ? AND source = ? AND session = ?"
            " AND agent = ?",
            (self._workspace, source, note.session, note.agent),
        )
        for kind, parent in rows:
            note = note._replace(kind=max(kind, note.kind), parent=max(parent, note.parent))
        return note


def digest_of(reading: Reading) -> str:
    """Return what tells one telling of a log from another, whoever tells it."""
    cursor = reading.cursor
    status = (cursor.version, cursor.size, cursor.mtime_ns, cursor.offset)
    told: Iterable[object] = (
        *(status, reading.lineage, reading.tally, reading.ledger, reading.notes, reading.measures),
        *reading.sightings,
        *reading.facts,
        *reading.stretches,
    )
    digest = blake2b(digest_size=12)
    for one in told:
        digest.update(repr(one).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
