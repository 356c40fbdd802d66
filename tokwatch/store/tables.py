"""The schema's one source of truth: SQLModel tables, used by migrations and tests.

The hot paths go through the driver with the SQL of this package; a test holds that SQL to this.
"""

from __future__ import annotations

from sqlalchemy import (
    DOUBLE_PRECISION,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    text,
)
from sqlmodel import Field, SQLModel

from tokwatch.store import (  # noqa: F401 -- they are among METADATA's
    alert_tables,
    detail_tables,
    endpoint_tables,
    limit_tables,
    stretch_table,
    suggestion_tables,
    workbench_tables,
)
from tokwatch.store.columns import BIG
from tokwatch.store.columns import big as _big
from tokwatch.store.columns import text as _text

LARGE = text(
    "coalesce(input,0)+coalesce(cache_read,0)+coalesce(cache_write_5m,0)"
    "+coalesce(cache_write_1h,0) > 200000"
)
"""Prompts that prove a window larger than the usual one: few, and asked for by session."""

SAMPLED = text("sample <> ''")
"""Logs with a record of an unknown shape: few."""

METADATA = SQLModel.metadata


class Workspace(SQLModel, table=True):
    """Whose data: on one's own machine the only one is "local"."""

    __tablename__ = "workspace"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True))


class Setting(SQLModel, table=True):
    """Facts about the store itself: the zone of its days, the version of its prices."""

    __tablename__ = "setting"
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=_text(primary=True))
    value: str = Field(sa_column=_text())


class Log(SQLModel, table=True):
    """A file that was read, how far, and what decides between copies of one request."""

    __tablename__ = "log"
    __table_args__ = (
        Index("ux_log_path", "workspace", "machine", "path", unique=True),
        Index("ix_log_session", "workspace", "session"),
        Index("ix_log_parent", "workspace", "parent"),
        Index(
            "ix_log_counts",
            *("workspace", "source", "bad_lines", "oversized_lines", "undated", "unknown"),
            "repeated",
        ),
        Index(
            "ix_log_sample",
            *("workspace", "source"),
            sqlite_where=SAMPLED,
            postgresql_where=SAMPLED,
        ),
    )
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    machine: str = Field(sa_column=_text())
    path: str = Field(sa_column=_text())
    source: str = Field(sa_column=_text())
    device: str = Field(sa_column=Column(Text, nullable=False, server_default="0"))
    inode: str = Field(sa_column=Column(Text, nullable=False, server_default="0"))
    size: int = Field(sa_column=_big(default=0))
    mtime_ns: int = Field(sa_column=_big(default=0))
    offset_bytes: int = Field(sa_column=_big(default=0))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    tail: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    version: int
    session: str = Field(sa_column=_text())
    parent: str = Field(sa_column=_text())
    begin_ms: int | None = Field(sa_column=_big(null=True))
    first_key: int | None = Field(sa_column=_big(null=True))
    second_key: int | None = Field(sa_column=_big(null=True))
    own_start_ms: int | None = Field(sa_column=_big(null=True))
    lines: int = Field(sa_column=_big(default=0))
    glued_lines: int = Field(sa_column=_big(default=0))
    bad_lines: int = Field(sa_column=_big(default=0))
    oversized_lines: int = Field(sa_column=_big(default=0))
    undated: int = Field(sa_column=_big(default=0))
    synthetic: int = Field(sa_column=_big(default=0))
    unknown: int = Field(sa_column=_big(default=0))
    repeated: int = Field(sa_column=_big(default=0))
    sample: str = Field(sa_column=_text())


class Place(SQLModel, table=True):
    """Where work was done: the part of a scope that outlives a session."""

    __tablename__ = "place"
    __table_args__ = (
        Index(
            "ux_place",
            *("workspace", "source", "project", "branch", "user_name", "tag", "machine"),
            "key_name",
            unique=True,
        ),
    )
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    source: str = Field(sa_column=_text())
    project: str = Field(sa_column=_text())
    branch: str = Field(sa_column=_text())
    user_name: str = Field(sa_column=_text())
    tag: str = Field(sa_column=_text())
    machine: str = Field(sa_column=_text())
    key_name: str = Field(sa_column=_text())


class ScopeRow(SQLModel, table=True):
    """An agent at a place: the main thread of a session or one of its sub-agents."""

    __tablename__ = "scope"
    __table_args__ = (
        Index("ux_scope", "workspace", "session", "agent", "place", unique=True),
        Index("ix_scope_place", "place"),
    )
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    place: int
    session: str = Field(sa_column=_text())
    agent: str = Field(sa_column=_text())


class Agent(SQLModel, table=True):
    """What a log tells of an agent apart from its requests."""

    __tablename__ = "agent"
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    source: str = Field(sa_column=_text(primary=True))
    session: str = Field(sa_column=_text(primary=True))
    agent: str = Field(sa_column=_text(primary=True))
    kind: str = Field(sa_column=_text())
    parent: str = Field(sa_column=_text())


class Model(SQLModel, table=True):
    """A model as logged with its service tier, and under which name it is priced."""

    __tablename__ = "model"
    __table_args__ = (Index("ux_model", "workspace", "provider", "name", "tier", unique=True),)
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    provider: str = Field(sa_column=_text())
    name: str = Field(sa_column=_text())
    tier: str = Field(sa_column=_text())
    priced_as: str = Field(sa_column=_text())
    note: str = Field(sa_column=_text())


class Card(SQLModel, table=True):
    """An integer rate card, nano-dollars per thousand tokens: one for each model, period and size.

    The cards of a model never overlap, so at most one fits an event.
    """

    __tablename__ = "card"
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    model: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    since_ms: int = Field(sa_column=_big(primary=True))
    above_tokens: int = Field(sa_column=_big(primary=True))
    until_ms: int = Field(sa_column=_big())
    upto_tokens: int = Field(sa_column=_big())
    input: int = Field(sa_column=_big())
    cache_read: int = Field(sa_column=_big())
    cache_write_5m: int = Field(sa_column=_big())
    cache_write_1h: int = Field(sa_column=_big())
    output: int = Field(sa_column=_big())
    web_search: int = Field(sa_column=_big())
    source: str = Field(sa_column=_text())


class _Counted(SQLModel):
    """The columns that an event and a copy of it share."""

    workspace: int
    instant_ms: int = Field(sa_type=BIG, nullable=False)
    first_ms: int = Field(sa_type=BIG, nullable=False)
    scope: int
    model: int
    requests: int = Field(sa_type=BIG, nullable=False)
    input: int | None = Field(sa_type=BIG)
    cache_read: int | None = Field(sa_type=BIG)
    cache_write_5m: int | None = Field(sa_type=BIG)
    cache_write_1h: int | None = Field(sa_type=BIG)
    output: int | None = Field(sa_type=BIG)
    reasoning: int | None = Field(sa_type=BIG)
    web_searches: int = Field(sa_type=BIG, nullable=False)
    logged_nano: int | None = Field(sa_type=BIG)
    window_tokens: int | None = Field(sa_type=BIG)
    grade: int = Field(sa_type=SmallInteger)
    final: int = Field(sa_type=SmallInteger)
    copied: int = Field(sa_type=SmallInteger)
    offset_bytes: int = Field(sa_type=BIG, nullable=False)


class Event(_Counted, table=True):
    """One billed request: the settled outcome of all its sightings.

    `computed_nano` is NULL where no card fits: unpriced. A ghost (grade 2) counts nothing.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_scope", "scope", "instant_ms"),
        Index("ix_event_large", "scope", sqlite_where=LARGE, postgresql_where=LARGE),
    )
    key: int = Field(sa_column=_big(primary=True))
    log: int
    copies: int = Field(sa_type=SmallInteger)
    computed_nano: int | None = Field(sa_type=BIG)


class Copy(_Counted, table=True):
    """One log's sighting of a request that several logs hold."""

    __tablename__ = "copy"
    __table_args__ = (Index("ix_copy_log", "log"),)
    key: int = Field(sa_column=_big(primary=True))
    log: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))


class RequestFact(SQLModel, table=True):
    """What one log tells of a request beside its tokens."""

    __tablename__ = "request_fact"
    __table_args__ = (Index("ix_request_fact_log", "log"),)
    key: int = Field(sa_column=_big(primary=True))
    log: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=_text(primary=True))
    workspace: int
    value: int = Field(sa_column=_big())


class Measure(SQLModel, table=True):
    """An observed value of something other than tokens; `log` is 0 where no log told it."""

    __tablename__ = "measure"
    __table_args__ = (
        Index("ix_measure_log", "log"),
        Index("ix_measure_name", "workspace", "name", "instant_ms"),
    )
    id: int = Field(sa_column=_big(primary=True))
    """Made of what identifies it, so that the same observation is one row."""
    workspace: int
    log: int
    name: str = Field(sa_column=_text())
    instant_ms: int = Field(sa_column=_big())
    value: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    unit: str = Field(sa_column=_text())
    tags: str = Field(sa_column=_text())
    """JSON, its names sorted."""
    origin: str = Field(sa_column=_text())


class Pruned(SQLModel, table=True):
    """The key of a request whose event was pruned: its sums stay, so it never counts again."""

    __tablename__ = "pruned"
    key: int = Field(sa_column=_big(primary=True))
    workspace: int


class Ledger(SQLModel, table=True):
    """A tool's own running total for a session and a model, as its log last told it."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_session", "workspace", "session"),)
    log: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    model: str = Field(sa_column=_text(primary=True))
    workspace: int
    session: str = Field(sa_column=_text())
    instant_ms: int = Field(sa_column=_big())
    input: int = Field(sa_column=_big())
    cache_read: int = Field(sa_column=_big())
    cache_write_5m: int = Field(sa_column=_big())
    cache_write_1h: int = Field(sa_column=_big())
    output: int = Field(sa_column=_big())
    reasoning: int = Field(sa_column=_big())
    web_searches: int = Field(sa_column=_big())
    cost_nano: int = Field(sa_column=_big())


class _Measures(SQLModel):
    """What a roll-up cell sums."""

    events: int = Field(sa_type=BIG, nullable=False)
    requests: int = Field(sa_type=BIG, nullable=False)
    input: int = Field(sa_type=BIG, nullable=False)
    cache_read: int = Field(sa_type=BIG, nullable=False)
    cache_write_5m: int = Field(sa_type=BIG, nullable=False)
    cache_write_1h: int = Field(sa_type=BIG, nullable=False)
    output: int = Field(sa_type=BIG, nullable=False)
    reasoning: int = Field(sa_type=BIG, nullable=False)
    web_searches: int = Field(sa_type=BIG, nullable=False)
    logged_nano: int = Field(sa_type=BIG, nullable=False)
    computed_nano: int = Field(sa_type=BIG, nullable=False)
    auto_nano: int = Field(sa_type=BIG, nullable=False)
    unpriced_tokens: int = Field(sa_type=BIG, nullable=False)
    uncosted_tokens: int = Field(sa_type=BIG, nullable=False)
    lower_bound: int = Field(sa_type=BIG, nullable=False)
    blind_prompt: int = Field(sa_type=BIG, nullable=False)


class Quarter(_Measures, table=True):
    """Usage by quarter of an hour (UTC), scope and model."""

    __tablename__ = "quarter"
    __table_args__ = (
        Index("ix_quarter_scope", "scope", "quarter_ms"),
        {"sqlite_with_rowid": False},
    )
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    quarter_ms: int = Field(sa_column=_big(primary=True))
    scope: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    model: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    derived: int = Field(sa_column=_big(default=0))


class Day(_Measures, table=True):
    """Usage by day (in the zone that `setting` names), place and model."""

    __tablename__ = "day"
    __table_args__ = (
        Index("ix_day_cost", "workspace", "day", "model", "auto_nano", "events"),
        {"sqlite_with_rowid": False},
    )
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    day: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    """Days since 1970-01-01 in that zone."""
    place: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    model: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    derived: int = Field(sa_column=_big(default=0))


class Total(_Measures, table=True):
    """All usage of a scope by model, with its first and last instant."""

    __tablename__ = "total"
    __table_args__ = ({"sqlite_with_rowid": False},)
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    scope: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    model: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    derived: int = Field(sa_column=_big(default=0))
