"""The tables of suggestions: what was found, what it rests on, and what became of it."""

from __future__ import annotations

from sqlalchemy import DOUBLE_PRECISION, Column, Index, Integer, SmallInteger
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import BIG, big, text


class SuggestionRow(SQLModel, table=True):
    """Something that would save money; what is only read with it stands in `body`, as JSON."""

    __tablename__ = "suggestion"
    __table_args__ = (Index("ux_suggestion", "workspace", "user_name", "name", unique=True),)
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    user_name: str = Field(sa_column=text())
    """Whose requests it rests on; empty for everybody's."""
    name: str = Field(sa_column=text())
    kind: str = Field(sa_column=text())
    subject: str = Field(sa_column=text())
    state: str = Field(sa_column=text())
    severity: str = Field(sa_column=text())
    title: str = Field(sa_column=text())
    saving_nano: int = Field(sa_column=big())
    counted_nano: int = Field(sa_column=big())
    saving_share: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    requests: int = Field(sa_column=big())
    discount: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    rank: int
    found_ms: int = Field(sa_column=big())
    seen_ms: int = Field(sa_column=big())
    accepted_ms: int | None = Field(sa_type=BIG)
    promised_nano: int = Field(sa_column=big())
    rate_before: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    rate_after: float | None = Field(sa_column=Column(DOUBLE_PRECISION))
    after_requests: int = Field(sa_column=big())
    realised_nano: int | None = Field(sa_type=BIG)
    verdict: str = Field(sa_column=text())
    body: str = Field(sa_column=text())
    promised_counted_nano: int = Field(sa_column=big(default=0))


class SuggestionEventRow(SQLModel, table=True):
    """A request that a suggestion rests on."""

    __tablename__ = "suggestion_event"
    __table_args__ = ({"sqlite_with_rowid": False},)
    suggestion: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    place: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    workspace: int
    key: int = Field(sa_column=big())


class SuggestionTriggerRow(SQLModel, table=True):
    """How often a trigger has made tokwatch look, and what it measured last."""

    __tablename__ = "suggestion_trigger"
    __table_args__ = ({"sqlite_with_rowid": False},)
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    user_name: str = Field(sa_column=text(primary=True))
    name: str = Field(sa_column=text(primary=True))
    times: int = Field(sa_column=big())
    last_ms: int = Field(sa_column=big())
    value: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    threshold: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    is_on: int = Field(sa_type=SmallInteger)
