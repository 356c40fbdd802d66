"""Requests that more than one log holds: finds them, keeps their copies, settles them anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from tokwatch.model import Grade, Lineage, event_key
from tokwatch.store.connect import Database
from tokwatch.store.logs import Logs
from tokwatch.store.merge import Counted, LogFacts, latest, owner, settle
from tokwatch.store.sql import (
    FIRST_STAGED,
    INSERT_COPY,
    OWN_START,
    SELECT_COPIES,
    SELECT_EVENTS,
    delta_of,
)

Stage = Callable[[Iterable[Counted], int], None]
_AT_ONCE = 500


class Contested:
    """The contested requests of one transaction."""

    def __init__(self, database: Database, workspace: int, logs: Logs) -> None:
        """Start with none."""
        self._database = database
        self._workspace = workspace
        self._logs = logs
        self._resettle: set[int] = set()
        self._copies_exist = bool(database.value("SELECT 1 FROM copy LIMIT 1"))

    def note_lineage(self, lineage: Lineage) -> None:
        """Settle a chain's first link again when the log's second link is known."""
        if self._copies_exist and lineage.second_key is not None and lineage.first_key is not None:
            self._resettle.add(lineage.first_key)

    def forget(self, log: int, stage: Stage) -> None:
        """Take back what a log told; what other logs tell of its requests is found anew."""
        database = self._database
        # Another log that was forgotten just before may have left what this one told.
        database.execute("DELETE FROM stage WHERE log = ?", (log,))
        for table in ("ledger", "request_fact", "measure"):
            database.execute(f"DELETE FROM {table} WHERE log = ?", (log,))
        alone = database.rows("SELECT key FROM event WHERE log = ? AND copies = 1", (log,))
        shared = self._keys_of((log,))
        copies = self._copies(shared)
        facts = self._logs.facts(copy.log for group in copies.values() for copy in group)
        keys = {key for (key,) in alone}
        for key, group in copies.items():
            keys |= _possible_keys(key, group, facts)
        self._withdraw(list(keys))
        database.execute("DELETE FROM touched")
        database.executemany("DELETE FROM copy WHERE key = ?", [(key,) for key in shared])
        self._logs.set_own_start(log, None)
        stage([copy for group in copies.values() for copy in group if copy.log != log], 1)

    def settle(self, found: Iterable[Counted], stage: Stage) -> int:
        """Settle contested sightings and stage the events that changed; return how many.

        What else is staged must be new: requests that no stored log and no other one here holds.
        """
        by_key: defaultdict[int, list[Counted]] = defaultdict(list)
        for sighting in found:
            by_key[sighting.key].append(sighting)
        events, copies = self._stored(by_key)
        dirty: set[int] = set()
        replaced: list[Counted] = []
        shared: list[Counted] = []
        owners: list[tuple[Counted | None, Counted | None]] = []
        for key, sightings in by_key.items():
            before = copies.get(key) or ([events[key]] if key in events else [])
            after = _merged(before, sightings)
            if len(after) == 1 and after[0].grade != Grade.GHOST:
                if after != before:
                    replaced.append(after[0])
            elif set(after) != set(copies.get(key, ())):
                shared += after
                dirty.add(key)
                owners.append((owner(before), owner(after)))
        self._database.executemany(INSERT_COPY, [(self._workspace, *copy) for copy in shared])
        lost = [events[key] for key in dirty if key in events and key not in copies]
        self._withdraw([event.key for event in (*replaced, *lost)])
        stage(replaced, 1)
        moved = self._start_owning([change for change in owners if change[0] != change[1]])
        dirty |= self._keys_of(moved) | self._resettle
        return len(replaced) + (self._settle_shared(dirty, stage) if dirty else 0)

    def _stored(self, keys: Iterable[int]) -> tuple[dict[int, Counted], dict[int, list[Counted]]]:
        """Return the stored event that one log alone holds, and the stored copies, by key."""
        events: dict[int, Counted] = {}
        for part in _parts(list(keys)):
            marks = ", ".join("?" * len(part))
            for row in self._database.rows(f"{SELECT_EVENTS}({marks})", part):
                if row[-1] == 1:
                    events[row[0]] = Counted._make(row[:-1])
        return events, self._copies(keys) if self._copies_exist else {}

    def _copies(self, keys: Iterable[int]) -> dict[int, list[Counted]]:
        """Return the stored copies by key."""
        copies: defaultdict[int, list[Counted]] = defaultdict(list)
        for part in _parts(list(keys)):
            marks = ", ".join("?" * len(part))
            for row in self._database.rows(f"{SELECT_COPIES}({marks})", part):
                copies[row[0]].append(Counted._make(row))
        return copies

    def _settle_shared(self, keys: set[int], stage: Stage) -> int:
        """Settle requests from all their copies and stage those whose outcome differs."""
        copies = self._copies(keys)
        facts = self._logs.facts(copy.log for group in copies.values() for copy in group)
        outcome: dict[int, tuple[Counted, int]] = {}
        possible: set[int] = set()
        for key, group in copies.items():
            possible |= _possible_keys(key, group, facts)
            for event in settle(group, facts):
                outcome[event.key] = (event, len(group))
        stored = self._stored_all(possible)
        changed = {key for key in possible if stored.get(key) != outcome.get(key)}
        self._withdraw([key for key in changed if key in stored])
        by_copies: defaultdict[int, list[Counted]] = defaultdict(list)
        for key in changed & outcome.keys():
            event, number = outcome[key]
            by_copies[number].append(event)
        for number, group in by_copies.items():
            stage(group, number)
        return len(changed)

    def _stored_all(self, keys: Iterable[int]) -> dict[int, tuple[Counted, int]]:
        stored: dict[int, tuple[Counted, int]] = {}
        for part in _parts(list(keys)):
            marks = ", ".join("?" * len(part))
            for row in self._database.rows(f"{SELECT_EVENTS}({marks})", part):
                stored[row[0]] = (Counted._make(row[:-1]), row[-1])
        return stored

    def _withdraw(self, keys: Sequence[int]) -> None:
        """Take events out of the store and their sums out of the roll-ups."""
        if not keys:
            return
        database = self._database
        database.execute("DELETE FROM touched")
        database.executemany("INSERT INTO touched (key) VALUES (?)", [(key,) for key in keys])
        chosen = "e.key IN (SELECT key FROM touched)"
        database.execute(delta_of(f"event e WHERE {chosen}", -1))
        database.execute("DELETE FROM event WHERE key IN (SELECT key FROM touched)")

    def _start_owning(self, changes: Collection[tuple[Counted | None, Counted | None]]) -> set[int]:
        """Keep each log's first request that it alone holds; return the logs where it moved.

        A change is of who held a shared request alone before it, and who does so now.
        """
        earliest: dict[int, int] = dict(self._database.rows(FIRST_STAGED))
        lost = {before.log for before, _ in changes if before is not None}
        for _, after in changes:
            if after is not None:
                first_ms = earliest.get(after.log, after.first_ms)
                earliest[after.log] = min(first_ms, after.first_ms)
        moved: set[int] = set()
        for log, facts in self._logs.facts((*earliest, *lost)).items():
            if facts.begin_ms is not None:
                continue
            begins = facts.own_start_ms
            if log in lost:
                begins = self._database.value(OWN_START, (log, self._workspace, facts.session, log))
            new = earliest.get(log)
            if new is not None and (begins is None or new < begins):
                begins = new
            if begins != facts.own_start_ms:
                self._logs.set_own_start(log, begins)
                moved.add(log)
        return moved

    def _keys_of(self, logs: Iterable[int]) -> set[int]:
        """Return the shared requests that some logs hold."""
        keys: set[int] = set()
        for part in _parts(sorted(logs)):
            marks = ", ".join("?" * len(part))
            rows = self._database.rows(f"SELECT key FROM copy WHERE log IN ({marks})", part)
            keys.update(key for (key,) in rows)
        return keys


def _merged(before: Iterable[Counted], found: Iterable[Counted]) -> list[Counted]:
    """Return one sighting for each log: the stored ones and those just found."""
    by_log = {copy.log: copy for copy in before}
    for sighting in found:
        stored = by_log.get(sighting.log)
        by_log[sighting.log] = sighting if stored is None else latest(stored, sighting)
    return list(by_log.values())


def _possible_keys(key: int, group: Iterable[Counted], facts: Mapping[int, LogFacts]) -> set[int]:
    """Return every key under which copies of one request may be counted."""
    keys = {key}
    for copy in group:
        log = facts[copy.log]
        if log.first_key == key:
            keys.add(event_key("stranger", str(key), log.session))
    return keys


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
