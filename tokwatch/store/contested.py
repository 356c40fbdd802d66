"""Requests that more than one log holds: finds them, keeps their copies, settles them anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from tokwatch.model.event import Grade, Stretch, event_key
from tokwatch.model.reading import Lineage
from tokwatch.store.connect import Database
from tokwatch.store.held import Held, copies_of, events_of, keep_copies, merged, withdraw
from tokwatch.store.joint import Joint, Owners, Stage
from tokwatch.store.logs import Logs
from tokwatch.store.merge import Counted, LogFacts, owner, settle
from tokwatch.store.sql import FIRST_STAGED, OWN_START, TOUCH
from tokwatch.store.view import pieces
from tokwatch.store.witnessed_keys import WitnessedKeys

_NONE: Final[Mapping[int, int]] = {}
_NOTHING: Final = (None, 0)


class _Told(NamedTuple):
    """What becomes of contested requests."""

    replaced: list[Counted]
    """Told by one log alone, otherwise than before."""
    shared: dict[int, list[Counted]]
    """Told by several: their copies, where these changed."""
    lost: list[int]
    """Those of the shared that one log told alone before."""
    owners: list[Owners]


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

    def find(self, touched: Iterable[int] = ()) -> set[int]:
        """Add to the contested requests those of joint running totals, and return these.

        `touched` are contested ones that their table does not have yet.
        """
        if not self._joint.is_used:
            return set()
        self._database.executemany(TOUCH, [(key,) for key in touched])
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
        keys = {key for (key,) in alone} | _possible_keys(copies, facts)
        withdraw(database, list(keys))
        database.execute("DELETE FROM touched")
        database.executemany("DELETE FROM copy WHERE key = ?", [(key,) for key in shared])
        self._logs.set_own_starts({log: None})
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
        owners = self._joint.keep(joint)
        stored = events_of(self._database, by_key)
        told = self._merged(by_key, stored)
        shared, gone = told.shared, [*(event.key for event in told.replaced), *told.lost]
        keep_copies(self._database, self._workspace, chain.from_iterable(shared.values()))
        withdraw(self._database, gone)
        stage(told.replaced, 1)
        moved = self._start_owning((*owners, *told.owners), told.replaced, earliest)
        dirty = self._joint.others(self._keys_of(moved) | self._resettle) - shared.keys()
        changed = len(told.replaced)
        if shared or dirty:
            known = dict.fromkeys(by_key) | stored | dict.fromkeys(gone)
            copies = shared | copies_of(self._database, dirty)
            changed += self._settle_shared(copies, known, stage)
        return changed + (self._joint.settle(stage) if self._joint.keys else 0)

    def _merged(self, found: Mapping[int, Sequence[Counted]], stored: Mapping[int, Held]) -> _Told:
        """Tell what becomes of requests with the sightings that were found of them."""
        copies = copies_of(self._database, found) if self._copies_exist else {}
        told = _Told([], {}, [], [])
        for key, sightings in found.items():
            event, number = stored.get(key, _NOTHING)
            alone = [event] if event is not None and number == 1 else []
            before = copies.get(key) or alone
            after = merged(before, sightings)
            if len(after) == 1 and after[0].grade != Grade.GHOST:
                if after != before:
                    told.replaced.append(after[0])
            elif key not in copies or set(after) != set(copies[key]):
                told.shared[key] = after
                told.owners.append((owner(before), owner(after)))
                if alone and key not in copies:
                    told.lost.append(key)
        return told

    def _settle_shared(
        self, copies: Mapping[int, list[Counted]], known: Mapping[int, Held | None], stage: Stage
    ) -> int:
        """Settle requests from all their copies and stage those whose outcome differs.

        Of some it is `known` what the store holds.
        """
        facts = self._logs.facts(copy.log for group in copies.values() for copy in group)
        possible = _possible_keys(copies, facts)
        settled = {key: settle(group, facts) for key, group in copies.items()}
        outcome: dict[int, Held] = {}
        for key, events in self._witnessed.given(settled, copies, facts).items():
            for event in events:
                outcome[event.key] = event, len(copies[key])
        stored = {**known, **events_of(self._database, possible - known.keys())}
        changed = {key for key in possible if stored.get(key) != outcome.get(key)}
        withdraw(self._database, [key for key in changed if stored.get(key)])
        by_copies: defaultdict[int, list[Counted]] = defaultdict(list)
        for key in changed & outcome.keys():
            event, number = outcome[key]
            by_copies[number].append(event)
        for number, group in by_copies.items():
            stage(group, number)
        return len(changed)

    def _start_owning(
        self, owners: Iterable[Owners], replaced: Iterable[Counted], inserted: Mapping[int, int]
    ) -> Iterable[int]:
        """Keep each log's first request that it alone holds; return the logs where it moved."""
        changes = [(before, after) for before, after in owners if before != after]
        lost = {before.log for before, _ in changes if before is not None}
        told = [(one.log, one.first_ms) for one in replaced if one.grade == Grade.RECORD]
        told += [(after.log, after.first_ms) for _, after in changes if after is not None]
        earliest: dict[int, int] = dict(inserted)
        for log, first_ms in (*told, *self._database.rows(FIRST_STAGED)):
            earliest[log] = min(first_ms, earliest.get(log, first_ms))
        moved: dict[int, int | None] = {}
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
                moved[log] = begins
        self._logs.set_own_starts(moved)
        return moved.keys()

    def _keys_of(self, logs: Iterable[int]) -> set[int]:
        """Return the shared requests that some logs hold."""
        keys: set[int] = set()
        for part in pieces(sorted(logs)):
            marks = ", ".join("?" * len(part))
            rows = self._database.rows(f"SELECT key FROM copy WHERE log IN ({marks})", part)
            keys.update(key for (key,) in rows)
        return keys


def _possible_keys(
    copies: Mapping[int, Iterable[Counted]], facts: Mapping[int, LogFacts]
) -> set[int]:
    """Return every key under which copies of some requests may be counted."""
    keys = set(copies)
    for key in copies.keys() & {log.first_key for log in facts.values()}:
        logs = (facts[copy.log] for copy in copies[key])
        keys |= {event_key("stranger", str(key), x.session) for x in logs if x.first_key == key}
    return keys
