"""The tables of the detail pass: what requests are made of, by log and agent."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, SmallInteger, Text
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import BIG, big, text


def _strand() -> Column[int]:
    return Column(Integer, primary_key=True, autoincrement=False)


class DetailLog(SQLModel, table=True):
    """How far the detail of a log was read."""

    __tablename__ = "detail_log"
    log: int = Field(sa_column=_strand())
    workspace: int
    version: int
    size: int = Field(sa_column=big(default=0))
    mtime_ns: int = Field(sa_column=big(default=0))
    inode: str = Field(sa_column=Column(Text, nullable=False, server_default="0"))
    offset_bytes: int = Field(sa_column=big(default=0))
    head: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    tail: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Strand(SQLModel, table=True):
    """An agent's conversation in one log."""

    __tablename__ = "strand"
    __table_args__ = (
        Index("ux_strand", "log", "session", "agent", unique=True),
        Index("ix_strand_session", "workspace", "session"),
    )
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    log: int
    session: str = Field(sa_column=text())
    """Empty where it is the log's own."""
    agent: str = Field(sa_column=text())


class BlockRow(SQLModel, table=True):
    """One piece of a conversation, as counts and hashes."""

    __tablename__ = "block"
    __table_args__ = {"sqlite_with_rowid": False}
    strand: int = Field(sa_column=_strand())
    number: int = Field(sa_column=big(primary=True))
    workspace: int
    instant_ms: int = Field(sa_column=big())
    part: str = Field(sa_column=text())
    tool: str = Field(sa_column=text())
    chars: int = Field(sa_column=big())
    tokens: int = Field(sa_column=big())
    digest: int = Field(sa_column=big())
    subject: int = Field(sa_column=big())
    call: int = Field(sa_column=big())
    is_error: int = Field(sa_type=SmallInteger)
    request: int = Field(sa_column=big())
    """Key of an event, or 0."""
    offset_bytes: int = Field(sa_column=big())
    sketch: int = Field(sa_column=big(default=0))


class TurnRow(SQLModel, table=True):
    """What one message of the user set off."""

    __tablename__ = "turn"
    __table_args__ = (
        Index("ix_turn_begin", "workspace", "begin_ms"),
        {"sqlite_with_rowid": False},
    )
    strand: int = Field(sa_column=_strand())
    number: int = Field(sa_column=big(primary=True))
    workspace: int
    begin_ms: int = Field(sa_column=big())
    end_ms: int = Field(sa_column=big())
    requests: int = Field(sa_column=big())
    tool_calls: int = Field(sa_column=big())
    interrupted: int = Field(sa_type=SmallInteger)
    finished: int = Field(sa_type=SmallInteger)


class CompactionRow(SQLModel, table=True):
    """Where a context was replaced by its summary."""

    __tablename__ = "compaction"
    __table_args__ = (
        Index("ix_compaction_instant", "workspace", "instant_ms"),
        {"sqlite_with_rowid": False},
    )
    strand: int = Field(sa_column=_strand())
    offset_bytes: int = Field(sa_column=big(primary=True))
    workspace: int
    instant_ms: int = Field(sa_column=big())
    before_tokens: int | None = Field(sa_type=BIG)
    after_tokens: int | None = Field(sa_type=BIG)
    cause: str = Field(sa_column=text())
    keeps_from: int | None = Field(sa_type=BIG)


class IncidentRow(SQLModel, table=True):
    """What went wrong with a request."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_instant", "workspace", "instant_ms"),
        {"sqlite_with_rowid": False},
    )
    strand: int = Field(sa_column=_strand())
    offset_bytes: int = Field(sa_column=big(primary=True))
    kind: str = Field(sa_column=text(primary=True))
    workspace: int
    instant_ms: int = Field(sa_column=big())
    status: int
    attempt: int


class DelegationRow(SQLModel, table=True):
    """That an agent set another one to work, as one of the two tells it."""

    __tablename__ = "delegation"
    __table_args__ = {"sqlite_with_rowid": False}
    strand: int = Field(sa_column=_strand())
    call: int = Field(sa_column=big(primary=True))
    workspace: int
    instant_ms: int = Field(sa_column=big())
    child: str = Field(sa_column=text())
    kind: str = Field(sa_column=text())
    tokens: int = Field(sa_column=big())
    offset_bytes: int = Field(sa_column=big())


class FlightRow(SQLModel, table=True):
    """A request that was sent and not answered yet."""

    __tablename__ = "flight"
    __table_args__ = (
        Index("ix_flight_instant", "workspace", "instant_ms"),
        {"sqlite_with_rowid": False},
    )
    strand: int = Field(sa_column=_strand())
    identity: int = Field(sa_column=big(primary=True))
    workspace: int
    instant_ms: int = Field(sa_column=big())
    model: str = Field(sa_column=text())
