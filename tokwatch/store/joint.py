"""Running totals that several logs tell: finds their parts, keeps their copies, settles them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tokwatch.model.event import Grade, Stretch
from tokwatch.store.connect import Database
from tokwatch.store.held import Held, copies_of, events_of, keep_copies, merged, withdraw
from tokwatch.store.logs import Logs
from tokwatch.store.merge import Counted, LogFacts, owner, settle
from tokwatch.store.running_totals import Counts, Part, amount_to, is_joint
from tokwatch.store.sql import UPSERT_STRETCH
from tokwatch.store.view import pieces

Stage = Callable[[Iterable[Counted], int], None]
Owners = tuple[Counted | None, Counted | None]
"""Who held a request alone before, and who does so now."""


class _Row(NamedTuple):
    """A stretch as stored."""

    key: int
    log: int
    begins: Counts
    ends: Counts
    since_ms: int | None


class Joint:
    """The running totals of one transaction that must be settled as a whole."""

    def __init__(self, database: Database, workspace: int, salt: int, logs: Logs) -> None:
        """Start with none."""
        self._database = database
        self._workspace = workspace
        self._salt = salt
        self._logs = logs
        self._told: set[int] = set()
        self._totals: dict[int, list[_Row]] = {}
        self.is_used = bool(database.value("SELECT 1 FROM stretch LIMIT 1"))
        """False in a store that knows of no running total."""
        self.keys: set[int] = set()
        """Of all parts of the totals that were found to be joint."""

    def write(self, stretches: Iterable[Stretch], log: int) -> None:
        """Write what a log tells of running totals."""
        rows = [
            (
                *(one.key ^ self._salt, log, self._workspace, one.counter ^ self._salt),
                *(_written(one.begins), _written(one.ends), one.since_ms),
            )
            for one in stretches
        ]
        self._told.update(row[3] for row in rows)
        self._database.executemany(UPSERT_STRETCH, rows)
        self.is_used = True

    def forget(self, log: int) -> set[int]:
        """Take back what a log told of totals; return the keys of all their parts.

        What was pruned keeps its place: its sums stay.
        """
        if not self.is_used:
            return set()
        rows = self._database.rows("SELECT DISTINCT counter FROM stretch WHERE log = ?", (log,))
        counters = {counter for (counter,) in rows}
        keys = {row.key for rows in self._rows(counters).values() for row in rows}
        self._told |= counters
        self._database.execute(
            "DELETE FROM stretch WHERE log = ? AND NOT EXISTS"
            " (SELECT 1 FROM pruned p WHERE p.key = stretch.key)",
            (log,),
        )
        return keys

    def find(self) -> set[int]:
        """Return the keys of all parts of totals that are joint, among those touched."""
        if not self.is_used:
            return set()
        touched = self._database.rows(
            "SELECT DISTINCT counter FROM stretch WHERE key IN (SELECT key FROM touched)"
        )
        for counter, rows in self._rows(self._told.union(one for (one,) in touched)).items():
            if is_joint((row.log for row in rows), {(row.begins, row.ends) for row in rows}):
                self._totals[counter] = rows
        self.keys = {row.key for rows in self._totals.values() for row in rows}
        return self.keys

    def others(self, keys: Iterable[int]) -> set[int]:
        """Return those of these requests that are no part of any total."""
        rest = set(keys)
        if self.is_used:
            for part in pieces(sorted(rest)):
                marks = ", ".join("?" * len(part))
                rows = self._database.rows(f"SELECT key FROM stretch WHERE key IN ({marks})", part)
                rest -= {key for (key,) in rows}
        return rest

    def keep(self, found: Mapping[int, Sequence[Counted]]) -> list[Owners]:
        """Keep every part's sightings as copies; return whose requests changed hands."""
        events = events_of(self._database, self.keys)
        copies = copies_of(self._database, self.keys)
        kept: list[Counted] = []
        owners: list[Owners] = []
        for key in self.keys:
            before = copies.get(key, [])
            if not before and key in events and events[key][1] == 1:
                before = [events[key][0]]
            after = merged(before, found.get(key, ()))
            kept += [copy for copy in after if copy not in copies.get(key, ())]
            owners.append((owner(before), owner(after)))
        keep_copies(self._database, self._workspace, kept)
        return owners

    def settle(self, stage: Stage) -> int:
        """Settle the joint totals and stage the events that changed; return how many."""
        copies = copies_of(self._database, self.keys)
        found = self._logs.facts(copy.log for group in copies.values() for copy in group)
        # Whose own requests began first is of no account here, so that nothing is settled twice.
        facts = {log: one._replace(own_start_ms=None) for log, one in found.items()}
        pruned = self._pruned()
        outcome: dict[int, Held] = {}
        for rows in self._totals.values():
            for event in amount_to(_parts(rows, copies, facts, pruned)):
                outcome[event.key] = (event, max(2, len(copies[event.key])))
        stored = events_of(self._database, self.keys)
        changed = {key for key in self.keys if stored.get(key) != outcome.get(key)}
        withdraw(self._database, [key for key in changed if key in stored])
        by_copies: defaultdict[int, list[Counted]] = defaultdict(list)
        for key in changed & outcome.keys():
            event, number = outcome[key]
            by_copies[number].append(event)
        for number, group in by_copies.items():
            stage(group, number)
        return len(changed)

    def _rows(self, counters: Collection[int]) -> dict[int, list[_Row]]:
        """Return what is stored of running totals."""
        found: defaultdict[int, list[_Row]] = defaultdict(list)
        for part in pieces(sorted(counters)):
            marks = ", ".join("?" * len(part))
            for key, log, counter, begins, ends, since_ms in self._database.rows(
                "SELECT key, log, counter, begins, ends, since_ms FROM stretch"
                f" WHERE counter IN ({marks})",
                part,
            ):
                found[counter].append(
                    _Row(key, log, read_counts(begins), read_counts(ends), since_ms)
                )
        return found

    def _pruned(self) -> set[int]:
        pruned: set[int] = set()
        for part in pieces(sorted(self.keys)):
            marks = ", ".join("?" * len(part))
            rows = self._database.rows(f"SELECT key FROM pruned WHERE key IN ({marks})", part)
            pruned.update(key for (key,) in rows)
        return pruned


def _parts(
    rows: Iterable[_Row],
    copies: Mapping[int, Sequence[Counted]],
    facts: Mapping[int, LogFacts],
    pruned: Collection[int],
) -> list[Part]:
    """Return the parts of one total: each key's sightings settled."""
    by_key: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.key, row.begins, row.ends, row.since_ms or 0)):
        by_key[row.key].append(row)
    found: list[Part] = []
    for key, own in by_key.items():
        group = copies.get(key, ())
        if not group and key not in pruned:
            continue  # told of, but not held
        is_ghost = any(copy.grade == Grade.GHOST for copy in group)
        settled = [] if is_ghost or key in pruned else settle(group, facts)
        is_elsewhere = {copy.log for copy in group} > {row.log for row in own}
        copy = settled[0] if settled else None
        found.append(Part(copy, own[0].begins, own[0].ends, own[0].since_ms, is_elsewhere))
    return found


def _written(counts: Counts) -> str:
    return json.dumps(counts, separators=(",", ":")) if counts else ""


def read_counts(text: str) -> Counts:
    """Return counts as stored."""
    return tuple(json.loads(text)) if text else ()
