"""The tables of alerts: what rules found, what it rests on, and how it was told."""

from __future__ import annotations

from sqlalchemy import DOUBLE_PRECISION, Column, Index, Integer
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import BIG, big, text

OPEN = sql("closed_ms IS NULL")
"""There is at most one open alert of a rule and a subject, whoever opens it."""


class AlertRow(SQLModel, table=True):
    """Something that a rule found."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            *("ux_alert_open", "workspace", "rule", "subject"),
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_alert_updated", "workspace", "updated_ms"),
    )
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    rule: str = Field(sa_column=text())
    subject: str = Field(sa_column=text())
    severity: str = Field(sa_column=text())
    opened_ms: int = Field(sa_column=big())
    updated_ms: int = Field(sa_column=big())
    closed_ms: int | None = Field(sa_type=BIG)
    acknowledged_ms: int | None = Field(sa_type=BIG)
    snoozed_until_ms: int | None = Field(sa_type=BIG)
    clear_since_ms: int | None = Field(sa_type=BIG)
    value: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    worst: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    threshold: float = Field(sa_column=Column(DOUBLE_PRECISION, nullable=False))
    times: int
    title: str = Field(sa_column=text())
    user_name: str = Field(sa_column=text())


class AlertEventRow(SQLModel, table=True):
    """A request that an alert rests on."""

    __tablename__ = "alert_event"
    __table_args__ = ({"sqlite_with_rowid": False},)
    alert: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    place: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    workspace: int
    key: int = Field(sa_column=big())


class AlertDeliveryRow(SQLModel, table=True):
    """That an alert is told by one road."""

    __tablename__ = "alert_delivery"
    __table_args__ = (
        Index("ux_alert_delivery", "workspace", "alert", "channel", "asked_ms", unique=True),
    )
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    alert: int
    channel: str = Field(sa_column=text())
    state: str = Field(sa_column=text())
    tries: int
    asked_ms: int = Field(sa_column=big())
    at_ms: int = Field(sa_column=big())
    error: str = Field(sa_column=text())
