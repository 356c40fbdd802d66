"""The table of stretches: which sightings are parts of a running total, and where they lie."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import BIG, big, text


class StretchRow(SQLModel, table=True):
    """What one log's sighting is of a running total; it outlives a request that was pruned."""

    __tablename__ = "stretch"
    __table_args__ = (
        Index("ix_stretch_counter", "counter"),
        Index("ix_stretch_log", "log"),
    )
    key: int = Field(sa_column=big(primary=True))
    log: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    workspace: int
    counter: int = Field(sa_column=big())
    begins: str = Field(sa_column=text())
    """The counts before it, as JSON; empty for what has no place on the total."""
    ends: str = Field(sa_column=text())
    since_ms: int | None = Field(sa_type=BIG)
