"""Makes a store by brute force: events as given, every roll-up as a plain sum over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from tokwatch.analysis.calendar import calendar_of
from tokwatch.model.calendar import Calendar
from tokwatch.model.event import Grade
from tokwatch.model.reading import LedgerLine
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Usage
from tokwatch.store.connect import Database
from tokwatch.store.view import View, open_view

MEASURES = tuple(Usage.__struct_fields__)
Key = tuple[int, ...]


class Made(Struct, frozen=True):
    """One request, by default a plain one of 1,000 prompt tokens that cost a cent."""

    at_ms: int
    session: str = "s1"
    agent: str = ""
    model: str = "claude-opus-4-5"
    provider: str = "anthropic"
    tier: str = "standard"
    source: str = "claude-code"
    project: str = "/code/shop"
    branch: str = "main"
    user: str = ""
    tag: str = ""
    machine: str = ""
    key: str = ""
    workspace: str = "local"
    requests: int = 1
    input: int | None = 100
    cache_read: int | None = 800
    cache_write_5m: int | None = 60
    cache_write_1h: int | None = 40
    output: int | None = 50
    reasoning: int | None = 10
    web_searches: int = 0
    logged_nano: int | None = None
    computed_nano: int | None = 10_000_000
    window: int | None = None
    grade: int = 1
    final: int = 1
    path: str = "/logs/a.jsonl"

    @property
    def prompt(self) -> int:
        """Prompt tokens, unknown ones as none."""
        parts = (self.input, self.cache_read, self.cache_write_5m, self.cache_write_1h)
        return sum(part or 0 for part in parts)

    @property
    def usage(self) -> Usage:
        """What this request adds to any sum that holds it."""
        total = self.prompt + (self.output or 0)
        is_priced = self.computed_nano is not None
        is_costed = is_priced or self.logged_nano is not None
        auto = self.computed_nano if self.logged_nano is None else self.logged_nano
        return Usage(
            requests=self.requests,
            input=self.input or 0,
            cache_read=self.cache_read or 0,
            cache_write_5m=self.cache_write_5m or 0,
            cache_write_1h=self.cache_write_1h or 0,
            output=self.output or 0,
            reasoning=self.reasoning or 0,
            web_searches=self.web_searches,
            logged_nano=self.logged_nano or 0,
            computed_nano=self.computed_nano or 0,
            auto_nano=auto or 0,
            unpriced_tokens=0 if is_priced else total,
            uncosted_tokens=0 if is_costed else total,
            lower_bound=0 if self.final else self.requests,
            blind_prompt=self.prompt if self.cache_read is None else 0,
            derived=self.requests if self.grade == Grade.DERIVED else 0,
        )


class _Numbers(Struct):
    """Small numbers for the values of one dimension table, in order of appearance."""

    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def of(self, *values: object) -> int:
        return self.known.setdefault(values, len(self.known) + 1)


def build(
    database: Database,
    made: Iterable[Made],
    *,
    zone: str = "UTC",
    ledger: Sequence[tuple[str, LedgerLine]] = (),
    agents: Sequence[tuple[str, str, str, str, str]] = (),
    logs: Sequence[dict[str, object]] = (),
) -> View:
    """Fill an empty store with these requests and return the view of its workspace "local".

    `ledger` names the log of each line; `agents` are source, session, agent, kind and parent.
    """
    made = list(made)
    with database.transaction():
        _fill(database, made, zone)
        _add_logs(database, made, logs, ledger)
        for row in agents:
            names = ("source", "session", "agent", "kind", "parent")
            _insert(database, "agent", workspace=1, **dict(zip(names, row, strict=True)))
    return open_view(database, "local")


def _fill(database: Database, made: list[Made], zone: str) -> None:
    workspaces, places, scopes, models = _Numbers(), _Numbers(), _Numbers(), _Numbers()
    logs = _Numbers()
    workspaces.of("local")
    cells: dict[str, dict[Key, list[Usage]]] = {"quarter": {}, "day": {}, "total": {}}
    days = _calendar(zone, made)
    for number, one in enumerate(made):
        space = workspaces.of(one.workspace)
        place = places.of(
            *(space, one.source, one.project, one.branch, one.user, one.tag, one.machine, one.key)
        )
        scope = scopes.of(space, place, one.session, one.agent)
        model = models.of(space, one.provider, one.model, one.tier, one.model, "")
        log = logs.of(one.path)
        _insert(database, "event", **_event(one, number + 1, space, scope, model, log))
        if one.grade != 2:
            keys = {
                "quarter": (space, one.at_ms // QUARTER_MS * QUARTER_MS, scope, model),
                "day": (space, days.day(one.at_ms), place, model),
                "total": (space, scope, model),
            }
            for table, key in keys.items():
                cells[table].setdefault(key, []).append(one.usage)
    for (name,), space in workspaces.known.items():
        _insert(database, "workspace", id=space, name=name)
        _insert(database, "setting", workspace=space, name="zone", value=zone)
    _add_dimensions(database, places, scopes, models)
    _add_cells(database, cells)


def _calendar(zone: str, made: list[Made]) -> Calendar:
    instants = [one.at_ms for one in made] or [0]
    return calendar_of(ZoneInfo(zone), zone, min(instants) - DAY_MS, max(instants) + DAY_MS)


def _event(
    one: Made, key: int, workspace: int, scope: int, model: int, log: int
) -> dict[str, object]:
    columns: dict[str, object] = {
        name: getattr(one, name)
        for name in (
            *("requests", "input", "cache_read", "cache_write_5m", "cache_write_1h", "output"),
            *("reasoning", "web_searches", "logged_nano", "computed_nano", "grade", "final"),
        )
    }
    return columns | {
        "key": key,
        "workspace": workspace,
        "instant_ms": one.at_ms,
        "first_ms": one.at_ms,
        "scope": scope,
        "model": model,
        "window_tokens": one.window,
        "copied": 0,
        "offset_bytes": key * 100,
        "log": log,
        "copies": 0,
    }


def _add_dimensions(
    database: Database, places: _Numbers, scopes: _Numbers, models: _Numbers
) -> None:
    kinds = {
        "place": (
            *("workspace", "source", "project", "branch", "user_name", "tag", "machine"),
            "key_name",
        ),
        "scope": ("workspace", "place", "session", "agent"),
        "model": ("workspace", "provider", "name", "tier", "priced_as", "note"),
    }
    for (table, columns), numbers in zip(kinds.items(), (places, scopes, models), strict=True):
        for values, number in numbers.known.items():
            _insert(database, table, id=number, **dict(zip(columns, values, strict=True)))


def _add_cells(database: Database, cells: dict[str, dict[Key, list[Usage]]]) -> None:
    columns = {
        "quarter": ("workspace", "quarter_ms", "scope", "model"),
        "day": ("workspace", "day", "place", "model"),
        "total": ("workspace", "scope", "model"),
    }
    for table, groups in cells.items():
        for key, usages in groups.items():
            sums = {name: sum(getattr(one, name) for one in usages) for name in MEASURES}
            keys = dict(zip(columns[table], key, strict=True))
            _insert(database, table, events=len(usages), **keys, **sums)


def _add_logs(
    database: Database,
    made: list[Made],
    logs: Sequence[dict[str, object]],
    ledger: Sequence[tuple[str, LedgerLine]],
) -> None:
    """Write the logs; one belongs to the session of its last request."""
    told = {str(log["path"]): log for log in logs}
    numbers = _Numbers()
    for path in [*(one.path for one in made), *told, *(owner for owner, _ in ledger)]:
        numbers.of(path)
    sessions = {one.path: one.session for one in made}
    blank = {"machine": "", "head": b"", "tail": b"", "state": b"", "version": 1}
    for (name,), number in numbers.known.items():
        row = blank | {
            "path": name,
            "source": "claude-code",
            "session": sessions.get(str(name), ""),
        }
        _insert(database, "log", id=number, workspace=1, **(row | told.get(str(name), {})))
    for owner, line in ledger:
        _insert(database, "ledger", log=numbers.of(owner), workspace=1, **line._asdict())


def _insert(database: Database, table: str, **columns: object) -> None:
    marks = ", ".join("?" * len(columns))
    database.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values())
    )
