"""Requests that more than one log holds: finds them, keeps their copies, settles them anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from tokwatch.model.event import Grade, Stretch, event_key
from tokwatch.model.reading import Lineage
from tokwatch.store.connect import Database
from tokwatch.store.held import copies_of, events_of, merged, parts, withdraw
from tokwatch.store.joint import Joint, Owners, Stage
from tokwatch.store.logs import Logs
from tokwatch.store.merge import Counted, LogFacts, owner, settle
from tokwatch.store.sql import FIRST_STAGED, INSERT_COPY, OWN_START, TOUCH
from tokwatch.store.witnessed_keys import WitnessedKeys

_NONE: Final[Mapping[int, int]] = {}


class Contested:
    """The contested requests of one transaction."""

    def __init__(
        self, database: Database, workspace: int, salt: int, logs: Logs, keys: WitnessedKeys
    ) -> None:
        """Start with none; `salt` is what the workspace's keys are mixed with."""
        self._database = database
        self._workspace = workspace
        self._logs = logs
        self._witnessed = keys
        self._joint = Joint(database, workspace, salt, logs)
        self._resettle: set[int] = set()
        self._copies_exist = bool(database.value("SELECT 1 FROM copy LIMIT 1"))

    def note_lineage(self, lineage: Lineage) -> None:
        """Settle a chain's first link again when the log's second link is known."""
        if self._copies_exist and lineage.second_key is not None and lineage.first_key is not None:
            self._resettle.add(lineage.first_key)

    def write_stretches(self, stretches: Iterable[Stretch], log: int) -> None:
        """Write what a log tells of running totals."""
        self._joint.write(stretches, log)

    def find(self) -> set[int]:
        """Add to the contested requests those of joint running totals, and return these."""
        keys = self._joint.find()
        self._database.executemany(TOUCH, [(key,) for key in keys])
        return keys

    def forget(self, log: int, stage: Stage) -> None:
        """Take back what a log told; what other logs tell of its requests is found anew."""
        database = self._database
        # Another log that was forgotten just before may have left what this one told.
        database.execute("DELETE FROM stage WHERE log = ?", (log,))
        for table in ("ledger", "request_fact", "measure"):
            database.execute(f"DELETE FROM {table} WHERE log = ?", (log,))
        alone = database.rows("SELECT key FROM event WHERE log = ? AND copies = 1", (log,))
        shared = self._keys_of((log,)) | self._joint.forget(log)
        copies = copies_of(database, shared)
        facts = self._logs.facts(copy.log for group in copies.values() for copy in group)
        keys = {key for (key,) in alone}
        for key, group in copies.items():
            keys |= _possible_keys(key, group, facts)
        withdraw(database, list(keys))
        database.execute("DELETE FROM touched")
        database.executemany("DELETE FROM copy WHERE key = ?", [(key,) for key in shared])
        self._logs.set_own_start(log, None)
        stage([copy for group in copies.values() for copy in group if copy.log != log], 1)

    def settle(
        self, found: Iterable[Counted], stage: Stage, earliest: Mapping[int, int] = _NONE
    ) -> int:
        """Settle contested sightings and stage the events that changed; return how many.

        What else is staged must be new: requests that no stored log and no other one here holds.
        What was inserted instead is told by when the first request of each log was made.
        """
        by_key: defaultdict[int, list[Counted]] = defaultdict(list)
        for sighting in found:
            by_key[sighting.key].append(sighting)
        joint = {key: by_key.pop(key) for key in self._joint.keys & by_key.keys()}
        events, copies = self._stored(by_key)
        replaced: list[Counted] = []
        shared: dict[int, list[Counted]] = {}
        owners: list[Owners] = self._joint.keep(joint)
        for key, sightings in by_key.items():
            before = copies.get(key) or ([events[key]] if key in events else [])
            after = merged(before, sightings)
            if len(after) == 1 and after[0].grade != Grade.GHOST:
                if after != before:
                    replaced.append(after[0])
            elif set(after) != set(copies.get(key, ())):
                shared[key] = after
                owners.append((owner(before), owner(after)))
        told = [(self._workspace, *copy) for group in shared.values() for copy in group]
        self._database.executemany(INSERT_COPY, told)
        lost = [events[key] for key in shared if key in events and key not in copies]
        withdraw(self._database, [event.key for event in (*replaced, *lost)])
        stage(replaced, 1)
        changes = [change for change in owners if change[0] != change[1]]
        moved = self._start_owning(changes, earliest)
        dirty = self._joint.others(self._keys_of(moved) | self._resettle) - shared.keys()
        changed = len(replaced)
        if shared or dirty:
            changed += self._settle_shared(shared | copies_of(self._database, dirty), stage)
        return changed + (self._joint.settle(stage) if self._joint.keys else 0)

    def _stored(self, keys: Iterable[int]) -> tuple[dict[int, Counted], dict[int, list[Counted]]]:
        """Return the stored event that one log alone holds, and the stored copies, by key."""
        stored = events_of(self._database, keys)
        events = {key: event for key, (event, number) in stored.items() if number == 1}
        return events, copies_of(self._database, keys) if self._copies_exist else {}

    def _settle_shared(self, copies: Mapping[int, list[Counted]], stage: Stage) -> int:
        """Settle requests from all their copies and stage those whose outcome differs."""
        facts = self._logs.facts(copy.log for group in copies.values() for copy in group)
        outcome: dict[int, tuple[Counted, int]] = {}
        possible: set[int] = set()
        for key, group in copies.items():
            possible |= _possible_keys(key, group, facts)
        settled = {key: settle(group, facts) for key, group in copies.items()}
        for key, events in self._witnessed.given(settled, copies, facts).items():
            outcome |= {event.key: (event, len(copies[key])) for event in events}
        stored = events_of(self._database, possible)
        changed = {key for key in possible if stored.get(key) != outcome.get(key)}
        withdraw(self._database, [key for key in changed if key in stored])
        by_copies: defaultdict[int, list[Counted]] = defaultdict(list)
        for key in changed & outcome.keys():
            event, number = outcome[key]
            by_copies[number].append(event)
        for number, group in by_copies.items():
            stage(group, number)
        return len(changed)

    def _start_owning(self, changes: Collection[Owners], inserted: Mapping[int, int]) -> set[int]:
        """Keep each log's first request that it alone holds; return the logs where it moved.

        A change is of who held a shared request alone before it, and who does so now.
        """
        earliest: dict[int, int] = dict(inserted)
        for log, first_ms in self._database.rows(FIRST_STAGED):
            earliest[log] = min(first_ms, earliest.get(log, first_ms))
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
        for part in parts(sorted(logs)):
            marks = ", ".join("?" * len(part))
            rows = self._database.rows(f"SELECT key FROM copy WHERE log IN ({marks})", part)
            keys.update(key for (key,) in rows)
        return keys


def _possible_keys(key: int, group: Iterable[Counted], facts: Mapping[int, LogFacts]) -> set[int]:
    """Return every key under which copies of one request may be counted."""
    keys = {key}
    for copy in group:
        log = facts[copy.log]
        if log.first_key == key:
            keys.add(event_key("stranger", str(key), log.session))
    return keys
