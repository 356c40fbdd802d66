"""The tables of the workbench: calibrations of token counts, templates, records of runs.

Templates are the one place where the store holds text: their user saved it.
"""

from __future__ import annotations

from sqlalchemy import DOUBLE_PRECISION, Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from tokwatch.store.columns import BIG, big, text


def _double() -> Column[float]:
    return Column(DOUBLE_PRECISION, nullable=False)


class CalibrationRow(SQLModel, table=True):
    """How one user's billed tokens follow from counted ones, for a model or a family of them."""

    __tablename__ = "calibration"
    __table_args__ = ({"sqlite_with_rowid": False},)
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    user_name: str = Field(sa_column=text(primary=True))
    model: str = Field(sa_column=text(primary=True))
    kind: str = Field(sa_column=text(primary=True))
    """"prompt" or "answer"."""
    encoding: str = Field(sa_column=text(primary=True))
    """In which tokens were counted, or "bytes/4"."""
    a: float = Field(sa_column=_double())
    b: float = Field(sa_column=_double())
    pairs: int = Field(sa_column=big())
    dropped: int = Field(sa_column=big())
    sessions: int = Field(sa_column=big())
    error: float = Field(sa_column=_double())
    p90: float = Field(sa_column=_double())
    raw_error: float = Field(sa_column=_double())
    fitted_ms: int = Field(sa_column=big())


class TemplateRow(SQLModel, table=True):
    """A template of one user's library."""

    __tablename__ = "template"
    __table_args__ = ({"sqlite_with_rowid": False},)
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    user_name: str = Field(sa_column=text(primary=True))
    name: str = Field(sa_column=text(primary=True))
    tags: str = Field(sa_column=text())
    """A list as JSON."""
    uses: int = Field(sa_column=big())
    used_ms: int | None = Field(sa_type=BIG)


class TemplateVersionRow(SQLModel, table=True):
    """One version of a template, with its text."""

    __tablename__ = "template_version"
    workspace: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    user_name: str = Field(sa_column=text(primary=True))
    name: str = Field(sa_column=text(primary=True))
    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    saved_ms: int = Field(sa_column=big())
    model: str = Field(sa_column=text())
    detailed: str = Field(sa_column=Column(Text, nullable=False))
    terse: str = Field(sa_column=text())
    detailed_tokens: int = Field(sa_column=big())
    terse_tokens: int = Field(sa_column=big())
    terse_from: int = Field(sa_column=big())
    stages: str = Field(sa_column=text())
    """A list as JSON."""


class CompressionRunRow(SQLModel, table=True):
    """One compression, without its text."""

    __tablename__ = "compression_run"
    __table_args__ = (Index("ix_compression_run_at", "workspace", "at_ms"),)
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=True))
    workspace: int
    user_name: str = Field(sa_column=text())
    at_ms: int = Field(sa_column=big())
    origin: str = Field(sa_column=text())
    model: str = Field(sa_column=text())
    stages: str = Field(sa_column=text())
    """Pairs of a technique and the tokens that it saved, as JSON."""
    before: int = Field(sa_column=big())
    after: int = Field(sa_column=big())
    budget: int | None = Field(sa_type=BIG)
    accepted: int = Field(sa_column=big())
    rejected: int = Field(sa_column=big())
    ms: int = Field(sa_column=big())
    failure: str = Field(sa_column=text())
    summary_nano: int | None = Field(sa_type=BIG)
