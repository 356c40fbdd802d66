"""The API key of a request that an agent's log tells, and with it a gateway that saw the key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tokwatch.model.event import Grade, Scope
from tokwatch.store.connect import Database
from tokwatch.store.dimensions import Dimensions
from tokwatch.store.merge import Counted, LogFacts, in_order
from tokwatch.store.view import SCOPE, pieces

_WITNESS: Final = int(Grade.WITNESS)


class WitnessedKeys:
    """Gives events the key that a gateway saw; all else stays as the agent's own log tells it."""

    def __init__(self, database: Database, dimensions: Dimensions) -> None:
        """Take the scopes from where they are found and made."""
        self._database = database
        self._dimensions = dimensions

    def given(
        self,
        events: Mapping[int, Sequence[Counted]],
        copies: Mapping[int, Sequence[Counted]],
        logs: Mapping[int, LogFacts],
    ) -> dict[int, list[Counted]]:
        """Return the events of each request, by its key as its copies are."""
        found = {key: list(group) for key, group in events.items()}
        seen = {key: group for key in events if (group := _seen(copies[key]))}
        wanted = {one.scope for key in seen for one in events[key]}
        scopes = self._scopes(wanted | {one.scope for group in seen.values() for one in group})
        for key, group in seen.items():
            names = [scopes[one.scope].key for one in in_order(group, logs)]
            if name := next(filter(None, names), ""):
                found[key] = [self._with(event, scopes[event.scope], name) for event in found[key]]
        return found

    def _with(self, event: Counted, scope: Scope, key: str) -> Counted:
        if scope.key:
            return event
        given = scope._replace(key=key)
        known = self._dimensions.scopes.get(given)
        return event._replace(scope=known or self._dimensions.scope_id(given))

    def _scopes(self, numbers: Iterable[int]) -> dict[int, Scope]:
        found: dict[int, Scope] = {}
        for part in pieces(sorted(numbers)):
            marks = ", ".join("?" * len(part))
            rows = self._database.rows(
                f"SELECT s.id, {SCOPE} FROM scope s JOIN place p ON p.id = s.place"
                f" WHERE s.id IN ({marks})",
                part,
            )
            found |= {row[0]: Scope(*row[1:]) for row in rows}
        return found


def _seen(copies: Sequence[Counted]) -> list[Counted]:
    """Return what gateways saw of a request that is told by another log too; else nothing."""
    witnesses = [one for one in copies if one.grade == _WITNESS]
    return witnesses if len(witnesses) < len(copies) else []
