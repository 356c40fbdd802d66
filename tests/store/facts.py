"""What a store holds, with names in place of row ids, and what its roll-ups should hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from tests.store.build import MEASURES, Made
from tests.store.worlds import Step
from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.model.event import ModelName, Scope
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Usage
from tokwatch.prices.resolve import Resolution
from tokwatch.store.connect import Database, Row
from tokwatch.store.rollups import RollUps
from tokwatch.store.sql import CREATE_TEMPORARY
from tokwatch.store.store import workspace_id
from tokwatch.store.tables import METADATA
from tokwatch.store.write import Writer

Cells = dict[tuple[object, ...], tuple[int, ...]]
"""A roll-up: its sums by its names; the first sum is the number of events."""

CHANGE_MS: Final = 1_760_001_000_000
"""When the price of the tests' one priced model changes."""

SMALL: Final = (1_500_000, 150_000, 1_875_000, 3_000_000, 7_500_000, 10_000_000)
LARGE: Final = (3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000, 10_000_000)
CARDS: Final = (
    RateCard(0, CHANGE_MS, -1, ANY_TOKENS, *LARGE, "old"),
    RateCard(CHANGE_MS, FOREVER_MS, -1, 200_000, *SMALL, "small"),
    RateCard(CHANGE_MS, FOREVER_MS, 200_000, ANY_TOKENS, *LARGE, "large"),
)
_PLACE: Final = "p.source, p.project, p.branch, p.user_name, p.tag, p.machine, p.key_name"
_MODEL: Final = "m.provider, m.name, m.tier"
_SCOPED: Final = "JOIN scope s ON s.id = t.scope JOIN place p ON p.id = s.place"
_CELLS: Final = {
    "quarter": (f"t.quarter_ms, s.session, s.agent, {_PLACE}, {_MODEL}", _SCOPED),
    "day": (f"t.day, {_PLACE}, {_MODEL}", "JOIN place p ON p.id = t.place"),
    "total": (f"s.session, s.agent, {_PLACE}, {_MODEL}", _SCOPED),
}


class Event(NamedTuple):
    """A stored event."""

    path: str
    instant_ms: int
    first_ms: int
    scope: Scope
    model: ModelName
    requests: int
    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None
    web_searches: int
    logged_nano: int | None
    window_tokens: int | None
    grade: int
    final: int
    copied: int
    offset_bytes: int
    copies: int
    computed_nano: int | None

    @property
    def usage(self) -> Usage:
        """What it adds to any sum that holds it."""
        return Made(
            at_ms=self.instant_ms,
            requests=self.requests,
            input=self.input,
            cache_read=self.cache_read,
            cache_write_5m=self.cache_write_5m,
            cache_write_1h=self.cache_write_1h,
            output=self.output,
            reasoning=self.reasoning,
            web_searches=self.web_searches,
            logged_nano=self.logged_nano,
            computed_nano=self.computed_nano,
            final=self.final,
            grade=self.grade,
        ).usage


def pricing(model: ModelName) -> Resolution:
    """Return cards by date and size for the model "priced", none for others."""
    return Resolution(CARDS if model.name == "priced" else (), model.name, "", "")


def utc_day(instant_ms: int) -> int:
    """Return the day of an instant in UTC."""
    return instant_ms // DAY_MS


def open_writer(
    database: Database,
    *,
    workspace: str = "local",
    machine: str = "",
    day_of: Callable[[int], int] = utc_day,
    pricing: Callable[[ModelName], Resolution] = pricing,
) -> Writer:
    """Return a writer of a workspace that knows the tests' prices, unless given others."""
    number = workspace_id(database, workspace)
    assert number is not None
    return Writer(database, number, machine=machine, pricing=pricing, day_of=day_of)


def roll_ups(database: Database, workspace: str = "local") -> RollUps:
    """Return the roll-ups of a workspace."""
    number = workspace_id(database, workspace)
    assert number is not None
    database.script(CREATE_TEMPORARY)
    return RollUps(database, number, utc_day)


def write(database: Database, batches: Iterable[Sequence[Step]]) -> None:
    """Write readings, each batch in one transaction."""
    writer = open_writer(database)
    for batch in batches:
        writer.add([step.reading for step in batch])


def clear(database: Database) -> None:
    """Empty every table but that of workspaces, whose numbers are part of the keys."""
    tables = [table.name for table in METADATA.sorted_tables if table.name != "workspace"]
    with database.transaction():
        database.script(f"DELETE FROM {table}" for table in tables)


def events(database: Database, workspace: str = "local") -> dict[int, Event]:
    """Return every event of a workspace by its key."""
    counts = ", ".join(f"e.{name}" for name in Event._fields[5:])
    found = database.rows(
        "SELECT e.key, l.path, e.instant_ms, e.first_ms, p.source, s.session, s.agent, p.project,"
        f" p.branch, p.user_name, p.tag, p.machine, p.key_name, {_MODEL}, {counts}"
        " FROM event e JOIN log l ON l.id = e.log JOIN scope s ON s.id = e.scope"
        " JOIN place p ON p.id = s.place JOIN model m ON m.id = e.model"
        " JOIN workspace w ON w.id = e.workspace WHERE w.name = ?",
        (workspace,),
    )
    return {
        row[0]: Event._make((*row[1:4], Scope(*row[4:13]), ModelName(*row[13:16]), *row[16:]))
        for row in found
    }


def cells(database: Database, workspace: str = "local") -> dict[str, Cells]:
    """Return the three roll-ups of a workspace."""
    sums = ", ".join(f"t.{name}" for name in ("events", *MEASURES))
    found: dict[str, Cells] = {}
    for table, (names, join) in _CELLS.items():
        rows = database.rows(
            f"SELECT {names}, {sums} FROM {table} t {join} JOIN model m ON m.id = t.model"
            " JOIN workspace w ON w.id = t.workspace WHERE w.name = ?",
            (workspace,),
        )
        width = len(MEASURES) + 1
        found[table] = {row[:-width]: row[-width:] for row in rows}
    return found


def expected_cells(
    stored: Iterable[Event], day_of: Callable[[int], int] = utc_day
) -> dict[str, Cells]:
    """Return what the roll-ups of some events are, by adding them up."""
    sums: dict[str, defaultdict[tuple[object, ...], list[Usage]]] = {
        table: defaultdict(list) for table in _CELLS
    }
    for event in stored:
        place = (event.scope.source, *event.scope[3:])
        quarter = event.instant_ms // QUARTER_MS * QUARTER_MS
        agent = event.scope[1:3]
        sums["quarter"][(quarter, *agent, *place, *event.model)].append(event.usage)
        sums["day"][(day_of(quarter), *place, *event.model)].append(event.usage)
        sums["total"][(*agent, *place, *event.model)].append(event.usage)
    return {
        table: {key: (len(usages), *_values(usages)) for key, usages in found.items()}
        for table, found in sums.items()
    }


def _values(usages: Sequence[Usage]) -> tuple[int, ...]:
    total = sum(usages, start=Usage())
    return tuple(getattr(total, name) for name in MEASURES)


def rows(database: Database, table: str) -> list[Row]:
    """Return a table's rows in a stable order."""
    return sorted(database.rows(f"SELECT * FROM {table}"), key=repr)
