"""The stored requests as plain rows: what slow computations of screens' numbers are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from tokwatch.store.connect import Database

MINUTE_MS = 60_000
QUARTER_MS = 900_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
SUB_AGENT = "sub-agent"

_ROWS = """
SELECT e.key, e.instant_ms, p.source, p.project, p.branch, p.user_name, p.key_name, p.tag,
       p.machine, s.session, s.agent, m.provider, m.name, m.tier, e.model, e.requests, e.input,
       e.cache_read, e.cache_write_5m, e.cache_write_1h, e.output, e.web_searches, e.logged_nano,
       e.computed_nano, e.grade, e.final
FROM event e
JOIN scope s ON s.id = e.scope
JOIN place p ON p.id = s.place
JOIN model m ON m.id = e.model
WHERE e.grade <> 2
ORDER BY e.instant_ms, e.key
"""


class Plain(NamedTuple):
    """One stored request as its columns say; a token class that no log tells is None."""

    key: int
    at_ms: int
    source: str
    project: str
    branch: str
    user: str
    key_name: str
    tag: str
    machine: str
    session: str
    agent: str
    provider: str
    model: str
    tier: str
    model_id: int
    requests: int
    input: int | None
    read: int | None
    write_5m: int | None
    write_1h: int | None
    output: int | None
    searches: int
    logged: int | None
    computed: int | None
    grade: int
    final: int
    kind: str = ""

    @property
    def nano(self) -> int:
        """The cost that counts: the logged one where there is one."""
        return (self.logged if self.logged is not None else self.computed) or 0

    @property
    def fresh(self) -> int:
        """New input tokens."""
        return self.input or 0

    @property
    def cached(self) -> int:
        """Tokens read from the cache."""
        return self.read or 0

    @property
    def written(self) -> int:
        """Tokens written to the cache."""
        return (self.write_5m or 0) + (self.write_1h or 0)

    @property
    def answered(self) -> int:
        """Output tokens."""
        return self.output or 0

    @property
    def prompt(self) -> int:
        """All tokens of the prompt."""
        return self.fresh + self.cached + self.written

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.prompt + self.answered

    @property
    def uncosted(self) -> int:
        """Tokens without any cost."""
        return self.tokens if self.logged is None and self.computed is None else 0

    @property
    def unsure(self) -> int:
        """Requests of which more may have been billed than was logged."""
        return 0 if self.final else self.requests

    @property
    def derived(self) -> int:
        """Requests computed from a running total."""
        return self.requests if self.grade == -1 else 0


def plain_rows(database: Database) -> list[Plain]:
    """Return every stored request, the oldest first, with the sort of its agent."""
    kinds = {
        tuple(row[:3]): str(row[3])
        for row in database.rows("SELECT source, session, agent, kind FROM agent")
    }
    found = [Plain(*row) for row in database.rows(_ROWS)]
    return [
        one._replace(
            kind=kinds.get((one.source, one.session, one.agent), "")
            or (SUB_AGENT if one.agent else "main")
        )
        for one in found
    ]


def within(rows: Iterable[Plain], since_ms: int, until_ms: int) -> list[Plain]:
    """Return the requests of a half-open range."""
    return [one for one in rows if since_ms <= one.at_ms < until_ms]


def sums(
    rows: Iterable[Plain], of: Callable[[Plain], object], figure: Callable[[Plain], int]
) -> dict[object, int]:
    """Return the sums of a figure by a value."""
    found: dict[object, int] = {}
    for one in rows:
        found[of(one)] = found.get(of(one), 0) + figure(one)
    return found


def moment(text: str) -> int:
    """Return an instant written as an ISO time in UTC, in milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1000
