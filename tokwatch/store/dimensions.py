"""Row ids of scopes and models: found once, kept in memory, made when new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from tokwatch.model.event import ModelName, Scope
from tokwatch.store.connect import Database


class Card(Protocol):
    """A rate card, in nano-dollars per million tokens."""

    @property
    def since_ms(self) -> int: ...
    @property
    def until_ms(self) -> int: ...
    @property
    def above_tokens(self) -> int: ...
    @property
    def upto_tokens(self) -> int: ...
    @property
    def input(self) -> int: ...
    @property
    def cache_read(self) -> int: ...
    @property
    def cache_write_5m(self) -> int: ...
    @property
    def cache_write_1h(self) -> int: ...
    @property
    def output(self) -> int: ...
    @property
    def web_search(self) -> int: ...
    @property
    def source(self) -> str: ...


class Resolution(Protocol):
    """What a price list says of one model; no cards means unpriced."""

    @property
    def cards(self) -> tuple[Card, ...]: ...
    @property
    def priced_as(self) -> str: ...
    @property
    def note(self) -> str: ...


Pricing = Callable[[ModelName], Resolution]

MOST_SCOPES: Final = 4_096
"""Kept in memory, each some 300 bytes: all are found anew where there were more."""
_PLACE: Final = ("source", "project", "branch", "user_name", "tag", "machine", "key_name")


class Dimensions:
    """Finds or makes the rows that events refer to, inside the caller's transaction."""

    def __init__(self, database: Database, workspace: int, pricing: Pricing) -> None:
        """Start with nothing known."""
        self._database = database
        self._workspace = workspace
        self._pricing = pricing
        self._places: dict[tuple[str, ...], int] = {}
        self.scopes: dict[Scope, int] = {}
        self._models: dict[ModelName, int] = {}

    def forget(self) -> None:
        """Drop what is known: after a rolled-back transaction rows may be gone."""
        self._places.clear()
        self.scopes.clear()
        self._models.clear()

    def scope_id(self, scope: Scope) -> int:
        """Return the row id of a scope."""
        return self.scopes.get(scope) or self._scope_row(scope)

    def _scope_row(self, scope: Scope) -> int:
        place = (
            *(scope.source, scope.project, scope.branch, scope.user, scope.tag, scope.machine),
            scope.key,
        )
        place_id = self._places.get(place)
        if place_id is None:
            place_id = self._places[place] = self._row("place", _PLACE, place)
        found = self._row(
            "scope", ("session", "agent", "place"), (scope.session, scope.agent, place_id)
        )
        if len(self.scopes) >= MOST_SCOPES:
            self.scopes.clear()
        self.scopes[scope] = found
        return found

    def model_id(self, model: ModelName) -> int:
        """Return the row id of a model; a new one is priced."""
        return self._models.get(model) or self._model_row(model)

    def _model_row(self, model: ModelName) -> int:
        columns = ("provider", "name", "tier")
        found = self._find("model", columns, model)
        if found is None:
            found = self._row("model", columns, model)
            self.price(found, model)
        self._models[model] = found
        return found

    def price(self, model_id: int, model: ModelName) -> None:
        """Write the rate cards of a model anew."""
        resolution = self._pricing(model)
        execute = self._database.execute
        execute(
            "UPDATE model SET priced_as = ?, note = ? WHERE id = ?",
            (resolution.priced_as, resolution.note, model_id),
        )
        execute("DELETE FROM card WHERE workspace = ? AND model = ?", (self._workspace, model_id))
        for card in resolution.cards:
            execute(
                "INSERT INTO card (workspace, model, since_ms, above_tokens, until_ms,"
                " upto_tokens, input, cache_read, cache_write_5m, cache_write_1h, output,"
                " web_search, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(self._workspace, model_id, card.since_ms, card.above_tokens),
                    *(card.until_ms, card.upto_tokens),
                    *(rate // 1000 for rate in _rates(card)),
                    *(card.web_search, card.source),
                ),
            )

    def _find(self, table: str, columns: tuple[str, ...], values: tuple[object, ...]) -> int | None:
        where = " AND ".join(f"{column} = ?" for column in columns)
        found: int | None = self._database.value(
            f"SELECT id FROM {table} WHERE workspace = ? AND {where}", (self._workspace, *values)
        )
        return found

    def _row(self, table: str, columns: tuple[str, ...], values: tuple[object, ...]) -> int:
        marks = ", ".join("?" * (len(columns) + 1))
        made = self._database.made(
            f"INSERT INTO {table} (workspace, {', '.join(columns)}) VALUES ({marks})",
            (self._workspace, *values),
        )
        if made is None:  # it is there
            made = self._find(table, columns, values)
            assert made is not None
        return made


def _rates(card: Card) -> tuple[int, ...]:
    """Return a card's token rates; the store keeps them per thousand tokens."""
    return (card.input, card.cache_read, card.cache_write_5m, card.cache_write_1h, card.output)
