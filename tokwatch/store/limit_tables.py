"""The tables of what tools tell of limits; readings of quotas are measures."""

from __future__ import annotations

from sqlalchemy import Column, Integer
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import big, text


class WindowSize(SQLModel, table=True):
    """The size of a session's context window as the tool's status line told it last."""

    __tablename__ = "window_size"
    __table_args__ = ({"sqlite_with_rowid": False},)
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    source: str = Field(sa_column=text(primary=True))
    session: str = Field(sa_column=text(primary=True))
    model: str = Field(sa_column=text(primary=True))
    user_name: str = Field(sa_column=text())
    tokens: int = Field(sa_column=big())
    seen_ms: int = Field(sa_column=big())
