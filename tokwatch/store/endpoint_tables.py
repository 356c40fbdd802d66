"""The tables of what endpoints tell: usage in buckets of time, and how each part does."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, SmallInteger
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import BIG, big, text


class EndpointRow(SQLModel, table=True):
    """How the polling of one part of an endpoint does, and where it goes on."""

    __tablename__ = "endpoint"
    __table_args__ = ({"sqlite_with_rowid": False},)
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    name: str = Field(sa_column=text(primary=True))
    part: str = Field(sa_column=text(primary=True))
    kind: str = Field(sa_column=text())
    state: str = Field(sa_column=text())
    failures: int
    error: str = Field(sa_column=text())
    note: str = Field(sa_column=text())
    tried_ms: int | None = Field(sa_column=big(null=True))
    succeeded_ms: int | None = Field(sa_column=big(null=True))
    next_ms: int = Field(sa_column=big())
    newest_ms: int | None = Field(sa_column=big(null=True))
    requests: int = Field(sa_column=big())
    bytes: int = Field(sa_column=big())
    unchanged: int = Field(sa_column=big())
    bad: int = Field(sa_column=big())
    paused: int = Field(sa_column=Column(SmallInteger, nullable=False))
    cursor: str = Field(sa_column=text())


class UsageBucket(SQLModel, table=True):
    """What a report says was used in a stretch of time; it is never added to events."""

    __tablename__ = "usage_bucket"
    __table_args__ = (
        Index("ix_usage_bucket_begin", "workspace", "begin_ms"),
        {"sqlite_with_rowid": False},
    )
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    endpoint: str = Field(sa_column=text(primary=True))
    report: str = Field(sa_column=text(primary=True))
    begin_ms: int = Field(sa_column=big(primary=True))
    width_ms: int = Field(sa_column=big(primary=True))
    model: str = Field(sa_column=text(primary=True))
    provider: str = Field(sa_column=text(primary=True))
    project: str = Field(sa_column=text(primary=True))
    user_name: str = Field(sa_column=text(primary=True))
    key_name: str = Field(sa_column=text(primary=True))
    tier: str = Field(sa_column=text(primary=True))
    item: str = Field(sa_column=text(primary=True))
    requests: int | None = Field(sa_type=BIG)
    input: int | None = Field(sa_type=BIG)
    cache_read: int | None = Field(sa_type=BIG)
    cache_write_5m: int | None = Field(sa_type=BIG)
    cache_write_1h: int | None = Field(sa_type=BIG)
    output: int | None = Field(sa_type=BIG)
    web_searches: int | None = Field(sa_type=BIG)
    cost_nano: int | None = Field(sa_type=BIG)
